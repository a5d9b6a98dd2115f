import * as z from 'zod';
import type { BundleManifest } from '../bundle.ts';
import { count, digest, nullable, whole } from './parts.ts';

const objectId = z.string().regex(/^[0-9a-f]{40,64}$/);
const moment = z.string().regex(/^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
const filled = z.string().min(1);

/** A content in the bundle: where it is, and what it must be. */
const content = {
  blob: objectId.describe('Full id of the blob.'),
  bytes: count('Length of the content.'),
  sha256: digest.describe('SHA-256 of the content, hex.'),
  file: z
    .string()
    .regex(/^files\/[0-9a-f]{64}$/)
    .describe('Where the content is, from the root of the bundle: files/<sha256>.'),
};

const version = z.looseObject({
  ...content,
  commit: objectId.describe('Commit of the first-parent chain that has it.'),
  arrivedAt: moment.describe(
    'When it arrived there; of the oldest, a time at which it was in force already.',
  ),
  replacedAt: nullable(moment, 'When the next one arrived; null: it is in force at the commit.'),
});

const copy = z.looseObject({
  ...content,
  artifact: filled.describe('Name of the artifact.'),
  copy: nullable(
    z.string(),
    'The runtime copy whose own ref it is of; null: of all without a ref of their own.',
  ),
  commit: objectId.describe('Full id of the commit.'),
  committedAt: moment.describe('When it was committed.'),
  path: filled.describe('From the root of its repository.'),
  digest: digest.describe('Functional digest, hex. A verdict never rests on it.'),
  rows: count('Data records: units + redundant + invalid.'),
  units: count('Distinct functional keys.'),
  redundant: count('Rows that repeat a unit.'),
  invalid: count('Records that are no unit of work.'),
  versions: z
    .array(version)
    .describe('Versions in force within the history, newest first, the bundled one included.'),
});

const contract = z
  .looseObject({
    commit: objectId.describe('Full id of the commit.'),
    committedAt: moment.describe('When it was committed.'),
    path: filled.describe('From the root of its repository.'),
    blob: objectId.describe('Full id of the blob.'),
    bytes: count('Length of the text as UTF-8.'),
    sha256: digest.describe('SHA-256 of the text as UTF-8, hex.'),
    text: z.string().describe('The contract as it stands in the commit, no variable replaced.'),
    included: z
      .array(z.looseObject({ path: filled, text: z.string() }))
      .exactOptional()
      .describe('What it includes, paths from its own folder.'),
  })
  .describe('The contract, of the same commit.');

/** `keydrift.bundle/1`: what `--against` reads. */
export const bundle: z.ZodType<BundleManifest> = z
  .looseObject({
    schema: z.literal('keydrift.bundle/1'),
    tool: z
      .looseObject({ name: z.literal('keydrift'), version: z.string() })
      .describe('What made the bundle.'),
    contract,
    historySeconds: nullable(
      whole,
      "Seconds before the commit's own time of which versions are carried, or null.",
    ),
    artifacts: z.array(copy).describe('The reviewed copies, by name and copy.'),
  })
  .meta({
    title: 'keydrift.bundle/1',
    description:
      'The manifest of a bundle of reviewed copies. Fields are only ever added under this name: read what you know, and let other fields be.',
  });
