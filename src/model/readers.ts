/** The readers that are known, by name. */
export type ReaderName =
  | 'python-csv'
  | 'pandas'
  | 'polars'
  | 'pyarrow'
  | 'duckdb'
  | 'spark'
  | 'athena'
  | 'redshift'
  | 'positional';

/** A program that a job reads a copy with, by its name and options (SPEC §3, `reader`). */
export interface NamedReader {
  readonly name: ReaderName;
  /** Those that are left out have the defaults of the reader's entry. */
  readonly options: Readonly<Record<string, boolean | string>>;
}

/** The readers of a copy as its contract names them. */
export interface SaidReaders {
  readonly readers: readonly NamedReader[];
  /** Those of them that were named by their own names, and not only by `all`. */
  readonly named: readonly string[];
  /** `canonical`: they get the copy written anew (`run --as canonical`). Left out: as it is stored. */
  readonly form?: 'stored' | 'canonical';
}

/** An option of a reader, as the contract may write it. */
export interface ReaderOption {
  readonly kind: 'flag' | 'sign';
  readonly default: boolean | string;
  /** What it says, when it is so. */
  readonly words: string;
}

/** A reader that a contract may name (SPEC §3, `reader`). */
export interface ReaderEntry {
  /** How it is opened. */
  readonly words: string;
  readonly options: Readonly<Record<string, ReaderOption>>;
  /** The sets of options that `all` stands for. */
  readonly all: readonly NamedReader['options'][];
}

const noOptions = { options: {}, all: [{}] } as const;

/**
 * One table of readers and their options; how each reads a format is the format's affair. The
 * README's table is this one.
 */
export const readers: Readonly<Record<ReaderName, ReaderEntry>> = {
  'python-csv': {
    words: '`csv.DictReader`, or `csv.reader` and its header line, over the decoded bytes',
    options: {
      splitlines: {
        kind: 'flag',
        default: false,
        words: 'the text is cut by `str.splitlines()` first',
      },
    },
    all: [{}, { splitlines: true }],
  },
  pandas: { words: '`read_csv` with `dtype=str, keep_default_na=False`', ...noOptions },
  polars: { words: '`read_csv` with `infer_schema=False`', ...noOptions },
  pyarrow: { words: '`csv.read_csv`, every column a string', ...noOptions },
  duckdb: {
    words: '`read_csv` with `all_varchar=true`',
    options: {
      sniff: {
        kind: 'flag',
        default: true,
        words: 'it finds delimiter, quote and header by itself',
      },
    },
    all: [{}, { sniff: false }],
  },
  spark: {
    words: '`spark.read.csv` with `header=True`, nothing inferred',
    options: {
      schema: {
        kind: 'flag',
        default: false,
        words: 'columns by place, as `.schema()` names them',
      },
      multiLine: {
        kind: 'flag',
        default: false,
        words: 'a quoted line break is part of its value',
      },
      escape: { kind: 'sign', default: '\\', words: 'the sign before a quote that is a character' },
    },
    all: [
      {},
      { multiLine: true },
      { schema: true },
      { schema: true, multiLine: true },
      { escape: '"' },
      { escape: '"', multiLine: true },
    ],
  },
  athena: { words: 'a table by OpenCSVSerDe or LazySimpleSerDe, from its documents', ...noOptions },
  redshift: { words: '`COPY … CSV IGNOREHEADER 1`, from its documents', ...noOptions },
  positional: { words: 'any program that finds columns by their place', ...noOptions },
};

export const readerNames: readonly ReaderName[] = [
  'python-csv',
  'pandas',
  'polars',
  'pyarrow',
  'duckdb',
  'spark',
  'athena',
  'redshift',
  'positional',
];

/** What `all` stands for, and what a reader that nobody names could be. */
export const allReaders: readonly NamedReader[] = readerNames.flatMap((name) =>
  readers[name].all.map((options) => ({ name, options })),
);
