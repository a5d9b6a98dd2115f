import * as z from 'zod';
import { refExpected, refPattern } from '../model/index.ts';
import { holdsVariable } from './variables.ts';
import { datePattern, nameExpected, namePattern } from './vocabulary.ts';

/*
 * Parts of the schema. Every one carries what it expects as its error message, a phrase that fits
 * after "expected"; shape.ts makes the problem of it.
 */

/** Stands between the known words of an `unrecognized_keys` message. */
export const knownSeparator = ', ';

/** Any text. */
export function text(expected: string): z.ZodString {
  return z.string({ error: expected });
}

/** Text that is not empty. */
export function filled(expected: string): z.ZodString {
  return text(expected).min(1, { error: expected });
}

/** A column name. */
export function column(): z.ZodString {
  return filled('a column name');
}

/** A location as people write it. */
export function location(): z.ZodString {
  return filled('a location (a path, s3://BUCKET/KEY, git:REF:PATH or file:PATH)');
}

/** Text of a pattern. */
export function matching(pattern: RegExp, expected: string): z.ZodString {
  return text(expected).regex(pattern, { error: expected });
}

/** Text of a pattern, or one with variables in it. */
export function template(pattern: RegExp, expected: string): z.ZodString {
  return matching(new RegExp(`${pattern.source}|${holdsVariable.source}`), expected);
}

/** A git ref. */
export function ref(): z.ZodString {
  return matching(refPattern, refExpected);
}

/** A day. */
export function date(): z.ZodString {
  return matching(datePattern, 'a date such as 2026-12-31');
}

/** A whole number from a least one on. */
export function count(least: number): z.ZodNumber {
  const expected = `a whole number, at least ${least}`;
  return z.int({ error: expected }).min(least, { error: expected });
}

/** True or false. */
export function flag(): z.ZodBoolean {
  return z.boolean({ error: 'true or false' });
}

/** A list. */
export function list(item: z.ZodType, expected: string): z.ZodArray {
  return z.array(item, { error: expected });
}

/** A list that says something. */
export function someOf(item: z.ZodType, expected: string, none: string): z.ZodArray {
  return list(item, expected).min(1, { error: none });
}

/** A map from any name. */
export function freeMap(value: z.ZodType, expected: string): z.ZodType {
  return z.record(z.string(), value, { error: expected });
}

/** What an editor may know of the names of artifacts and copies. */
export const namesSchema: Readonly<Record<string, unknown>> = {
  pattern: namePattern.source,
  description: nameExpected,
};

/** Names are checked by names.ts, so that what stands under a bad name is checked as well. */
export function namedMap(value: z.ZodType, expected: string): z.ZodType<object> {
  const map = z.record(z.string(), value, { error: expected });
  return map.meta({ propertyNames: namesSchema, minProperties: 1 });
}

/** A map of known words; its message for an unknown one is the list of the known. */
export function closed(shape: Record<string, z.ZodType>, expected: string): z.ZodType {
  const known = Object.keys(shape).join(knownSeparator);
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? known : expected),
  });
}

/** The same, where every word may be left out. */
export function optional(shape: Record<string, z.ZodType>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).map(([word, type]) => [word, type.optional()]));
}
