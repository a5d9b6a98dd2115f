import { InvalidArgumentError } from 'commander';
import { parse } from 'csv-parse/sync';
import type { ScopeTerm } from '../judge/scope.ts';

/** `column=value,value`, the values as one CSV record; an empty one is an empty cell. */
export function parseScope(text: string, before?: readonly ScopeTerm[]): readonly ScopeTerm[] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Expected column=value or column=value,value.');
  const column = text.slice(0, equals);
  return [...(before ?? []), { column, values: parseValues(text.slice(equals + 1)) }];
}

function parseValues(text: string): readonly string[] {
  if (text === '') return [''];
  try {
    const records: string[][] = parse(text, { record_delimiter: ['\n'] });
    const [values] = records;
    if (values !== undefined && records.length === 1) return values;
  } catch {
    // Told below.
  }
  throw new InvalidArgumentError('Expected values with commas between them, as in CSV.');
}
