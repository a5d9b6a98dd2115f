import type { NormalizationStep, RecordSink, Table } from '../../model/index.ts';
import { compileSteps } from '../../normalize/index.ts';

/** What is seen of a column in one reading: enough to tell ids from prose, and what steps it wants. */
export interface ColumnProfile {
  readonly name: string;
  /** Cells that are not empty. */
  readonly filled: number;
  /** Rows whose cells were looked at, and whether the table has no others. */
  readonly rows: number;
  readonly isAll: boolean;
  /** Rows of the table that have more or fewer cells than its header. */
  readonly uneven: number;
  /** Distinct values, at most `mostValues`, each with how often it stands. */
  readonly values: ReadonlyMap<string, number>;
  /** Whether `values` has all of them. */
  readonly isWhole: boolean;
  /** Average length of a filled cell. */
  readonly length: number;
  /** Share of filled cells that hold three words or more. */
  readonly prose: number;
}

/** Rows that are looked at: of more nobody would wait for a proposal, and their keys would not fit. */
const mostRows = 1_000_000;
/** Distinct values that are kept of a column. */
const mostValues = 100_000;
/** Characters of a value that are looked at. */
const longest = 256;

/** Ends a reading of which enough was seen. */
const enough = new Error('enough was read');

/** Reads the first rows of a table, and no further; whether that was all of it. */
async function readFirst(table: Table, rows: number, sink: RecordSink): Promise<boolean> {
  let row = 0;
  try {
    await table.read((record) => {
      row += 1;
      if (row > rows) throw enough;
      sink(record);
    });
    return true;
  } catch (thrown) {
    if (thrown === enough) return false;
    throw thrown;
  }
}

/**
 * Reads the first `most` rows of a table once, and tells what its columns hold. Throws content errors
 * with their place.
 */
export async function profileColumns(
  table: Table,
  most: number = mostRows,
): Promise<readonly ColumnProfile[]> {
  const seen = table.columns.map((name) => ({
    name,
    filled: 0,
    characters: 0,
    wordy: 0,
    isWhole: true,
    values: new Map<string, number>(),
  }));
  let [rows, uneven] = [0, 0];
  const isAll = await readFirst(table, most, (record) => {
    rows += 1;
    if (record.width !== table.columns.length) uneven += 1;
    for (const [at, column] of seen.entries()) {
      const value = (record.shown(at) ?? '').slice(0, longest);
      if (value === '') continue;
      column.filled += 1;
      column.characters += value.length;
      if (/\S\s+\S+\s+\S/.test(value)) column.wordy += 1;
      const known = column.values.get(value);
      if (known !== undefined || column.values.size < mostValues) {
        column.values.set(value, (known ?? 0) + 1);
      } else column.isWhole = false;
    }
  });
  return seen.map(({ name, filled, characters, wordy, isWhole, values }) => ({
    name,
    filled,
    rows,
    isAll,
    uneven,
    values,
    isWhole,
    length: filled === 0 ? 0 : characters / filled,
    prose: filled === 0 ? 0 : wordy / filled,
  }));
}

/** What a column is for, by its name and by what it holds. */
export type ColumnRole =
  | 'id'
  | 'code'
  | 'date'
  | 'flag'
  | 'measure'
  | 'address'
  | 'prose'
  | 'empty';

const idName =
  /(?:^|[_\-. ])(?:id|ids|key|code|uuid|guid|number|no|nr|num|sku|isin|iban|iso\w*|slug|ref|symbol|abbrev\w*|alpha[_-]?[23])(?:$|[_\-. ])|[a-z](?:Id|ID|Key|Code|No)$/i;
const proseName =
  /(?:^|[_\-. ])(?:desc|description|comments?|notes?|remarks?|text|title|label|display|caption|summary|reason|details?|memo|contact|owner|author)(?:$|[_\-. ])|(?:^|_)(?:created|updated|modified|changed)(?:_|$)/i;

const addressName =
  /(?:^|[_\-. ])(?:urls?|uris?|links?|hrefs?|paths?|arn|endpoint|e?-?mails?|recipients?)(?:$|[_\-. ])|[a-z](?:Url|URL|Uri|URI|Path|Link|Email)$/i;
/** A URL or its like, an ARN, a path of files, an e-mail address. */
const address =
  /^(?:[a-z][a-z0-9+.-]*:\/\/\S+|arn:\S+|\.{0,2}\/\S+|(?:[\w.=-]+\/){2,}\S*|[^\s@]+@[^\s@]+\.[^\s@]+)$/i;

/** Whether a column holds places that a program opens or writes to: jobs read such columns. */
export function holdsAddresses({ name, values }: ColumnProfile): boolean {
  const sample = [...values.keys()].slice(0, 1000);
  if (sample.length === 0) return addressName.test(name);
  return sample.every((value) => address.test(value.trim()));
}

/** Tells the roles of all columns; a name that stands twice names nothing that a job could read. */
export function rolesOf(columns: readonly ColumnProfile[]): readonly ColumnRole[] {
  const names = columns.map(({ name }) => name);
  const isDoubled = (name: string): boolean => names.indexOf(name) !== names.lastIndexOf(name);
  return columns.map((column) => (isDoubled(column.name) ? 'empty' : roleOf(column)));
}

/** What is measured or counted of a unit, by its name. */
const measureName =
  /(?:^|[_\-. ])(?:amount|price|cost|fee|total|sum|qty|quantity|counts?|weight|volume|size|bytes|rows|rate|ratio|share|percent(?:age)?|pct|score|duration|elapsed|timeout|seconds|secs|minutes|hours|ms|millis|limit|max|min|avg|mean|median|balance|lat|lon|lng|latitude|longitude|temperature|height|width|length|memory|cpu)(?:$|[_\-. ])|[a-z](?:Amount|Price|Cost|Qty|Quantity|Count|Weight|Size|Bytes|Rate|Ratio|Percent|Score|Duration|Seconds|Minutes|Hours|Ms|Limit)$/i;
/** Numbers with a currency, a percent sign or a unit, and ISO durations. */
const measured =
  /^(?:[€$£¥]\s?[+-]?[\d.,]+|[+-]?[\d.,]+\s?(?:[%€$£¥]|[munµ]?s|sec|min|[kmgt]i?b|kg)|P(?!$)(?:\d+[YMWD])*(?:T(?=\d)(?:\d+(?:\.\d+)?[HMS])+)?)$/i;

/** Tells a column's role; by its values where its name says nothing. */
export function roleOf(column: ColumnProfile): ColumnRole {
  const { name, filled, length, prose } = column;
  if (filled === 0 && column.rows > 0) return 'empty';
  if (proseName.test(name)) return 'prose';
  if (idName.test(name)) return 'id';
  if (addressName.test(name) || holdsAddresses(column)) return 'address';
  // Long without blanks is a path, an address or a digest, which jobs read.
  if (prose > 0.3 || (length > 60 && prose > 0.05)) return 'prose';
  if (filled === 0) return 'code';
  const sample = [...column.values.keys()].slice(0, 1000);
  const every = (pattern: RegExp): boolean => sample.every((value) => pattern.test(value.trim()));
  if (every(/^(?:true|false|yes|no|y|n|t|f|0|1)$/i)) return 'flag';
  if (every(/^\d{4}-\d{2}-\d{2}|^\d{1,2}[./-]\d{1,2}[./-]\d{4}|^\d{8}$/)) return 'date';
  if (every(/^[+-]?(?:\d+[.,])+\d+(?:e[+-]?\d+)?$|^[+-]?\d+(?:[.,]\d+)?$/i)) {
    return measureName.test(name) || sample.some((value) => /[.,]/.test(value))
      ? 'measure'
      : 'code';
  }
  if (every(measured)) return 'measure';
  // Times of day differ by chance in a small table, and name nothing.
  if (every(/^\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$/)) return 'measure';
  return 'code';
}

/** Cells of some columns as two independent hashes each, by row: what key candidates are told by. */
export interface CellHashes {
  readonly rows: number;
  readonly high: readonly Uint32Array[];
  readonly low: readonly Uint32Array[];
}

const mostCells = 24_000_000;

/** Hashes the normalized cells of a table, of its first rows where it is very large. */
export async function hashCells(
  table: Table,
  steps: ReadonlyMap<string, readonly NormalizationStep[]>,
  rows: number,
): Promise<CellHashes> {
  const normalizers = table.columns.map((name) => compileSteps(steps.get(name) ?? []));
  const taken = Math.min(rows, mostRows, Math.floor(mostCells / Math.max(1, table.columns.length)));
  const make = (): Uint32Array[] => table.columns.map(() => new Uint32Array(taken));
  const [high, low] = [make(), make()];
  let row = 0;
  await readFirst(table, taken, (record) => {
    for (const [at, normalizer] of normalizers.entries()) {
      const text = record.shown(at) ?? '';
      const normal = text === '' || normalizer === null ? text : normalizer(text);
      const value = typeof normal === 'string' ? normal : text;
      high[at]![row] = hash(value, 0x9e3779b9);
      low[at]![row] = hash(value, 0x85ebca6b);
    }
    row += 1;
  });
  return { rows: row, high, low };
}

/** FNV-1a from a seed, mixed as MurmurHash3 ends: two seeds give two independent words. */
function hash(text: string, seed: number): number {
  let word = seed;
  for (let at = 0; at < text.length; at += 1) {
    word = Math.imul(word ^ text.charCodeAt(at), 0x01000193);
    word ^= word >>> 15;
  }
  word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
  return (word ^ (word >>> 16)) >>> 0;
}
