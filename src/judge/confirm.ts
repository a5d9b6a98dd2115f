import { confirmCandidates, type Candidates, type Confirmed } from '../engine/index.ts';
import type { KeyRows, ReportedRow, Side } from '../model/index.ts';
import { candidateSide, type ScannedCopy } from './scan.ts';

/**
 * Confirms what a join proposed for scanned copies. Rows are told by their record's number in the
 * file, also where only a scope of it was judged.
 */
export async function confirmScanned(
  candidates: Partial<Candidates>,
  scanned: Partial<Readonly<Record<Side, ScannedCopy>>>,
): Promise<Confirmed> {
  const { reviewed, runtime } = scanned;
  const none = new Uint32Array();
  const confirmed = await confirmCandidates([
    ...(reviewed === undefined
      ? []
      : [candidateSide('reviewed', reviewed, candidates.reviewed ?? none)]),
    ...(runtime === undefined
      ? []
      : [candidateSide('runtime', runtime, candidates.runtime ?? none)]),
  ]);
  const numbers = { reviewed: reviewed?.records ?? null, runtime: runtime?.records ?? null };
  if (numbers.reviewed === null && numbers.runtime === null) return confirmed;
  const inFile = (row: ReportedRow): ReportedRow => ({
    ...row,
    record: numbers[row.side]?.[row.record - 1] ?? row.record,
  });
  const rowsInFile = (rows: KeyRows): KeyRows => ({ ...rows, shown: rows.shown.map(inFile) });
  return {
    keys: confirmed.keys.map((group) => ({
      key: group.key,
      reviewed: rowsInFile(group.reviewed),
      runtime: rowsInFile(group.runtime),
    })),
    invalid: confirmed.invalid.map(({ row, reason }) => ({ row: inFile(row), reason })),
  };
}
