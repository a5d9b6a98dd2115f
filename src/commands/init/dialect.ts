import { parse } from 'csv-parse/sync';
import {
  decode,
  formatByContent,
  formatByName,
  formats as known,
  otherKindOf,
} from '../../formats/index.ts';
import {
  defaultLimits,
  KeydriftError,
  wholeOf,
  type FormatOptions,
  type FormatRegistry,
  type PinnedCopy,
  type Format,
} from '../../model/index.ts';
import type { ScanRequest } from '../../judge/request.ts';

/** How a file is written, as a contract says it, and why. */
export interface Dialect {
  /** The format that it is read by. */
  readonly format: string;
  /** Words of a contract that have to be said: `format`, `encoding`, `csv`, `records`, `keyColumn`. */
  readonly words: Readonly<Record<string, unknown>>;
  readonly notes: Readonly<Record<string, string>>;
  readonly unsure: readonly string[];
}

/** Decoded bytes of a file's start that are looked at. */
const headBytes = 1 << 20;
/** A document that is larger is not searched for its records. */
const documentBytes = 16 << 20;

/** Tells format, encoding and dialect of a copy by its name and its first bytes. */
export async function tellDialect(
  copy: PinnedCopy,
  formats: FormatRegistry = known,
): Promise<Dialect> {
  const name = copy.path ?? copy.location;
  const decoded = decode(copy, decodingOf({}));
  const named = formatByName(formats, name)?.format ?? null;
  const format = named ?? (await formatByContent(formats, decoded)).format;
  const isTold = named !== null || format === Object.values(formats)[0];
  const words: Record<string, unknown> = isTold ? {} : { format: format.name };
  const notes: Record<string, string> = isTold
    ? {}
    : { format: 'told by its first bytes: its name says none' };
  const found = { format: format.name, words, notes, unsure: [] };
  if (format.document !== undefined) return await tellRecords(copy, found, format.document);
  if (format.name !== 'csv') return found;
  const head = await headOf(copy);
  const encoding = encodingIn(head.bytes);
  if (encoding !== null) {
    if (isBinary(head.bytes)) {
      const message = `${name} is no text of any encoding that could be told: it looks binary`;
      throw (
        otherKindOf(head.bytes, format.name, null) ??
        new KeydriftError('CONTENT_OF_ANOTHER_KIND', message, {
          hint: 'Name its format by its extension, if it is JSON, YAML or Parquet.',
        })
      );
    }
    words['encoding'] = encoding;
    notes['encoding'] = 'its bytes are no UTF-8';
  }
  const text = new TextDecoder(encoding ?? 'utf-8').decode(head.bytes);
  const lines = head.isWhole ? text : text.slice(0, text.lastIndexOf('\n') + 1);
  const csv = csvOf(lines);
  const unsure = [
    ...(encoding === null
      ? []
      : [`encoding: ${encoding} is a guess, another one-byte encoding reads the same bytes`]),
    ...csv.unsure,
  ];
  if (Object.keys(csv.words).length === 0) return { ...found, unsure };
  return { ...found, words: { ...words, csv: csv.words }, unsure };
}

/** What a table is opened with by these words. */
export function requestOf(
  { words }: Pick<Dialect, 'words'>,
  formats: FormatRegistry = known,
): Pick<ScanRequest, 'formats' | 'written' | 'decoding'> {
  const { csv = {}, records, keyColumn } = words;
  const document = {
    ...(records === undefined ? {} : { records }),
    ...(keyColumn === undefined ? {} : { keyColumn }),
  };
  const documents = Object.values(formats).filter((one) => one.document !== undefined);
  const written: Record<string, FormatOptions> = {
    csv: isMap(csv) ? csv : {},
    ...Object.fromEntries(documents.map(({ name }) => [name, document])),
  };
  return { formats, written, decoding: decodingOf(words) };
}

function decodingOf(words: Dialect['words']): ScanRequest['decoding'] {
  const { expandedBytes, expandedRatio } = defaultLimits;
  const word = (name: string): string | null => {
    const value = words[name];
    return typeof value === 'string' ? value : null;
  };
  const [format, encoding] = [word('format'), word('encoding')];
  return { format, compression: null, encoding, expandedBytes, expandedRatio };
}

/** The first bytes, expanded and not yet of any encoding but UTF-8 and UTF-16. */
async function headOf(copy: PinnedCopy): Promise<{ bytes: Buffer; isWhole: boolean }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of decode(copy, decodingOf({})).open()) {
    pieces.push(Uint8Array.from(chunk));
    size += chunk.length;
    if (size >= headBytes) return { bytes: Buffer.concat(pieces), isWhole: false };
  }
  return { bytes: Buffer.concat(pieces), isWhole: true };
}

function encodingIn(bytes: Buffer): string | null {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return null;
  } catch {
    return 'windows-1252';
  }
}

/** Whether bytes that are no UTF-8 hold control characters that no table of a one-byte encoding has. */
function isBinary(bytes: Buffer): boolean {
  const start = bytes.subarray(0, 65_536);
  return start.filter(isControl).length > start.length / 100;
}

/** But tab, line ends, ESC and U+0001, a delimiter of Hive. */
function isControl(byte: number): boolean {
  return byte === 0 || (byte > 1 && byte < 9) || (byte > 13 && byte < 27) || byte === 127;
}

const delimiters = [',', ';', '\t', '|', '\u0001'] as const;
const mostLines = 2000;

/** The delimiter that cuts all lines alike, into the most cells; and what stands in the first line. */
function csvOf(text: string): {
  readonly words: Readonly<Record<string, unknown>>;
  readonly unsure: readonly string[];
} {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const sign = /^[#%!;]/.exec(lines[0] ?? '')?.[0] ?? null;
  const after = lines.findIndex((line) => line !== '' && !line.startsWith(sign ?? '\0'));
  const comment = sign !== null && after > 0 && lines[after]!.length > 0 ? sign : null;
  const body = (comment === null ? lines : lines.filter((line) => !line.startsWith(comment)))
    .slice(0, mostLines)
    .join('\n');
  const [best] = delimiters
    .map((delimiter) => ({ delimiter, rows: cut(body, delimiter) }))
    .map((one) => ({ ...one, width: one.rows[0]?.length ?? 0, even: evenness(one.rows) }))
    .toSorted((a, b) => b.even - a.even || b.width - a.width);
  const delimiter = best === undefined || best.width < 2 ? ',' : best.delimiter;
  const rows = cut(body, delimiter);
  const names = namesOf(rows);
  return {
    words: {
      ...(delimiter === ',' ? {} : { delimiter }),
      ...(comment === null ? {} : { comment }),
      ...(names === null ? {} : { names }),
    },
    unsure:
      names === null
        ? []
        : ['its first line looks like data: give the columns their names in csv.names'],
  };
}

function cut(text: string, delimiter: string): readonly (readonly string[])[] {
  try {
    return parse(text, {
      delimiter,
      relax_quotes: true,
      relax_column_count: true,
      skip_empty_lines: true,
    });
  } catch {
    return [];
  }
}

/** Share of lines with as many cells as the first, of a table of two columns or more; else 0. */
function evenness(rows: readonly (readonly string[])[]): number {
  const width = rows[0]?.length ?? 0;
  if (width < 2) return 0;
  return rows.filter(({ length }) => length === width).length / rows.length;
}

function isData(cell: string): boolean {
  return /^[+-]?\d[\d.,:/-]*$/.test(cell.trim());
}

/** Names for the columns of a file whose first line is no header; null: it is one. */
function namesOf(rows: readonly (readonly string[])[]): readonly string[] | null {
  const [first, ...rest] = rows;
  if (first === undefined || rest.length === 0 || first.length < 2) return null;
  // Names are no numbers, and stand once.
  if (first.some(isData)) return first.map((_, at) => `column_${at + 1}`);
  return null;
}

/** Where the records of a document are that is no list of them. */
async function tellRecords(
  copy: PinnedCopy,
  found: Dialect,
  read: NonNullable<Format['document']>,
): Promise<Dialect> {
  if (copy.bytes > documentBytes) return found;
  const text = Buffer.from(await wholeOf(decode(copy, decodingOf({})))).toString('utf8');
  let document: unknown;
  try {
    document = await read(text);
  } catch {
    return found;
  }
  if (!isMap(document)) return found;
  const inside = Object.entries(document).filter(([, value]) => isListOfMaps(value));
  const [records] = inside;
  if (records !== undefined) {
    const pointer = `/${records[0].replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const unsure = inside.slice(1).map(([name]) => `there are records in /${name} as well`);
    const notes = { ...found.notes, records: 'the member that is a list of records' };
    return { ...found, words: { ...found.words, records: pointer }, notes, unsure };
  }
  const values = Object.values(document);
  if (values.length === 0 || !values.every(isMap)) return found;
  const taken = new Set(values.flatMap((value) => Object.keys(value)));
  const keyColumn = ['id', 'key', 'name_of_record'].find((name) => !taken.has(name)) ?? 'key_';
  const notes = { ...found.notes, keyColumn: 'its keys are values: they become this column' };
  return { ...found, words: { ...found.words, keyColumn }, notes };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOfMaps(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isMap);
}
