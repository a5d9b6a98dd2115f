import type { Dialect } from './dialect.ts';
import { cutCells, createRecordCutter, signsOf } from './loose.ts';
import type { Made } from './read-as.ts';
import { anyLines, type Reading } from './readers.ts';
import { hasNeeded, outcomeOf, type Add, type TriedCopy } from './record-effects.ts';
import { rereadBytes } from './reread.ts';
import { sampleRows } from './sniff.ts';
import { recordsAt, type SeenCopy } from './seen.ts';

/** Records that are looked at once for a value in quotes: the first with a quote mostly has one. */
const atOnce = 256;

/**
 * Numbers of the records that hold a quote, where no value in quotes stands in the header and in
 * what a sniffer looks at: it takes the copy for one without quotes. None where one stands there.
 */
export async function lateQuotes(copy: SeenCopy): Promise<Uint32Array> {
  const { source, dialect, places, suspects, head, end } = copy;
  const { firstQuote } = suspects;
  // The header is a row of the sample; blank and comment lines may be.
  const sampled = sampleRows - 1 - suspects.blankLines - suspects.commentLines;
  const isSniffed = dialect.quote === '"' && firstQuote !== null && places.rows > sampled;
  if (!isSniffed || hasQuoted(Buffer.from(head.raw).toString('latin1'), dialect)) return none;
  const [first = 1] = await recordsAt(Float64Array.of(firstQuote), places);
  for (let from = first; from <= sampled; from += atOnce) {
    const count = Math.min(atOnce, sampled + 1 - from);
    const records = Uint32Array.from({ length: count }, (_, at) => from + at);
    let found = false;
    await rereadBytes(source, { places, end }, records, (bytes) => {
      const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      found ||= raw.includes(34) && hasQuoted(raw.toString('latin1'), dialect);
    });
    if (found) return none;
  }
  const start = Math.max(firstQuote, places.start(Math.max(0, sampled)));
  return recordsWithQuotes(copy, start);
}

const none = new Uint32Array();

function hasQuoted(text: string, dialect: Dialect): boolean {
  return createRecordCutter(signsOf(dialect))(text).cells.some(({ quoted }) => quoted);
}

async function recordsWithQuotes(
  { source, places, end }: SeenCopy,
  start: number,
): Promise<Uint32Array> {
  const numbers: number[] = [];
  let at = start;
  for await (const chunk of source.open({ start, end })) {
    const found: number[] = [];
    for (let place = chunk.indexOf(34); place >= 0; place = chunk.indexOf(34, place + 1)) {
      found.push(at + place);
    }
    for (const record of await recordsAt(Float64Array.from(found), places)) {
      if (record !== numbers.at(-1)) numbers.push(record);
    }
    at += chunk.length;
  }
  return Uint32Array.from(numbers);
}

/** Tries such records on readings: to those that learn quotes from their sample, one is a character. */
export async function tryLateQuotes(
  copy: TriedCopy,
  records: Uint32Array,
  readings: readonly Reading[],
  add: Add,
): Promise<void> {
  const signs = signsOf(copy.dialect);
  const cut = createRecordCutter(signs);
  await copy.reread(records, (raw, record) => {
    const { cells, length } = cut(raw);
    const text = raw.slice(0, length);
    const made = withoutQuotes(text, signs.delimiter, copy.columns.length);
    if (typeof made === 'object' && made.length === 1 && hasNeeded(made[0]!, cells, copy)) return;
    const ours = copy.say(cells.map(({ value }) => value));
    if (ours === null) return;
    const outcome = outcomeOf(made, ours, copy, () => JSON.stringify([ours, text]));
    const outcomes = readings.map(({ learnsQuotes }) => (learnsQuotes ? outcome : null));
    add('SNIFFED_TABLE', record, outcomes);
  });
}

function withoutQuotes(text: string, delimiter: string, width: number): Made {
  const lines = text.split(anyLines).filter((line) => line !== '' || width === 1);
  const signs = { delimiter, quote: null, escape: null };
  const rows = lines.map((line) => cutCells(line, signs).map(({ raw }) => raw));
  return rows.every((row) => row.length === width) ? rows : 'stops';
}

/**
 * Looks for the first doubled quote of a copy, and tells it where a reading learns of it too late: one
 * whose sample holds a value in quotes and no doubled one. Gives whether to go on with later records.
 */
export function createDoubledTrier(
  { dialect, header, firstQuote }: TriedCopy,
  readings: readonly Reading[],
  add: Add,
): (record: number, raw: string) => boolean {
  const { quote } = dialect;
  const doubled = `${quote ?? ''}${quote ?? ''}`;
  const cut = createRecordCutter(signsOf(dialect));
  const rowOf = (record: number): number => record + (dialect.names === null ? 1 : 0);
  const isSeenIn = (rows: number): boolean =>
    header.includes('"') || (firstQuote !== null && rowOf(firstQuote) <= rows);
  const learning = readings.map(({ learnsDoubledIn: rows }) =>
    rows < Infinity && isSeenIn(rows) ? rows : null,
  );
  let isOpen = quote === '"' && !header.includes(doubled) && learning.some((rows) => rows !== null);
  const isDoubled = (raw: string): boolean =>
    raw.includes(doubled) &&
    cut(raw).cells.some(({ quoted, value }) => quoted && value.includes('"'));
  return (record, raw) => {
    if (!isOpen || !isDoubled(raw)) return isOpen;
    isOpen = false;
    const otherwise = { detail: 'a doubled quote that is learnt of too late', loud: false };
    const outcomes = learning.map((rows) =>
      rows !== null && rowOf(record) > rows ? otherwise : null,
    );
    add('DOUBLED_QUOTE', record, outcomes);
    return false;
  };
}

/** The same of a copy's records, which are read until one tells it; `write`: as they are tried. */
export async function tryLateDoubled(
  copy: TriedCopy,
  readings: readonly Reading[],
  add: Add,
  write: (raw: string) => string = (raw) => raw,
): Promise<void> {
  const look = createDoubledTrier(copy, readings, add);
  if (!look(0, '')) return;
  const next = copy.suspectRecords();
  const state = { isOpen: true };
  for (let size = atOnce; state.isOpen; size *= 2) {
    const some = await next(size);
    if (some === null) return;
    await copy.reread(some, (raw, record) => {
      state.isOpen &&= look(record, write(raw));
    });
  }
}
