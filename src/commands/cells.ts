import { InvalidArgumentError } from 'commander';
import type { ScopeTerm } from '../judge/scope.ts';

const cell = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|$)/y;

/**
 * Words of a command line as the cells of one CSV record: `a,"b,c"` is two; of an empty text none.
 * Null: it is no record, or several. (A library for this would be the largest part of a start.)
 */
export function cellsOf(text: string): readonly string[] | null {
  const line = text.replace(/\r?\n$/, '');
  if (line === '') return [];
  const cells: string[] = [];
  cell.lastIndex = 0;
  for (;;) {
    const found = cell.exec(line);
    if (found === null) return null;
    const [, quoted, plain = '', end] = found;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') return cells;
  }
}

/** `column=value,value`, the values as one CSV record; an empty one is an empty cell. */
export function parseScope(text: string, before?: readonly ScopeTerm[]): readonly ScopeTerm[] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Expected column=value or column=value,value.');
  const column = text.slice(0, equals);
  return [...(before ?? []), { column, values: parseValues(text.slice(equals + 1)) }];
}

function parseValues(text: string): readonly string[] {
  if (text === '') return [''];
  const values = cellsOf(text);
  if (values !== null && values.length > 0) return values;
  throw new InvalidArgumentError('Expected values with commas between them, as in CSV.');
}
