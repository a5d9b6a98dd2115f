import {
  faultClass,
  KeydriftError,
  type BundleManifest,
  type PinnedCopy,
} from '../../model/index.ts';
import { contentNames } from '../content-names.ts';

/** A content that a manifest promises. */
export interface Promised {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Of every copy and version that has this content. */
  readonly blobs: readonly string[];
}

/** Every content of a bundle, once. */
export function promisedBy(manifest: BundleManifest): Promised[] {
  const byFile = new Map<string, Promised>();
  for (const bundled of manifest.artifacts) {
    for (const { file, sha256, bytes, blob } of [bundled, ...bundled.versions]) {
      const blobs = [...(byFile.get(file)?.blobs ?? []), blob];
      byFile.set(file, { file, sha256, bytes, blobs });
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
  const found = await contentNames(copy);
  if (found.sha256 !== promised.sha256) {
    throw damaged(shown, promised, `it has sha256 ${found.sha256}, expected ${promised.sha256}`);
  }
  const other = promised.blobs.find((blob) => !found.blobs.includes(blob));
  if (other === undefined) return;
  throw damaged(shown, promised, `the manifest calls it blob ${other}, which it is not`);
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
      hint: {
        text: 'Somebody or something changed it since. Deploy the bundle again, or make it again',
        command: 'keydrift bundle --out DIR',
      },
      cause,
    },
  );
}
