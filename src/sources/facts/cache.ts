import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KeydriftError } from '../../model/index.ts';
import { openFactsFile, type FactsFile, type OpenFactsFile } from './file.ts';
import { makePrivate } from './private.ts';

/** Facts that a run may find again, by name and key: what is dear to establish and never changes. */
export interface FactsCache {
  /** The facts under a name, which is hexadecimal: a digest of what they depend on. */
  load(name: string): Promise<FactsFile>;
  /** Writes what was put. Why it is not kept, where that failed: no run fails for its cache. */
  close(): Promise<string | null>;
}

export interface FactsCacheOptions {
  /** Most bytes of one file; the oldest facts go first. Default: 64 MiB. */
  readonly mostBytes?: number;
}

const mostBytesOfFile = 64 * 1024 * 1024;

/** Together the files may have this many times as much as one. */
const mostFilesWorth = 4;

/** A file that nobody added to for so long belongs to a contract of former times. */
const unusedMs = 90 * 24 * 3600 * 1000;

/**
 * Opens the cache in the `facts` folder of a directory; null: nothing is read or kept. The folder
 * and its files are private to the user, and several processes may use them at once. Whatever
 * stands in them is data of a stranger.
 */
export function openFactsCache(
  directory: string | null,
  { mostBytes = mostBytesOfFile }: FactsCacheOptions = {},
): FactsCache {
  const folder = directory === null ? null : join(directory, 'facts');
  const files = new Map<string, Promise<OpenFactsFile>>();
  let fault: string | null = null;
  const onFault = (thrown: unknown): void => {
    fault ??= thrown instanceof Error ? thrown.message : String(thrown);
  };
  let made: Promise<string | null> | null = null;
  const make = async (): Promise<string | null> => {
    if (folder === null) return null;
    try {
      await makePrivate(folder);
      return folder;
    } catch (error) {
      onFault(error);
      return null;
    }
  };
  const open = async (name: string): Promise<OpenFactsFile> => {
    const place = await (made ??= make());
    const path = place === null ? null : join(place, `${name}.jsonl`);
    return openFactsFile({ path, mostBytes, onFault });
  };
  return {
    async load(name) {
      if (!/^[0-9a-f]{8,128}$/.test(name)) {
        throw new KeydriftError('INTERNAL', `${JSON.stringify(name)} is no name of facts`);
      }
      const file = files.get(name) ?? open(name);
      files.set(name, file);
      return file;
    },
    async close() {
      for (const file of await Promise.all(files.values())) await file.close();
      const place = await made;
      if (place !== null) await prune(place, mostFilesWorth * mostBytes).catch(onFault);
      return fault;
    },
  };
}

/** Removes what is not used any more, and the oldest files where all together are too large. */
async function prune(folder: string, mostBytes: number): Promise<void> {
  const names = await readdir(folder);
  const found = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const stats = await lstat(path).catch(() => null);
      return stats?.isFile() === true ? { path, bytes: stats.size, at: stats.mtimeMs } : null;
    }),
  );
  let room = mostBytes;
  const newestFirst = found.filter((file) => file !== null).toSorted((a, b) => b.at - a.at);
  for (const { path, bytes, at } of newestFirst) {
    room -= bytes;
    if (room >= 0 && Date.now() - at < unusedMs) continue;
    await rm(path, { force: true });
  }
}
