import { expect, test } from 'vitest';
import { judgePair } from '../readers/judge.ts';

const table = { key: ['id'], consumed: ['w'], delimiter: ',' };
const header = 'id,w,note\n';
/** So many records after the header are in the sample of 20,480 rows. */
const sampled = 20_479;

const usual = (id: number): string => `P-${id},3,n${id}\n`;

function copy(count: number, others: Readonly<Record<number, string>>, write = usual): Buffer {
  const records = Array.from({ length: count }, (_, id) => others[id] ?? write(id));
  return Buffer.from(header + records.join(''));
}

async function told(reviewed: Buffer, runtime: Buffer): Promise<unknown> {
  const found = await judgePair(table, reviewed, runtime);
  return found?.flatMap(({ hazard, readers, records, shown }) => {
    const of = readers.filter((name) => name.startsWith('duckdb') || name === 'positional');
    return of.length === 0 ? [] : [[hazard, of, records, shown]];
  });
}

const learning = ['duckdb', 'positional'];

// Seen in DuckDB 2.0: without a quoted cell in its sample, it reads the rest without quotes.
test('quotes that start where a sniffer no longer looks are text to it', async () => {
  const count = sampled + 3;
  const clean = copy(count, {});
  const after = async (record: string, more = {}): Promise<unknown> =>
    told(clean, copy(count, { [sampled]: record, ...more }));
  const otherwise = ['SNIFFED_TABLE', learning, 1, [sampled + 1]];
  expect(await after(`"P-${sampled}",3,n\n`)).toStrictEqual([otherwise]);
  const evil = `P-${sampled},3,"a\nEVIL,9,b"\n`;
  expect(await after(evil)).toStrictEqual([otherwise]);
  expect(await after(`P-${sampled},3,"a,b"\n`)).toStrictEqual([otherwise]);
  expect(await after(`P-${sampled},3,"a"\n`)).toStrictEqual([]);
  expect(await after(evil, { 7: 'P-7,3,"x"\n' })).toStrictEqual([]);
  // A quote within a cell is none that starts one, whoever reviewed it.
  const inches = { 7: 'P-7,3,5" x\n' };
  const reviewed = copy(count, inches);
  expect(await told(reviewed, copy(count, { ...inches, [sampled]: evil }))).toStrictEqual([
    otherwise,
  ]);
  // One that was reviewed excuses itself, and no other.
  const same = copy(count, { [sampled]: evil });
  expect(await told(same, copy(count, { [sampled]: evil, 3: 'P-3,3,m\n' }))).toStrictEqual([]);
  const other = { [sampled]: evil, [sampled + 1]: `"P-${sampled + 1}",3,"x"\n` };
  expect(await told(same, copy(count, other))).toStrictEqual([
    ['SNIFFED_TABLE', learning, 2, [sampled + 1, sampled + 2]],
  ]);
  const early = copy(count, { 0: 'P-0,3,"x"\n', [sampled]: evil });
  expect(await told(early, same)).toStrictEqual([otherwise]);
});

// Seen in DuckDB 2.0, told its columns: it learns of doubled quotes from its first 2,048 rows, if it
// learns of quotes there; else where it comes to the first one.
test('a first doubled quote that stands late is told where a value in quotes stood before', async () => {
  const count = 3100;
  const doubled = (id: number): Readonly<Record<number, string>> => ({
    [id]: `P-${id},3,"a ""b"" c"\n`,
  });
  const quoted = (id: number): Readonly<Record<number, string>> => ({ [id]: `P-${id},3,"q"\n` });
  const clean = copy(count, {});
  const after = (...others: readonly Readonly<Record<number, string>>[]): Promise<unknown> =>
    told(clean, copy(count, Object.assign({}, ...others)));
  const late = [['DOUBLED_QUOTE', ['positional'], 1, [3001]]];
  expect(await after(quoted(2046), doubled(3000))).toStrictEqual(late);
  expect(await after(quoted(2047), doubled(3000))).toStrictEqual([]);
  expect(await after(doubled(3000))).toStrictEqual([]);
  expect(await after(quoted(9), doubled(2046), doubled(3000))).toStrictEqual([]);
  expect(await after(quoted(9), doubled(2047))).toStrictEqual([
    ['DOUBLED_QUOTE', ['positional'], 1, [2048]],
  ]);
  // What the reviewed copy has in its first rows as well, was learnt there.
  const early = { ...doubled(7), ...quoted(9) };
  expect(await told(copy(count, early), copy(count, { ...early, ...doubled(3000) }))).toStrictEqual(
    [],
  );
  const named = copy(count, doubled(3000)).toString().replace('note', '"note"');
  expect(await told(clean, Buffer.from(named))).toStrictEqual(late);
});

test('a sample that ends within a line is sniffed up to the line before', async () => {
  const pad = 'y'.repeat(380);
  const count = 11_500;
  const reviewed = copy(count, {}, (id) => `P-${id},3,n${pad}\n`);
  const records = Array.from({ length: count }, (_, id) => `P-${id},3,n${pad}|EVIL${id}|9|z\n`);
  const runtime = Buffer.from(`id,w,note|id|w|z\n${records.join('')}`);
  expect(runtime.length).toBeGreaterThan(4 << 20);
  expect(await told(reviewed, runtime)).toStrictEqual([['SNIFFED_TABLE', ['duckdb'], 0, []]]);
});

test('blank lines before a header that end otherwise than records are a fault to some', async () => {
  const copyOf = (end: string): Buffer => Buffer.from(`\n\nid,w,note${end}P-0,3,n${end}`);
  const of = ['duckdb', 'duckdb (sniff: false)'];
  expect(await told(copyOf('\n'), copyOf('\r'))).toStrictEqual([['LINE_ENDS', of, 0, []]]);
});

// Seen in DuckDB 2.0: it cuts a file into parts of 8,000,000 bytes, and refuses it.
test('a broken value in a long file stops a reader that reads it in parts', async () => {
  const long = 'y'.repeat(90_000);
  const write = (id: number): string => `P-${id},3,n${long}\n`;
  const broken = (count: number): Promise<unknown> =>
    told(copy(count, {}, write), copy(count, { 4: `P-4,3,"n\nx"\n` }, write));
  expect(await broken(60)).toStrictEqual([]);
  expect(await broken(90)).toStrictEqual([
    ['QUOTED_LINE_BREAK', ['duckdb', 'duckdb (sniff: false)'], 1, [5]],
  ]);
});

// Seen in DuckDB 2.0 (a line of 2,000,000 bytes) and pyarrow 26 (a block of a mebibyte).
test('a record of many values that are not too long can be too long', async () => {
  const copyOf = (size: number, count = 40): Buffer => {
    const names = Array.from({ length: count }, (_, at) => `n${at}`);
    const values = names.map(() => 'y'.repeat(size));
    const lines = [
      ['id', 'w', ...names],
      ['P-0', '3', ...names],
      ['P-1', '4', ...values],
    ];
    return Buffer.from(lines.map((cells) => `${cells.join(',')}\n`).join(''));
  };
  const toldOf = async (size: number, count = 40): Promise<unknown> =>
    (await judgePair(table, copyOf(1, count), copyOf(size, count)))!.map(
      ({ hazard, readers, loud, shown }) => [hazard, readers, loud, shown],
    );
  expect(await toldOf(20_000)).toStrictEqual([]);
  expect(await toldOf(30_000)).toStrictEqual([['LONG_VALUE', ['pyarrow'], true, [2]]]);
  const all = ['pyarrow', 'duckdb', 'duckdb (sniff: false)'];
  expect(await toldOf(60_000)).toStrictEqual([['LONG_VALUE', all, true, [2]]]);
  // Redshift's 4 MB, by its documents.
  expect(await toldOf(60_000, 66)).toStrictEqual([['LONG_VALUE', all, true, [2]]]);
  expect(await toldOf(60_000, 67)).toStrictEqual([['LONG_VALUE', [...all, 'redshift'], true, [2]]]);
});
