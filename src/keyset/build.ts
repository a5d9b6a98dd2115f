import type { FormatWarning, RawRecord, ScanPlan } from '../model/index.ts';
import { createDigest } from './digest.ts';
import { createTupleEncoder } from './encode.ts';
import { hashConsumed, hashKey } from './hash.ts';
import { createKeyWatch } from './key-watch.ts';
import { createRowJudge, type CompileSteps } from './row.ts';
import { createRowTable, type RowTable } from './table.ts';

/** A copy reduced to its functional keys. Comparable with others of this process. */
export interface KeySet {
  readonly plan: ScanPlan;
  readonly table: RowTable;
  /** Functional digest, hex. */
  readonly digest: string;
  readonly warnings: readonly FormatWarning[];
}

/** Reads a body's records into a sink; resolves to the format's own warnings. */
export type RecordReader = (sink: (record: RawRecord) => void) => Promise<readonly FormatWarning[]>;

/** Reduces records to a keyset, each read once. Throws content errors of the cells it reads. */
export async function buildKeySet(
  plan: ScanPlan,
  read: RecordReader,
  compile: CompileSteps,
): Promise<KeySet> {
  const table = createRowTable();
  const digest = createDigest(plan);
  const watch = createKeyWatch();
  const judge = createRowJudge(plan, compile, watch.observe);
  const encodeKey = createTupleEncoder();
  const encodeConsumed = createTupleEncoder();
  const warnings = await read((record) => {
    const row = judge(record);
    if (!row.valid) {
      table.addInvalid(record.start, record.line);
      return;
    }
    const key = hashKey(encodeKey(row.key));
    table.addValid(record.start, record.line, key, hashConsumed(encodeConsumed(row.consumed)));
    digest.add(row.key, row.consumed);
  });
  return { plan, table, digest: digest.hex(), warnings: [...warnings, ...watch.warnings()] };
}
