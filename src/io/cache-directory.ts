import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './io.ts';

/** Where a user's runs keep what the next ones may use. */
export function cacheDirectory(environment: Environment): string {
  const { KEYDRIFT_CACHE_DIR: named, XDG_CACHE_HOME: caches } = environment;
  return named ?? join(caches ?? join(homedir(), '.cache'), 'keydrift');
}
