import { homedir } from 'node:os';
import { join } from 'node:path';
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
