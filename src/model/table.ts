import type { ReaderEffects } from './ambiguity.ts';
import type { PinnedCopy } from './copy.ts';
import type { ReadLimits } from './limits.ts';
import type { NamedReader } from './readers.ts';
import type { FormatWarning } from './warning.ts';

/** Where a row stands, in the words of its table. */
export interface RowPlace {
  /** 1-based physical line at which it starts; 0 in a table without lines. */
  readonly line: number;
  /** For people: `line 7`, `/records/6`, `row 7 of row group 2`. */
  readonly text: string;
  /** False: the number of its record is none that anybody else counts by. */
  readonly numbered?: false;
}

/** One data record as it stands in a table. Valid during the sink's call only. */
export interface RawRecord {
  /** 1-based number, the header not counted: what its table finds it by again. */
  readonly record: number;
  readonly place: RowPlace;
  /** How many cells it has. */
  readonly width: number;
  /** A cell's value; null and absent are empty. Throws content errors with their place. */
  text(column: number): string;
  /** Whether a cell has no value, where the format tells that from an empty one. */
  isNull?(column: number): boolean;
  /** A cell to show to a person: what is no text becomes U+FFFD; null where there is no cell. */
  shown(column: number): string | null;
}

export type RecordSink = (record: RawRecord) => void;

/**
 * Takes whole records as packed cells, valid during the call: for each record the word 1, and then
 * the cells of the columns that were asked for, in that order, each as its length (a word, `noValue`
 * for null) and its bytes, UTF-8. A record that is not as wide as its table is the word 0 alone.
 * Words are of 32 bits, little endian.
 */
export type PackedSink = (cells: Uint8Array, records: number) => void;

/** Stands for the length of a null. */
export const noValue = 0xffffffff;

/** The decoded bytes of a copy: a pinned copy itself, where nothing is to be decoded. */
export interface ByteSource extends Pick<PinnedCopy, 'open' | 'lend' | 'readRanges'> {
  /**
   * How long they are, where single ranges are cheaper to read than all of them; null: that is not
   * so after all. Left out: they come as one stream.
   */
  length?(): Promise<number | null>;
  /** All of them, where they are at hand in memory: `open` hands out these. */
  readonly atHand?: Uint8Array;
  /** How the copy is stored otherwise than is said of it, once the first bytes were read; left out: not so. */
  readonly unsaid?: () => UnsaidForm;
}

/** How a copy is stored, where neither its name nor the contract says so. */
export interface UnsaidForm {
  /** Compressed; or plain, though the name says that it is compressed; null: as is said. */
  readonly compression: 'compressed' | 'plain' | null;
  /** The encoding that a byte order mark tells; null: UTF-8, or what the contract says. */
  readonly encoding: string | null;
}

/**
 * A copy opened by its format. It may be read as often as wanted, one reading at a time; whoever
 * does not read it to its end closes it.
 */
export interface Table {
  readonly columns: readonly string[];
  /** Of what stands before the records. */
  readonly warnings: readonly FormatWarning[];
  /**
   * Every record, in file order; resolves to what other readers read differently. `wanted`: the
   * indexes of all columns that the sink asks for; left out: any.
   */
  read(sink: RecordSink, wanted?: readonly number[]): Promise<readonly FormatWarning[]>;
  /**
   * Reads single records again, by ascending 1-based numbers, each exactly once. Only after the
   * table was read to its end. Throws content errors where the bytes are others by now.
   */
  reread(records: Uint32Array, sink: RecordSink, wanted?: readonly number[]): Promise<void>;
  /**
   * Every record as packed cells of the columns that are asked for: what an engine takes sooner than
   * `read`, with the same records, faults and warnings. Left out where it would be none the sooner.
   */
  pack?(columns: readonly number[], sink: PackedSink): Promise<readonly FormatWarning[]>;
  /** Where a record stands, by its 1-based number; only after the table was read to its end. */
  place(record: number): RowPlace;
  /** Where an engine may read the bytes itself; left out where it may not. */
  readonly delimited?: DelimitedText;
  /** Whether a column that it lacks is an empty one: left out, it is a fault. */
  readonly lacking?: 'empty';
  /** What could be said of the copy so that columns are found that it lacks; null: nothing. */
  readonly advise?: (wanted: readonly string[]) => string | null;
  /**
   * Where a part of a copy is a copy: its bytes without the records that `keep` refuses, everything
   * else as it stands.
   */
  subset?(keep: (record: RawRecord) => boolean): Promise<AsyncIterable<Uint8Array>>;
  /**
   * What readers of the format make of the copy otherwise than this page. Only after the table was
   * read to its end. Left out where all readers of a format read alike.
   */
  effects?(asked: EffectsRequest): Promise<ReaderEffects>;
  /** What tells the records that may have effects, for copies that hold the same; as `effects`. */
  marks?(asked: EffectsRequest): Promise<RecordMarks>;
  close(): Promise<void>;
}

/** Whom and what effects are asked of. */
export interface EffectsRequest {
  readonly readers: readonly NamedReader[];
  /** Columns: it is what they make of the copy once it was written so as canonical CSV. */
  readonly form: 'stored' | CanonicalColumns;
  /** The columns that decide, with their names in the copy. */
  readonly needed: readonly NeededColumn[];
  /** What a record says, normalized, as one text; null: it is left out of account. */
  readonly say: (record: RawRecord) => string | null;
  /** What is looked at; left out: the file as a whole, and every record. */
  readonly part?: EffectsPart;
  /** `counted`: records whose effects are known by a look are counted, without sums; else all are tried. */
  readonly known?: 'tried' | 'counted';
  /** When what was found is enough; left out: every record is tried. */
  readonly enough?: EnoughEffects;
}

/**
 * When no more records are tried: who writes a copy could make millions that have to be. What is
 * found then is a part, and enough to decide.
 */
export interface EnoughEffects {
  /** So many records are tried at least. */
  readonly tried: number;
  /** The other copy's effects, all of them: enough is one that this one has more of. Null: any one. */
  readonly beside: ReaderEffects | null;
  /**
   * Whether it is enough that readers stop, or one has to go on with other units; `in part`: what is
   * found only warns, so that of the other copy no more is known than is enough either.
   */
  readonly weight: 'any' | 'silent' | 'in part';
}

/** How the columns of a copy stand where it is written anew (SPEC §4, *canonical*). */
export interface CanonicalColumns {
  /** The copy's columns by the contract's names, in the copy's order. */
  readonly names: readonly string[];
  /** Their indexes, in the order in which they are written. */
  readonly order: readonly number[];
}

/** A part of a copy that is tried on readers. */
export interface EffectsPart {
  /** For each of the copy's marks, 1 where its record is tried. */
  readonly marked: Uint8Array;
  /** Whether the file as a whole is, and records without a mark. */
  readonly rest: 'tried' | 'left out';
}

/** Records that may have effects on readers, each told by its bytes. */
export interface RecordMarks {
  /** How they are read: under equal words, records of equal marks have equal effects. */
  readonly read: string;
  /** A hash of 128 bits for each, under a key of this process: `markWords` words. */
  readonly hashes: Uint32Array;
}

export const markWords = 4;

/** A column that decides. */
export interface NeededColumn {
  /** The contract's word for it. */
  readonly name: string;
  readonly nameInFile: string;
  /** 0-based place in the copy's records. */
  readonly index: number;
}

/** Text whose records end at line ends and whose cells end at one ASCII byte. */
export interface DelimitedText {
  readonly delimiter: number;
  /** -1: quotes mean nothing. */
  readonly quote: number;
  /** Lines that start with it are no records; -1: there are none. */
  readonly comment: number;
  /** The records' bytes, a chunk valid until the next one is asked for. */
  body(): Promise<DelimitedBody>;
  /** Takes where an engine that read it to its end found its records. */
  found(places: RecordPlaces): void;
}

export interface DelimitedBody {
  /** Byte offset, and 1-based line, at which the first record or blank line starts. */
  readonly offset: number;
  readonly line: number;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Where the records of a delimited text start, by their index: record number − 1. */
export interface RecordPlaces {
  readonly rows: number;
  /** Byte offset. */
  start(row: number): number;
  /** 1-based physical line. */
  line(row: number): number;
}

/** A file format: what opens a copy as a table. One folder of `formats/`, one line of its index. */
export interface Format {
  readonly name: string;
  /** Endings of names that tell it, and what each tells beside: `.tsv`, by tabs. */
  readonly endings: Readonly<Record<string, Ending>>;
  /**
   * Reads up to the columns. Content faults are KeydriftErrors with their place; what is beyond the
   * limits (left out: the defaults) is `TOO_LARGE`, and what is near them a warning.
   */
  open(source: ByteSource, options: FormatOptions, limits?: ReadLimits): Promise<Table>;
  /**
   * A copy's text as maps and lists, of formats whose records stand in a document of them (`records`,
   * `keyColumn`); left out: a copy is nothing but records. Throws for what is none.
   */
  document?(this: void, text: string): Promise<unknown>;
}

/** What the ending of a name tells of a copy. */
export interface Ending {
  /** How it is written; left out: as the format is by itself. */
  readonly options?: FormatOptions;
  /** What its object says that it is; left out: `application/octet-stream`. */
  readonly contentType?: string;
}

/** What a contract says of how a copy is written; each format knows its own words. */
export type FormatOptions = Readonly<Record<string, unknown>>;

/** Formats by name; the first is that of names whose ending tells none. */
export type FormatRegistry = Readonly<Record<string, Format>>;
