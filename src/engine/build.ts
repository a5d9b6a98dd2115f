import type { FormatWarning, RawRecord, ScanPlan } from '../model/index.ts';
import { createDigest } from './digest.ts';
import { createTupleEncoder } from './encode.ts';
import { hashConsumed, hashKey } from './hash.ts';
import { createKeyWatch } from './key-watch.ts';
import type { ReferenceKeySet } from './keyset.ts';
import { createRowJudge, type CompileSteps } from './row.ts';
import { createRowTable } from './table.ts';

/** Reads a body's records into a sink; resolves to the format's own warnings. */
export type RecordReader = (sink: (record: RawRecord) => void) => Promise<readonly FormatWarning[]>;

/** The plain reference: reduces records to a keyset, each read once. Throws content errors of the cells it reads. */
export async function buildKeySet(
  plan: ScanPlan,
  read: RecordReader,
  compile: CompileSteps,
): Promise<ReferenceKeySet> {
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
  return {
    engine: 'reference',
    plan,
    table,
    digest: digest.hex(),
    warnings: [...warnings, ...watch.warnings()],
  };
}
