import {
  createCellWriter,
  defaultLimits,
  KeydriftError,
  type ByteRange,
  type ByteSource,
  type Format,
  type FormatOptions,
  type PackedSink,
  type ReadLimits,
  type RecordSink,
  type Table,
} from '../../model/index.ts';
import { eachLine, readLines, type Line, type Lines } from '../lines.ts';
import { createMeasure } from '../measure.ts';
import { createPlaceIndex } from '../places.ts';
import { readRanges } from '../ranges.ts';
import { countedColumns, createView } from '../records.ts';
import { createAlikeLines, type ShowOther } from './alike.ts';
import { createMemberReader, type Fail } from './members.ts';

/**
 * Newline-delimited JSON: an object on each line; blank lines are no records. Columns are the dotted
 * names of all members, in the order in which they are first met, so that the file is read twice.
 */
export const ndjson: Pick<Format, 'open'> = {
  open: openNdjson,
};

async function openNdjson(
  source: ByteSource,
  _options: FormatOptions,
  limits: ReadLimits = defaultLimits,
): Promise<Table> {
  let line: Line = { bytes: Buffer.alloc(0), offset: 0, line: 0 };
  const fail: Fail = (code, at, message) => {
    throw new KeydriftError(code, `${message} (line ${line.line}, byte ${line.offset + at})`, {
      place: { line: line.line, byte: line.offset + at },
      hint: hints[code],
    });
  };
  const reader = createMemberReader(fail, limits);
  const measure = createMeasure(limits);
  /** Reads the line as a record; false: it is blank. */
  const select = (next: Line): boolean => {
    line = next;
    const { bytes } = line;
    const at = space(bytes, 0);
    if (at === bytes.length) return false;
    const end = space(bytes, reader.read(bytes, at, bytes.length));
    if (end >= measure.nearCell || end >= measure.nearRecord) {
      const where = { text: `the record in line ${line.line}`, line: line.line };
      measure.record(end, where);
      measure.cell(reader.longest(), where);
    }
    if (end < bytes.length) fail('JSON_INVALID', end, 'something stands after the object');
    return true;
  };
  const places = createPlaceIndex();
  const longest = Math.min(measure.nearCell, measure.nearRecord) - 1;
  const alike = createAlikeLines(longest, reader.setValued);
  const open = (): AsyncIterable<Uint8Array> => source.lend?.() ?? source.open();
  let [end, bom, lines] = [0, false, 0];
  /** Shows lines of a block one by one where they are records, and learns how they are written. */
  const readOdd =
    ({ bytes, offset }: Lines, show: (line: Line) => void): ShowOther =>
    (from, to) =>
      eachLine(
        { bytes: bytes.subarray(from, to), offset: offset + from },
        lines + 1,
        limits,
        (next) => {
          lines += 1;
          bom ||= next.mark === true;
          if (!select(next)) return;
          show(next);
          alike.learn(next.bytes, reader.scalars);
        },
      );
  await readLines(open(), limits, (block) => {
    const { bytes, offset } = block;
    const addOdd = readOdd(block, (next) => places.add(next.offset, next.line));
    const addAll = (starts: Uint32Array, from: number): void => {
      for (const start of starts) places.add(offset + from + start, (lines += 1));
    };
    alike.scan(bytes, addAll, addOdd);
    end = offset + bytes.length - (bytes.at(-1) === 0x0a ? 1 : 0);
  });
  const counted = countedColumns(reader.columns, (column) => reader.hasValue(column));
  const columns = counted.map((column) => reader.columns[column]!);
  const place = (record: number) => {
    const at = places.line(record - 1);
    return { line: at, text: `line ${at}` };
  };
  const view = createView({
    columns,
    select: () => undefined,
    text: (column) => reader.text(counted[column]!),
    place,
  });
  const readAll = async (sink: RecordSink): Promise<readonly []> => {
    let record = 0;
    lines = 0;
    await readLines(open(), limits, (block) => {
      eachLine(block, lines + 1, limits, (next) => {
        lines = next.line;
        if (!select(next)) return;
        record += 1;
        view.select(record);
        sink(view.record);
      });
    });
    return [];
  };
  const packAll = async (wanted: readonly number[], sink: PackedSink): Promise<readonly []> => {
    const writer = createCellWriter(wanted, columns.length, sink);
    alike.planFor(wanted.map((column) => counted[column]!));
    let record = 0;
    lines = 0;
    const packAlike = (cells: Uint8Array, count: number): void => {
      record += count;
      lines += count;
      sink(cells, count);
    };
    await readLines(open(), limits, (block) => {
      const packOdd = readOdd(block, () => {
        record += 1;
        view.select(record);
        writer.add(view.record);
        writer.flush();
      });
      alike.pack(block.bytes, packAlike, packOdd);
    });
    return [];
  };
  const rangeOf = (record: number): ByteRange => ({
    start: places.start(record - 1),
    end: record < places.rows ? places.start(record) : end,
  });
  return {
    columns,
    warnings: [
      ...(bom ? [{ code: 'BOM', message: 'the file starts with a byte order mark', line: 1 }] : []),
      ...measure.warnings(),
    ],
    lacking: 'empty',
    read: readAll,
    pack: packAll,
    async reread(records, sink) {
      await readRanges(source, Array.from(records, rangeOf), (bytes, index) => {
        const record = records[index]!;
        const { start: offset } = rangeOf(record);
        const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
        const own = whole.subarray(0, lineEnd(whole));
        if (!select({ bytes: own, offset, line: places.line(record - 1) })) {
          throw new KeydriftError('COPY_CHANGED', 'a record of the copy is gone');
        }
        view.select(record);
        sink(view.record);
      });
    },
    place,
    async subset(keep) {
      const kept: ByteRange[] = [];
      await readAll((record) => {
        if (keep(record)) kept.push(rangeOf(record.record));
      });
      return bytesOf(source, kept);
    },
    close: () => Promise.resolve(),
  };
}

async function* bytesOf(
  source: ByteSource,
  ranges: readonly ByteRange[],
): AsyncGenerator<Uint8Array> {
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of ranges) {
    const last = joined.at(-1);
    if (last?.end === start) last.end = end;
    else joined.push({ start, end });
  }
  for (const range of joined) yield* source.open(range);
}

/** Where the first line of some bytes ends. */
function lineEnd(bytes: Buffer): number {
  const at = bytes.indexOf(0x0a);
  return at < 0 ? bytes.length : at;
}

function space(bytes: Buffer, at: number): number {
  let next = at;
  for (; next < bytes.length; next += 1) {
    const byte = bytes[next]!;
    if (byte !== 0x20 && byte !== 0x0d && byte !== 0x09) break;
  }
  return next;
}

const hints: Readonly<Record<Parameters<Fail>[0], string>> = {
  JSON_INVALID: 'Each line is one JSON object (RFC 8259); a value may not go on in the next line.',
  NOT_RECORDS: 'Each line is one JSON object; for one array of objects say `format: json`.',
  MEMBER_DOUBLED: 'Which of the two counts is unknown: rename or drop one.',
  TOO_LARGE: 'A support file is a table: leave out what is none.',
};
