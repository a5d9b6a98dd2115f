import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { planScan } from '../../src/engine/index.ts';
import { dialectOf } from '../../src/formats/csv/dialect.ts';
import { openCsvTable } from '../../src/formats/csv/table.ts';
import { KeydriftError } from '../../src/model/index.ts';
import { sourceOf } from './memory.ts';

/** The error of a copy whose key is `id` and that is to have `mode` as well; null: it has them. */
async function errorOf(
  bytes: string | Uint8Array,
  csv: Readonly<Record<string, unknown>> = {},
  piece = 4096,
): Promise<{ code: string; message: string; hint: string | null } | null> {
  try {
    const table = await openCsvTable(sourceOf(bytes, piece), dialectOf(csv));
    await table.close();
    const request = {
      side: 'runtime',
      key: [{ column: 'id', optional: false }],
      consumes: null,
      descriptive: [],
      rename: new Map(),
      normalize: new Map(),
      counterpart: ['mode'],
    } as const;
    planScan(table.columns, request, table.advise);
    return null;
  } catch (error) {
    if (!(error instanceof KeydriftError)) throw error;
    const { code, message, hint } = error;
    return { code, message, hint };
  }
}

test.for([
  ['ZIP archive', Buffer.from('PK\u0003\u0004\u0014\0\0\0', 'latin1')],
  ['XLS file', Buffer.from('\u00d0\u00cf\u0011\u00e0\u00a1', 'latin1')],
  ['Parquet file', Buffer.from('PAR1\u0015\u0004')],
  ['Git LFS pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:1\n')],
  ['git-crypt', Buffer.from('\0GITCRYPT\0abcdefgh')],
  ['HTML page', Buffer.from('\n<!DOCTYPE html>\n<html>')],
  ['HTML page', Buffer.from('<html><head>')],
  [
    'S3 error document',
    Buffer.from('<?xml version="1.0"?>\n<Error><Code>NoSuchKey</Code></Error>'),
  ],
  ['aws-chunked', Buffer.from(`19;chunk-signature=${'0'.repeat(64)}\r\nid,mode\n`)],
] as const)('content of another kind is named: %s', async ([what, bytes]) => {
  const error = await errorOf(bytes);
  expect(error?.code).toBe('CONTENT_OF_ANOTHER_KIND');
  expect(error?.message).toContain(what);
  expect(error?.hint).not.toBeNull();
});

test.for([
  ['id;mode\nP-1;full\n', {}, 'csv: {delimiter: ";"}'],
  ['\uFEFFid\tmode\r\nP-1\tfull\r\n', {}, String.raw`csv: {delimiter: "\t"}`],
  ['id|mode|note\n', {}, 'csv: {delimiter: "|"}'],
  ['id,mode\n', { delimiter: ';' }, 'csv: {delimiter: ","}'],
  ['id; mode\n', {}, 'csv: {delimiter: ";"}'],
  ['id; mode\n', {}, 'columns: {mode: " mode"}'],
  ['ID|Mode|note\n', {}, 'columns: {id: "ID", mode: "Mode"}'],
  ['# exported\n# by nobody\nid,mode\n', {}, 'csv: {comment: "#"}'],
  ['# exported\nid;mode\n', {}, 'csv: {delimiter: ";", comment: "#"}'],
  ['sep=;\r\nid;mode\r\n', {}, "Excel's sep=;"],
  [
    '19\r\nid,mode\nP-1,full\nP-2,inc\n\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
    {},
    'aws-chunked',
  ],
] as const)('what would read a copy is proposed: %s', async ([text, csv, wanted]) => {
  const error = await errorOf(text, csv);
  expect(error?.code).toBe('COLUMN_MISSING');
  expect(error?.hint).toContain(wanted);
});

test.for([
  ['ID,MODE\n', 'ID'],
  ['19\r\nabc\r\n', '19'],
  ['# id\n', '# id'],
  ['a;b\n', 'a;b'],
  ['', null],
] as const)('nothing is proposed that would not help: %s', async ([text, shown]) => {
  const error = await errorOf(text);
  expect(error?.hint).not.toContain('csv:');
  if (shown !== null) expect(error?.hint).toContain(shown);
});

test('columns without a name are told by their number', async () => {
  const first = await errorOf(',id,mode\n');
  expect(first?.message).toContain('has a column "" (column 1), other than');
  expect(first?.hint).toContain('data frame');
  const last = await errorOf('id,mode,,\n');
  expect(last?.message).toContain('has 2 columns without a name (3, 4), other than');
  expect(last?.hint).toContain('spreadsheet');
  expect((await errorOf('id,more,,mode\n'))?.message).toContain(
    'column more and a column "" (column 3)',
  );
});

test('a header in quotes under another dialect proposes that one, for a contract and for diff', async () => {
  const error = await errorOf('"id";"mode"\n"P-1";"full"\n');
  expect(error?.code).toBe('CSV_TEXT_AFTER_QUOTE');
  expect(error?.hint).toContain('csv: {delimiter: ";"}');
  expect(error?.hint).toContain("diff: --csv 'delimiter=;'");
  const tabs = await errorOf('"id"\t"mode"\n');
  expect(tabs?.hint).toContain('diff: --csv delimiter=tab');
});

test('a backslash before a quote proposes the escape sign, by which the copy is read', async () => {
  const bytes = 'id,mode\nP-1,"the \\"full\\" one"\n';
  const plain = await openCsvTable(sourceOf(bytes, 4096), dialectOf({}));
  const hint = String.raw`csv: {escape: "\\"}`;
  await expect(plain.read(() => undefined)).rejects.toMatchObject({
    code: 'CSV_TEXT_AFTER_QUOTE',
    hint: expect.stringContaining(hint),
  });
  const table = await openCsvTable(sourceOf(bytes, 4096), dialectOf(parse(hint).csv));
  const values: string[] = [];
  await table.read((record) => values.push(record.text(1)));
  expect(values).toEqual(['the "full" one']);
});
