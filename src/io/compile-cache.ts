import { lstatSync, mkdirSync } from 'node:fs';
import nodeModule from 'node:module';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.ts';

/**
 * Lets a Node that can (22.8 and later) keep what it compiled. Only in a folder that is the user's
 * alone: what is in it is run.
 */
export function enableCompileCache(): void {
  const enable: unknown = Reflect.get(nodeModule, 'enableCompileCache');
  if (typeof enable !== 'function') return;
  const directory = join(cacheDirectory(), 'compiled');
  if (isPrivate(directory)) enable(directory);
}

/** Whether a folder is there, or could be made, that only this user may write and read. */
export function isPrivate(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const found = lstatSync(directory);
    return found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0;
  } catch {
    return false;
  }
}
