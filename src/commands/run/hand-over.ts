import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formats } from '../../formats/index.ts';
import {
  KeydriftError,
  type ByteRange,
  type Finding,
  type HandOver,
  type PinnedCopy,
  type RawRecord,
  type ScanPlan,
} from '../../model/index.ts';
import { createScopeJudge } from '../../judge/scope.ts';
import type { JudgedCopy } from './judge-run.ts';
import type { RunOptions } from './options.ts';
import { writePrivateFile } from '../../io/private/private-file.ts';
import type { SpooledCopy } from './spool.ts';

/**
 * The file that the command gets: the judged one itself, or one of its chosen rows, byte for byte
 * and in their order. Throws `PRIVATE_FILE_FAILED`.
 */
export async function handOver(
  judged: JudgedCopy,
  { use, extent }: RunOptions,
  directory: string,
): Promise<HandOver> {
  const { spooled, scanned, report, scope } = judged;
  if (spooled === null) throw new KeydriftError('INTERNAL', 'nothing was spooled');
  const { path, bytes, sha256 } = spooled.file;
  const redundant = use === 'deduplicated' ? (report.runtime?.redundant ?? 0) : 0;
  const narrowed = scope !== null && extent === 'scope';
  if ((redundant === 0 && !narrowed) || scanned === null) {
    return { path, bytes, sha256, dropped: 0, url: null };
  }
  const judge = createScopeJudge(scanned.plan, scope);
  const repeats = redundant > 0 ? createRepeats(report.findings) : (): boolean => false;
  let dropped = 0;
  const keep = (record: RawRecord): boolean => {
    const { row, inScope } = judge(record);
    if (!inScope) return !narrowed;
    if (!row.valid || !repeats(row.key)) return true;
    dropped += 1;
    return false;
  };
  const written = await writeChosen(spooled, scanned.plan, keep, directory);
  if (dropped !== redundant) {
    throw new KeydriftError('INTERNAL', `${dropped} rows were dropped, ${redundant} are redundant`);
  }
  return { ...written, dropped, url: null };
}

/** Tells a row that repeats a unit from the first one of it. Keys are told by their values. */
function createRepeats(findings: readonly Finding[]): (key: readonly string[]) => boolean {
  const seen = new Map<string, 'unseen' | 'seen'>();
  for (const { kind, side, key } of findings) {
    if (kind !== 'duplicated' || side !== 'runtime' || key === null) continue;
    seen.set(JSON.stringify(key.map(([, value]) => value)), 'unseen');
  }
  return (key) => {
    const id = JSON.stringify(key);
    const before = seen.get(id);
    if (before === 'unseen') seen.set(id, 'seen');
    return before === 'seen';
  };
}

/** Writes the chosen rows of a spooled copy under its name into another directory. */
async function writeChosen(
  { copy, file }: SpooledCopy,
  plan: ScanPlan,
  keep: (record: RawRecord) => boolean,
  directory: string,
): Promise<Omit<HandOver, 'dropped' | 'url'>> {
  const ranges = await chooseRanges(copy, plan, keep);
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  const written = await writePrivateFile(join(directory, name), bytesOf(copy, ranges));
  // The command is to find one file, and the disk to hold one.
  await rm(file.path, { force: true });
  return written;
}

/**
 * The bytes of everything before the first record (byte order mark, header) and of the records that
 * are kept. What stands between two records, blank lines and comments, goes with the first of them.
 */
async function chooseRanges(
  copy: PinnedCopy,
  plan: ScanPlan,
  keep: (record: RawRecord) => boolean,
): Promise<ByteRange[]> {
  const ranges: ByteRange[] = [];
  let keptFrom: number | null = 0;
  const table = await formats.csv.open(copy.open(), plan.dialect);
  await formats.csv.read(table, plan.dialect, (record) => {
    const kept = keep(record);
    if (kept === (keptFrom !== null)) return;
    if (keptFrom !== null) ranges.push({ start: keptFrom, end: record.start });
    keptFrom = kept ? record.start : null;
  });
  if (keptFrom !== null) ranges.push({ start: keptFrom, end: copy.bytes });
  return ranges;
}

/** The bytes of ascending, disjoint ranges. */
async function* bytesOf(
  copy: PinnedCopy,
  ranges: readonly ByteRange[],
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  let next = 0;
  for await (const chunk of copy.open()) {
    const end = offset + chunk.length;
    for (let range = ranges[next]; range !== undefined && range.start < end;) {
      const from = Math.max(range.start, offset);
      if (from < range.end) yield chunk.subarray(from - offset, Math.min(range.end, end) - offset);
      if (range.end > end) break;
      next += 1;
      range = ranges[next];
    }
    offset = end;
  }
}
