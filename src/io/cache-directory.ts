import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where a user's runs keep what the next ones may use. */
export function cacheDirectory(): string {
  return (
    process.env['KEYDRIFT_CACHE_DIR'] ??
    join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'keydrift')
  );
}
