import { expect, test } from 'vitest';
import {
  fileRevision,
  KeydriftError,
  type PinnedCopy,
  type Warning,
} from '../../src/model/index.ts';
import { looseValue } from '../../src/compare/index.ts';
import { hasLostDigits } from '../../src/engine/key-watch.ts';
import { scanNamed } from '../../src/judge/copies.ts';
import { keyFormWarnings } from '../../src/judge/key-forms.ts';
import { keepSmall } from '../../src/judge/memory.ts';
import { scanRequest } from './scan-request.ts';
import { scanCopy } from '../../src/judge/scan.ts';
import type { Scope } from '../../src/judge/scope.ts';

function memoryCopy(text: string): PinnedCopy {
  const bytes = Buffer.from(text);
  return keepSmall({
    location: 'file:/memory.csv',
    revision: fileRevision('2026-11-22T17:00:00.000Z'),
    bytes: bytes.length,
    // The port is asynchronous; nothing here waits.
    // oxlint-disable-next-line typescript/require-await
    async *open(range = { start: 0, end: bytes.length }) {
      yield bytes.subarray(range.start, range.end);
    },
  });
}

const request = scanRequest({
  side: 'runtime',
  key: [{ column: 'k', optional: false }],
  consumes: ['v'],
});

async function warningsOf(keys: readonly string[]): Promise<readonly Warning[]> {
  const copy = memoryCopy(`k,v\n${keys.map((key) => `${key},1\n`).join('')}`);
  const { warnings } = await scanNamed(copy, request);
  return warnings.filter(({ code }) => code === 'RESPELLED' || code === 'KEY_DIGITS_LOST');
}

test('units of one side that are one under loose reading are told once', async () => {
  for (const pair of [
    ['P-1', 'p-1'],
    ['P-1', 'P-1 '],
    ['P-1', 'P-1\u00a0'],
    ['P-1', 'P-1\u200b'],
    ['7', '007'],
    ['42', '42.0'],
    ['42', '+42'],
    ['caf\u00e9', 'cafe\u0301'],
    ['1.2E+04', '12000'],
    ['Stra\u00dfe', 'STRASSE'],
  ]) {
    const found = await warningsOf(['other', ...pair]);
    expect([pair, found.map(({ code }) => code)]).toEqual([pair, ['RESPELLED']]);
    expect(found[0]).toMatchObject({ side: 'runtime', line: null });
    expect(found[0]?.message).toMatch(/^2 units are 1 under loose reading/);
  }
  expect((await warningsOf(['a b', 'a\u200bb']))[0]?.message).toContain('"a b" and "a\\u200bb"');
});

test('keys that differ otherwise, and keys that are repeated, are not', async () => {
  for (const keys of [
    ['P-1', 'P-2', 'P-1'],
    ['P-1', 'Q-1', 'r-1'],
    ['1.5', '15', '150'],
    ['0', '00x', '10', '1'],
    ['\u0420-1', 'P-1'],
  ]) {
    expect(await warningsOf(keys)).toEqual([]);
  }
});

test('at most twenty groups are named', async () => {
  const keys = Array.from({ length: 30 }, (_, at) => [`K${at}`, `k${at}`]).flat();
  const [warning] = await warningsOf(keys);
  expect(warning?.message).toMatch(/^60 units are 30 .*"K19" and "k19"; and 10 more$/);
});

test('a number that a spreadsheet rounded is told, once for each column', async () => {
  const found = await warningsOf(['1.23457E+17', '9.87654E+15', '1.5', '12E3']);
  expect(found).toMatchObject([{ code: 'KEY_DIGITS_LOST', side: 'runtime', line: 2 }]);
  for (const value of ['12E3', '1.20E+04', '1.234567890123E+11', 'E+17', '1.5', '1E5']) {
    expect([value, hasLostDigits(value)]).toEqual([value, false]);
  }
});

test('it is told of copies of any size, by the kernel as by the host', async () => {
  const values = [
    ['1.23457E+17', true],
    ['"-9,87654e17"', true],
    ['+1E11', true],
    ['1E+011', true],
    ['1E10', false],
    ['1.E+17', false],
    ['1.123456789012345E+17', false],
    ['1.12345678901234E+17', true],
    ['1.123456789012345E+9', false],
    ['1.2E+1234', false],
    ['12E+17', false],
    ['1.2E-17', false],
    ['1.2E+17 ', false],
    ['1.2E+', false],
    ['"3.4E+15"', true],
  ] as const;
  const large = Array.from({ length: 40 }, (_, at) => `K-${at}-${'n'.repeat(120_000)}`);
  for (const [at, [value, isLost]] of values.entries()) {
    const found = await warningsOf([...(at === 0 ? large : ['K-0']), value]);
    const told = found.filter(({ code }) => code === 'KEY_DIGITS_LOST');
    const line = at === 0 ? 42 : 3;
    expect([value, told.map((one) => one.line)]).toEqual([value, isLost ? [line] : []]);
    expect([value, hasLostDigits(value.replaceAll('"', ''))]).toEqual([value, isLost]);
  }
});

test('large copies are read once more, loosely, where some key may be respelled', async () => {
  const note = 'n'.repeat(2600);
  const large = async (
    keys: readonly string[],
    at: 'hand' | 'a store' = 'hand',
    scope: Scope | null = null,
  ): Promise<readonly unknown[]> => {
    const bytes = Buffer.from(`k,v,n\n${keys.map((key) => `${key},1,${note}\n`).join('')}`);
    expect(bytes.length).toBeGreaterThan(4 * 1024 * 1024);
    let readings = 0;
    async function* open(range = { start: 0, end: bytes.length }): AsyncGenerator<Uint8Array> {
      if (range.end - range.start === bytes.length) readings += 1;
      yield await Promise.resolve(bytes.subarray(range.start, range.end));
    }
    const { revision } = memoryCopy('');
    const stored = { location: 'file:/x.csv', revision, bytes: bytes.length, open };
    const copy = at === 'hand' ? { ...stored, lend: () => open() } : stored;
    const { warnings } = await scanNamed(copy, request, { scope, partner: null });
    return [
      readings,
      ...warnings.filter(({ code }) => code === 'RESPELLED').map((one) => one.message),
    ];
  };
  const keys = Array.from({ length: 2000 }, (_, at) => `P-${at}`);
  expect(await large([...keys, ...keys.slice(0, 100)])).toStrictEqual([1]);
  const respelled = await large([...keys, 'p-7', 'P-9 ', '12E3', '12000']);
  expect(respelled).toHaveLength(2);
  expect(respelled[1]).toMatch(
    /^6 units are 3 under .*: "P-7" and "p-7"; "P-9" and "P-9 "; "12E3" and "12000"$/,
  );
  // Wherever it is read from, and of what a run executes only.
  expect(await large([...keys, 'p-7'], 'a store')).toEqual([
    2,
    expect.stringMatching(/: "P-7" and "p-7"$/),
  ]);
  const scope = { columns: new Map([['k', new Set(['P-7', 'p-7', 'P-9'])]]), shown: '' };
  const scoped = await large([...keys, 'p-7', 'p-9'], 'a store', scope);
  expect(scoped).toEqual([2, expect.stringMatching(/^2 units are 1 under .*: "P-7" and "p-7"$/)]);
  // None that is another one, though some could be: the keys differ loosely as well.
  expect(await large([...keys.map((key) => `${key} x`), 'p-1'])).toHaveLength(1);
});

test('what keeps a large copy from being read once more is no fault of it, but a defect is one', async () => {
  const note = 'n'.repeat(50_000);
  const keys = [...Array.from({ length: 100 }, (_, at) => `P-${at}`), 'p-7'];
  const copy = memoryCopy(`k,v,n\n${keys.map((key) => `${key},1,${note}\n`).join('')}`);
  const scanned = await scanCopy(copy, request);
  const failing = (fault: Error): typeof scanned => ({
    ...scanned,
    table: { ...scanned.table, reread: () => Promise.reject(fault) },
  });
  expect((await keyFormWarnings(scanned)).map(({ code }) => code)).toEqual(['RESPELLED']);
  const gone = new KeydriftError('STORE_TIMEOUT', 'no answer');
  expect(await keyFormWarnings(failing(gone))).toEqual([]);
  await expect(keyFormWarnings(failing(new TypeError('a defect')))).rejects.toThrow('a defect');
});

test('one extra separator in every row is said once', async () => {
  const told = async (rows: readonly string[]): Promise<readonly unknown[]> => {
    const copy = memoryCopy(`k,v\n${rows.join('\n')}\n`);
    const { warnings, keyset } = await scanNamed(copy, request);
    expect(keyset.table.invalid).toBe(rows.filter((row) => row.split(',').length !== 2).length);
    return warnings.flatMap(({ code, message, line }) =>
      code === 'ROW_WIDTHS' ? [[message, line]] : [],
    );
  };
  expect(await told(['a,1,', 'b,2,', 'c,3,'])).toStrictEqual([
    ['all 3 records have 3 cells, the header has 2: an extra separator at the end of every row', 2],
  ]);
  const rows = Array.from({ length: 2000 }, (_, at) => `,k${at},1`);
  expect(await told(rows)).toStrictEqual([
    [
      'the first 1000 of 2000 records have 3 cells, the header has 2: an extra separator in every row, or a column that the header does not name',
      2,
    ],
  ]);
  expect(await told(['a', 'b'])).toStrictEqual([
    ['all 2 records have 1 cell, the header has 2', 2],
  ]);
  // Each row a fault of its own, or some rows that fit: the findings say it.
  expect(await told(['a,1,', 'b,2,,'])).toStrictEqual([]);
  expect(await told(['a,1,', 'b,2'])).toStrictEqual([]);
});

test('one number has one loose form, however it is written', () => {
  const forms = ['12000', '012000', '12000.0', '12E3', '1.20E+04', '1200e1', '0.12E5', '120000e-1'];
  expect(new Set(forms.map(looseValue)).size).toBe(1);
  const others = ['12001', '1.2', '120', '-12000', '12E4', '12e', 'e3', '1e1e1'];
  expect(new Set([...others, '12000'].map(looseValue)).size).toBe(others.length + 1);
  expect(new Set(['0', '000', '0.0', '-0', '0E7'].map(looseValue)).size).toBe(1);
});
