import nodeModule from 'node:module';
import { join } from 'node:path';
import { cacheDirectory } from './cache-directory.ts';
import type { Environment } from './io.ts';

/**
 * Lets a Node that can (22.8 and later) keep what it compiled, with the user's caches. Node itself
 * leaves it where the directory cannot be made or written.
 */
export function enableCompileCache(environment: Environment): void {
  const enable: unknown = Reflect.get(nodeModule, 'enableCompileCache');
  if (typeof enable === 'function') enable(join(cacheDirectory(environment), 'compiled'));
}
