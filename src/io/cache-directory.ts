import { lstatSync, mkdirSync } from 'node:fs';
import nodeModule from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Environment } from '../model/index.ts';

/**
 * Where a user's runs keep what the next ones may use. It may be a place that cannot be made or
 * written: then nothing is kept.
 */
export function cacheDirectory(environment: Environment): string {
  const { KEYDRIFT_CACHE_DIR: named, XDG_CACHE_HOME: caches, HOME: home } = environment;
  if (named !== undefined && named !== '') return named;
  if (caches !== undefined && caches !== '') return join(caches, 'keydrift');
  return join(home === undefined || home === '' ? homeOfUser() : home, '.cache', 'keydrift');
}

/** Throws for nobody: a user without an entry in the system's list has no home. */
function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    // A file where a directory would have to be.
    return '/dev/null';
  }
}

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
