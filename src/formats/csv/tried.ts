import { randomUUID } from 'node:crypto';
import type {
  ByteSource,
  CanonicalColumns,
  EffectsRequest,
  RawRecord,
  ReaderEffects,
  RecordMarks,
  Table,
} from '../../model/index.ts';
import type { CsvHead } from './body.ts';
import { asSaid, canonicalDialect, writtenAnew, writtenLine } from './anew.ts';
import { effectsOf, effectsOfWritten } from './effects.ts';
import { lateQuotes } from './late-quotes.ts';
import { recordsAt, type SeenCopy } from './seen.ts';
import { latin1 as asLatin1 } from './loose.ts';
import type { TriedCopy } from './record-effects.ts';
import { sampleBytes } from './sniff.ts';
import { firstBreak } from './line-ends.ts';
import { lineEndOf } from './lines.ts';
import { readingsOf } from './readers.ts';
import { rereadBytes } from './reread.ts';
import type { Suspects } from './scan.ts';

/** What readers make of a copy that was read; only records that hold something are read again. */
export async function effectsOnReaders(
  copy: SeenCopy,
  { readers, needed, say, form, part, known = 'tried', enough }: EffectsRequest,
): Promise<ReaderEffects> {
  const { source, dialect, columns, head, offset, end, places, suspects } = copy;
  const { rows } = places;
  const start = offset - head.raw.length;
  const firstRecord = rows === 0 ? end : places.start(0);
  const between = firstRecord === offset ? '' : await latin1(source, offset, firstRecord);
  const headText = textOf(head);
  const header = headText + between;
  // Names stand in the contract: the first line end is one of a record.
  const start1 = rows > 1 ? places.start(1) : end;
  const first = /[\r\n]/.test(header) ? '' : await latin1(source, firstRecord, start1);
  const readings = readingsOf(readers);
  const file = part?.rest ?? 'tried';
  const isLearnt = file === 'tried' && readings.some(({ learnsQuotes }) => learnsQuotes);
  return effectsOf(
    {
      columns,
      header,
      headerEnd: lineEndOf(headText),
      bom: head.bom,
      bytes: end,
      rows,
      dialect,
      suspects,
      // Of a file of up to four characters, the parser that asks for it sees no CR at the end.
      separator: rows === 0 && /^[^\r\n]{0,3}\r$/.test(header) ? '\n' : firstBreak(header + first),
      unsaid: source.unsaid?.() ?? asSaid,
      isCanonical: false,
      needed,
      known,
      ...(enough === undefined ? {} : { enough }),
      file,
      late: isLearnt ? await lateQuotes(copy) : new Uint32Array(),
      records: await recordsAt(chosenPlaces(suspects, part), places),
      suspectRecords() {
        const next = mergedInTurn(suspects.marked.places, suspects.places);
        return async (count) => {
          const some = next(count);
          return some.length === 0 ? null : recordsAt(some, places);
        };
      },
      firstQuote:
        suspects.firstQuote === null
          ? null
          : ((await recordsAt(Float64Array.of(suspects.firstQuote), places))[0] ?? null),
      reread: (records, sink) =>
        records.length === 0
          ? Promise.resolve()
          : rereadBytes(source, { places, end }, records, (bytes, record) => {
              const { buffer, byteOffset, length } = bytes;
              sink(Buffer.from(buffer, byteOffset, length).toString('latin1'), record);
            }),
      head: (bytes) => latin1(source, start, Math.min(end, start + bytes)),
      say: sayer(columns.length, say),
    },
    readings,
    form,
  );
}

/** What readers make of a table of any format, once it was written as canonical CSV. */
export function effectsOnWritten(
  table: Pick<Table, 'columns' | 'read'>,
  bytes: number,
  form: CanonicalColumns,
  { readers, needed, say, enough }: EffectsRequest,
): Promise<ReaderEffects> {
  const width = table.columns.length;
  const cells = form.order.map((index) => (record: RawRecord) => record.shown(index) ?? '');
  const asked = { needed, say: sayer(width, say), ...(enough === undefined ? {} : { enough }) };
  const anew = writtenAnew({ ...unwritten, bytes, ...asked }, form);
  return effectsOfWritten(anew, readingsOf(readers), async (tryRecord) => {
    const lines: string[] = [anew.header];
    let size = 0;
    let rows = 0;
    await table.read((record) => {
      rows += 1;
      const line = writtenLine(cells.map((cell) => asLatin1(cell(record))));
      tryRecord(record.record, line);
      if (size < sampleBytes) lines.push(line);
      size += line.length;
    });
    return { rows, head: () => Promise.resolve(lines.join('')) };
  });
}

/** A copy of which nothing is known but its columns; any sign may stand in it. */
const unwritten: Omit<TriedCopy, 'bytes' | 'needed' | 'say'> = {
  columns: [],
  header: '',
  headerEnd: 'LF',
  bom: false,
  rows: 0,
  dialect: canonicalDialect,
  suspects: {
    places: new Float64Array(),
    marked: { places: new Float64Array(), hashes: new Uint32Array() },
    blankLines: 0,
    commentLines: 0,
    firstEnd: 'LF',
    delimiters: ',;|\t',
    apostrophes: true,
    firstQuote: null,
    told: 'all',
  },
  separator: '\n',
  unsaid: asSaid,
  isCanonical: true,
  known: 'tried',
  file: 'tried',
  records: new Uint32Array(),
  suspectRecords: () => () => Promise.resolve(null),
  firstQuote: null,
  late: new Uint32Array(),
  reread: () => Promise.resolve(),
  head: () => Promise.resolve(''),
};

/** The marks of a copy's suspect records, and all that decides what readers make of such a record. */
export function marksOf(copy: SeenCopy, { readers, needed, form }: EffectsRequest): RecordMarks {
  const { columns, dialect, end, head, suspects } = copy;
  const { firstEnd, marked } = suspects;
  const isLong = readingsOf(readers).map((one) => end > one.longestFileOfBrokenLines);
  const separator = dialect.names === null ? firstBreak(textOf(head)) : firstOfNames(copy);
  const read = JSON.stringify([columns, dialect, firstEnd, separator, needed, form, isLong]);
  return { read, hashes: marked.hashes };
}

function textOf({ raw }: CsvHead): string {
  return Buffer.from(raw).toString('latin1');
}

/** The first line end of a copy without a header; where it has to be looked for, it is like no other. */
function firstOfNames({ offset, end, places, suspects }: SeenCopy): string | null {
  const next = places.rows > 1 ? places.start(1) : end;
  const isPlain = [suspects.places[0], suspects.marked.places[0]].every((at = next) => at >= next);
  const isFirst = places.rows > 0 && places.start(0) === offset;
  return isPlain && isFirst ? suspects.firstEnd : randomUUID();
}

/** Places of the records that are tried, ascending. */
function chosenPlaces({ places, marked }: Suspects, part: EffectsRequest['part']): Float64Array {
  const chosen = part === undefined ? marked.places : chosenOf(marked.places, part.marked);
  const rest = part?.rest === 'left out' ? new Float64Array() : places;
  return rest.length === 0 ? chosen : mergedInTurn(chosen, rest)(Infinity);
}

/** Two ascending lists as one, so many at a time: sorting millions would keep a signal waiting. */
function mergedInTurn(one: Float64Array, other: Float64Array): (count: number) => Float64Array {
  let [left, right] = [0, 0];
  return (count) => {
    const some = new Float64Array(Math.min(count, one.length - left + other.length - right));
    for (let at = 0; at < some.length; at += 1) {
      const isLeft = right >= other.length || (left < one.length && one[left]! <= other[right]!);
      some[at] = isLeft ? one[left++]! : other[right++]!;
    }
    return some;
  };
}

/** The marked ones: a callback for each of millions would keep a signal waiting. */
function chosenOf(places: Float64Array, marked: Uint8Array): Float64Array {
  const chosen = new Float64Array(places.length);
  let count = 0;
  for (let index = 0; index < places.length; index += 1) {
    if (marked[index] === 1) chosen[count++] = places[index]!;
  }
  return chosen.slice(0, count);
}

async function latin1(source: ByteSource, start: number, end: number): Promise<string> {
  const parts: string[] = [];
  if (end > start) {
    for await (const chunk of source.open({ start, end })) {
      parts.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1'));
    }
  }
  return parts.join('');
}

const isNotPlain = /[^ -~]/;

/** Cells that some reader has got, told as a record of the copy's width. */
function sayer(
  width: number,
  say: EffectsRequest['say'],
): (cells: readonly string[]) => string | null {
  let shown: readonly string[] = [];
  const text = (column: number): string => {
    const bytes = shown[column] ?? '';
    return isNotPlain.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes;
  };
  const record: RawRecord = {
    record: 0,
    place: { line: 0, text: '' },
    width,
    text,
    shown: text,
  };
  return (cells) => {
    shown = cells;
    return say(record);
  };
}
