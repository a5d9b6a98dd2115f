import * as z from 'zod';
import { engineKinds, type EngineWord, type StepShape } from '../model/index.ts';
import { isOneCopy } from './draft.ts';
import {
  closed,
  count,
  filled,
  freeMap,
  list,
  location,
  matching,
  namedMap,
  namesSchema,
  optional,
  ref,
  someOf,
  text,
} from './schema-parts.ts';
import {
  acceptSchema,
  engineWord,
  wordSchemas,
  writtenWords,
  type WordSchemas,
} from './schema-words.ts';
import { copyWords } from './vocabulary.ts';

/**
 * The schema of the contract's file; without `artifacts` where others may have them (`include`).
 * `formats`: their names, for people; any name is taken.
 * Built on demand: a run without a contract does not pay.
 */
export function contractSchema(
  steps: readonly StepShape[],
  artifactsAre: 'needed' | 'optional',
  formats: readonly string[] = [],
): z.ZodType {
  const words = wordSchemas(steps, formats);
  const { key: _own, ...defaultWords } = words.ofArtifact;
  const artifacts = namedMap(artifactSchema(words, formats), 'a map of artifacts, each by its name')
    .refine((named) => Object.keys(named).length > 0, {
      error: 'at least one artifact',
    })
    .describe('The support files, each by its name.');
  const shape = {
    $schema: text('the address of a JSON Schema').describe('For editors.').optional(),
    version: z.literal(1, { error: '1' }).describe('Version of the contract format.'),
    engines: enginesSchema().optional(),
    include: someOf(includedPath(), 'a list of paths', 'at least one path')
      .describe('Other contracts, relative to this file; * and ** may stand in a path.')
      .optional(),
    defaults: closed(optional(defaultWords), 'a map of words of an artifact')
      .describe('What every artifact starts from, here and in the files of `include`.')
      .optional(),
    artifacts: artifactsAre === 'optional' ? artifacts.optional() : artifacts,
  };
  return closed(shape, 'a map with `version` and `artifacts`').meta({
    title: 'keydrift contract',
    description: 'What keydrift is to prove of the support files of a batch job.',
  });
}

/** Neither absolute nor a folder, a URL, another user's or an option. */
function includedPath(): z.ZodType {
  return matching(/^(?![/~-])(?!.*(?:\/\/|:|\\)).*[^/]$/, 'a path relative to this file');
}

function artifactSchema(
  { ofCopy, ofArtifact }: WordSchemas,
  formats: readonly string[],
): z.ZodType {
  const { key, ...words } = ofArtifact;
  const accept = acceptSchema().optional();
  const shape = {
    reviewed: reviewedSchema(formats),
    runtime: runtimeSchema(ofCopy),
    ...(key === undefined ? {} : { key }),
    ...optional(words),
    accept,
    cost: costSchema().optional(),
    from: fromSchema().optional(),
    overrides: overridesSchema({ ...optional(ofArtifact), accept }).optional(),
    ignore: ignoreSchema().optional(),
  };
  return closed(shape, 'a map with `reviewed`, `runtime` and `key`').describe('One support file.');
}

/** What single files of a glob say, by what stands behind the entry's name. */
function overridesSchema(words: Record<string, z.ZodType>): z.ZodType {
  const override = closed(words, 'a map of words of an artifact');
  return freeMap(override, 'a map from the name of a file to words of an artifact').describe(
    'Of a glob: words of one of its files, by its name behind that of the entry.',
  );
}

function ignoreSchema(): z.ZodType {
  const globs = list(filled('a glob'), 'a list of globs');
  const expected = 'a list of globs, or a map with `reviewed` and `runtime`';
  const shape = optional({
    reviewed: globs.describe('Of reviewed files.'),
    runtime: globs.describe('Of objects.'),
  });
  return z
    .union([globs, closed(shape, expected)], { error: expected })
    .describe('Of a glob: paths under it that are no artifacts, on both sides or on one.');
}

function reviewedSchema(formats: readonly string[]): z.ZodType {
  const inRepository = {
    repo: filled('a directory or the URL of a git repository')
      .describe('A directory, relative to this file, or the URL of a git repository.')
      .optional(),
    ref: ref().describe('Its ref; --ref does not override it.').optional(),
    path: filled("a location, or with `repo` a path from that repository's root").describe(
      "A location, or with `repo` a path from that repository's root.",
    ),
    ...optional(writtenWords(formats)),
  };
  const expected = 'a location, or a map with `path`, `repo` and `ref`';
  return z
    .union([location(), closed(inRepository, expected), closed(ofTable(), 'a map with `table`')], {
      error: expected,
    })
    .describe('The reviewed copy: a path beside this file (git at --ref), or git:REF:PATH.');
}

function runtimeSchema(words: WordSchemas['ofCopy']): z.ZodType {
  const copy = copySchema(words, { url: location().describe('Where it is.') });
  const table = copySchema(words, ofTable());
  const expected = 'a location, a map with `url`, or a map of copies';
  const one = z.union([location(), copy, table], {
    error: 'a location, or a map with `url` or `table`',
  });
  return z
    .union([location(), copy, table, copiesSchema(one, expected)], { error: expected })
    .describe('The copy that the job reads, or several of them by name.');
}

/** A copy that is a table. */
function ofTable(): Record<string, z.ZodType> {
  return {
    table: filled('the name of a table').describe(
      'A table as its engine calls it; of DuckDB without a database, Parquet files.',
    ),
    ...optional({
      engine: engineWord(),
      snapshot: filled('a snapshot in quotes').describe('Pins one; left out: the current one.'),
    }),
  };
}

/** A runtime copy with words of its own. */
function copySchema(words: WordSchemas['ofCopy'], where: Record<string, z.ZodType>): z.ZodType {
  const shape = {
    ...where,
    ...optional({
      ref: ref().describe('Ref of the reviewed copy for this runtime copy.'),
      columns: freeMap(filled('a column name'), 'a map from column to column').describe(
        "Contract's column name → name in this copy's header.",
      ),
      ...words,
    }),
  };
  return closed(shape, 'a map with `url` or `table`').describe('One runtime copy.');
}

/** Copies by their names; what reads as one copy must not pass for a map of copies. */
function copiesSchema(copy: z.ZodType, expected: string): z.ZodType {
  return namedMap(copy, expected)
    .refine((copies) => Object.keys(copies).length > 0, { error: 'at least one copy' })
    .refine((copies) => !isOneCopy(copies), { error: expected, abort: true })
    .meta({
      propertyNames: { ...namesSchema, not: { enum: ['url', 'table'] } },
      // Words of a copy alone: where it is was forgotten.
      not: { propertyNames: { enum: [...copyWords] } },
    });
}

function fromSchema(): z.ZodType {
  const shape = {
    path: filled('a path relative to this file').describe('Where it is, relative to this file.'),
    sha256: matching(/^[0-9a-f]{64}$/, '64 hex digits').describe('That of its bytes.'),
  };
  return closed(shape, 'a map with `path` and `sha256`').describe(
    'The contract of another tool that this artifact says the same as; `lint` warns when it changed.',
  );
}

function costSchema(): z.ZodType {
  const expected = 's3://BUCKET/PREFIX, where {COLUMN} stands for the value of a unit';
  const scans = matching(/^s3:\/\/|\$\{/, expected).describe(
    'The prefix that the job scans for one unit, key and consumed columns in braces.',
  );
  return closed({ scans }, 'a map with `scans`').describe(
    'What a unit scans: `investigate` tells what repetition costs.',
  );
}

/** `engines`: each by its name, with the one word that says what drives it. */
export function enginesSchema(): z.ZodType {
  const kinds = Object.keys(engineKinds);
  const shape = kinds.map((kind) => [kind, settingsSchema(kind)] as const);
  const expected = `a map with one of ${kinds.join(', ')}`;
  const one = closed(optional(Object.fromEntries(shape)), expected).meta({
    minProperties: 1,
    maxProperties: 1,
  });
  return namedMap(one, 'a map of engines, each by its name').describe(
    'SQL engines that read tables where they lie.',
  );
}

function settingsSchema(kind: string): z.ZodType {
  const words = Object.entries(engineKinds[kind] ?? {}).map(
    ([name, word]) => [name, wordSchema(word)] as const,
  );
  const known = words.map(([name]) => name).join(', ');
  return closed(Object.fromEntries(words), `a map of ${known}`).describe(`Settings of ${kind}.`);
}

function wordSchema({ kind, words, needed }: EngineWord): z.ZodType {
  const schema = valueSchemas[kind]().describe(words);
  return needed === true ? schema : schema.optional();
}

const valueSchemas: Readonly<Record<EngineWord['kind'], () => z.ZodType>> = {
  text: () => filled('text'),
  count: () => count(1),
  texts: () => someOf(filled('text'), 'a list', 'at least one'),
  map: () => freeMap(text('text'), 'a map from name to text'),
};
