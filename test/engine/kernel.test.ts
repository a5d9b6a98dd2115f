import { expect, test } from 'vitest';
import { kernelEngine } from '../../src/engine/kernel/engine.ts';
import { asKernelKeySet, type KernelKeySet } from '../../src/engine/kernel/keyset.ts';
import { openCsvTable } from '../../src/formats/csv/table.ts';
import { dialectOf, type Dialect } from '../../src/formats/csv/dialect.ts';
import type { ByteSource, ScanPlan, Table } from '../../src/model/index.ts';
import { compileSteps } from '../../src/normalize/index.ts';
import { compareEngines } from './differential.ts';

const rfc4180: Dialect = dialectOf({});

function planOf(keys: number, consumed: number): ScanPlan {
  const columns = Array.from({ length: keys + consumed }, (_, index) => ({
    name: `c${index}`,
    index,
    role: index < keys ? ('key' as const) : ('consumed' as const),
    optional: true,
    steps: [],
  }));
  return { width: keys + consumed, key: columns.slice(0, keys), consumed: columns.slice(keys) };
}

function tableOf(body: string, dialect: Partial<Dialect> = {}): Promise<Table> {
  const bytes = Buffer.from(body);
  const source: ByteSource = {
    // The port is asynchronous; nothing here waits.
    // oxlint-disable-next-line typescript/require-await
    async *open({ start, end } = { start: 0, end: bytes.length }) {
      yield bytes.subarray(start, end);
    },
  };
  return openCsvTable(source, { ...rfc4180, names: [], ...dialect });
}

async function read(
  plan: ScanPlan,
  body: string,
  against: KernelKeySet | null,
): Promise<KernelKeySet> {
  const reduce = kernelEngine.start(await tableOf(body), plan, {
    compile: compileSteps,
    against,
    keep: null,
  });
  const found = await reduce!();
  const keyset = 'gaveUp' in found ? null : asKernelKeySet(found);
  if (keyset === null) throw new Error('the kernel gave up');
  return keyset;
}

/** Records that two bodies do not share. */
async function unlike(
  plan: ScanPlan,
  reviewed: string,
  runtime: string,
): Promise<[number[], number[]]> {
  const first = await read(plan, reviewed, null);
  const rows = await first.unlike(await read(plan, runtime, first));
  return [[...rows.reviewed], [...rows.runtime]];
}

test('which dialects it may read itself, and which as cells that were cut out', async () => {
  expect((await tableOf('')).delimited).toMatchObject({ delimiter: 0x2c, quote: 0x22 });
  for (const dialect of [
    { delimiter: 'é' },
    { quote: '«' },
    { delimiter: '"' },
    { delimiter: '\n' },
    { delimiter: '\0' },
  ]) {
    expect((await tableOf('', dialect)).delimited).toBeUndefined();
  }
  const plan = { ...planOf(1, 16_384), width: 1 };
  const how = { compile: compileSteps, against: null, keep: null };
  expect(kernelEngine.start(await tableOf(''), plan, how)).toBeNull();
});

test('cells and columns have borders in the hashes', async () => {
  expect(await unlike(planOf(2, 1), 'a,bc,\n,a,\n', 'ab,c,\na,,\n')).toEqual([
    [0, 1],
    [0, 1],
  ]);
  expect(await unlike(planOf(1, 2), 'k,a,\n', 'k,,a\n')).toEqual([[0], [0]]);
  expect(await unlike(planOf(1, 1), 'k,a\n', 'ka,\n')).toEqual([[0], [0]]);
});

/** All words of `length` pairs `Aa` and `BB`, which are one under h = 31 h + c. */
function javaCollisions(length: number): string[] {
  let words = [''];
  for (let at = 0; at < length; at += 1)
    words = words.flatMap((word) => [`${word}Aa`, `${word}BB`]);
  return words;
}

/** Thue and Morse's word and its complement: one under every polynomial hash modulo 2^64. */
function thueMorse(bits: number): [string, string] {
  let [word, other] = ['a', 'b'];
  for (let bit = 0; bit < bits; bit += 1) [word, other] = [word + other, other + word];
  return [word, other];
}

function bodyOf(keys: readonly string[]): string {
  return keys.map((key) => `${key},1\n`).join('');
}

test('keys that are built to collide do not', async () => {
  const words = javaCollisions(10);
  const [half, rest] = [words.slice(0, 512), words.slice(512)];
  const all = Array.from({ length: 512 }, (_, row) => row);
  expect(await unlike(planOf(1, 1), bodyOf(half), bodyOf(rest))).toEqual([all, all]);
  expect(await unlike(planOf(1, 1), bodyOf(words), bodyOf(words.toReversed()))).toEqual([[], []]);
  const [word, other] = thueMorse(12);
  expect(await unlike(planOf(1, 1), bodyOf([word]), bodyOf([other]))).toEqual([[0], [0]]);
  // Under an XOR or a sum of words, whatever the multiplier.
  const [a, b] = ['AAAAAAAABBBBBBBB', 'BBBBBBBBAAAAAAAA'];
  expect(await unlike(planOf(1, 1), bodyOf([a]), bodyOf([b]))).toEqual([[0], [0]]);
  const sixteen = 'x'.repeat(12);
  expect(await unlike(planOf(1, 1), bodyOf([sixteen + a]), bodyOf([sixteen + b]))).toEqual([
    [0],
    [0],
  ]);
  expect(await unlike(planOf(1, 1), `k,${word}\n`, `k,${other}\n`)).toEqual([[0], [0]]);
});

test('a record cut at every place reads the same', async () => {
  const long = 'z'.repeat(61);
  const rows = [
    `a,${long},"x\r\ny"\r`,
    '"b""b",,\r\n',
    `\n"c","${long}${long}",""\n`,
    'd,"\\","""q"""\r\r\n',
    'e,é,😀\n',
    'ragged\n,,,\n',
    'a,,last',
  ];
  const given = {
    dialect: rfc4180,
    plan: planOf(1, 2),
    bodies: [Buffer.from(rows.join('')), Buffer.from(rows.toReversed().join('\n'))],
    offset: 2 ** 32 - 70,
    line: 2,
  } as const;
  const windows = Array.from({ length: 260 }, (_, size) => size + 1);
  const outcomes = [
    ...(await compareEngines({ ...given, windows, chunk: 0 })),
    // Windows fill alike, whatever comes at once.
    ...(await compareEngines({ ...given, windows: [1, 7, 64, 260], chunk: 1 })),
  ];
  expect(new Set(outcomes)).toEqual(new Set(['equal']));
});

test('what looks like a comment after a stray quote, and stands in quotes, is text', async () => {
  const dialect: Dialect = { ...rfc4180, names: [], comment: '#' };
  const body = (text: string): Buffer => Buffer.from(`a,q"\n# one\nb,"line\n#${text}"\nc,d\n`);
  const outcomes = await compareEngines({
    dialect,
    plan: planOf(1, 1),
    bodies: [body('kept'), body('lost')],
    offset: 0,
    line: 1,
    windows: [1, 7, 64, 1024],
    chunk: 5,
  });
  expect(outcomes).toStrictEqual(outcomes.map(() => 'equal'));
});

test('a record far longer than a window', async () => {
  const bytes = Buffer.from(`k,"${'long, '.repeat(25_000)}"\nl,2\n`);
  const outcomes = await compareEngines({
    dialect: rfc4180,
    plan: planOf(1, 1),
    bodies: [bytes, bytes],
    offset: 0,
    line: 1,
    windows: [1, 1024, 65_536],
    chunk: 0,
  });
  expect(new Set(outcomes)).toEqual(new Set(['equal']));
});

test('more records, of each sort, than a segment of their list holds', async () => {
  const { key, ...rest } = planOf(1, 1);
  const plan = { ...rest, key: key.map((column) => ({ ...column, optional: false })) };
  // By turns without a key, and of another value in the other copy; all have a line to themselves.
  const bodies = ['one', 'other'].map((value) =>
    Array.from({ length: 8400 }, (_, row) =>
      row % 2 === 0 ? `,${row % 7}\n\n` : `${row},${value}\n\n`,
    ),
  );
  const [rows = [], others = []] = bodies;
  const other = others.with(3, '3,one\n').with(8191, '8191,one\n').with(8193, '5,again\n');
  const outcomes = await compareEngines({
    dialect: rfc4180,
    plan,
    bodies: [Buffer.from(rows.join('')), Buffer.from(other.toReversed().join(''))],
    offset: 2 ** 32 - 1000,
    line: 2,
    windows: [65_536],
    chunk: 0,
  });
  expect(outcomes).toEqual(['equal', 'equal']);
});

test('where a record starts is known of each, however many and however long those before it are', async () => {
  // Lengths around that of the longest step, dense and far apart; more than a segment of each list.
  const lengths = Array.from({ length: 66_000 }, (_, row) =>
    row % 6400 < 3 || row % 37 === 0
      ? 250 + (row % 9)
      : row % 20_000 === 7
        ? 70_000
        : 6 + (row % 50),
  );
  const body = lengths
    .map((length, row) => `${row},`.padEnd(length + `${row},`.length, 'x') + '\n')
    .join('');
  const reviewed = await read(planOf(1, 1), body, null);
  const { kernel } = await read(planOf(1, 1), body, reviewed);
  for (const side of [0, 1]) {
    let start = 0;
    const wrong = lengths.filter((length, row) => {
      const isWrong = kernel.exports.startOf(side, row) !== start;
      start += `${row},\n`.length + length;
      return isWrong;
    });
    expect(wrong).toEqual([]);
  }
});

test('a kernel knows the copy that was held against it last, and what stays costs no more', async () => {
  const plan = planOf(1, 1);
  const stays = await read(plan, 'a,1\nb,2\n', null);
  const one = await read(plan, 'a,1\nb,3\n', stays);
  expect(stays.isComparable(one)).toBe(true);
  const other = await read(plan, 'a,1\nb,2\n', stays);
  expect(stays.isComparable(one)).toBe(false);
  await expect(stays.unlike(one)).rejects.toThrow();
  expect([...(await stays.unlike(other)).reviewed]).toEqual([]);
  const before = stays.kernel.exports.memory.buffer.byteLength;
  const body = Array.from({ length: 5000 }, (_, row) => `${row},new\n`).join('');
  for (let held = 0; held < 40; held += 1) await read(plan, body, stays);
  const grown = stays.kernel.exports.memory.buffer.byteLength - before;
  expect(grown).toBeLessThan(2 ** 21);
});
