import {
  type ByteRange,
  type ByteSource,
  type RecordPlaces,
  defaultLimits,
  type DelimitedText,
  type ReadLimits,
  type Table,
} from '../../model/index.ts';
import { adviseDialect } from './advice.ts';
import { openBody, readBody, type CsvBody } from './body.ts';
import { signBytes, type Dialect } from './dialect.ts';
import { lineEndOf } from './lines.ts';
import { rereadRecords } from './reread.ts';
import { createSuspectScan, lendArea, type LentArea, type Suspects } from './scan.ts';
import type { SeenCopy } from './seen.ts';

/** Where the records of a copy stand, once it was read, and where its bytes end. */
interface Read {
  readonly places: RecordPlaces;
  readonly end: number;
}

/** A CSV copy as a table. */
export function openCsvTable(
  source: ByteSource,
  dialect: Dialect,
  limits: ReadLimits = defaultLimits,
): Promise<Table> {
  const open = (): Promise<CsvBody> => openBody(chunksOf(source), dialect, limits);
  return csvTable(source, dialect, open, limits);
}

/** The same of a body that is opened somehow. The stream that gave it goes on to the first reading. */
export async function csvTable(
  source: ByteSource,
  dialect: Dialect,
  openAgain: () => Promise<CsvBody>,
  limits: ReadLimits = defaultLimits,
): Promise<Table> {
  const first = await openAgain();
  let waiting: CsvBody | null = first;
  let read: Read | null = null;
  let suspects: Suspects | null = null;
  const takeBody: TakeBody = async (onEnd) => {
    const body = waiting ?? (await openAgain());
    waiting = null;
    const { chunks, offset } = body;
    if (suspects !== null) return { ...body, chunks: counted(chunks, offset, onEnd) };
    // Where it can be read again for nothing, what is too much is not held.
    const wanted = source.lend === undefined ? 'all' : 'few';
    const seenAll = (found: Suspects, end: number): void => {
      suspects = found;
      onEnd(end);
    };
    return { ...body, chunks: watched(body, dialect, wanted, seenAll) };
  };
  const known = (): Read => {
    if (read === null) throw new Error('a table was asked for rows before it was read');
    return read;
  };
  const seen = async (): Promise<SeenCopy> => {
    if (suspects === null) throw new Error('a table was asked for effects before it was read');
    if (suspects.told === 'left out') {
      const all = watched(await openAgain(), dialect, 'all', (found) => (suspects = found));
      // Nothing but the places is asked of it.
      for await (const _ of all);
    }
    const { columns, head, offset } = first;
    return { source, dialect, columns, head, offset, ...known(), suspects };
  };
  const delimited = delimitedText(dialect, takeBody, (found) => (read = found));
  return {
    columns: first.columns,
    warnings: [],
    async read(sink) {
      const found = await readBody(await takeBody(nowhere), dialect, sink, limits);
      read = found;
      return found.warnings;
    },
    reread: async (records, sink) => {
      if (records.length > 0) await rereadRecords(source, dialect, known(), records, sink);
    },
    place(record) {
      const line = known().places.line(record - 1);
      return { line, text: `line ${line}` };
    },
    ...(delimited === null ? {} : { delimited }),
    advise: (wanted) => adviseDialect(first.start, wanted, dialect),
    async subset(keep) {
      const chooser = createRangeChooser();
      const { places, end } = await readBody(
        await takeBody(nowhere),
        dialect,
        (record) => chooser.record(record.record, keep(record)),
        limits,
      );
      return bytesOf(source, chooser.end(places, end));
    },
    effects: async (asked) => (await import('./tried.ts')).effectsOnReaders(await seen(), asked),
    marks: async (asked) => (await import('./tried.ts')).marksOf(await seen(), asked),
    async close() {
      await waiting?.close();
      waiting = null;
    },
  };
}

/** Gives the body, and tells the offset after its last byte once that was read. */
type TakeBody = (onEnd: (end: number) => void) => Promise<CsvBody>;

function nowhere(): void {}

/** The same as bytes that an engine may read, where its signs are bytes; null where not. */
function delimitedText(
  dialect: Dialect,
  takeBody: TakeBody,
  onRead: (read: Read) => void,
): DelimitedText | null {
  const signs = signBytes(dialect);
  if (signs === null) return null;
  const { delimiter, quote, comment } = signs;
  let end = 0;
  return {
    delimiter,
    quote,
    comment,
    async body() {
      return takeBody((at) => (end = at));
    },
    found(places) {
      onRead({ places, end });
    },
  };
}

/** The chunks of a source: where it lends them, in memory that is looked at in place. */
function chunksOf(source: ByteSource): AsyncIterable<Uint8Array> {
  if (source.lend === undefined) return source.open();
  const area = lendArea();
  const chunks = source.lend(area?.bytes);
  return area === null ? chunks : givenBack(chunks, area);
}

async function* givenBack(
  chunks: AsyncIterable<Uint8Array>,
  area: LentArea,
): AsyncGenerator<Uint8Array> {
  try {
    yield* chunks;
  } finally {
    area.giveBack();
  }
}

/** The same chunks, looked at as they pass. */
async function* watched(
  { chunks, offset, columns, head }: CsvBody,
  dialect: Dialect,
  wanted: 'all' | 'few',
  onEnd: (suspects: Suspects, end: number) => void,
): AsyncGenerator<Uint8Array> {
  let end = offset;
  const headerEnd = lineEndOf(Buffer.from(head.raw).toString('latin1'));
  const scan = createSuspectScan({ dialect, offset, headerEnd, width: columns.length, wanted });
  for await (const chunk of chunks) {
    scan.push(chunk);
    end += chunk.length;
    yield chunk;
  }
  onEnd(scan.end(), end);
}

async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  offset: number,
  onEnd: (end: number) => void,
): AsyncGenerator<Uint8Array> {
  let end = offset;
  for await (const chunk of chunks) {
    end += chunk.length;
    yield chunk;
  }
  onEnd(end);
}

/** Chooses the bytes of a copy that records leave standing; records come in order. */
export interface RangeChooser {
  /** A record by its 1-based number, kept or not. */
  record(record: number, kept: boolean): void;
  /** The chosen ranges, once it is known where records start and the copy ends. */
  end(places: RecordPlaces, bytes: number): readonly ByteRange[];
}

/**
 * Everything before the first record stays (byte order mark, header); what stands between two
 * records, blank lines and comments, goes with the first of them.
 */
export function createRangeChooser(): RangeChooser {
  /** Numbers of the records at which keeping ends, and begins again, in turn. */
  const turns: number[] = [];
  const isKeeping = (): boolean => turns.length % 2 === 0;
  return {
    record(record, kept) {
      if (kept !== isKeeping()) turns.push(record);
    },
    end(places, bytes) {
      const at = [0, ...turns.map((record) => places.start(record - 1))];
      if (isKeeping()) at.push(bytes);
      return Array.from({ length: at.length / 2 }, (_, index) => ({
        start: at[2 * index]!,
        end: at[2 * index + 1]!,
      }));
    },
  };
}

/** The bytes of ascending, disjoint ranges. */
export async function* bytesOf(
  source: ByteSource,
  ranges: readonly ByteRange[],
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  let next = 0;
  for await (const chunk of source.open()) {
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
