import type { FormatWarning, ScanPlan } from '../model/index.ts';
import type { KernelKeySet } from './kernel/table.ts';
import type { ReferenceTable, RowTable } from './table.ts';

/** What any engine finds in a copy. */
export interface KeySetFacts {
  readonly plan: ScanPlan;
  readonly table: RowTable;
  /** Functional digest, hex. */
  readonly digest: string;
  readonly warnings: readonly FormatWarning[];
}

/** A keyset of the plain reference. */
export interface ReferenceKeySet extends KeySetFacts {
  readonly engine: 'reference';
  readonly table: ReferenceTable;
}

/**
 * A copy reduced to its functional keys. Two are comparable within a process: any two of the
 * reference, and one of the kernel with that which was held against it last. Hashes differ else.
 */
export type KeySet = ReferenceKeySet | KernelKeySet;

/** Whether two keysets can be joined. */
export function areComparable(a: KeySet, b: KeySet): boolean {
  if (a.engine === 'reference' || b.engine === 'reference') return a.engine === b.engine;
  const { kernel } = a;
  if (kernel !== b.kernel || a.role === b.role) return false;
  return kernel.turn() === Math.max(a.turn, b.turn);
}
