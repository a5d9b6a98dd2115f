import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { findAmbiguities } from '../../src/compare/index.ts';
import { hazardsIn } from '../../src/formats/csv/hazards.ts';
import { createRecordCutter, signsOf } from '../../src/formats/csv/loose.ts';
import { lineEnds } from '../../src/formats/csv/line-ends.ts';
import { createReaders, type ReadRecord } from '../../src/formats/csv/read-as.ts';
import { readingsOf } from '../../src/formats/csv/readers.ts';
import { createBrokenTest, createQuietTest } from '../../src/formats/csv/glance.ts';
import { hasNeeded } from '../../src/formats/csv/record-effects.ts';
import type { LineEnd } from '../../src/formats/csv/scan.ts';
import { openCsvTable } from '../../src/formats/csv/table.ts';
import { readRanges } from '../../src/formats/ranges.ts';
import { tryAll, tryBoth } from '../../src/judge/readers.ts';
import {
  allReaders,
  markWords,
  type ByteSource,
  type ReaderEffects,
} from '../../src/model/index.ts';
import { judgeAnew, scannedPair } from '../readers/judge.ts';
import { createChance, hostileCell, type Chance } from '../readers/tables.ts';
import { scaled } from '../runs.ts';

/** Nothing is left untried. */
const everyRecord = { tried: Infinity, weight: 'any' } as const;

const dialect = { delimiter: ',', quote: '"', comment: null, names: null, escape: null };

/** A copy that is lent in one buffer, as files are. */
function lent(bytes: Buffer, size: number): ByteSource {
  async function* open(
    { start, end } = { start: 0, end: bytes.length },
    buffer: Uint8Array = Buffer.alloc(size),
  ): AsyncGenerator<Uint8Array> {
    for (let at = start; at < end; at += size) {
      const count = bytes.copy(buffer, 0, at, Math.min(end, at + size));
      yield await Promise.resolve(buffer.subarray(0, count));
    }
  }
  return { open, lend: (into) => open(undefined, into) };
}

async function effectsOf(text: string, columns: readonly string[]): Promise<ReaderEffects> {
  const table = await openCsvTable(lent(Buffer.from(text), 100), dialect);
  await table.read(() => undefined);
  const needed = columns.map((name) => ({
    name,
    nameInFile: name,
    index: table.columns.indexOf(name),
  }));
  return table.effects!({
    readers: allReaders,
    form: 'stored',
    needed,
    say: (record) => JSON.stringify(needed.map(({ index }) => record.text(index))),
  });
}

test('a header is what it was, whatever is read after it', async () => {
  const body = 'P-1,x\n'.repeat(200);
  const told = async (header: string): Promise<readonly unknown[]> =>
    findAmbiguities(null, await effectsOf(header + body, ['id'])).map(({ hazard, readers }) => [
      hazard,
      readers,
    ]);
  expect(await told('id,note\n')).toStrictEqual([]);
  expect(await told(' id,id\n')).toStrictEqual([
    ['HEADER_NAMES', ['duckdb', 'duckdb (sniff: false)']],
  ]);
});

/** A record of hostile cells, at its line's end. */
function hostileRecord(chance: Chance, end: string): string {
  const cells = Array.from({ length: 2 + chance.below(4) }, () => hostileCell(chance));
  return cells.join(',') + (chance.once(20) ? '' : end) + (chance.once(30) ? end : '');
}

test('what is told to be alike at a glance is so to every reading', () => {
  const readings = readingsOf([
    ...allReaders,
    { name: 'spark', options: { escape: '#' } },
    { name: 'spark', options: { escape: 'x', multiLine: true } },
  ]);
  const read = createReaders(readings);
  const signs = signsOf(dialect);
  const usual = { signs, comment: null, fileBytes: 100 };
  const cut = createRecordCutter(signs);
  let quiet = 0;
  for (let seed = 0; seed < scaled(8000); seed += 1) {
    const chance = createChance(seed);
    const firstEnd = chance.of(['LF', 'CRLF', 'CR'] as const satisfies LineEnd[]);
    const needed = [{ name: 'a', nameInFile: 'a', index: chance.below(3) }];
    const raw = hostileRecord(chance, { LF: '\n', CRLF: '\r\n', CR: '\r' }[firstEnd]);
    const separator =
      lineEnds[chance.once(3) ? chance.of(['LF', 'CRLF', 'CR'] as const) : firstEnd];
    const copy = { dialect, suspects: { firstEnd }, needed, separator };
    if (!createQuietTest(copy, readings)(raw)) continue;
    quiet += 1;
    const { cells, length } = cut(raw);
    const end = length < raw.length ? firstEnd : null;
    const text = raw.slice(0, length);
    const record: ReadRecord = {
      ...usual,
      text,
      cells,
      end,
      firstEnd,
      after: raw.slice(length),
      separator,
      isNeeded: (column) => column === needed[0]!.index,
    };
    const others = read(record).flatMap((made, at) =>
      made === 'alike' ||
      (typeof made === 'object' && made.length === 1 && hasNeeded(made[0]!, cells, copy))
        ? []
        : [readings[at]!.name],
    );
    expect({ seed, raw, others }).toStrictEqual({ seed, raw, others: [] });
  }
  expect(quiet).toBeGreaterThan(scaled(250));
});

test('what is known of records with broken values is so of every reading', () => {
  const readings = readingsOf([...allReaders, { name: 'spark', options: { escape: '#' } }]);
  const read = createReaders(readings);
  const signs = signsOf(dialect);
  const cut = createRecordCutter(signs);
  const told = new Set<string>();
  let known = 0;
  for (let seed = 0; seed < scaled(4000); seed += 1) {
    const chance = createChance(seed);
    const fileBytes = chance.of([100, 1 << 21]);
    const needed = [{ name: 'a', nameInFile: 'a', index: chance.below(3) }];
    const usual = (): string => chance.of(['x', '"y"', '', '"l\nm"', '"\n"', '"1\n\n,2"']);
    const cells = Array.from({ length: 1 + chance.below(5) }, () =>
      chance.once(8) ? hostileCell(chance) : usual(),
    );
    const raw = `${cells.join(',')}${chance.once(9) ? '' : '\n'}`;
    const suspects = { firstEnd: 'LF' } as const;
    const separator = '\n' as const;
    const copy = { dialect, suspects, needed, bytes: fileBytes, separator };
    const broken = createBrokenTest(copy, readings)!;
    if (!broken.test(raw)) continue;
    known += 1;
    const { cells: placed, length } = cut(raw);
    const text = raw.slice(0, length);
    const places = { end: length < raw.length ? 'LF' : null, firstEnd: 'LF', fileBytes } as const;
    const after = raw.slice(length);
    const isNeeded = (column: number): boolean => column === needed[0]!.index;
    const signed = { delimiter: ',', quote: '"', comment: null, escape: null };
    const codes = hazardsIn({
      text,
      cells: placed,
      ...signed,
      startsAsComment: false,
      endsOtherwise: false,
    });
    expect({ raw, codes }).toStrictEqual({ raw, codes: ['QUOTED_LINE_BREAK'] });
    const how = { after, separator, isNeeded, comment: null };
    const all = read({ text, cells: placed, signs, ...how, ...places });
    const outcomes = all.map((made) => {
      const isRow = typeof made === 'object' && made.length === 1;
      const isAlike = made === 'alike' || (isRow && hasNeeded(made[0]!, placed, copy));
      return isAlike ? 'alike' : made === 'stops' ? 'stops' : 'goes on';
    });
    for (const outcome of outcomes) told.add(outcome);
    const named = (found: readonly unknown[]): unknown =>
      readings.map(({ name }, at) => [name, found[at]]);
    expect([raw, named(outcomes)]).toStrictEqual([raw, named(broken.outcomes)]);
  }
  expect(known).toBeGreaterThan(scaled(800));
  expect([...told].toSorted()).toStrictEqual(['alike', 'goes on', 'stops']);
});

test('records that were counted are tried where the copies hold as many', async () => {
  const table = { key: ['id'], consumed: ['w'], delimiter: ',' };
  const copy = (notes: readonly string[]): Buffer =>
    Buffer.from(`id,w,note\n${notes.map((note, id) => `P-${id},x,"${note}"\n`).join('')}`);
  const told = async (one: readonly string[], other: readonly string[]): Promise<unknown> => {
    const scanned = (await scannedPair(table, copy(one), copy(other)))!;
    const asked = { readers: allReaders, form: 'stored', ...everyRecord } as const;
    const tried = (await tryBoth(scanned.reviewed, scanned.runtime, asked))!;
    const all = (await tryAll(scanned.reviewed, scanned.runtime, asked))!;
    scanned.release();
    const found = findAmbiguities(tried.reviewed, tried.runtime);
    expect(found.map(({ hazard, readers }) => [hazard, readers])).toStrictEqual(
      findAmbiguities(all.reviewed, all.runtime).map(({ hazard, readers }) => [hazard, readers]),
    );
    return [tried.runtime.counted?.hazard ?? 'tried', found.map(({ hazard }) => hazard)];
  };
  const broken = 'QUOTED_LINE_BREAK';
  expect(await told(['a', 'b\nc'], ['a\nb', 'b\nd'])).toStrictEqual([broken, [broken]]);
  expect(await told(['a', 'b\nc'], ['a', 'b\nd'])).toStrictEqual(['tried', [broken]]);
  expect(await told(['a\nb', 'c'], ['c', 'a\nb'])).toStrictEqual(['tried', [broken]]);
  expect(await told(['a\nb', 'c'], ['d', 'c'])).toStrictEqual(['tried', []]);
});

test('places that were too many to be held are found once more when they are asked for', async () => {
  const bytes = Buffer.from(`id,note\n${'P-1,"a ""b"" c"\n'.repeat(70_000)}P-2,"x ""y"""\n`);
  const { open, lend } = lent(bytes, 1 << 16);
  const marksOf = async (source: ByteSource): Promise<Uint32Array> => {
    const table = await openCsvTable(source, dialect);
    for await (const _ of (await table.delimited!.body()).chunks);
    table.delimited!.found({ rows: 0, start: () => 0, line: () => 1 });
    const asked = { readers: allReaders, form: 'stored', needed: [], say: () => null } as const;
    return (await table.marks!(asked)).hashes;
  };
  const held = await marksOf({ open });
  expect(held.length).toBeGreaterThan(markWords * (1 << 16));
  const found = await marksOf({ open, lend: lend! });
  const bytesOf = (hashes: Uint32Array): Buffer =>
    Buffer.from(hashes.buffer, hashes.byteOffset, hashes.byteLength);
  expect(Buffer.compare(bytesOf(found), bytesOf(held))).toBe(0);
});

test('of many hazards, no more are looked at closely than it takes to know them', async () => {
  const table = { key: ['id'], consumed: ['w'], delimiter: ',' };
  const rows = 12_000;
  const copy = (note: string): Buffer => {
    const lines = Array.from({ length: rows }, (_, id) => `${id},x,${note}\n`);
    return Buffer.from(`id,w,note\n${lines.join('')}`);
  };
  const scanned = (await scannedPair(table, copy('a'), copy('a"')))!;
  const turns = vi.spyOn(globalThis, 'setImmediate');
  const tried = 400;
  let asked = 0;
  const effects = await scanned.runtime.table.effects!({
    readers: allReaders,
    form: 'stored',
    needed: [{ name: 'id', nameInFile: 'id', index: 0 }],
    enough: { tried, weight: 'silent', beside: null },
    say(record) {
      asked += 1;
      return record.text(0);
    },
  });
  const found = await tryBoth(scanned.reviewed, scanned.runtime, {
    readers: allReaders,
    form: 'stored',
    tried,
    weight: 'silent',
  });
  const pauses = turns.mock.calls.length;
  turns.mockRestore();
  scanned.release();
  const [told] = findAmbiguities(null, effects);
  expect(told).toMatchObject({ hazard: 'STRAY_QUOTE', records: tried, untried: rows - tried });
  expect(findAmbiguities(found!.reviewed, found!.runtime)).toStrictEqual([told]);
  // Once as this page reads it, and once for each way to cut it.
  expect(asked).toBeLessThanOrEqual(tried * (1 + allReaders.length));
  expect(pauses).toBeGreaterThanOrEqual(2);
  // Where it only warns, no more of the reviewed copy either.
  const both = (await scannedPair(table, copy('a"'), copy('b"')))!;
  const { reviewed, runtime } = (await tryBoth(both.reviewed, both.runtime, {
    readers: allReaders,
    form: 'stored',
    tried,
    weight: 'in part',
  }))!;
  both.release();
  expect([reviewed?.untried, runtime.untried]).toStrictEqual([rows - tried, rows - tried]);
  expect(findAmbiguities(reviewed, runtime)).toMatchObject([
    { hazard: 'STRAY_QUOTE', records: tried, untried: rows - tried },
  ]);
});

test('records that are tried leave others their turn', async () => {
  const bytes = Buffer.alloc(1 << 20);
  const ranges = Array.from({ length: 50_000 }, (_, at) => ({ start: 8 * at, end: 8 * at + 8 }));
  async function* open({ start, end } = { start: 0, end: bytes.length }): AsyncGenerator<Buffer> {
    yield await Promise.resolve(bytes.subarray(start, end));
  }
  let since = 0;
  let most = 0;
  const reading = readRanges({ open }, ranges, () => (most = Math.max(most, (since += 1))));
  let done = false;
  void reading.finally(() => (done = true));
  const look = (): void => {
    since = 0;
    if (!done) setImmediate(look);
  };
  look();
  await reading;
  expect(most).toBeGreaterThan(1);
  expect(most).toBeLessThanOrEqual(1024);
});

/** Two copies of hostile records, most of which stand in both, some more than once. */
function hostilePair(chance: Chance): readonly [Buffer, Buffer] {
  const end = chance.of(['\n', '\n', '\r\n']);
  const record = (id: number): string =>
    `P-${id},w${id % 5},${[1, 2].map(() => hostileCell(chance)).join(',')}${end}`;
  const both = Array.from({ length: chance.below(60) }, (_, id) => record(id));
  const own = (): string[] =>
    Array.from({ length: chance.below(4) }, () =>
      chance.once(2) && both.length > 0 ? chance.of(both) : record(chance.below(60)),
    );
  const copy = (): Buffer => {
    const left = both.filter(() => !chance.once(40));
    const lines = [...left, ...own()];
    if (chance.once(3)) lines.reverse();
    return Buffer.from(`id,w,note,more${end}${lines.join('')}`, 'latin1');
  };
  return [copy(), copy()];
}

test('columns that are written anew stand where the reviewed copy has them, or it is told', async () => {
  const table = { key: ['id'], consumed: ['w'], delimiter: ',' };
  const told = async (header: string, row: string): Promise<unknown> => {
    const reviewed = Buffer.from('note,id,w\none,P-1,2\n');
    const path = join(mkdtempSync(join(tmpdir(), 'keydrift-anew-')), 'x.csv');
    const anew = await judgeAnew(table, reviewed, Buffer.from(`${header}\n${row}\n`), path);
    rmSync(dirname(path), { recursive: true });
    const [names] = anew!.bytes.toString().split('\n');
    return [names, ...anew!.found.map(({ hazard, readers }) => [hazard, readers.at(-1)])];
  };
  expect(await told('w,id,note', '2,P-1,one')).toStrictEqual(['"note","id","w"']);
  const moved = ['COLUMN_PLACES', 'positional'];
  expect(await told('other,id,w', 'one,P-1,2')).toStrictEqual(['"id","w","other"', moved]);
  expect(await told('id,w', 'P-1,2')).toStrictEqual(['"id","w"', moved]);
  expect(await told('note,id,w,x', 'a,P-1,2,3')).toStrictEqual(['"note","id","w","x"', moved]);
});

test('records that both copies hold are left out without another answer', async () => {
  const table = { key: ['id'], consumed: ['w'], delimiter: ',' };
  let told = 0;
  let shared = 0;
  let left = 0;
  for (let seed = 0; seed < scaled(120); seed += 1) {
    const chance = createChance(seed);
    const [reviewed, runtime] = hostilePair(chance);
    const readers = chance.once(2) ? allReaders : [chance.of(allReaders)];
    const canonical = { names: ['id', 'w', 'note', 'more'], order: [0, 1, 2, 3] };
    const asked = {
      readers,
      form: chance.once(5) ? canonical : ('stored' as const),
      ...everyRecord,
    };
    const scanned = await scannedPair(table, reviewed, runtime);
    if (scanned === null) continue;
    const inPart = { ...asked, tried: 1, weight: 'in part' as const };
    const [all, least, few, fewOfAll, warned] = [
      await tryAll(scanned.reviewed, scanned.runtime, asked),
      await tryBoth(scanned.reviewed, scanned.runtime, asked),
      await tryBoth(scanned.reviewed, scanned.runtime, { ...asked, tried: 1 }),
      await tryAll(scanned.reviewed, scanned.runtime, { ...asked, tried: 1 }),
      await tryBoth(scanned.reviewed, scanned.runtime, inPart),
    ].map((tried) =>
      // What is only spelling stands by itself.
      findAmbiguities(tried!.reviewed, tried!.runtime).map(
        ({ hazard, inSpelling, readers: by }) => [`${hazard} ${inSpelling}`, by] as const,
      ),
    );
    scanned.release();
    expect({ seed, found: least }).toStrictEqual({ seed, found: all });
    // What is known of both in part may warn too often, never too seldom.
    if (all!.length > 0) expect({ seed, warned: warned!.length }).not.toMatchObject({ warned: 0 });
    // What is enough is true, and something wherever there is something.
    for (const part of [few!, fewOfAll!]) {
      expect({ seed, some: part.length > 0 }).toStrictEqual({ seed, some: all!.length > 0 });
      for (const [hazard, by] of part) {
        const whole = all!.find(([name]) => name === hazard)?.[1] ?? [];
        expect({ seed, hazard, whole }).toMatchObject({
          whole: expect.arrayContaining(Array.from(by)) as unknown,
        });
      }
      left += part.flat(2).length < all!.flat(2).length ? 1 : 0;
    }
    told += all!.length;
    shared += 1;
  }
  expect(shared).toBeGreaterThan(scaled(60));
  expect(told).toBeGreaterThan(scaled(60));
  expect(left).toBeGreaterThan(scaled(10));
});
