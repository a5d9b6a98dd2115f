import { formats } from '../formats/index.ts';
import type { RowReader, RowTable } from '../keyset/index.ts';
import {
  faultClass,
  KeydriftError,
  type ByteRange,
  type Dialect,
  type PinnedCopy,
  type ScanPlan,
} from '../model/index.ts';
import { createScopeJudge, type Scope } from './scope.ts';

/** Rows nearer to each other than this are fetched in one range. */
const gapBytes = 64 * 1024;

/** More ranges than this are fetched as one: each is a request to a remote store. */
const mostRanges = 16;

/**
 * Reads chosen rows of a pinned copy again. Their bytes are parsed as one body, one record after
 * the other; whatever does not read as before is `COPY_CHANGED`.
 */
export function rereadRows(copy: PinnedCopy, table: RowTable, dialect: Dialect): RowReader {
  return async (rows, sink) => {
    if (rows.length === 0) return;
    const ranges = rows.map((row) => ({
      start: table.start(row),
      end: row + 1 < table.rows ? table.start(row + 1) : copy.bytes,
    }));
    let seen = 0;
    try {
      const body = rowBytes(copy, ranges);
      await formats.csv.read({ body, offset: 0, line: 1 }, dialect, (record) => {
        const row = rows[seen];
        seen += 1;
        if (row !== undefined) sink(row, record);
      });
    } catch (error) {
      if (error instanceof KeydriftError && faultClass(error) === 'content')
        throw changed(copy, error);
      throw error;
    }
    if (seen !== rows.length) throw changed(copy, null);
  };
}

/**
 * Reads chosen rows of a scope again, by their index among the records of that scope: the whole
 * copy is read, because only its records tell which of them are in the scope.
 */
export function rereadScope(copy: PinnedCopy, plan: ScanPlan, scope: Scope): RowReader {
  return async (rows, sink) => {
    if (rows.length === 0) return;
    const judge = createScopeJudge(plan, scope);
    let index = -1;
    let seen = 0;
    try {
      const table = await formats.csv.open(copy.open(), plan.dialect);
      await formats.csv.read(table, plan.dialect, (record) => {
        if (!judge(record).inScope) return;
        index += 1;
        if (rows[seen] !== index) return;
        seen += 1;
        sink(index, record);
      });
    } catch (error) {
      if (error instanceof KeydriftError && faultClass(error) === 'content')
        throw changed(copy, error);
      throw error;
    }
    if (seen !== rows.length) throw changed(copy, null);
  };
}

function changed(copy: PinnedCopy, cause: unknown): KeydriftError {
  return new KeydriftError('COPY_CHANGED', `${copy.location} changed while it was read`, { cause });
}

/** The bytes of ascending, disjoint ranges, one range after the other. */
async function* rowBytes(
  copy: PinnedCopy,
  ranges: readonly ByteRange[],
): AsyncGenerator<Uint8Array> {
  let next = 0;
  for (const span of coverRanges(ranges)) {
    let offset = span.start;
    for await (const chunk of copy.open(span)) {
      const end = offset + chunk.length;
      for (let range = ranges[next]; range !== undefined && range.start < end;) {
        const from = Math.max(range.start, offset);
        if (from < range.end)
          yield chunk.subarray(from - offset, Math.min(range.end, end) - offset);
        if (range.end > end) break;
        next += 1;
        range = ranges[next];
      }
      offset = end;
    }
  }
}

/** Few ranges that cover all of these. */
function coverRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const covers: { start: number; end: number }[] = [];
  for (const { start, end } of ranges) {
    const last = covers.at(-1);
    if (last !== undefined && start - last.end <= gapBytes) last.end = end;
    else covers.push({ start, end });
  }
  if (covers.length <= mostRanges) return covers;
  return [{ start: covers[0]!.start, end: covers.at(-1)!.end }];
}
