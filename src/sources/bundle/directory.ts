import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { KeydriftError, sha256Hex, type KnownBytes } from '../../model/index.ts';
import { lockDirectory, type Lock, type Owners } from './lock.ts';
import { fileName, manifestName } from './manifest.ts';
import type { BundleStore } from './place.ts';

const contentName = /^[0-9a-f]{64}$/;
const temporaryName = /^\.(?:[0-9a-f]{64}|keydrift\.bundle\.(?:json|lock))\.[0-9a-f-]+\.tmp$/;

/**
 * A bundle in a directory, made where it is missing. Every file is written beside its place,
 * synced and renamed; the manifest is last, and only once every file that it names was seen in its
 * place. Only then are contents that it does not name removed, and what interrupted runs left, in a
 * directory that was a bundle before; nothing else in it is touched. One writer at a time:
 * `BUNDLE_LOCKED`.
 */
export async function openDirectoryStore(
  directory: string,
  shown: string,
  owners: Owners,
): Promise<BundleStore> {
  const failed = (cause: unknown): KeydriftError => notWritable(shown, cause);
  let lock: Lock;
  let before: Before;
  try {
    before = await lookAt(directory);
    await mkdir(join(directory, 'files'), { recursive: true });
    lock = await lockDirectory(directory, shown, owners);
  } catch (error) {
    throw failed(error);
  }
  return {
    notes: before === 'other' ? [keptNote(shown)] : [],
    async put(content) {
      const path = join(directory, fileName(content.sha256));
      try {
        if ((await hashOf(path)) === content.sha256) return;
      } catch (error) {
        throw failed(error);
      }
      const temporary = join(directory, 'files', `.${content.sha256}.${randomUUID()}.tmp`);
      await writeAndRename(content, temporary, path, failed);
    },
    async commit(manifest, contents) {
      const content: KnownBytes = {
        sha256: sha256Hex(manifest),
        bytes: manifest.length,
        open: () => whole(manifest),
      };
      await lock.check();
      await seeAll(directory, shown, contents);
      const temporary = join(directory, `.${manifestName}.${randomUUID()}.tmp`);
      await writeAndRename(content, temporary, join(directory, manifestName), failed);
      // The bundle stands. What is left over harms nobody, so a failure here is none of it.
      if (before !== 'other') await removeUnnamed(directory, contents).catch(() => undefined);
    },
    close: () => lock.release(),
  };
}

/** What a directory was: empty or missing, a bundle, or something else. */
type Before = 'nothing' | 'bundle' | 'other';

async function lookAt(directory: string): Promise<Before> {
  const names = await namesIn(directory);
  if (names.includes(manifestName)) return 'bundle';
  const others = names.filter((name) => name !== 'files' && !name.startsWith('.keydrift.bundle.'));
  const contents = await namesIn(join(directory, 'files'));
  return others.length + contents.length === 0 ? 'nothing' : 'other';
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch((error: unknown): string[] => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
}

function keptNote(shown: string): string {
  return `${shown} was not empty, and no bundle: what was there is still there`;
}

/** Throws `BUNDLE_DAMAGED` unless every content that a manifest names is in its place, whole. */
async function seeAll(
  directory: string,
  shown: string,
  contents: ReadonlySet<string>,
): Promise<void> {
  for (const sha256 of contents) {
    const found = await hashOf(join(directory, fileName(sha256))).catch(() => null);
    if (found === sha256) continue;
    throw new KeydriftError(
      'BUNDLE_DAMAGED',
      `the bundle ${shown} was changed while it was written: ${fileName(sha256)} is ${found === null ? 'gone' : 'another content'}`,
      { hint: 'Somebody else writes or cleans up there. Run it again when that has ended.' },
    );
  }
}

/** Writes beside the place, checks the content on its way, and renames; or leaves nothing behind. */
async function writeAndRename(
  content: KnownBytes,
  temporary: string,
  path: string,
  failed: (cause: unknown) => KeydriftError,
): Promise<void> {
  try {
    const handle = await open(temporary, 'w', 0o666);
    try {
      const hash = createHash('sha256');
      for await (const chunk of content.open()) {
        hash.update(chunk);
        await handle.writeFile(chunk);
      }
      if (hash.digest('hex') !== content.sha256) throw changed(path);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error instanceof KeydriftError ? error : failed(error);
  }
}

/** sha256 of a file, hex; null where there is none. */
async function hashOf(path: string): Promise<string | null> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  return hash.digest('hex');
}

/** Removes contents that the manifest does not name, and temporary files of any run. */
async function removeUnnamed(directory: string, contents: ReadonlySet<string>): Promise<void> {
  const files = join(directory, 'files');
  const unnamed = (await readdir(files)).filter(
    (name) => temporaryName.test(name) || (contentName.test(name) && !contents.has(name)),
  );
  for (const name of unnamed) await rm(join(files, name));
  const temporary = (await readdir(directory)).filter((name) => temporaryName.test(name));
  for (const name of temporary) await rm(join(directory, name));
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function changed(path: string): KeydriftError {
  return new KeydriftError('COPY_CHANGED', `the content for ${path} changed while it was read`);
}

function notWritable(shown: string, cause: unknown): KeydriftError {
  if (cause instanceof KeydriftError) return cause;
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
  return new KeydriftError(
    'OUTPUT_NOT_WRITABLE',
    `the bundle ${shown} cannot be written (${reason})`,
    {
      cause,
      hint:
        reason === 'ENOSPC'
          ? 'Make room, and run it again. What was there before is whole.'
          : 'It must be a directory that is writable, or can be made. What was there before is whole.',
    },
  );
}
