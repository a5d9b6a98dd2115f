import type { Dialect } from './dialect.ts';
import { createQuietTest } from './glance.ts';
import { hazardsIn, type HazardCode } from './hazards.ts';
import { endOf, type Separator } from './line-ends.ts';
import { createRecordCutter, signsOf, type PlacedCell } from './loose.ts';
import { createReaders, type Made } from './read-as.ts';
import type { Reading } from './readers.ts';
import type { LineEnd, Suspects } from './scan.ts';
import type { EnoughEffects, NeededColumn, UnsaidForm } from '../../model/index.ts';

/** A copy that was read to its end, as readers are tried on it. */
export interface TriedCopy {
  readonly columns: readonly string[];
  /**
   * From after the byte order mark up to the first record, Latin-1: the header, which a dialect with
   * names does not have, and blank and comment lines.
   */
  readonly header: string;
  readonly headerEnd: LineEnd;
  readonly bom: boolean;
  readonly bytes: number;
  readonly rows: number;
  readonly dialect: Dialect;
  readonly suspects: Suspects;
  /** The first line end of the copy, wherever it stands. */
  readonly separator: Separator;
  /** How it is stored otherwise than is said of it. */
  readonly unsaid: UnsaidForm;
  /** Whether it is tried as it is written anew. */
  readonly isCanonical: boolean;
  /** Key columns, then consumed ones, in an order that is the contract's. */
  readonly needed: readonly NeededColumn[];
  /** Whether the file as a whole is looked at, and its header. */
  readonly file: 'tried' | 'left out';
  /** 1-based numbers of the records that are tried, ascending: some that hold suspect places. */
  readonly records: Uint32Array;
  /**
   * Gives the numbers of all records that hold suspect places, ascending, those of so many places with
   * each call, then null; the last of one call may be the first of the next.
   */
  readonly suspectRecords: () => (places: number) => Promise<Uint32Array | null>;
  /** The number of the record in which the first sign that quotes stands; null: there is none. */
  readonly firstQuote: number | null;
  /** Numbers of records whose quotes no sniffer knows: see `lateQuotes`. */
  readonly late: Uint32Array;
  /** Gives the bytes of these records, line end included. */
  readonly reread: (
    records: Uint32Array,
    sink: (raw: string, record: number) => void,
  ) => Promise<void>;
  /** The first bytes, from the header on. */
  readonly head: (bytes: number) => Promise<string>;
  /** Whether records whose effects are known by a look at them are only counted. */
  readonly known: 'tried' | 'counted';
  /** When no more records are tried; left out: all are. */
  readonly enough?: EnoughEffects;
  /** What a record's cells say, normalized, as one text; null: they are left out of account. */
  readonly say: (cells: readonly string[]) => string | null;
}

/** Takes what readings make of a record, or of the file (0), that a hazard is in. */
export type Add = (
  code: HazardCode,
  record: number,
  outcomes: readonly (Otherwise | null)[],
) => void;

/** What a reading makes of something: null where it is what this page does. */
export interface Otherwise {
  /** What is to be the same in another copy, to be no matter there. */
  readonly detail: string;
  readonly loud: boolean;
}

/** Tries records on readings, one by one: number and bytes, Latin-1, up to where the next one starts. */
export type RecordTrier = (record: number, raw: string) => void;

/** What readings make of a copy's records. */
export function createRecordTrier(
  copy: TriedCopy,
  readings: readonly Reading[],
  add: Add,
): RecordTrier {
  const tryText = createTextTrier(copy, readings);
  return (record, raw) => {
    const tried = tryText(raw);
    if (tried !== null) for (const code of tried.codes) add(code, record, tried.outcomes);
  };
}

interface Tried {
  readonly codes: readonly HazardCode[];
  readonly outcomes: readonly (Otherwise | null)[];
}

/** What readings make of the text of a record; null: what this page does, or it is left out. */
function createTextTrier(
  copy: TriedCopy,
  readings: readonly Reading[],
): (raw: string) => Tried | null {
  const { dialect, suspects, separator, bytes: fileBytes } = copy;
  const { comment, quote } = dialect;
  const needs = new Set(copy.needed.map(({ index }) => index));
  const isNeeded = (column: number): boolean => needs.has(column);
  const { firstEnd } = suspects;
  const signs = signsOf(dialect);
  const cut = createRecordCutter(signs);
  const read = createReaders(readings);
  const isQuiet = createQuietTest(copy, readings);
  return (raw) => {
    if (isQuiet(raw)) return null;
    const { cells, length } = cut(raw);
    const text = raw.slice(0, length);
    const after = raw.slice(length);
    const end = endOf(after, firstEnd);
    const places = { end, firstEnd, after, separator, isNeeded, fileBytes };
    const made = read({ text, cells, signs, comment, ...places });
    const isAlike = (one: Made): boolean =>
      one === 'alike' || (isRows(one) && one.length === 1 && hasNeeded(one[0]!, cells, copy));
    if (made.every(isAlike)) return null;
    const startsAsComment = text.startsWith('#');
    const endsOtherwise = end !== null && end !== firstEnd;
    const { delimiter } = signs;
    const signed = { text, cells, delimiter, quote, comment, escape: signs.escape };
    const codes = hazardsIn({ ...signed, startsAsComment, endsOtherwise });
    if (codes.length === 0) return null;
    const ours = copy.say(cells.map(({ value }) => value));
    if (ours === null) return null;
    let detail: string | null = null;
    const detailOf = (): string =>
      (detail ??= JSON.stringify([ours, codes, cellsWith(codes, cells, copy)]));
    const otherwise = new Map<Made, Otherwise | null>();
    const outcomes = made.map((one): Otherwise | null => {
      if (isAlike(one)) return null;
      const known = otherwise.get(one);
      if (known !== undefined) return known;
      const outcome = outcomeOf(one, ours, copy, detailOf);
      otherwise.set(one, outcome);
      return outcome;
    });
    return { codes, outcomes };
  };
}

function isRows(made: Made): made is readonly (readonly string[])[] {
  return typeof made !== 'string';
}

/** Whether a row has the needed cells of a record: nothing else decides. */
export function hasNeeded(
  row: readonly string[],
  cells: readonly PlacedCell[],
  { needed }: Pick<TriedCopy, 'needed'>,
): boolean {
  for (const { index } of needed) {
    if ((row[index] ?? '') !== (cells[index]?.value ?? '')) return false;
  }
  return true;
}

/** What a reading's rows of a record are, held against what they are here. */
export function outcomeOf(
  made: Made,
  ours: string,
  { say }: TriedCopy,
  detailOf: () => string,
): Otherwise | null {
  if (made === 'alike') return null;
  if (made === 'stops') return { detail: `stops ${detailOf()}`, loud: true };
  if (made === 'astray') return { detail: `astray ${detailOf()}`, loud: false };
  const said = made.map((row) => say(row) ?? '').sort();
  if (said.length === 1 && said[0] === ours) return null;
  return { detail: JSON.stringify([ours, said]), loud: false };
}

/** The cells that hold some of these hazards, with their columns. */
function cellsWith(
  codes: readonly HazardCode[],
  cells: readonly PlacedCell[],
  { dialect, columns }: TriedCopy,
): readonly unknown[] {
  const { quote, comment } = dialect;
  const { delimiter, escape } = signsOf(dialect);
  return cells.flatMap((cell, at) => {
    const alone = { text: cell.raw, cells: [cell], delimiter, quote, comment, escape };
    const found = hazardsIn({ ...alone, startsAsComment: false, endsOtherwise: false }, codes);
    return found.length === 0 ? [] : [[columns[at] ?? at, cell.value]];
  });
}
