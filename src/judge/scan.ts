import { formats } from '../formats/index.ts';
import {
  areComparable,
  buildKeySet,
  createRowJudge,
  planScan,
  presentColumns,
  type CandidateSide,
  startKernelScan,
  type KernelKeySet,
  type KeySet,
  type PlanRequest,
  type RecordReader,
} from '../engine/index.ts';
import {
  KeydriftError,
  type FormatWarning,
  type OpenedTable,
  type PinnedCopy,
  type ScanPlan,
  type Side,
  type SideReport,
  type Warning,
} from '../model/index.ts';
import { compileSteps } from '../normalize/index.ts';
import { claimReport, claimWarnings } from './claim.ts';
import { createFingerprint, type Fingerprint } from './fingerprint.ts';
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
  /** What was asked of it. */
  readonly request: PlanRequest;
  /** The part of the copy that was judged; null: all of it. */
  readonly scope: Scope | null;
  /** Number in the file of each record that was judged; null: all were. */
  readonly records: readonly number[] | null;
}

/** How a copy is scanned. */
export interface ScanOptions {
  /** The part of the copy that is judged; null: all of it. */
  readonly scope: Scope | null;
  /** A copy that was read before, which this one is to be compared with. */
  readonly partner?: ScannedCopy | null;
}

export const wholeCopy: ScanOptions = { scope: null };

/**
 * Reads a pinned copy: hashes its bytes, plans by its header, reduces it to a keyset. The kernel
 * does it where it can, comparable with a `partner` that it has read; otherwise the reference. With
 * a scope, records of other slices are read and left out.
 * Throws content errors with their place, and `COPY_CHANGED` when it is not the pinned length.
 */
export async function scanCopy(
  copy: PinnedCopy,
  request: PlanRequest,
  options: ScanOptions = wholeCopy,
): Promise<ScannedCopy> {
  const { scope, partner = null } = options;
  const against = partner?.keyset ?? null;
  if (scope === null && (against === null || against.engine === 'kernel')) {
    const chunks = copy.lend?.() ?? copy.open();
    const scanned = await readCopy(chunks, copy, request, (table, plan) =>
      kernelRead(table, plan, against),
    );
    if (scanned !== null) return scanned;
  }
  return (await readCopy(copy.open(), copy, request, (table, plan) =>
    referenceRead(table, plan, scope),
  ))!;
}

/**
 * The consumed columns that a copy has, by the contract's names; null where it lacks its key. Reads
 * no further than the header.
 */
export async function consumedOf(
  copy: PinnedCopy,
  request: PlanRequest,
): Promise<readonly string[] | null> {
  const table = await formats.csv.open(copy.open(), request.dialect);
  await table.close();
  return presentColumns(table.columns, request);
}

/**
 * A scanned copy as it can be joined with another: itself, or read once more, by the engine that
 * read the other one.
 */
export async function comparableWith(
  scanned: ScannedCopy,
  other: ScannedCopy,
): Promise<ScannedCopy> {
  if (areComparable(scanned.keyset, other.keyset)) return scanned;
  const { copy, request, scope } = scanned;
  return scanCopy(copy, request, { scope, partner: other });
}

/** A scanned copy that further ones can be held against; its keyset may be given back by now. */
export async function asPartner({ copy, request, scope }: ScannedCopy): Promise<ScannedCopy> {
  return scanCopy(copy, request, { scope });
}

/** What an engine makes of a body; null: it gave up. */
type Found = Pick<ScannedCopy, 'keyset' | 'scope' | 'records'> & {
  readonly warnings: readonly FormatWarning[];
};

async function readCopy(
  chunks: AsyncIterable<Uint8Array>,
  copy: PinnedCopy,
  request: PlanRequest,
  read: (table: OpenedTable, plan: ScanPlan) => Promise<Found | null>,
): Promise<ScannedCopy | null> {
  const { side, dialect } = request;
  const fingerprint = createFingerprint();
  const table = await formats.csv.open(tap(chunks, copy, fingerprint), dialect);
  try {
    const plan = planScan(table.columns, request);
    const found = await read(table, plan);
    if (found === null) return null;
    const sha256 = fingerprint.hex();
    const told = [...table.warnings, ...found.warnings].map((one) => ofSide(one, side));
    const warnings = [...claimWarnings(copy, sha256, side), ...told];
    return { ...found, copy, request, plan, sha256, warnings };
  } finally {
    await table.close();
  }
}

async function referenceRead(
  table: OpenedTable,
  plan: ScanPlan,
  scope: Scope | null,
): Promise<Found> {
  const read: RecordReader = (sink) => formats.csv.read(table, plan.dialect, sink);
  const records: number[] = [];
  const keep = scope === null ? null : createScopeJudge(plan, scope);
  const readScope: RecordReader = (sink) =>
    read((record) => {
      if (keep?.(record).inScope !== true) return;
      records.push(record.record);
      sink(record);
    });
  const keyset = await buildKeySet(plan, keep === null ? read : readScope, compileSteps);
  return { keyset, warnings: keyset.warnings, scope, records: scope === null ? null : records };
}

async function kernelRead(
  table: OpenedTable,
  plan: ScanPlan,
  against: KernelKeySet | null,
): Promise<Found | null> {
  const scan = startKernelScan(plan, table, compileSteps, { against });
  if (scan === null) return null;
  for await (const chunk of table.body) if (!scan.push(chunk)) return null;
  const found = scan.end();
  if (found === null) return null;
  const { keyset, oddities } = found;
  const warnings = [...formats.csv.warn(oddities), ...keyset.warnings];
  return { keyset, warnings, scope: null, records: null };
}

function ofSide(found: FormatWarning, side: Side): Warning {
  return { ...found, side };
}

async function* tap(
  chunks: AsyncIterable<Uint8Array>,
  copy: PinnedCopy,
  fingerprint: Fingerprint,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of chunks) {
    fingerprint.update(chunk);
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
export function candidateSide(side: Side, scanned: ScannedCopy, rows: Uint32Array): CandidateSide {
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
    rows,
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
