import { defaultLimits, type ReadLimits, type ScanPlan, type Table } from '../../model/index.ts';
import { plannedIndexes } from '../plan.ts';
import type { FileDigest } from './file-digest.ts';
import { plannedEngine, type KeySet, type UnreadKeys } from '../port.ts';
import { reference } from '../reference/reference.ts';
import type { CompileSteps } from '../row.ts';

/** A table before its engine was asked: nothing is known of it but its columns. */
export function plannedKeySet(plan: ScanPlan): KeySet {
  return {
    engine: plannedEngine,
    plan,
    table: {
      rows: 0,
      units: 0,
      invalid: 0,
      recordOf: unasked,
      isValid: unasked,
      hasValues: unasked,
      copyHashes: unasked,
      copyKeyHash: unasked,
    },
    digest: '',
    warnings: [],
    memory: 0,
    mayBeRespelled: false,
    mayBeRespelledBeside: () => true,
    isComparable: () => false,
    unlike: unasked,
    repeats: unasked,
    common: unasked,
    release: () => undefined,
  };
}

function unasked(): never {
  throw new Error('a table was judged before its engine was asked');
}

/** The whole of a table, of which only some rows are here. */
export interface Whole {
  readonly totals: { readonly rows: number; readonly units: number; readonly invalid: number };
  readonly unread: UnreadKeys;
}

/** Reads the rows that came back, and counts the others by what their engine said. */
export async function tableKeySet(
  table: Table,
  plan: ScanPlan,
  { compile, limits }: { readonly compile: CompileSteps; readonly limits: ReadLimits },
  { totals, unread }: Whole,
): Promise<KeySet> {
  const read = await reference.start(table, plan, {
    compile,
    against: null,
    keep: null,
    limits,
  })!();
  if (!('plan' in read)) throw new Error(read.gaveUp);
  const inner = innerOf(read);
  const whole = {
    ...inner,
    table: { ...inner.table, ...totals },
    digest: '',
    unread,
    warnings: [],
    mayBeRespelled: false,
    unlike: (runtime: KeySet) => inner.unlike(innerOf(runtime)),
  };
  inners.set(whole, inner);
  return whole;
}

/** The rows of a keyset that are here. */
const inners = new WeakMap<KeySet, KeySet>();

function innerOf(keyset: KeySet): KeySet {
  return inners.get(keyset) ?? keyset;
}

/** The rows of a file that make findings, and what was counted of the whole of it. */
export async function fileKeySet(
  table: Table,
  whole: KeySet,
  {
    digest,
    rows,
    compile,
  }: {
    readonly digest: FileDigest;
    readonly rows: readonly number[];
    readonly compile: CompileSteps;
  },
  unread: UnreadKeys,
): Promise<KeySet> {
  const records = Uint32Array.from(rows, (row) => digest.table.recordOf(row));
  const part: Table = {
    ...table,
    async read(sink) {
      await table.reread(records, sink, plannedIndexes(whole.plan));
      return [];
    },
  };
  const { rows: all, units, invalid } = digest.table;
  const found = await tableKeySet(
    part,
    whole.plan,
    { compile, limits: defaultLimits },
    {
      totals: { rows: all, units, invalid },
      unread,
    },
  );
  const told = { ...found, digest: whole.digest, warnings: whole.warnings };
  inners.set(told, innerOf(found));
  return told;
}
