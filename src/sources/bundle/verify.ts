import { createHash } from 'node:crypto';
import {
  faultClass,
  KeydriftError,
  type BundleManifest,
  type PinnedCopy,
} from '../../model/index.ts';

/** A content that a manifest promises. */
export interface Promised {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** Every content of a bundle, once. */
export function promisedBy(manifest: BundleManifest): Promised[] {
  const byFile = new Map<string, Promised>();
  for (const bundled of manifest.artifacts) {
    for (const { file, sha256, bytes } of [bundled, ...bundled.versions]) {
      byFile.set(file, { file, sha256, bytes });
    }
  }
  return [...byFile.values()];
}

/** Reads a content whole. Throws `BUNDLE_DAMAGED`, which names the file, for any other content. */
export async function verifyContent(
  copy: PinnedCopy,
  promised: Promised,
  shown: string,
): Promise<void> {
  if (copy.bytes !== promised.bytes) {
    throw damaged(shown, promised, `it has ${copy.bytes} bytes, expected ${promised.bytes}`);
  }
  const hash = createHash('sha256');
  for await (const chunk of copy.open()) hash.update(chunk);
  const found = hash.digest('hex');
  if (found === promised.sha256) return;
  throw damaged(shown, promised, `it has sha256 ${found}, expected ${promised.sha256}`);
}

/** The error for a content that cannot be pinned: absent ones are a damage of the bundle. */
export function unpinned(error: unknown, promised: Promised, shown: string): unknown {
  if (!(error instanceof KeydriftError) || faultClass(error) !== 'absent') return error;
  return damaged(shown, promised, 'it is missing', error);
}

function damaged(shown: string, { file }: Promised, why: string, cause?: unknown): KeydriftError {
  return new KeydriftError(
    'BUNDLE_DAMAGED',
    `bundle ${shown}: ${file} is not what was bundled: ${why}`,
    {
      hint: 'Somebody or something changed it since. Deploy the bundle again, or make it again: keydrift bundle --out',
      cause,
    },
  );
}
