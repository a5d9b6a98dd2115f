import * as z from 'zod';
import { createHash } from 'node:crypto';
import { copyName, KeydriftError, type BundleManifest } from '../../model/index.ts';

/** The manifest's name in a bundle; files beside it are `files/<sha256>`. */
export const manifestName = 'keydrift.bundle.json';

/** The name under which a bundle has a content. */
export function fileName(sha256: string): string {
  return `files/${sha256}`;
}

const hash = (): z.ZodString => z.string().regex(/^[0-9a-f]{64}$/);
const objectId = (): z.ZodString => z.string().regex(/^[0-9a-f]{40,64}$/);
const count = (): z.ZodInt => z.int().min(0);
const time = (what: string): z.ZodString =>
  z
    .string()
    .regex(/^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
    .describe(what);

/** A content in the bundle: where it is, and what it must be. */
const content = {
  blob: objectId().describe('Full id of the blob.'),
  bytes: count().describe('Length of the content.'),
  sha256: hash().describe('SHA-256 of the content, hex.'),
  file: z
    .string()
    .regex(/^files\/[0-9a-f]{64}$/)
    .describe('Where the content is, from the root of the bundle: files/<sha256>.'),
};

const versionShape = z.looseObject({
  ...content,
  commit: objectId().describe('Commit of the first-parent chain that has it.'),
  arrivedAt: time('When it arrived there; of the oldest, a time at which it was in force already.'),
  replacedAt: time('When the next one arrived; null: it is in force at the commit.').nullable(),
});

const copyShape = z.looseObject({
  ...content,
  artifact: z.string().min(1).describe('Name of the artifact.'),
  copy: z
    .string()
    .nullable()
    .describe('The runtime copy whose own ref it is of; null: of all without a ref of their own.'),
  commit: objectId().describe('Full id of the commit.'),
  committedAt: time('When it was committed.'),
  path: z.string().min(1).describe('From the root of its repository.'),
  digest: hash().describe('Functional digest, hex. A verdict never rests on it.'),
  rows: count().describe('Data records: units + redundant + invalid.'),
  units: count().describe('Distinct functional keys.'),
  redundant: count().describe('Rows that repeat a unit.'),
  invalid: count().describe('Records that are no unit of work.'),
  versions: z
    .array(versionShape)
    .describe('Versions in force within the history, newest first, the bundled one included.'),
});

const contractShape = z
  .looseObject({
    commit: objectId().describe('Full id of the commit.'),
    committedAt: time('When it was committed.'),
    path: z.string().min(1).describe('From the root of its repository.'),
    blob: objectId().describe('Full id of the blob.'),
    bytes: count().describe('Length of the text as UTF-8.'),
    sha256: hash().describe('SHA-256 of the text as UTF-8, hex.'),
    text: z.string().describe('The contract as it stands in the commit, no variable replaced.'),
    included: z
      .array(z.looseObject({ path: z.string().min(1), text: z.string() }))
      .exactOptional()
      .describe('What it includes, paths from its own folder.'),
  })
  .describe('The contract, of the same commit.');

/** The shape of a manifest: every field is required, and others may be there. */
function manifestShape(): z.ZodType<BundleManifest> {
  return z
    .looseObject({
      schema: z.literal('keydrift.bundle/1'),
      tool: z
        .looseObject({ name: z.literal('keydrift'), version: z.string() })
        .describe('What made the bundle.'),
      contract: contractShape,
      historySeconds: count()
        .nullable()
        .describe("Seconds before the commit's own time of which versions are carried, or null."),
      artifacts: z.array(copyShape).describe('The reviewed copies, by name and copy.'),
    })
    .meta({
      $id: 'https://keydrift.example/schema/keydrift.bundle.schema.json',
      title: 'keydrift.bundle/1',
      description:
        'The manifest of a bundle of reviewed copies. Fields are only ever added under this name: read what you know, and let other fields be.',
    });
}

/** JSON Schema (draft 2020-12) of the manifest. */
export function bundleJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(manifestShape(), { target: 'draft-2020-12', io: 'input' }) };
}

/** The manifest's bytes: names sorted by code units, so that equal manifests are equal bytes. */
export function manifestText(manifest: BundleManifest): string {
  return `${JSON.stringify(sorted(manifest), null, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, sorted(member)] as const);
  return Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/**
 * Reads a manifest, and checks what it says of itself: its schema, the contract's hash, and that
 * names and hashes of files agree. `shown` names it in errors. Throws `BUNDLE_INVALID`.
 */
export function readManifest(bytes: Uint8Array, shown: string): BundleManifest {
  const data = parseJson(bytes, shown);
  const schema = typeof data === 'object' && data !== null ? Reflect.get(data, 'schema') : null;
  if (schema !== 'keydrift.bundle/1') {
    const found = typeof schema === 'string' ? JSON.stringify(schema.slice(0, 80)) : 'none';
    throw invalid(
      shown,
      `its schema is ${found}, expected "keydrift.bundle/1"`,
      'A newer keydrift may have made it: use the version that made it, or make it again.',
    );
  }
  const parsed = manifestShape().safeParse(data, { jitless: true });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    if (issue === undefined) throw invalid(shown, 'it has another shape');
    const where = issue.path.map(String).join('.');
    throw invalid(shown, `${where === '' ? 'the manifest' : where}: ${issue.message}`);
  }
  checkHashes(parsed.data, shown);
  return parsed.data;
}

function checkHashes({ contract, artifacts }: BundleManifest, shown: string): void {
  const found = createHash('sha256').update(contract.text).digest('hex');
  if (found !== contract.sha256) {
    throw invalid(shown, `the contract has sha256 ${found}, its manifest says ${contract.sha256}`);
  }
  const names = new Set<string>();
  for (const bundled of artifacts) {
    const name = copyName(bundled.artifact, bundled.copy);
    if (names.has(name)) throw invalid(shown, `${name} stands in it twice`);
    names.add(name);
    for (const { file, sha256 } of [bundled, ...bundled.versions]) {
      if (file === fileName(sha256)) continue;
      throw invalid(shown, `${name}: ${file} is not the name of a content with sha256 ${sha256}`);
    }
  }
}

function parseJson(bytes: Uint8Array, shown: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw invalid(shown, 'it is not JSON', undefined, cause);
  }
}

function invalid(shown: string, why: string, hint?: string, cause?: unknown): KeydriftError {
  return new KeydriftError('BUNDLE_INVALID', `${shown} is no manifest of a bundle: ${why}`, {
    hint: hint ?? 'It was changed since it was made. Make the bundle again: keydrift bundle --out',
    cause,
  });
}
