import * as z from 'zod';
import {
  acceptableKinds,
  cannedAcls,
  copySides,
  durationExpected,
  durationPattern,
  encryptions,
  kindEntry,
  limitUnits,
  policyActions,
  policyKinds,
  readerNames,
  readers,
  sizeExpected,
  sizePattern,
  type PolicyKind,
  type ReaderName,
  type StepShape,
} from '../model/index.ts';
import {
  closed,
  column,
  count,
  date,
  filled,
  flag,
  freeMap,
  list,
  matching,
  optional,
  someOf,
  template,
  text,
} from './schema-parts.ts';
import {
  accountExpected,
  accountPattern,
  characterPattern,
  endpointExpected,
  endpointPattern,
  roleExpected,
  rolePattern,
  variantPattern,
} from './vocabulary.ts';

/*
 * What several parts of a contract may say. Rules between values (a column named twice) are not
 * here: they must be checked, and reported, also where some other value is misshapen.
 */

type Shape = Record<string, z.ZodType>;

/** Words of what is reached: of copies, artifacts and defaults. */
function accessWords(): Shape {
  return {
    region: filled('an AWS region').describe('Region of the bucket.'),
    profile: filled('an AWS profile').describe('Profile of the AWS configuration.'),
    endpoint: template(endpointPattern, endpointExpected).describe('A store that is not AWS.'),
    expectedOwner: template(accountPattern, accountExpected).describe(
      'Account that must own the bucket.',
    ),
    roleArn: template(rolePattern, roleExpected).describe(
      'A role that is assumed to reach the copy, by the credentials at hand.',
    ),
    externalId: filled('the external id of the role').describe(
      'What the trust policy of the role asks for.',
    ),
    anonymous: flag().describe('Send requests without a signature.'),
  };
}

/** Which columns count, and how their values are read. */
function columnWords(steps: readonly StepShape[]): Shape {
  return {
    key: someOf(keyColumnSchema(), 'a list of columns', 'at least one column').describe(
      'Columns whose normalized values name one logical unit of work.',
    ),
    consumes: list(column(), 'a list of columns').describe(
      'Columns that the transform reads. Left out: all but key and descriptive ones.',
    ),
    normalize: freeMap(
      list(stepSchema(steps), 'a list of steps'),
      'a map from column to steps',
    ).describe('Steps that every value of a column passes before it is compared.'),
  };
}

/** Words by who may say them; each is one schema, so that a JSON Schema has it once. */
export interface WordSchemas {
  /** What a copy may say in its artifact's place. */
  readonly ofCopy: Shape;
  /** What artifacts may say, and `defaults` in their place. */
  readonly ofArtifact: Shape;
}

export function wordSchemas(steps: readonly StepShape[], formats: readonly string[]): WordSchemas {
  const ofCopy = copyWordsSchema(steps, formats);
  return { ofCopy, ofArtifact: artifactWordsSchema(ofCopy) };
}

function copyWordsSchema(steps: readonly StepShape[], formats: readonly string[]): Shape {
  return {
    ...accessWords(),
    policy: policySchema(),
    grace: matching(durationPattern, durationExpected).describe(
      'How long a reviewed change may be on its way to the runtime copy.',
    ),
    ...writtenWords(formats),
    engine: engineWord(),
    reader: readerSchema(),
    limits: limitsSchema(),
    evidence: z
      .enum(['bytes', 'sha256'], { error: 'bytes or sha256' })
      .describe(
        'sha256: the store’s own SHA-256 of the whole object may say that a copy is identical.',
      ),
    put: putSchema(),
    ...columnWords(steps),
  };
}

/** The engine of a table, by its name in `engines`. */
export function engineWord(): z.ZodType {
  return filled('the name of an engine').describe('What reads a table, by its name in `engines`.');
}

function artifactWordsSchema(ofCopy: Shape): Shape {
  return {
    owner: text('a name or an address').describe('Echoed in every output.'),
    runbook: text('an address or a note').describe('Echoed in every output.'),
    labels: freeMap(text('text'), 'a map of labels').describe('Echoed in every output.'),
    ...ofCopy,
    descriptive: list(text('a column name'), 'a list of columns').describe(
      'Columns that are never drift; all others are consumed.',
    ),
    enforceFrom: date().describe('Until that day, in UTC, all that would fail warns.'),
    warnings: freeMap(
      z.literal('ignore', { error: 'ignore' }),
      'a map from a warning code to ignore',
    ).describe('Warnings that are not told, by their codes.'),
    maxAmplification: z
      .number({ error: 'a number, at least 1' })
      .min(1, { error: 'a number, at least 1' })
      .describe('How often the average unit may run.'),
    redact: list(column(), 'a list of columns').describe(
      'Columns whose values are told as fingerprints only, in every output.',
    ),
    ordered: flag().describe('Whether the order of units is part of the contract.'),
    units: closed(
      optional({
        min: count(0).describe('1 where left out.'),
        max: count(0).describe('None where left out.'),
      }),
      'a map with `min` and `max`',
    ).describe('Bounds on the number of units.'),
  };
}

function keyColumnSchema(): z.ZodType {
  const expected = 'a column name, or {column: NAME, optional: true}';
  const shape = {
    column: column().describe('Its name.'),
    optional: flag().describe('Whether its value may be empty.').optional(),
  };
  return z.union([column(), closed(shape, expected)], { error: expected });
}

/** Steps are checked by normalize.ts, with the words of the table of steps. */
function stepSchema(steps: readonly StepShape[]): z.ZodType {
  const bare = steps
    .filter(({ parameter }) => parameter === null || parameter.optional === true)
    .map((step) => step.name);
  const withParameter = steps.flatMap(({ name, parameter }) =>
    parameter === null
      ? []
      : [
          {
            type: 'object',
            properties: { [name]: { ...parameter.jsonSchema, description: parameter.expected } },
            required: [name],
            additionalProperties: false,
          },
        ],
  );
  return z.unknown().meta({ anyOf: [{ type: 'string', enum: bare }, ...withParameter] });
}

/** What a kind means, for whoever writes a policy. */
function kindWords(kind: PolicyKind): string {
  if (kind === 'missing') return 'There is no runtime copy.';
  if (kind === 'unreviewed') return 'There is an object, and no reviewed file.';
  const entry = kindEntry(kind);
  return entry === null ? kind : `What it weighs: ${entry.words(copySides)}.`;
}

function policySchema(): z.ZodType {
  const expected = policyActions.join(', ');
  const action = (): z.ZodType => z.enum(policyActions, { error: expected });
  const shape = Object.fromEntries(
    policyKinds.map((kind) => [kind, action().describe(kindWords(kind))]),
  );
  const map = 'a map from kind to fail, warn or ignore';
  return z
    .union([action(), closed(optional(shape), map)], { error: `${expected}, or ${map}` })
    .describe(
      'What a kind of drift weighs: fail (the default), warn or ignore; one word is for all.',
    );
}

/** How the bytes of a copy are a table. */
export function writtenWords(formats: readonly string[]): Shape {
  const known =
    formats.length === 0 ? '' : `${formats.join(', ').replace(/, ([^,]+)$/, ' or $1')}; `;
  return {
    csv: csvSchema(),
    format: filled('a format')
      .describe(`${known}left out: the ending of its name tells.`)
      .meta({ examples: [...formats] }),
    encoding: filled('an encoding').describe(
      'utf-16le, windows-1252 …; left out: UTF-8, or UTF-16 by its mark.',
    ),
    compression: filled('a compression').describe(
      'gzip, zstd or none; left out: what its first bytes tell.',
    ),
    records: matching(/^(?:\/|$)/, 'a JSON Pointer such as /data/rows').describe(
      'Where the records of JSON or YAML stand.',
    ),
    keyColumn: column().describe(
      'Column of the keys of a JSON or YAML map whose members are the records.',
    ),
    nulls: z
      .enum(['distinct', 'empty'], { error: 'distinct, or empty (the default)' })
      .describe(
        'distinct: no value is another value than an empty text, where a format tells them.',
      ),
    parts: matching(
      /^(?![/]|.*(?:^|[/])[.]{1,2}(?:[/]|$))[^\0]*[^/\0]$/,
      'a glob of names such as *.parquet',
    ).describe('Which files of a folder (a location with a / at its end) are parts of one copy.'),
    complete: matching(/^[^/\0]+$/, 'the name of a file').describe(
      'The file without which the folder is not complete, and not looked at: _SUCCESS.',
    ),
  };
}

function csvSchema(): z.ZodType {
  const expected = 'one character, no line break';
  const character = (): z.ZodType => matching(characterPattern, expected);
  const shape = {
    delimiter: character().describe(
      'Between cells; the default: a comma, of a name that ends in .tsv a tab, in .psv a pipe.',
    ),
    quote: z
      .union([character(), z.literal(false), z.null()], { error: `${expected}, or false` })
      .describe('False: quotes mean nothing.'),
    escape: z
      .union([character(), z.null()], { error: expected })
      .describe(
        'What makes a quote in a quoted cell a character; the default: another quote. With `quote: null`: what makes a delimiter, a line break and itself characters (Redshift ESCAPE).',
      ),
    comment: z
      .union([character(), z.null()], { error: expected })
      .describe('Lines that start with it are no records.'),
    names: z
      .union([someOf(text('a column name'), 'a list', 'at least one'), z.null()], {
        error: 'a list of column names',
      })
      .describe('Column names of a copy without a header line.'),
  };
  return closed(
    optional(shape),
    'a map with `delimiter`, `quote`, `escape`, `comment`, `names`',
  ).describe('How the copy is written.');
}

/** One reader, a list, or a map with options; `all` is each of them in every way. */
function readerSchema(): z.ZodType {
  const expected = `${readerNames.join(', ')} or all, a list of them, or a map with options`;
  const name = (): z.ZodType => z.enum([...readerNames, 'all'], { error: expected });
  const options = readerNames.map((reader) => [reader, readerOptionsSchema(reader)] as const);
  const map = (): z.ZodType => closed(optional(Object.fromEntries(options)), expected);
  const one = (): z.ZodType => z.union([name(), map()], { error: expected });
  return z
    .union([name(), map(), someOf(one(), 'a list of readers', 'at least one reader')], {
      error: expected,
    })
    .describe('What the job reads the runtime copy with: a verdict holds for it, or says so.');
}

function readerOptionsSchema(reader: ReaderName): z.ZodType {
  const shape = Object.entries(readers[reader].options).map(([name, { kind, words }]) => {
    const value = kind === 'flag' ? flag() : matching(characterPattern, 'one character');
    return [name, value.describe(words)] as const;
  });
  const known =
    shape.length === 0 ? 'no options' : `a map of ${shape.map(([name]) => name).join(', ')}`;
  return closed(optional(Object.fromEntries(shape)), known).describe(readers[reader].words);
}

function limitsSchema(): z.ZodType {
  const shape = Object.fromEntries(
    Object.entries(limitUnits).map(([name, unit]) => [
      name,
      (unit === 'bytes' ? sizeSchema() : count(1)).describe(limitWords[name] ?? ''),
    ]),
  );
  return closed(optional(shape), 'a map of limits').describe(
    'What a copy may be at most; --limits and KEYDRIFT_LIMITS cap it.',
  );
}

const limitWords: Readonly<Record<string, string>> = {
  bytes: 'Bytes of a copy as it is stored. Default: 5 GiB.',
  recordBytes: 'Bytes of one record. Default: 16 MiB.',
  cellBytes: 'Bytes of one cell. Default: 1 MiB.',
  columns: 'Columns. Default: 4,096.',
  expandedBytes: 'Bytes of a copy once it is expanded. Default: 20 GiB.',
  expandedRatio: 'Bytes after expansion for each before it. Default: 1,000.',
  memory: 'Bytes held while it is judged. Default: 4 GiB.',
  findings: 'Findings of each kind and side that are listed; no error. Default: 20,000.',
};

function sizeSchema(): z.ZodType {
  const size = matching(sizePattern, sizeExpected);
  return z.union([count(1), size], { error: sizeExpected });
}

function putSchema(): z.ZodType {
  const shape = {
    sse: z.enum(encryptions, { error: encryptions.join(', ') }).describe('Encryption at rest.'),
    kmsKeyId: filled('the id, alias or ARN of a KMS key').describe(
      'KMS key; `sse` is then aws:kms.',
    ),
    acl: z.enum(cannedAcls, { error: cannedAcls.join(', ') }).describe('A canned ACL.'),
    tags: freeMap(text('text'), 'a map of tags').describe('The whole set of tags.'),
    order: z
      .enum(['any', 'forward'], { error: 'any or forward' })
      .describe('any: publish may go back to an older version.'),
  };
  const expected = 'a map with `sse`, `kmsKeyId`, `acl`, `tags`, `order`';
  return closed(optional(shape), expected).describe(
    'How `publish` writes the object. Left out: as the object that is there.',
  );
}

/** `accept`: known drift, an entry for each unit. */
export function acceptSchema(): z.ZodType {
  const expected = 'a map with `key`, `kinds`, `rows`, `variant`, `until` and `reason`';
  const kinds =
    'removed, duplicated or conflict (`added` cannot be accepted: the reviewed copy lacks it)';
  const variantExpected = 'the 32 hex digits that --propose-accept prints';
  const variant = (): z.ZodType => matching(variantPattern, variantExpected);
  const shape = {
    key: freeMap(text('text'), 'a map from every key column to its value').describe(
      'The unit: every key column with its normalized value, in quotes.',
    ),
    kinds: someOf(
      z.enum(acceptableKinds, { error: kinds }),
      'a list of kinds',
      'at least one kind',
    ).describe('Kinds of finding that it covers.'),
    rows: count(1).describe('Rows of the unit, exactly, on the side of the finding.'),
    variant: z
      .union([variant(), someOf(variant(), 'a list', 'at least one variant')], {
        error: `${variantExpected}, or a list of them`,
      })
      .describe('Its variants, all of them, as --propose-accept prints them.'),
    until: date().describe('The last day on which it holds, in UTC.'),
    reason: matching(/\S/, 'why this drift may stay').describe('Why it may stay.'),
  };
  return list(closed(shape, expected), 'a list of entries').describe(
    'Known drift that does not fail: keydrift audit --propose-accept prints it.',
  );
}
