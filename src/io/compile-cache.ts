import { lstatSync, mkdirSync } from 'node:fs';
import nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import type { Environment } from '../model/index.ts';
import { cacheDirectory } from './cache-directory.ts';

/**
 * Lets a Node that can (22.8 and later) keep what it compiled, with the user's caches. Only in a
 * folder that is the user's alone: what is in it is run.
 */
export function enableCompileCache(environment: Environment): void {
  const enable: unknown = Reflect.get(nodeModule, 'enableCompileCache');
  if (typeof enable !== 'function') return;
  const directory = join(cacheDirectory(environment), 'compiled');
  if (isPrivate(directory)) enable(directory);
}

/** Whether a folder is there, or could be made, that only this user may write and read. */
export function isPrivate(directory: string): boolean {
  try {
    make(directory);
    const found = lstatSync(directory);
    return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
  } catch {
    return false;
  }
}

/** Step by step: Node's own way never ends where a directory answers that it is not there. */
function make(directory: string): void {
  if (lstatSync(directory, { throwIfNoEntry: false }) !== undefined) return;
  make(dirname(directory));
  mkdirSync(directory, { mode: 0o700 });
}
