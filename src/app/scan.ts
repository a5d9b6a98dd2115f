import { createHash } from 'node:crypto';
import { formats } from '../formats/index.ts';
import {
  buildKeySet,
  createRowJudge,
  planScan,
  type CandidateSide,
  type KeySet,
  type PlanRequest,
  type RecordReader,
} from '../keyset/index.ts';
import {
  KeydriftError,
  type FormatWarning,
  type PinnedCopy,
  type ScanPlan,
  type Side,
  type SideReport,
  type Warning,
} from '../model/index.ts';
import { compileSteps } from '../normalize/index.ts';
import { claimReport, claimWarnings } from './claim.ts';
import { rereadRows, rereadScope } from './reread.ts';
import { createScopeJudge, type Scope } from './scope.ts';

/** A copy that was read whole, once. */
export interface ScannedCopy {
  readonly copy: PinnedCopy;
  readonly plan: ScanPlan;
  readonly keyset: KeySet;
  /** Hex, over the bytes as they stand. */
  readonly sha256: string;
  readonly warnings: readonly Warning[];
  /** The part of the copy that was judged; null: all of it. */
  readonly scope: Scope | null;
  /** Number in the file of each record that was judged; null: all were. */
  readonly records: readonly number[] | null;
}

/**
 * Reads a pinned copy once: hashes its bytes, plans by its header, reduces it to a keyset. With a
 * scope, records of other slices are read and left out.
 * Throws content errors with their place, and `COPY_CHANGED` when it is not the pinned length.
 */
export async function scanCopy(
  copy: PinnedCopy,
  request: PlanRequest,
  scope: Scope | null = null,
): Promise<ScannedCopy> {
  const format = formats.csv;
  const { side, dialect } = request;
  const hash = createHash('sha256');
  const table = await format.open(tap(copy, hash), dialect);
  let keyset: KeySet;
  let plan: ScanPlan;
  const records: number[] = [];
  try {
    plan = planScan(table.columns, request);
    const read = (sink: RecordSink): ReturnType<RecordReader> => format.read(table, dialect, sink);
    const keep = scope === null ? null : createScopeJudge(plan, scope);
    const readScope: RecordReader = (sink) =>
      read((record) => {
        if (keep?.(record).inScope !== true) return;
        records.push(record.record);
        sink(record);
      });
    keyset = await buildKeySet(plan, keep === null ? read : readScope, compileSteps);
  } finally {
    await table.close();
  }
  const sha256 = hash.digest('hex');
  const read = [...table.warnings, ...keyset.warnings].map((found) => ofSide(found, side));
  const warnings = [...claimWarnings(copy, sha256, side), ...read];
  const numbers = scope === null ? null : records;
  return { copy, plan, keyset, sha256, warnings, scope, records: numbers };
}

type RecordSink = Parameters<RecordReader>[0];

function ofSide(found: FormatWarning, side: Side): Warning {
  return { ...found, side };
}

async function* tap(
  copy: PinnedCopy,
  hash: { update(chunk: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of copy.open()) {
    hash.update(chunk);
    bytes += chunk.length;
    yield chunk;
  }
  if (bytes !== copy.bytes) {
    throw new KeydriftError(
      'COPY_CHANGED',
      `${copy.location} gave ${bytes} bytes, it was pinned at ${copy.bytes}`,
    );
  }
}

/** A scanned copy as the side whose candidate rows are confirmed. */
export function candidateSide(side: Side, scanned: ScannedCopy): CandidateSide {
  const { copy, plan, keyset, scope } = scanned;
  return {
    side,
    plan,
    table: keyset.table,
    judge: createRowJudge(plan, compileSteps),
    read:
      scope === null
        ? rereadRows(copy, keyset.table, plan.dialect)
        : rereadScope(copy, plan, scope),
  };
}

/** What a report says of a scanned copy. */
export function sideReport({ copy, keyset, sha256 }: ScannedCopy): SideReport {
  const { rows, units, invalid } = keyset.table;
  const claim = claimReport(copy, sha256);
  return {
    location: copy.location,
    revision: copy.revision,
    bytes: copy.bytes,
    sha256,
    rows,
    units,
    redundant: rows - units - invalid,
    invalid,
    digest: keyset.digest,
    ...(claim === null ? {} : { claim }),
  };
}
