import { createHash, randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** After this long a store is probed again: another one may have taken its place. */
const keptMs = 7 * 24 * 3600 * 1000;

/** Endpoints that were seen to honour conditional writes. The others are probed every time. */
export interface ConditionMemory {
  knows(endpoint: string): Promise<boolean>;
  remember(endpoint: string): Promise<void>;
}

/** A memory in the `s3` folder of the cache directory; one that cannot be written forgets. */
export function openConditionMemory(cacheDirectory: string): ConditionMemory {
  const folder = join(cacheDirectory, 's3');
  const fileOf = (endpoint: string): string =>
    join(folder, `conditional-writes-${createHash('sha256').update(endpoint).digest('hex')}`);
  return {
    async knows(endpoint) {
      const made = await stat(fileOf(endpoint)).catch(() => null);
      const age = made === null ? keptMs : Date.now() - made.mtimeMs;
      return age < keptMs;
    },
    async remember(endpoint) {
      const temporary = join(folder, `${randomUUID()}.tmp`);
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(temporary, '', { flag: 'wx' });
        await rename(temporary, fileOf(endpoint));
      } catch {
        await rm(temporary, { force: true }).catch(() => undefined);
      }
    },
  };
}
