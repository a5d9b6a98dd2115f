import { formats } from '../formats/index.ts';
import type { RowReader, RowTable } from '../engine/index.ts';
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
 * Reads chosen rows of a pinned copy again, each from its bytes. Whatever does not read as before
 * is `COPY_CHANGED`.
 */
export function rereadRows(copy: PinnedCopy, table: RowTable, dialect: Dialect): RowReader {
  return async (rows, sink) => {
    if (rows.length === 0) return;
    const ranges = Array.from(rows, (row) => ({
      start: table.start(row),
      end: row + 1 < table.rows ? table.start(row + 1) : copy.bytes,
    }));
    const open = formats.csv.rowReader(dialect);
    let seen = 0;
    try {
      const readRow = (bytes: Uint8Array, index: number): void => {
        const row = rows[index]!;
        const { start } = ranges[index]!;
        seen += 1;
        sink(row, open(bytes, { record: row + 1, line: table.line(row), start }));
      };
      if (copy.readRanges === undefined) await fetchRanges(copy, ranges, readRow);
      else await copy.readRanges(ranges, readRow);
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

/** Hands over the bytes of ascending, disjoint ranges, out of few requests. */
async function fetchRanges(
  copy: PinnedCopy,
  ranges: readonly ByteRange[],
  sink: (bytes: Uint8Array, index: number) => void,
): Promise<void> {
  let next = 0;
  let parts: Uint8Array[] = [];
  for (const span of coverRanges(ranges)) {
    let offset = span.start;
    for await (const chunk of copy.open(span)) {
      const end = offset + chunk.length;
      for (let range = ranges[next]; range !== undefined && range.start < end;) {
        parts.push(chunk.subarray(Math.max(range.start, offset) - offset, range.end - offset));
        if (range.end > end) break;
        sink(parts.length === 1 ? parts[0]! : Buffer.concat(parts), next);
        parts = [];
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
