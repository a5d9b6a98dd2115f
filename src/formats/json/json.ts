import {
  KeydriftError,
  type ByteSource,
  type Format,
  type FormatWarning,
  type Table,
} from '../../model/index.ts';
import { lineAt, readWhole } from '../bytes.ts';
import { recordOptions, type RecordOptions } from '../options.ts';
import { countedColumns, tableOfRecords } from '../records.ts';
import { createMemberReader, type Fail, type MemberReader } from './members.ts';
import { eachChild, findValue } from './walk.ts';

/**
 * JSON: an array of objects, at its root or where `records` points, or an object whose members'
 * names are the column `keyColumn`. Nested members are dotted columns; a number is the text that it
 * is written as; an absent member and null are the empty cell. One name twice in an object is a
 * fault: which of the two counts is unknown.
 */
export const json: Format = {
  name: 'json',
  endings: ['.json'],
  open: (source, options) => openJson(source, recordOptions(options)),
};

/** Where a record stands: its value, and the name of its member in an object. */
interface Found {
  readonly at: number;
  readonly line: number;
  readonly pointer: string;
  readonly key: string | null;
}

async function openJson(source: ByteSource, options: RecordOptions): Promise<Table> {
  const { bytes, bom } = await readWhole(source);
  const fail: Fail = (code, at, message) => {
    const line = lineAt(bytes, at);
    throw new KeydriftError(code, `${message} (line ${line}, byte ${at + bom})`, {
      place: { line, byte: at + bom },
      hint: hints[code],
    });
  };
  const reader = createMemberReader(fail);
  const keyColumn = options.keyColumn === null ? -1 : reader.addColumn(options.keyColumn);
  const found = findRecords(bytes, options, reader, fail);
  const readOne = recordReader(bytes, reader, keyColumn);
  for (const one of found) readOne(one);
  const counted = countedColumns(reader.columns, (column) => reader.hasValue(column));
  const warnings: readonly FormatWarning[] =
    bom === 0 ? [] : [{ code: 'BOM', message: 'the file starts with a byte order mark', line: 1 }];
  return tableOfRecords({
    columns: counted.map((column) => reader.columns[column]!),
    warnings,
    rows: found.length,
    select: (record) => readOne(found[record - 1]!),
    text: (column) => reader.text(counted[column]!),
    place: (record) => {
      const { line, pointer } = found[record - 1]!;
      return { line, text: pointer };
    },
  });
}

/** Reads a record, with the name of its member where the members are the records. */
function recordReader(
  bytes: Buffer,
  reader: MemberReader,
  keyColumn: number,
): (found: Found) => void {
  let valueColumn = -1;
  return ({ at, key }) => {
    if (key === null || bytes[at] === OBJECT) reader.read(bytes, at, bytes.length);
    else {
      if (valueColumn < 0) valueColumn = reader.addColumn('value');
      reader.readScalar(bytes, at, bytes.length, valueColumn);
    }
    if (key !== null) reader.setText(keyColumn, key);
  };
}

const OBJECT = 0x7b;
const ARRAY = 0x5b;

/** Where the records stand. The whole document is checked, also what is none of them. */
function findRecords(
  bytes: Buffer,
  { records: pointer, keyColumn }: RecordOptions,
  reader: MemberReader,
  fail: Fail,
): readonly Found[] {
  const at = findValue(bytes, pointer, reader, fail);
  const found: Found[] = [];
  let [line, seen] = [1, 0];
  const add = (start: number, name: string, key: string | null): void => {
    line += lineAt(bytes.subarray(seen, start), start - seen) - 1;
    seen = start;
    found.push({ at: start, line, pointer: `${pointer}/${name}`, key });
  };
  const kind = bytes[at];
  if (kind === ARRAY && keyColumn === null) {
    eachChild(bytes, at, reader, fail, (start, place) => add(start, String(place), null));
  } else if (kind === OBJECT && keyColumn !== null) {
    eachChild(bytes, at, reader, fail, (start, _, name) => {
      add(start, (name ?? '').replaceAll('~', '~0').replaceAll('/', '~1'), name);
    });
  } else {
    const is = kind === OBJECT ? 'an object' : kind === ARRAY ? 'an array' : 'a single value';
    fail(
      'NOT_RECORDS',
      at,
      `${pointer === '' ? 'the document' : pointer} is ${is}, not ${keyColumn === null ? 'an array of objects' : 'an object whose members are the records'}`,
    );
  }
  return found;
}

const hints: Readonly<Record<Parameters<Fail>[0], string>> = {
  JSON_INVALID: 'The file is cut off, or no JSON (RFC 8259): no comments, no trailing commas.',
  NOT_RECORDS:
    'Records are an array of objects. Say `records: /path/to/array` where it stands further in, or `keyColumn: NAME` for an object whose members are the records.',
  MEMBER_DOUBLED: 'Which of the two counts is unknown: rename or drop one.',
  TOO_LARGE: 'A support file is a table: leave out what is none.',
};
