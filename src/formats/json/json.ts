import {
  defaultLimits,
  inSlices,
  KeydriftError,
  type ByteSource,
  type Format,
  type FormatWarning,
  type ReadLimits,
  type Table,
} from '../../model/index.ts';
import { lineAt, readWhole } from '../bytes.ts';
import { recordOptions, type RecordOptions } from '../options.ts';
import { countedColumns, recordsATurn, tableOfRecords } from '../records.ts';
import { createMeasure, memoryTooSmall, type Measure } from '../measure.ts';
import { createMemberReader, type Fail, type MemberReader } from './members.ts';
import { checkRest, eachChild, findValue, space } from './walk.ts';

/**
 * JSON: an array of objects, at its root or where `records` points, or an object whose members'
 * names are the column `keyColumn`. Nested members are dotted columns; a number is the text that it
 * is written as; an absent member and null are the empty cell. One name twice in an object is a
 * fault: which of the two counts is unknown.
 */
export const json: Pick<Format, 'open'> = {
  open: (source, options, limits) => openJson(source, recordOptions(options), limits),
};

/** Where a record stands: its value, and the name of its member in an object. */
interface Found {
  readonly at: number;
  readonly line: number;
  readonly pointer: string;
  readonly key: string | null;
}

/** Bytes of memory that what is known of one record takes. */
const recordCost = 200;

async function openJson(
  source: ByteSource,
  options: RecordOptions,
  limits: ReadLimits = defaultLimits,
): Promise<Table> {
  // Twice its bytes: its chunks, and the whole of them.
  const { bytes, bom } = await readWhole(source, limits, 2);
  const fail: Fail = (code, at, message) => {
    const line = lineAt(bytes, at);
    throw new KeydriftError(code, `${message} (line ${line}, byte ${at + bom})`, {
      place: { line, byte: at + bom },
      hint: hints[code],
    });
  };
  const reader = createMemberReader(fail, limits);
  const measure = createMeasure(limits);
  const keyColumn = options.keyColumn === null ? -1 : reader.addColumn(options.keyColumn);
  const found = await findRecords(bytes, options, reader, fail, (records) => {
    const memory = 2 * bytes.length + recordCost * records;
    if (memory > limits.memory) throw memoryTooSmall(limits, memory);
  });
  const readOne = recordReader(bytes, reader, keyColumn);
  await inSlices(
    found.length,
    (from, to) => {
      for (const one of found.slice(from, to)) measureOne(measure, reader, one, readOne(one));
    },
    recordsATurn,
  );
  const counted = countedColumns(reader.columns, (column) => reader.hasValue(column));
  const mark: readonly FormatWarning[] =
    bom === 0 ? [] : [{ code: 'BOM', message: 'the file starts with a byte order mark', line: 1 }];
  const warnings = [...mark, ...measure.warnings()];
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

/** Reads a record, with the name of its member where the members are the records: its bytes. */
function recordReader(
  bytes: Buffer,
  reader: MemberReader,
  keyColumn: number,
): (found: Found) => number {
  let valueColumn = -1;
  return ({ at, key }) => {
    let end: number;
    if (key === null || bytes[at] === OBJECT) end = reader.read(bytes, at, bytes.length);
    else {
      if (valueColumn < 0) valueColumn = reader.addColumn('value');
      end = reader.readScalar(bytes, at, bytes.length, valueColumn);
    }
    if (key !== null) reader.setText(keyColumn, key);
    return end - at;
  };
}

function measureOne(
  measure: Measure,
  reader: MemberReader,
  { line, pointer }: Found,
  size: number,
): void {
  if (size < measure.nearCell && size < measure.nearRecord) return;
  const at = { text: `the record ${pointer.slice(0, 80)}`, line };
  measure.record(size, at);
  measure.cell(reader.longest(), at);
}

const OBJECT = 0x7b;
const ARRAY = 0x5b;

/** Where the records stand. The whole document is checked, also what is none of them. */
async function findRecords(
  bytes: Buffer,
  { records: pointer, keyColumn }: RecordOptions,
  reader: MemberReader,
  fail: Fail,
  see: (count: number) => void,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  let [line, seen] = [1, 0];
  const add = (start: number, name: string, key: string | null): void => {
    line += lineAt(bytes.subarray(seen, start), start - seen) - 1;
    seen = start;
    found.push({ at: start, line, pointer: `${pointer}/${name}`, key });
    if (found.length % recordsATurn === 0) see(found.length);
  };
  await findValue(bytes, pointer, reader, fail, async (at) => {
    const kind = bytes[at];
    if (kind === ARRAY && keyColumn === null) {
      return eachChild(bytes, at, reader, fail, (start, place) => add(start, String(place), null));
    }
    if (kind === OBJECT && keyColumn !== null) {
      return eachChild(bytes, at, reader, fail, (start, _, name) => {
        add(start, (name ?? '').replaceAll('~', '~0').replaceAll('/', '~1'), name);
      });
    }
    await checkRest(bytes, space(bytes, 0), reader, fail);
    const is = kind === OBJECT ? 'an object' : kind === ARRAY ? 'an array' : 'a single value';
    return fail(
      'NOT_RECORDS',
      at,
      `${pointer === '' ? 'the document' : pointer} is ${is}, not ${keyColumn === null ? 'an array of objects' : 'an object whose members are the records'}`,
    );
  });
  return found;
}

const hints: Readonly<Record<Parameters<Fail>[0], string>> = {
  JSON_INVALID: 'The file is cut off, or no JSON (RFC 8259): no comments, no trailing commas.',
  NOT_RECORDS:
    'Records are an array of objects. Say `records: /path/to/array` where it stands further in, or `keyColumn: NAME` for an object whose members are the records.',
  MEMBER_DOUBLED: 'Which of the two counts is unknown: rename or drop one.',
  TOO_LARGE: 'A support file is a table: leave out what is none.',
};
