import { planScan, presentColumns, reduceTable } from '../engine/index.ts';
import {
  beginEvent,
  defaultLimits,
  type CopyPart,
  type FormatWarning,
  type PartReport,
  type PinnedCopy,
  type FileSideReport,
  type Side,
  type SideReport,
  type Warning,
} from '../model/index.ts';
import { compileSteps } from '../normalize/index.ts';
import { claimReport, copyWarnings } from './claim.ts';
import { holdLimit, holdNames } from './limits.ts';
import { openTable } from './open-table.ts';
import type { ScanRequest, ScannedCopy } from './request.ts';
import { createScopeJudge, type Scope } from './scope.ts';

/** How a copy is scanned. */
export interface ScanOptions {
  /** The part of the copy that is judged; null: all of it. */
  readonly scope: Scope | null;
  /** A copy that was read before, which this one is to be compared with. */
  readonly partner?: ScannedCopy | null;
}

export const wholeCopy: ScanOptions = { scope: null };

/**
 * Reads a pinned copy: hashes its bytes, plans by its columns, reduces it to a keyset that can be
 * compared with that of a `partner`, where one engine reads both. With a scope, records of other
 * slices are read and left out.
 * Throws content errors with their place, and `COPY_CHANGED` when it is not the pinned length.
 */
export async function scanCopy(
  copy: PinnedCopy,
  request: ScanRequest,
  { scope, partner = null }: ScanOptions = wholeCopy,
): Promise<ScannedCopy> {
  if (copy.lake !== undefined) {
    return (await import('./tables.ts')).planTable(copy, copy.lake, request, scope);
  }
  const { side, limits = defaultLimits } = request;
  const nearBytes = await orRelease(copy, () => holdLimit('bytes', copy.bytes, limits.bytes, side));
  const opened = await openTable(copy, request);
  const { table, sha256, warnings: written } = opened;
  try {
    holdNames(table.columns, limits.cellBytes, side);
    const nearColumns = holdLimit('columns', table.columns.length, limits.columns, side);
    const plan = planScan(table.columns, request, table.advise);
    const inScope = scope === null ? null : createScopeJudge(plan, scope);
    const end = beginEvent('scan', copy.location);
    const keyset = await reduceTable(table, plan, {
      compile: compileSteps,
      against: partner?.keyset ?? null,
      limits,
      keep: inScope === null ? null : (record) => inScope(record).inScope,
    });
    const { rows, units } = keyset.table;
    end({ engine: keyset.engine, rows, units });
    const told = [written(), table.warnings, keyset.warnings];
    const near = [...nearBytes, ...nearColumns];
    const warnings = toldOfScan(copyWarnings(copy, sha256(), side), told, near, side);
    return { copy, table, plan, keyset, sha256: sha256(), warnings, request, scope };
  } catch (error) {
    throw await opened.verified(error);
  } finally {
    await opened.close();
  }
}

const nothingTold: readonly Warning[] = [];

/** Of most copies there is nothing to tell. */
function toldOfScan(
  ofCopy: readonly Warning[],
  ofReading: readonly (readonly FormatWarning[])[],
  near: readonly Warning[],
  side: Side,
): readonly Warning[] {
  const count = ofReading.reduce((sum, { length }) => sum + length, ofCopy.length + near.length);
  if (count === 0) return nothingTold;
  return [...ofCopy, ...ofReading.flat().map((one) => ({ ...one, side })), ...near];
}

/** What is looked at before a copy is read: where it throws, what pinning opened is let go of. */
async function orRelease<T>(copy: PinnedCopy, look: () => T): Promise<T> {
  try {
    return look();
  } catch (error) {
    await copy.release?.();
    throw error;
  }
}

/**
 * The consumed columns that a copy has, by the contract's names; null where it lacks its key. Reads
 * no further than the header.
 */
export async function consumedOf(
  copy: PinnedCopy,
  request: ScanRequest,
): Promise<readonly string[] | null> {
  const { table, close } = await openTable(copy, request);
  await close();
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
  if (scanned.keyset === other.keyset || scanned.keyset.isComparable(other.keyset)) return scanned;
  const { copy, request, scope } = scanned;
  return scanCopy(copy, request, { scope, partner: other });
}

/** A scanned copy that further ones can be held against; its keyset may be given back by now. */
export async function asPartner({ copy, request, scope }: ScannedCopy): Promise<ScannedCopy> {
  return scanCopy(copy, request, { scope });
}

/** What a report says of a scanned copy. */
export function sideReport(scanned: ScannedCopy): SideReport {
  const { engine } = scanned;
  const file = fileReport(scanned);
  return engine === undefined ? file : { ...file, bytes: null, sha256: null, digest: null, engine };
}

/** The same of a copy that has bytes of its own. */
export function fileReport({ copy, keyset, sha256 }: ScannedCopy): FileSideReport {
  const { rows, units, invalid } = keyset.table;
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
    ...(copy.claim === undefined ? {} : { claim: claimReport(copy, sha256) }),
    ...(copy.folder === undefined ? {} : { parts: copy.folder.parts.map(partReport) }),
  };
}

function partReport({ name, copy: { bytes, revision } }: CopyPart): PartReport {
  return { name, bytes, revision };
}
