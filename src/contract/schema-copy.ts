import * as z from 'zod';
import { cannedAcls, encryptions, policyActions, policyKinds } from '../model/index.ts';
import { accountPattern, characterPattern, endpointPattern } from './patterns.ts';
import { isOneCopy } from './draft.ts';
import { graceSchema } from './schema-accept.ts';
import {
  closed,
  filled,
  freeMap,
  list,
  location,
  matching,
  namedMap,
  namesSchema,
  ref,
  text,
} from './schema-parts.ts';

/** A runtime copy with words of its own. */
export function copySchema(): z.ZodType {
  const shape = {
    url: location(),
    ref: ref().describe('Ref of the reviewed copy for this runtime copy.').optional(),
    region: filled('an AWS region').optional(),
    profile: filled('an AWS profile').optional(),
    endpoint: matching(endpointPattern, 'an http:// or https:// URL').optional(),
    expectedOwner: matching(accountPattern, 'an account id of 12 digits')
      .describe('Account that must own the bucket.')
      .optional(),
    anonymous: z
      .boolean({ error: 'true or false' })
      .describe('Send requests without a signature.')
      .optional(),
    policy: policySchema().optional(),
    grace: graceSchema().optional(),
    columns: freeMap(filled('a column name'), 'a map from column to column')
      .describe("Contract's column name → name in this copy's header.")
      .optional(),
    csv: csvSchema().optional(),
    put: putSchema().optional(),
  };
  return closed(shape, 'a map with `url`').describe('One runtime copy.');
}

/** Copies by their names; what reads as one copy must not pass for a map of copies. */
export function copiesSchema(copy: z.ZodType, expected: string): z.ZodType {
  return namedMap(copy, expected)
    .refine((copies) => Object.keys(copies).length > 0, { error: 'at least one copy' })
    .refine((copies) => !isOneCopy(copies), { error: expected, abort: true })
    .meta({ propertyNames: { ...namesSchema, not: { const: 'url' } } });
}

/** `policy`, of an artifact or a copy. */
export function policySchema(): z.ZodType {
  const action = z.enum(policyActions, { error: policyActions.join(', ') });
  const shape = Object.fromEntries(policyKinds.map((kind) => [kind, action.optional()]));
  return closed(shape, 'a map from kind to fail, warn or ignore').describe(
    'What a kind of drift weighs: fail (the default), warn or ignore.',
  );
}

/** `csv`, of an artifact or a copy. */
export function csvSchema(): z.ZodType {
  const expected = 'one character, no line break';
  const character = (): z.ZodType => matching(characterPattern, expected);
  const shape = {
    delimiter: character().optional(),
    quote: z
      .union([character(), z.literal(false), z.null()], { error: `${expected}, or false` })
      .describe('False: quotes mean nothing.')
      .optional(),
    comment: z
      .union([character(), z.null()], { error: expected })
      .describe('Lines that start with it are no records.')
      .optional(),
    names: z
      .union([list(text('a column name'), 'a list').min(1, { error: 'at least one' }), z.null()], {
        error: 'a list of column names',
      })
      .describe('Column names of a copy without a header line.')
      .optional(),
  };
  return closed(shape, 'a map with `delimiter`, `quote`, `comment`, `names`').describe(
    'How the copy is written.',
  );
}

/** `put`, of an artifact or a copy. */
export function putSchema(): z.ZodType {
  const shape = {
    sse: z
      .enum(encryptions, { error: encryptions.join(', ') })
      .describe('Encryption at rest.')
      .optional(),
    kmsKeyId: filled('the id, alias or ARN of a KMS key')
      .describe('KMS key; `sse` is then aws:kms.')
      .optional(),
    acl: z
      .enum(cannedAcls, { error: cannedAcls.join(', ') })
      .describe('A canned ACL.')
      .optional(),
    tags: freeMap(text('text'), 'a map of tags').describe('The whole set of tags.').optional(),
    order: z
      .enum(['any'], { error: 'any' })
      .describe('any: publish may go back to an older version, and to another line of history.')
      .optional(),
  };
  return closed(shape, 'a map with `sse`, `kmsKeyId`, `acl`, `tags`, `order`').describe(
    'How `publish` writes the object. Left out: as the object that is there.',
  );
}
