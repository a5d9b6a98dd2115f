import {
  count,
  type Warning,
  faultClass,
  KeydriftError,
  toKeydriftError,
  type ArtifactContract,
  type Location,
  type PinnedCopy,
  type PinPurpose,
  type Side,
  retold,
} from '../model/index.ts';
import type { Sources } from './context.ts';
import { keyFormWarnings } from './key-forms.ts';
import { keepSmall } from './memory.ts';
import type { ScannedCopy, ScanRequest } from './request.ts';
import { scanCopy, wholeCopy, type ScanOptions } from './scan.ts';

/** Pins a copy of a side; small ones are kept. What it throws names the side. */
export async function pinNamed(
  location: Location,
  side: Side,
  sources: Pick<Sources, 'pin'>,
  purpose: PinPurpose = 'bytes',
): Promise<PinnedCopy> {
  try {
    const copy = await sources.pin(location, purpose);
    return purpose === 'revision' ? copy : keepSmall(copy);
  } catch (thrown) {
    throw ofSide(toKeydriftError(thrown), side);
  }
}

/** A pinned copy, or the error that says it is not there. */
export async function pinOrAbsent(
  location: Location,
  side: Side,
  sources: Pick<Sources, 'pin'>,
  purpose: PinPurpose = 'bytes',
): Promise<PinnedCopy | KeydriftError> {
  try {
    return await pinNamed(location, side, sources, purpose);
  } catch (thrown) {
    const error = toKeydriftError(thrown);
    if (faultClass(error) === 'absent') return error;
    throw error;
  }
}

/**
 * What is wanted of a reviewed copy. Of one that the contract knows no file for, the contract tells
 * that it is absent; it is looked for all the same, for a submodule may have it.
 */
export function reviewedPurpose({
  unexplained,
}: Pick<ArtifactContract, 'unexplained'>): PinPurpose {
  return unexplained === undefined ? 'bytes' : 'bytes if any';
}

/** A copy, the error that says it is not there, or null where none is asked for. */
type Pinned = PinnedCopy | KeydriftError | null;

/** Both copies, pinned at once; where one of them cannot be, the other is let go of when it comes. */
export async function pinBoth<A extends Pinned, B extends Pinned>(
  one: Promise<A>,
  other: Promise<B>,
): Promise<[A, B]> {
  try {
    return await Promise.all([one, other]);
  } catch (error) {
    for (const pin of [one, other]) {
      void pin.then((copy) => releaseCopies([copy])).catch(() => undefined);
    }
    throw error;
  }
}

/** Lets go of streams that pinning opened and nobody read: who pins closes. */
export async function releaseCopies(
  copies: readonly (PinnedCopy | KeydriftError | null)[],
): Promise<void> {
  for (const copy of copies) {
    if (copy !== null && !(copy instanceof KeydriftError)) await copy.release?.();
  }
}

/** The same error, with the side it speaks of. */
export function ofSide(error: KeydriftError, side: Side): KeydriftError {
  return retold(error, { place: { side, ...error.place } });
}

/** Scans a side; what it throws names the copy and revision, which no report of the side will. */
export async function scanNamed(
  copy: PinnedCopy,
  request: ScanRequest,
  how: ScanOptions = wholeCopy,
): Promise<ScannedCopy> {
  try {
    const scanned = await scanCopy(copy, request, how);
    const widths = await rowWidthWarnings(scanned);
    const forms = await keyFormWarnings(scanned);
    if (widths.length + forms.length === 0) return scanned;
    return { ...scanned, warnings: [...scanned.warnings, ...widths, ...forms] };
  } catch (thrown) {
    const error = ofSide(toKeydriftError(thrown), request.side);
    if (faultClass(error) !== 'content') throw error;
    throw retold(error, {
      message: `${copy.location} (${copy.revision.text}): ${error.message}`,
    });
  }
}

/**
 * Scans the reviewed copy of now. A column that the contract names, and that this one lacks or has
 * twice, is the contract's fault: nothing was established of the copies (SPEC §2). `broken` (`lint`):
 * the contract is what is judged, and the fault is established.
 */
export async function scanReviewed(
  copy: PinnedCopy,
  request: ScanRequest,
  how: ScanOptions = wholeCopy,
  fault: 'no verdict' | 'broken' = 'no verdict',
): Promise<ScannedCopy> {
  try {
    return await scanNamed(copy, request, how);
  } catch (thrown) {
    const error = toKeydriftError(thrown);
    const { code, message, hint } = error;
    const named = code === 'COLUMN_MISSING' || (code === 'COLUMN_DOUBLED' && request.consumes);
    if (named === false || named === null) throw thrown;
    throw retold(error, {
      code: fault === 'broken' ? code : 'CONTRACT_COLUMNS',
      message: `${message}, which ${(request.lines ?? null) === null ? '--key or --consumes' : 'the contract'} names`,
      hint: `${hint ?? ''} Correct what names it, or the reviewed copy.`.trim(),
      // Its header's line is not where to look: the contract's is told by the hint.
      place: { side: 'reviewed' },
    });
  }
}

/** Records that are looked at: whatever writes an extra separator writes it in each of them. */
const mostRecords = 1000;

/**
 * One warning where no record fits the header and all have the same number of cells: one cause, and
 * not a fault of each row.
 */
export async function rowWidthWarnings({
  table,
  plan,
  keyset,
  request: { side },
}: ScannedCopy): Promise<readonly Warning[]> {
  const { rows, invalid } = keyset.table;
  if (rows === 0 || invalid < rows) return [];
  const looked = Math.min(rows, mostRecords);
  const records = Uint32Array.from({ length: looked }, (_, row) => keyset.table.recordOf(row));
  const widths = new Set<number>();
  let emptyEnds = 0;
  await table.reread(records, (record) => {
    widths.add(record.width);
    if (record.shown(record.width - 1) === '') emptyEnds += 1;
  });
  const [width = plan.width] = widths;
  if (widths.size !== 1 || width === plan.width) return [];
  const which =
    looked === rows
      ? rows === 1
        ? 'the one record has'
        : `all ${rows} records have`
      : `the first ${looked} of ${rows} records have`;
  const cause =
    width === plan.width + 1 && emptyEnds === looked
      ? ': an extra separator at the end of every row'
      : width === plan.width + 1
        ? ': an extra separator in every row, or a column that the header does not name'
        : '';
  const message = `${which} ${count(width, 'cell')}, the header has ${plan.width}${cause}`;
  return [{ code: 'ROW_WIDTHS', message, side, line: table.place(1).line || null }];
}
