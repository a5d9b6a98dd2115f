import * as z from 'zod';
import { findingKinds, severities, states, verdicts } from '../kinds.ts';

/*
 * What documents have in common. Every object is open: a reader skips the fields and the kinds that
 * it does not know. What documents of older versions lack is optional; what is written has it all.
 *
 * Types are not inferred from these: what the package publishes would need zod to be read, and lose
 * its comments; a schema takes words and gaps that no version writes; and a report in memory is no
 * document. Tests read every document that is written by its schema, with no room for more.
 */

/** A whole number of something, 0 included. */
export const whole: z.ZodType<number> = z.int().min(0);

/** A number of things. */
export function count(what: string): z.ZodType<number> {
  return whole.describe(what);
}

export function nullable<T>(shape: z.ZodType<T>, what: string): z.ZodType<T | null> {
  return z.union([shape, z.null()]).describe(what);
}

export function text(what: string): z.ZodType<string> {
  return z.string().describe(what);
}

export const anyTime: z.ZodType<string> = z.string().meta({ format: 'date-time' });
export function time(what: string): z.ZodType<string> {
  return anyTime.describe(what);
}

/** The id of a commit or a blob. */
export const objectId: z.ZodType<string> = z.string().regex(/^[0-9a-f]+$/);

/** A SHA-256, or a functional digest. */
export const digest: z.ZodType<string> = z.string().regex(/^[0-9a-f]{64}$/);

/** A word of a list that later versions may make longer. */
export function word(known: readonly string[], what: string): z.ZodType<string> {
  return z
    .string()
    .regex(/^[A-Za-z][\w-]{0,39}$/)
    .meta({ examples: [...known], description: what });
}

/** A record of the schema's own language, named so that it is told once. */
export function named<Shape extends z.ZodRawShape>(
  id: string,
  shape: Shape,
  what: string,
): z.ZodObject<Shape, z.core.$loose> {
  return z.looseObject(shape).meta({ id, description: what });
}

export const tool: z.ZodType = named(
  'tool',
  { name: z.literal('keydrift'), version: text('Its version.') },
  'What wrote the document.',
);
export const verdict: z.ZodType = z
  .enum(verdicts)
  .meta({ id: 'verdict', description: 'The judgement, after policy.' });
export const state: z.ZodType = z
  .enum(states)
  .meta({ id: 'state', description: 'The fact about a runtime copy.' });
export const side: z.ZodType = z
  .enum(['reviewed', 'runtime'])
  .meta({ id: 'side', description: 'One of the two copies.' });
export const cells: z.ZodType = z.record(z.string(), z.string().nullable()).meta({
  id: 'cells',
  description: 'Values by column name, in contract order; null where the record has no such cell.',
});
export const severity: z.ZodType = z
  .enum(severities)
  .describe('What it weighs after policy; ignore is told here only.');

/** Findings by kind; a document of another version may know other kinds. */
export const counts: z.ZodType = z
  .object(
    Object.fromEntries(
      findingKinds.map((kind) => [kind, count('Findings of this kind.').optional()]),
    ),
  )
  .catchall(z.int().min(0))
  .meta({ id: 'counts', description: 'Findings by kind.' });

/** Left out by versions that did not tell it. */
export const fromEnvironment: z.ZodType = z
  .array(z.string())
  .describe('Variables of the environment that decided what was judged.')
  .optional();

/** A line of the contract. */
export const contractPlace: z.ZodType = z.looseObject({
  file: text('The file of the contract, from the root of its repository.'),
  line: count('Its line, 1-based.'),
});

export const error: z.ZodType = named(
  'error',
  {
    code: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/)
      .describe('Name of the error; never renamed.'),
    message: text('What was expected and what was found, and where.'),
    hint: nullable(z.string(), 'What to do about it.'),
    command: text('The command that ends the hint, to be copied.').optional(),
    retryable: z
      .boolean()
      .describe('Whether the same call may have a verdict later, with nothing changed by anybody.')
      .optional(),
    place: z
      .object({
        side: nullable(side, 'The copy.').optional(),
        record: nullable(whole, '1-based record.').optional(),
        line: nullable(whole, '1-based line.').optional(),
        byte: nullable(whole, '0-based byte offset.').optional(),
        store: z
          .looseObject({
            bucket: z.string().optional(),
            status: whole.optional(),
            code: z.string().optional(),
            endpoint: z.string().optional(),
            requestId: z.string().optional(),
          })
          .describe('What a store itself said of the fault.')
          .optional(),
        contract: contractPlace
          .describe('Where the contract names what a change took away; left out: nothing did.')
          .optional(),
      })
      .describe('Where it stands.'),
    problems: z
      .array(
        z
          .object({
            line: nullable(whole, '1-based line.'),
            path: text('Path inside the file.'),
            message: text('What is wrong.'),
            hint: nullable(z.string(), 'What to do about it.'),
          })
          .describe('One problem of a file.'),
      )
      .describe('The problems that it sums up.'),
  },
  'Why something could not be established, or what content cannot be read.',
);

export const warning: z.ZodType = named(
  'warning',
  {
    code: text('What it is, by a name that does not change.'),
    message: text('What it is, in words.'),
    side: nullable(side, 'The copy that it is about.'),
    line: nullable(whole, '1-based line.'),
    place: contractPlace
      .describe(
        'Of what the contract says: where it does; left out: it is of a copy, or nobody looked.',
      )
      .optional(),
  },
  'Something that other readers of the file read differently; never decides a verdict.',
);

const claimed = {
  commit: nullable(z.string(), 'Commit that was published.'),
  committedAt: nullable(z.string(), 'When that commit was made.').optional(),
  path: nullable(z.string(), "Path from the repository's root."),
  blob: nullable(z.string(), 'Id of the blob.'),
  sha256: nullable(z.string(), 'SHA-256 of the bytes that were published.'),
  digest: nullable(z.string(), 'Functional digest by the contract of that day.'),
  contract: nullable(z.string(), "SHA-256 of the contract's file."),
};
const claims = "What the object's metadata claim of its origin: never evidence, and any text.";
export const publishedClaim: z.ZodType = named('publishedClaim', claimed, claims);
export const claim: z.ZodType = named(
  'claim',
  {
    ...claimed,
    fits: nullable(
      z.boolean(),
      'Whether the bytes have the claimed SHA-256; false: overwritten since. Null: none is claimed.',
    ),
  },
  claims,
);

/** JSON Schema (draft 2020-12) of a document that was written by any version. */
export function jsonSchema(name: string, shape: z.ZodType): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(shape, { target: 'draft-2020-12', io: 'input' });
  const $id = `https://keydrift.example/schema/keydrift.${name}.schema.json`;
  return { $schema, $id, ...schema };
}

/** What names an entry of the timeline: a commit, or an object version; with more facts of it. */
export function pointed(id: string, facts: z.ZodRawShape, what: string): z.ZodType {
  const commit = {
    side: z.literal('reviewed').describe('The reviewed side.'),
    commit: nullable(objectId, 'Full id of the commit.'),
    at: time('When it was committed.'),
  };
  const version = {
    side: z.literal('runtime').describe('The runtime side.'),
    versionId: nullable(z.string(), 'VersionId; null where there are no versions.'),
    at: time('LastModified.'),
  };
  return z
    .union([
      z.looseObject({ ...commit, ...facts }).describe('A commit.'),
      z.looseObject({ ...version, ...facts }).describe('An object version.'),
    ])
    .meta({ id, description: what });
}

export const point: z.ZodType = pointed('point', {}, 'What names an entry of the timeline.');
