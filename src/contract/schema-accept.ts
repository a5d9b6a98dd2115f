import * as z from 'zod';
import { acceptableKinds, durationExpected, durationPattern } from '../model/index.ts';
import { datePattern, variantPattern } from './patterns.ts';
import { closed, freeMap, list, matching, text } from './schema-parts.ts';

/** `accept`: known drift, an entry for each unit. */
export function acceptSchema(): z.ZodType {
  const expected = 'a map with `key`, `kinds`, `rows`, `variant`, `until` and `reason`';
  const kinds =
    'removed, duplicated or conflict (`added` cannot be accepted: nobody reviewed its values)';
  const count = 'a whole number, at least 1';
  const shape = {
    key: freeMap(text('text'), 'a map from every key column to its value').describe(
      'The unit: every key column with its normalized value, in quotes.',
    ),
    kinds: list(z.enum(acceptableKinds, { error: kinds }), 'a list of kinds')
      .min(1, { error: 'at least one kind' })
      .describe('Kinds of finding that it covers.'),
    rows: z
      .int({ error: count })
      .min(1, { error: count })
      .describe('Rows of the unit, exactly, on the side of the finding.'),
    variant: z
      .union([variant(), list(variant(), 'a list').min(1, { error: 'at least one variant' })], {
        error: 'the 32 hex digits that --propose-accept prints, or a list of them',
      })
      .describe('Its variants, all of them, as --propose-accept prints them.'),
    until: matching(datePattern, 'a date such as 2026-12-31').describe(
      'The last day on which it holds, in UTC.',
    ),
    reason: matching(/\S/, 'why this drift may stay'),
  };
  return list(closed(shape, expected), 'a list of entries').describe(
    'Known drift that does not fail: keydrift audit --propose-accept prints it.',
  );
}

function variant(): z.ZodType {
  return matching(variantPattern, 'the 32 hex digits that --propose-accept prints');
}

/** `grace`, of an artifact or a copy. */
export function graceSchema(): z.ZodType {
  return matching(durationPattern, durationExpected).describe(
    'How long a reviewed change may be on its way to the runtime copy.',
  );
}
