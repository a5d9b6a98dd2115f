export { openFactsCache, type FactsCache, type FactsCacheOptions } from './cache.ts';
export type { FactsFile } from './file.ts';
