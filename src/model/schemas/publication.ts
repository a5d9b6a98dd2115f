import * as z from 'zod';
import {
  claim,
  count,
  counts,
  digest,
  error,
  named,
  nullable,
  objectId,
  state,
  text,
  time,
  tool,
  warning,
  whole,
  word,
} from './parts.ts';

const cells = z.record(z.string(), z.string().nullable());

const source = named(
  'source',
  {
    location: text('Where it is, as people write it.'),
    branch: nullable(
      z.string(),
      'Where the ref is HEAD: the branch that it is, null where it is detached.',
    ).optional(),
    commit: objectId.describe('Full id of the commit.'),
    committedAt: time('When it was committed.'),
    path: text("From the repository's root."),
    blob: objectId.describe('Full id of the blob.'),
    bytes: count('Length.'),
    sha256: digest.describe('SHA-256 of the bytes.'),
    rows: count('Data records.'),
    units: count('Distinct functional keys.'),
    redundant: count('Rows that repeat a unit.'),
    invalid: count('Records that are no unit of work.'),
    digest: digest.describe('Functional digest.'),
  },
  'What would be written: a file of a commit.',
);

const objectFacts = {
  versionId: nullable(
    z.string(),
    'VersionId; null in a bucket that was never versioned, "null" for a null version.',
  ),
  etag: text('ETag as the store gives it; never a content hash.'),
  lastModified: time('LastModified.'),
  bytes: count('Length.'),
  sha256: digest.describe('SHA-256 of the bytes.'),
  rows: nullable(whole, 'Data records; null where the content cannot be read.'),
  units: nullable(whole, 'Distinct functional keys, or null.'),
  digest: nullable(digest, 'Functional digest, or null.'),
  claim: nullable(claim, 'What its publisher claims; null: nothing.'),
  overwritten: word(
    ['kept', 'lost'],
    'What becomes of it when it is overwritten: kept as an older version, or lost.',
  ),
};
const object = named('object', objectFacts, 'The object that is there.');

const write = named(
  'write',
  {
    condition: z
      .union([
        z.looseObject({ ifMatch: z.string() }).describe('The ETag must still be this one.'),
        z.looseObject({ ifNoneMatch: z.literal('*') }).describe('There must still be no object.'),
        z.null(),
      ])
      .describe('On what the store makes it depend; null: on nothing.'),
    contentType: nullable(z.string(), 'Content-Type.'),
    cacheControl: nullable(z.string(), 'Cache-Control.'),
    contentDisposition: nullable(z.string(), 'Content-Disposition.'),
    contentEncoding: nullable(z.string(), 'Content-Encoding.'),
    contentLanguage: nullable(z.string(), 'Content-Language.'),
    expires: nullable(z.string(), 'Expires, as it stands.'),
    websiteRedirect: nullable(z.string(), 'Website redirect.'),
    storageClass: nullable(z.string(), 'Storage class; null: STANDARD.'),
    sse: nullable(z.string(), "Encryption; null: the bucket's."),
    kmsKeyId: nullable(z.string(), 'KMS key.'),
    bucketKey: nullable(z.boolean(), 'Whether an S3 bucket key is used.'),
    acl: nullable(z.string(), 'Canned ACL.'),
    tags: z
      .array(z.looseObject({ name: z.string(), value: z.string() }).describe('A tag.'))
      .describe('The whole set of tags.'),
    claim: z
      .object({
        commit: objectId,
        committedAt: text('When that commit was made.').optional(),
        path: z.string(),
        blob: objectId,
        sha256: digest,
        digest,
        contract: digest,
      })
      .describe('What the object will claim, as keydrift-… metadata.'),
  },
  'The write itself; a header that is null is not sent.',
);

const refusal = named(
  'refusal',
  {
    code: text('Name of the fact; never renamed.'),
    message: text('The fact.'),
    hint: text('What to do about it.'),
  },
  'A fact for which the copy is not published.',
);

const order = named(
  'order',
  {
    standing: word(
      ['forward', 'newer', 'beside', 'unreviewed', 'unknown'],
      'forward: an earlier version; newer: it would be undone; beside: on another line of history; unreviewed: no commit at hand has it; unknown: this clone cannot tell.',
    ),
    by: nullable(z.string(), 'What it is known by: claim or bytes.'),
    commit: nullable(z.string(), 'Commit that is there, as far as it is known.'),
    changes: nullable(whole, 'Changes of the file that would be undone.'),
    allowedBy: nullable(z.string(), 'What lets it be overwritten all the same: flag or contract.'),
  },
  'Where what is there stands, seen from what would be written.',
);

const row = named(
  'row',
  { record: z.int().min(0), line: z.int().min(0), values: cells },
  'A row: key and consumed cells as they stand; null: it has no such cell.',
);

const change = named(
  'change',
  {
    added: count('Units that it adds.'),
    removed: count('Units that it removes.'),
    changed: count('Units that it changes.'),
    units: z
      .array(
        named(
          'unit',
          {
            change: word(['added', 'removed', 'changed'], 'What happens to it.'),
            key: cells,
            fields: z
              .array(z.string())
              .describe('Consumed columns that differ, of a changed unit.'),
            rowCount: z.looseObject({ before: whole, after: whole }),
            before: nullable(row, 'First row that is there.'),
            after: nullable(row, 'First row that would be written.'),
            rows: z
              .looseObject({ before: z.array(row), after: z.array(row) })
              .describe('The first rows of each side, of a unit with several values.')
              .optional(),
            respelled: cells
              .describe('Of one that comes or goes: the key by which the same unit goes or comes.')
              .optional(),
          },
          'What a publication does to a unit of work.',
        ),
      )
      .describe('The first of them, the same share of each kind.'),
    truncated: count('Units that are not listed.'),
  },
  'What a publication does to the work, in units.',
);

/** What is to be done with one runtime copy; `order` and `change` came later. */
const planned = {
  name: text('Name of the artifact.'),
  copy: nullable(z.string(), 'Name of its runtime copy, or null.'),
  owner: nullable(z.string(), 'Owner, from the contract.'),
  runbook: nullable(z.string(), 'Runbook, from the contract.'),
  action: word(
    ['create', 'replace', 'none', 'refuse', 'unknown'],
    'What is to be done; refuse: a fact stands against it, unknown: something could not be established.',
  ),
  reasons: z
    .array(word(['missing', 'bytes', 'claim', 'encryption', 'tags'], 'A reason.'))
    .describe('Why something is to be done.'),
  target: z
    .object({
      location: text('The object.'),
      endpoint: nullable(z.string(), 'Where requests go; null: not established.'),
      expectedOwner: nullable(z.string(), 'Account that must own the bucket.'),
    })
    .describe('Where it is written.'),
  reviewed: nullable(source, 'What would be written; null where it could not be read.'),
  runtime: nullable(object, 'The object that is there; null: none, or not established.'),
  state: nullable(state, 'Of what is there, compared with what would be written.'),
  counts,
  order: nullable(
    order,
    'Null where there is nothing to overwrite, or the bytes are the same.',
  ).optional(),
  change: nullable(
    change,
    'Null where it changes no unit, or what is there cannot be read.',
  ).optional(),
  write: nullable(write, 'The write; null where nothing is to be written.'),
  refusals: z.array(refusal),
  warnings: z.array(warning),
  error: nullable(error, 'Why something could not be established.'),
};

const written = named(
  'written',
  {
    versionId: nullable(z.string(), 'VersionId, or null.'),
    etag: z.string(),
    lastModified: time('LastModified.'),
    sha256: digest,
  },
  'The revision that was written, and read back.',
);

/** A plan that was written by an earlier run: what it says may be wrong, and there may be more. */
export interface SavedPlan {
  readonly options: {
    readonly ref: string;
    readonly unconditional: boolean;
    readonly overwriteUnreviewed: boolean;
    /** Plans of versions that did not know these lack them. */
    readonly allowRollback?: boolean | undefined;
    readonly allowUnknownClaim?: boolean | undefined;
  };
  readonly contract: string | null;
  readonly publications: readonly SavedCopy[];
  readonly integrity: string;
}

/** A copy of it. */
export interface SavedCopy {
  readonly name: string;
  readonly copy: string | null;
  readonly action: string;
  readonly target: { readonly location: string; readonly endpoint: string | null };
  readonly reviewed: { readonly commit: string } | null;
  readonly runtime: {
    readonly versionId: string | null;
    readonly etag: string;
    readonly sha256: string;
  } | null;
  readonly write: object | null;
  /** Not there in a plan of a version that did not tell it. */
  readonly change?: unknown;
}

/** `keydrift.plan/1`: what `publish --apply` reads. */
export const plan: z.ZodType<SavedPlan> = z
  .object({
    schema: z.literal('keydrift.plan/1'),
    tool,
    createdAt: time('When it was planned, UTC.'),
    exitCode: z
      .int()
      .min(0)
      .max(255)
      .describe(
        '0 planned or up to date, 1 something is refused, 2 no verdict, 3 both, 4 (--exit-code) something to do.',
      ),
    error: nullable(error, 'A contract or usage error; then publications is empty.'),
    options: z
      .object({
        ref: text('--ref.'),
        unconditional: z.boolean(),
        overwriteUnreviewed: z.boolean(),
        allowRollback: z.boolean().optional(),
        allowUnknownClaim: z.boolean().optional(),
      })
      .describe('What was asked for.'),
    contract: nullable(digest, "SHA-256 of the contract's file; null where it could not be read."),
    publications: z
      .array(named('plannedCopy', planned, 'One runtime copy, and what is to be done with it.'))
      .describe('Every copy that was selected.'),
    integrity: digest.describe(
      'SHA-256 of all other members as canonical JSON: it shows a slip, and is no signature.',
    ),
  })
  .meta({
    title: 'keydrift.plan/1',
    description:
      'What keydrift publish would do. Fields and kinds are only ever added under this name: read what you know, and let the rest be.',
  });

/** `keydrift.publication/1`. */
export const publication: z.ZodType = z
  .object({
    schema: z.literal('keydrift.publication/1'),
    tool,
    startedAt: time('When the run began, UTC.'),
    durationMs: z.number().min(0).describe('How long it took, in milliseconds.'),
    exitCode: z
      .int()
      .min(0)
      .max(255)
      .describe('0 published or up to date, 1 refused or not written, 2 failed, 3 both.'),
    error: nullable(error, 'A contract or usage error; then publications is empty.'),
    publications: z
      .array(
        named(
          'publishedCopy',
          {
            ...planned,
            outcome: word(
              ['published', 'up-to-date', 'refused', 'declined', 'failed', 'not-attempted'],
              'What came of it.',
            ),
            wrote: word(
              ['yes', 'no', 'unknown'],
              'Whether this run changed the object: yes, as the store answered; no, for certain.',
            ),
            written: nullable(written, 'Null where nothing was written, or it is not known.'),
            now: nullable(
              named(
                'now',
                { ...objectFacts, state: nullable(state, 'Compared with what was to be written.') },
                'What is there now.',
              ),
              'After a write that failed: what is there now, where that could be read.',
            ),
          },
          'One runtime copy: its plan, and what came of it.',
        ),
      )
      .describe('Every copy that was selected.'),
  })
  .meta({
    title: 'keydrift.publication/1',
    description:
      'What keydrift publish did. Fields and kinds are only ever added under this name: read what you know, and let the rest be.',
  });
