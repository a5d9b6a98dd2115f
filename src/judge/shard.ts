import { createHash } from 'node:crypto';

/** One of several parts of a fleet, `3/16`: `part` counts from 1. */
export interface Shard {
  readonly part: number;
  readonly of: number;
}

/**
 * Whether an artifact is of a shard: by a hash of its name alone, so that every machine says the same,
 * today and tomorrow, whatever else the contract holds.
 */
export function isInShard(name: string, { part, of }: Shard): boolean {
  const hash = createHash('sha256').update(name).digest().readUIntBE(0, 6);
  return hash % of === part - 1;
}
