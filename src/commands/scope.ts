import { InvalidArgumentError } from 'commander';
import type { ScopeTerm } from '../judge/scope.ts';
import { cellsOf } from './cells.ts';

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
