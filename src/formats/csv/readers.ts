import type { NamedReader, ReaderName } from '../../model/index.ts';

/** How a program reads CSV by its defaults, as far as it differs from this page. */
export interface Reading {
  /** As the contract and messages call it: `spark (multiLine)`. */
  readonly name: string;
  /** How it finds columns. */
  readonly columns: 'by name' | 'by place';
  /** What it calls the columns of a header; it looks them up by `same`. */
  readonly names: (header: readonly string[]) => readonly string[];
  readonly same: 'exact' | 'any case';
  /** Where its lines end before it looks for quotes; null: it reads quotes first. Latin-1. */
  readonly lines: RegExp | null;
  /** Whether a quote that is open at the end of a line goes on in the next one. */
  readonly joinsLines: boolean;
  readonly quotes: 'doubled' | 'escaped';
  /** The sign that takes a quote's meaning where `quotes` is `escaped`: as in Spark's parser. */
  readonly escape: string;
  /** Whether that parser finds lines by itself, by the first line end of the file, wherever it stands. */
  readonly streams: boolean;
  /** Whether that parser looks less closely at values of columns that nobody asked for. */
  readonly leavesOut: boolean;
  /**
   * What a dialect's escape sign does to it: it takes the meaning of any sign after it, anywhere or
   * in quotes; that of a quote or of itself in quotes, as here; nothing, for it knows none; or what it
   * does elsewhere than here is not known.
   */
  readonly escapes: 'anywhere' | 'in quotes' | 'as here' | 'nothing' | 'as here, or unknown';
  /** Which lines it leaves out: those of blanks and of zero bytes; of these; none in one column. */
  readonly dropsBlankLines: 'all' | 'empty' | 'empty of tables' | 'none';
  /** How it takes the one line end of a file that is unlike the others. */
  readonly otherLineEnds: 'line ends' | 'a fault' | 'CR is text';
  /** What it does with a quote in a cell that does not start with one. */
  readonly strayQuotes: 'text' | 'unknown';
  /** How it learns that a file is compressed; null: it expands none by itself. */
  readonly expands: 'by name' | 'by content' | null;
  /** What it stops at. */
  readonly stopsAt: ReadonlySet<'INVALID_UTF8' | 'NUL_BYTE'>;
  /** What a byte order mark is to it; `text before a quote`: it is taken off, but for that quote. */
  readonly bom: 'taken off' | 'text before a quote' | 'text';
  /** Whether it takes a first row with these names for a header. */
  readonly takesHeader: (names: readonly string[]) => boolean;
  /** Bytes of a value, of a record, and of a file with a quoted line break, at which it stops. */
  readonly longestField: number;
  readonly longestRecord: number;
  readonly longestFileOfBrokenLines: number;
  /** How it takes the dialect's comment sign: knows none; whole lines; or in a line as well. */
  readonly comments: 'none' | 'lines' | 'anywhere';
  /** A sign that it may take for that of comments where a record starts with it; null: none. */
  readonly guessedComment: string | null;
  /** Whether it loses its way at a blank line that ends in CR alone. */
  readonly losesBlankReturns: boolean;
  /** What it needs of a header that no record follows: its line end, or a name in every cell. */
  readonly headerAlone: 'anything' | 'a line end' | 'names';
  /** Whether it finds delimiter and quote by itself. */
  readonly sniffs: boolean;
  /** Whether a file whose first rows have no value in quotes is one without quotes to it. */
  readonly learnsQuotes: boolean;
  /** Rows, the header among them, in which it learns that a quote is doubled: a later one is none. */
  readonly learnsDoubledIn: number;
}

/** What Python's `str.splitlines` takes for line ends, as UTF-8 in Latin-1. */
// oxlint-disable-next-line no-control-regex -- they are what it is about
const pythonLines = /\r\n|[\n\r\v\f\x1c-\x1e]|\xc2\x85|\xe2\x80[\xa8\xa9]/;
export const anyLines: RegExp = /\r\n|\n|\r/;

const sameNames = (header: readonly string[]): readonly string[] => header;

/** By name, quotes as here, all line ends alike: each reader says what it does otherwise. */
const plain: Omit<Reading, 'name'> = {
  columns: 'by name',
  names: sameNames,
  same: 'exact',
  lines: null,
  joinsLines: true,
  quotes: 'doubled',
  escape: '\\',
  streams: false,
  leavesOut: false,
  escapes: 'as here',
  dropsBlankLines: 'empty',
  otherLineEnds: 'line ends',
  strayQuotes: 'text',
  expands: 'by name',
  stopsAt: new Set(),
  bom: 'taken off',
  takesHeader: () => true,
  longestField: Infinity,
  longestRecord: Infinity,
  longestFileOfBrokenLines: Infinity,
  comments: 'none',
  guessedComment: null,
  losesBlankReturns: false,
  headerAlone: 'anything',
  sniffs: false,
  learnsQuotes: false,
  learnsDoubledIn: Infinity,
};

/** How each reader reads CSV, by its options. */
const readings: Readonly<Record<ReaderName, (options: NamedReader['options']) => Reading>> = {
  'python-csv': ({ splitlines = false }) => ({
    ...plain,
    name: splitlines === true ? 'python-csv (splitlines)' : 'python-csv',
    expands: null,
    lines: splitlines === true ? pythonLines : null,
    escapes: 'anywhere',
    dropsBlankLines: 'none',
    stopsAt: new Set(['INVALID_UTF8', 'NUL_BYTE']),
    bom: 'text',
    longestField: 131_072,
  }),
  pandas: () => ({
    ...plain,
    name: 'pandas',
    names: (header) =>
      numberDoubled(header.map(unnamed('Unnamed: ')), (name, at) => `${name}.${at}`),
    escapes: 'anywhere',
    dropsBlankLines: 'all',
    stopsAt: new Set(['INVALID_UTF8']),
    comments: 'anywhere',
    losesBlankReturns: true,
  }),
  polars: () => ({
    ...plain,
    name: 'polars',
    expands: 'by content',
    names: (header) => numberDoubled(header, (name, at) => `${name}_duplicated_${at - 1}`),
    escapes: 'nothing',
    dropsBlankLines: 'none',
    otherLineEnds: 'CR is text',
    strayQuotes: 'unknown',
    stopsAt: new Set(['INVALID_UTF8']),
    comments: 'lines',
  }),
  pyarrow: () => ({
    ...plain,
    name: 'pyarrow',
    escapes: 'anywhere',
    stopsAt: new Set(['INVALID_UTF8']),
    // It cuts a file into blocks of a mebibyte, wherever a line ends.
    longestRecord: 1 << 20,
    longestFileOfBrokenLines: 1 << 20,
    headerAlone: 'a line end',
  }),
  duckdb: ({ sniff = true }) => ({
    ...plain,
    name: sniff === true ? 'duckdb' : 'duckdb (sniff: false)',
    names: (header) =>
      numberDoubled(
        header.map((name) => name.trim()).map(unnamed('column')),
        (name, at) => `${name}_${at}`,
        (name) => name.toLowerCase(),
      ),
    same: 'any case',
    escapes: 'in quotes',
    dropsBlankLines: 'empty of tables',
    otherLineEnds: 'a fault',
    strayQuotes: 'unknown',
    stopsAt: new Set(['INVALID_UTF8']),
    bom: 'text before a quote',
    takesHeader: (names) =>
      names.every((name) => !/[\r\n]/.test(name) && (sniff !== true || !looksLikeData(name))),
    longestRecord: 2_000_000,
    // It cuts a file into parts, wherever a line ends.
    longestFileOfBrokenLines: 8_000_000,
    comments: 'anywhere',
    guessedComment: '#',
    headerAlone: 'names',
    sniffs: sniff === true,
    learnsQuotes: sniff === true,
  }),
  spark: ({ schema = false, multiLine = false, escape = '\\' }) => ({
    ...plain,
    name: sparkName(schema, multiLine, escape),
    columns: schema === true ? 'by place' : 'by name',
    names: sparkNames,
    same: 'any case',
    lines: multiLine === true ? null : anyLines,
    joinsLines: false,
    quotes: 'escaped',
    escape: String(escape),
    streams: multiLine === true,
    leavesOut: multiLine !== true,
    dropsBlankLines: 'all',
    comments: 'lines',
  }),
  athena: () => ({
    ...plain,
    name: 'athena',
    columns: 'by place',
    lines: anyLines,
    joinsLines: false,
    quotes: 'escaped',
    escapes: 'as here, or unknown',
    dropsBlankLines: 'none',
    otherLineEnds: 'CR is text',
    strayQuotes: 'unknown',
    stopsAt: new Set(['NUL_BYTE']),
    bom: 'text',
    // Its limit of a row, and of a column.
    longestField: 32_000_000,
    longestRecord: 32_000_000,
  }),
  redshift: () => ({
    ...plain,
    name: 'redshift',
    // By a word of COPY alone.
    expands: null,
    columns: 'by place',
    escapes: 'nothing',
    dropsBlankLines: 'none',
    otherLineEnds: 'CR is text',
    strayQuotes: 'unknown',
    stopsAt: new Set(['INVALID_UTF8', 'NUL_BYTE']),
    bom: 'text',
    longestField: 65_535,
    // "The maximum size of a single input row from any source is 4 MB."
    longestRecord: 4_000_000,
  }),
  positional: () => ({
    ...plain,
    name: 'positional',
    columns: 'by place',
    comments: 'lines',
    // DuckDB, told its columns: it samples rows for quotes, and one vector of them for doubled ones.
    learnsQuotes: true,
    learnsDoubledIn: 2048,
  }),
};

/** How named readers read, each way once: one and the same object whenever it is asked for. */
export function readingsOf(named: readonly NamedReader[]): readonly Reading[] {
  const all = named.map(({ name, options }) => {
    const asked = `${name} ${JSON.stringify(options)}`;
    const reading = known.get(asked) ?? readings[name](options);
    known.set(asked, reading);
    return reading;
  });
  return [...new Map(all.map((reading) => [reading.name, reading])).values()];
}

/** By name and options: an audit of a small file spent a twentieth of its time on making them. */
const known = new Map<string, Reading>();

function sparkName(schema: unknown, multiLine: unknown, escape: unknown): string {
  const said = [
    ...(schema === true ? ['schema'] : []),
    ...(multiLine === true ? ['multiLine'] : []),
    ...(escape === '\\' ? [] : [`escape: ${String(escape)}`]),
  ];
  return said.length === 0 ? 'spark' : `spark (${said.join(', ')})`;
}

/** Spark numbers every column whose name another one has in any case, and those without a name. */
function sparkNames(header: readonly string[]): readonly string[] {
  const folded = header.map((name) => name.toLowerCase());
  return header.map((name, at) => {
    if (name === '') return `_c${at}`;
    const first = folded.indexOf(folded[at]!);
    return first === folded.lastIndexOf(folded[at]!) ? name : `${name}${at}`;
  });
}

/**
 * Whether a sniffer that guesses types may take a name for a number, a date, or nothing; backslashes
 * and apostrophes it may take for signs that escape.
 */
function looksLikeData(name: string): boolean {
  const text = name.replaceAll(/[\\']/g, '').trim();
  return (
    /^[-+.$(]?[.]?\d/.test(text) ||
    /^(?:|true|false|t|f|yes|no|y|n|null|nan|[-+]?inf.*)$/i.test(text)
  );
}

function unnamed(word: string): (name: string, at: number) => string {
  return (name, at) => (name === '' ? `${word}${at}` : name);
}

/** Names with a number for each but the first of one name; `at` counts from 1. */
function numberDoubled(
  header: readonly string[],
  numbered: (name: string, at: number) => string,
  fold: (name: string) => string = (name) => name,
): readonly string[] {
  const taken = new Set<string>();
  return header.map((name) => {
    let unique = name;
    for (let at = 1; taken.has(fold(unique)); at += 1) unique = numbered(name, at);
    taken.add(fold(unique));
    return unique;
  });
}
