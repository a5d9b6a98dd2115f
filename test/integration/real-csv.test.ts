import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Dialect } from '../../src/formats/csv/dialect.ts';
import { openCsvTable } from '../../src/formats/csv/table.ts';
import { KeydriftError } from '../../src/model/index.ts';
import { realMaterial, withoutMaterial } from './real.ts';

interface CsvCase {
  readonly id: string;
  readonly file: string;
  readonly class: string;
  readonly encoding: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly rows_sha256?: string;
  readonly expected_file?: string;
}
interface Expected {
  readonly rows?: Rows;
  readonly rows_without_blank_lines?: Rows;
  readonly peer_rows?: Rows;
  readonly rows_lenient?: Rows;
}
type Rows = readonly (readonly string[])[];

const folder = join(realMaterial, 'csv');
const cases: readonly CsvCase[] =
  withoutMaterial === '' ? JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8')).cases : [];
const ofClass = (letter: string): readonly CsvCase[] =>
  cases.filter((one) => one.class.startsWith(letter));

const rfc: Dialect = { delimiter: ',', quote: '"', escape: null, comment: null, names: [] };

/** Every record, the header among them, or the code of the error. */
async function read({ file }: CsvCase, dialect: Dialect = rfc, chunk = 7): Promise<Rows | string> {
  const bytes = readFileSync(join(folder, file));
  const rows: string[][] = [];
  try {
    const table = await openCsvTable({ open: () => inChunks(bytes, chunk) }, dialect);
    await table.read((record) => {
      rows.push(Array.from({ length: record.width }, (_, column) => record.text(column)));
    });
    return rows;
  } catch (error) {
    if (error instanceof KeydriftError) return error.code;
    throw error;
  }
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const sha256 = (rows: Rows): string =>
  createHash('sha256').update(JSON.stringify(rows)).digest('hex');

function expectedOf({ expected_file: file }: CsvCase): Expected {
  return JSON.parse(readFileSync(join(folder, file!), 'utf8'));
}

const withoutBlank = (rows: Rows): Rows =>
  rows.filter((cells) => cells.length !== 1 || cells[0] !== '');

describe.skipIf(withoutMaterial !== '')(
  `CSV files of other parsers’ suites${withoutMaterial}`,
  () => {
    test('the material is whole', () => {
      expect(cases.length).toBe(388);
    });

    test.each(ofClass('A'))('strict: $id', async (one) => {
      const rows = await read(one);
      // What is not UTF-8 is refused, never guessed.
      if (typeof rows === 'string') {
        expect(rows).toBe('INVALID_UTF8');
        expect(one.encoding).not.toBe('utf-8');
      } else {
        expect(rows).toStrictEqual(expectedOf(one).rows);
        expect(sha256(rows)).toBe(one.rows_sha256);
        expect(await read(one, rfc, 65_536)).toStrictEqual(rows);
      }
    });

    test.each(ofClass('B'))('convention: $id', async (one) => {
      const rows = await read(one);
      if (typeof rows === 'string') {
        expect(rows).toMatch(/^(INVALID_UTF8|NUL_BYTE)$/);
        return;
      }
      // A line of zero bytes is no record, always.
      const { rows: all, rows_without_blank_lines: without } = expectedOf(one);
      expect(rows).toStrictEqual(without ?? all);
    });

    test.each(ofClass('C'))('malformed: $id', async (one) => {
      const rows = await read(one);
      if (typeof rows === 'string') {
        expect(rows).toMatch(/^(CSV_|INVALID_UTF8|NUL_BYTE)/);
        return;
      }
      const { peer_rows: peer, rows_lenient: lenient, rows: plain } = expectedOf(one);
      const readings = [peer, lenient, plain].filter((it) => it !== undefined).map(withoutBlank);
      expect(readings).toContainEqual(withoutBlank(rows));
    });

    test.each(ofClass('D').filter((one) => toDialect(one) !== null))(
      'with options $options: $id',
      async (one) => {
        const rows = await read(one, toDialect(one)!);
        if (typeof rows === 'string') {
          expect(rows).toMatch(/^(CSV_|INVALID_UTF8|NUL_BYTE)/);
          return;
        }
        const { peer_rows: peer, rows_without_blank_lines: without, rows: plain } = expectedOf(one);
        // A line of zero bytes is no record; one of an empty quoted value is.
        const readings = [peer ?? plain ?? [], without ?? [], withoutBlank(peer ?? plain ?? [])];
        expect(readings).toContainEqual(rows);
      },
    );

    const beyond = ofClass('D').filter((one) => toDialect(one) === null);
    // oxlint-disable-next-line vitest/no-disabled-tests, vitest/expect-expect -- listed by name, not skipped in silence
    test.skip.each(beyond)(
      'options that the contract does not have: $options: $id',
      () => undefined,
    );

    test.each(ofClass('E'))('undecodable: $id', async (one) => {
      expect(await read(one)).toBe('INVALID_UTF8');
    });
  },
);

/** Options of a peer as the contract's; null: it has no such. */
function toDialect({ options }: CsvCase): Dialect | null {
  let dialect = rfc;
  for (const [name, value] of Object.entries(options)) {
    const read_ = readOption(name, value);
    if (read_ === null) return null;
    dialect = { ...dialect, ...read_ };
  }
  return dialect;
}

function readOption(name: string, value: unknown): Partial<Dialect> | null {
  if (name === 'newline' || /^skip_?empty_?lines$/i.test(name))
    return value === 'greedy' ? null : {};
  if (name === 'comments') return value === true ? { comment: '#' } : sign('comment', value);
  if (name === 'delimiter') return sign('delimiter', value);
  if (name === 'quote' || name === 'quoteChar') return sign('quote', value);
  if (name.startsWith('relax_column_count')) return {};
  if (name !== 'rust' || typeof value !== 'string') return null;
  if (value === 'quoting(false)') return { quote: null };
  const [, option, found] = /^(delimiter|quote|comment)\((?:Some\()?b'(.)'\)?\)$/.exec(value) ?? [];
  const known = (['delimiter', 'quote', 'comment'] as const).find((one) => one === option);
  return known === undefined ? null : sign(known, found);
}

/** One character that is no line end, as a contract may say it. */
function sign(name: 'delimiter' | 'quote' | 'comment', value: unknown): Partial<Dialect> | null {
  return typeof value === 'string' && /^[!-~\t]$/.test(value) ? { [name]: value } : null;
}
