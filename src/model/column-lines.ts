import type { KeyColumn } from './contract.ts';

/**
 * Lines on which a contract names columns, by the key that was read there. They are no part of what it
 * says: two contracts that say the same are the same, wherever their lines are.
 */
const told = new WeakMap<readonly KeyColumn[], ReadonlyMap<string, number>>();

/** Remembers on which line of its file a contract names each column that counts. */
export function tellLines(key: readonly KeyColumn[], lines: ReadonlyMap<string, number>): void {
  told.set(key, lines);
}

/** The line of the contract that names each column that counts; null: no contract does. */
export function linesOf(key: readonly KeyColumn[]): ReadonlyMap<string, number> | null {
  return told.get(key) ?? null;
}
