import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  BundledCopy,
  BundleLocation,
  BundleManifest,
  BundlePlace,
  Stores,
} from '../../../src/model/index.ts';
import { manifestText } from '../../../src/sources/bundle/index.ts';
import { openFileSource } from '../../../src/sources/file/file.ts';
import { schemes } from '../../../src/sources/index.ts';
import { fileAt } from '../locations.ts';

export function hashOf(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The id of a file in a repository of SHA-1 names. */
export function blobOf(bytes: Uint8Array | string): string {
  const content = Buffer.from(bytes);
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

const contractText = 'version: 1\nartifacts: {}\n';

/** A bundled copy with these bytes; what is counted of it is made up. */
export function bundled(bytes: Uint8Array | string, words: Partial<BundledCopy> = {}): BundledCopy {
  const sha256 = hashOf(bytes);
  return {
    artifact: 'participants',
    copy: null,
    commit: 'c'.repeat(40),
    committedAt: '2026-01-02T03:04:05.000Z',
    path: 'support/participants.csv',
    blob: blobOf(bytes),
    bytes: Buffer.from(bytes).length,
    sha256,
    file: `files/${sha256}`,
    digest: 'd'.repeat(64),
    rows: 0,
    units: 0,
    redundant: 0,
    invalid: 0,
    versions: [],
    ...words,
  };
}

export function manifestOf(
  artifacts: readonly BundledCopy[],
  words: Partial<BundleManifest> = {},
): BundleManifest {
  return {
    schema: 'keydrift.bundle/1',
    tool: { name: 'keydrift', version: '1.2.3' },
    contract: {
      commit: 'c'.repeat(40),
      committedAt: '2026-01-02T03:04:05.000Z',
      path: 'keydrift.yaml',
      blob: 'a'.repeat(40),
      bytes: contractText.length,
      sha256: hashOf(contractText),
      text: contractText,
    },
    historySeconds: null,
    artifacts,
    ...words,
  };
}

/** A bundle on disk. */
export function writeBundle(
  directory: string,
  manifest: BundleManifest,
  contents: readonly (Uint8Array | string)[],
): void {
  mkdirSync(join(directory, 'files'), { recursive: true });
  for (const content of contents) writeFileSync(join(directory, 'files', hashOf(content)), content);
  writeFileSync(join(directory, 'keydrift.bundle.json'), manifestText(manifest));
}

export function directoryPlace(path: string): BundlePlace {
  return { folder: { root: fileAt(path), prefix: '' }, shown: 'build/bundle' };
}

export function locationOf(
  place: BundlePlace,
  words: Partial<BundleLocation> = {},
): BundleLocation {
  return { kind: 'bundle', place, artifact: 'participants', copy: null, arrival: null, ...words };
}

/** Stores of which one source gives all that is pinned. */
export function storesOf(pin: Stores['pin']): Stores {
  return {
    pin,
    scheme: ({ kind }) => schemes[kind]!,
    of: () => Promise.reject(new Error('only pinned from')),
  };
}

/** Pins plain files only. */
export function pinPlain(): { stores: Stores; close: () => Promise<void> } {
  const files = openFileSource();
  return {
    stores: storesOf((location) => files.pin(fileAt(schemes['file']!.textOf(location)))),
    close: () => files.close(),
  };
}
