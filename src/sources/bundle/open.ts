import {
  faultClass,
  KeydriftError,
  sha256Hex,
  shellQuote,
  wholeOf,
  type Bundle,
  type BundlePlace,
  type PinnedCopy,
  type Stores,
} from '../../model/index.ts';
import { manifestName, readManifest } from './manifest.ts';
import { pinIn } from './place.ts';
import { promisedBy, unpinned, verifyContent, type Promised } from './verify.ts';

/** A bundle whose files were all there, and the right ones. */
export interface OpenBundle extends Bundle {
  /** Pinned as they were verified, by their file. */
  readonly contents: ReadonlyMap<string, PinnedCopy>;
}

/** How often a bundle that is replaced while it is read is read again. */
const mostAttempts = 4;

/** Reads the manifest and every file. One that is replaced meanwhile is read again from the start. */
export async function openVerified(place: BundlePlace, stores: Stores): Promise<OpenBundle> {
  for (let attempt = 1; ; attempt += 1) {
    const bytes = await readManifestFile(place, stores);
    const shown = `bundle:${place.shown}`;
    const manifest = await readManifest(bytes, `${shown}/${manifestName}`);
    const sha256 = sha256Hex(bytes);
    if (place.sha256 !== undefined && place.sha256 !== sha256) throw other(place, sha256);
    const contents = new Map<string, PinnedCopy>();
    try {
      for (const promised of promisedBy(manifest)) {
        contents.set(promised.file, await pinVerified(place, promised, stores));
      }
      return { manifest, sha256, contents };
    } catch (error) {
      if (attempt >= mostAttempts) throw error;
      const now = await readManifestFile(place, stores).catch(() => null);
      const replaced = now !== null && Buffer.compare(now, bytes) !== 0;
      if (!replaced && !isChange(error)) throw error;
    }
  }
}

async function readManifestFile(place: BundlePlace, stores: Stores): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await wholeOf(await pinIn(place, manifestName, stores));
    } catch (error) {
      if (isChange(error) && attempt < mostAttempts) continue;
      if (!(error instanceof KeydriftError) || faultClass(error) !== 'absent') throw error;
      throw new KeydriftError(
        'BUNDLE_NOT_FOUND',
        `there is no bundle at ${place.shown}: it has no ${manifestName}`,
        {
          cause: error,
          hint: {
            text: 'Look for a typo, or make it',
            command: `keydrift bundle --out ${shellQuote(place.shown)}`,
          },
        },
      );
    }
  }
}

function other({ shown, sha256 }: BundlePlace, found: string): KeydriftError {
  return new KeydriftError(
    'BUNDLE_OTHER',
    `the bundle ${shown} is another one: its manifest has sha256 ${found}, not ${sha256}`,
    { hint: 'Deploy the bundle that is meant, or name the one that is there.' },
  );
}

async function pinVerified(
  place: BundlePlace,
  promised: Promised,
  stores: Stores,
): Promise<PinnedCopy> {
  const shown = place.shown;
  let copy: PinnedCopy;
  try {
    copy = await pinIn(place, promised.file, stores);
  } catch (error) {
    throw unpinned(error, promised, shown);
  }
  await verifyContent(copy, promised, shown);
  return copy;
}

/** Whether a pinned file or object was replaced. */
export function isChange(error: unknown): boolean {
  return error instanceof KeydriftError && error.code === 'COPY_CHANGED';
}
