import { expect, test } from 'vitest';
import { createSuspectScan, lendArea, type LineEnd } from '../../src/formats/csv/scan.ts';
import { markWords } from '../../src/model/index.ts';
import { createChance, type Chance } from '../readers/tables.ts';
import { scaled } from '../runs.ts';

const dialect = { delimiter: ',', quote: '"', comment: null, names: null, escape: null };
const pieces = [
  'a',
  'bc',
  'x y',
  ',',
  ',',
  '"',
  '""',
  '\n',
  '\n',
  '\r\n',
  '\r',
  '\\',
  '\\"',
  "'",
  '#',
  '|',
  '\t',
  '\v',
  '\x1c',
  '\0',
  '\u2028',
  '\u0085',
  '\u00e9',
  '\u6771',
  ' ',
].map((text) => Buffer.from(text));

/** What the scan finds, byte by byte, as its documents say it; and where records start. */
function plainly(
  bytes: Buffer,
  comment: number | null = null,
): { places: number[]; starts: number[]; blankLines: number; commentLines: number } {
  const starts: number[] = [];
  const places = new Set<number>();
  let state: 'record' | 'cell' | 'text' | 'quoted' | 'closed' | 'comment' = 'record';
  let blankLines = 0;
  let commentLines = 0;
  let usual: LineEnd = 'LF';
  const at = (index: number): number => bytes[index] ?? 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = at(index);
    const next = at(index + 1);
    if ([0, 11, 12, 28, 29, 30].includes(byte)) places.add(index);
    if (byte === 0x5c && [0x22, 0x2c, 10, 13, 0x5c, 0].includes(next)) places.add(index);
    if (byte === 0xc2 && next === 0x85) places.add(index);
    if (byte === 0xe2 && next === 0x80 && [0xa8, 0xa9].includes(at(index + 2))) places.add(index);
    if (byte === comment || (byte === 0x23 && state === 'record')) places.add(index);
    const isBreak = byte === 10 || byte === 13;
    if (isBreak && state === 'record') blankLines += 1;
    if (!isBreak && state === 'record' && byte !== comment) starts.push(index);
    if (state === 'quoted') {
      if (byte === 0x22) state = 'closed';
      else if (isBreak) places.add(index);
    } else if (byte === 0x22 && state === 'closed') {
      places.add(index);
      state = 'quoted';
    } else if (byte === 0x22 && (state === 'record' || state === 'cell')) state = 'quoted';
    else if (byte === 13 && next === 10) state = state === 'record' ? 'text' : state;
    else if (isBreak) {
      const kind = byte === 13 ? 'CR' : at(index - 1) === 13 && index > 0 ? 'CRLF' : 'LF';
      usual ??= kind;
      if (kind !== usual) places.add(index);
      state = 'record';
    } else if (state === 'record' && byte === comment) {
      state = 'comment';
      commentLines += 1;
    } else if (state === 'comment') continue;
    else if (byte === 0x2c) state = 'cell';
    else {
      if (byte === 0x22) places.add(index);
      state = state === 'closed' ? 'closed' : 'text';
    }
  }
  return { places: [...places].sort((a, b) => a - b), starts, blankLines, commentLines };
}

/** Text from where a place's record starts to where the next one does; null before the first. */
function recordAt(bytes: Buffer, starts: readonly number[], place: number): string | null {
  const after = starts.findIndex((start) => start > place);
  const from = starts[(after < 0 ? starts.length : after) - 1];
  return from === undefined
    ? null
    : bytes.toString('latin1', from, after < 0 ? bytes.length : starts[after]);
}

type Found = ReturnType<ReturnType<typeof createSuspectScan>['end']>;

/** Marks by the text of their record, and the other way round. */
function marksBy({ marked }: Found, bytes: Buffer, starts: readonly number[]): Map<string, string> {
  const marks = new Map<string, string>();
  marked.places.forEach((place, mark) => {
    const hash = marked.hashes.subarray(markWords * mark, markWords * (mark + 1)).join();
    const text = recordAt(bytes, starts, place)!;
    for (const [one, other] of [
      [`record ${text}`, hash],
      [`mark ${hash}`, text],
    ] as const) {
      expect(marks.get(one) ?? other).toBe(other);
      marks.set(one, other);
    }
  });
  return marks;
}

function someBytes(chance: Chance): Buffer {
  const dull = chance.once(2) ? 40 : 3;
  const parts = Array.from({ length: chance.below(400) }, () =>
    chance.below(dull) > 0 ? Buffer.from('plain') : chance.of(pieces),
  );
  return Buffer.concat(parts);
}

const multibyte = { ...dialect, comment: '\u4e2d' };

test('a comment is passed over, and its sign is told wherever it stands', () => {
  for (let seed = 0; seed < scaled(200); seed += 1) {
    const chance = createChance(seed);
    const bytes = someBytes(chance);
    const { places: wanted, starts, ...lines } = plainly(bytes, 0x23);
    for (const size of [1, 7, 64, 100_000]) {
      const found = scanned(bytes, size, { ...dialect, comment: '#' });
      const { places, marked, blankLines, commentLines } = found;
      const quoteAt = bytes.indexOf(34);
      expect(found.firstQuote).toBe(quoteAt < 0 ? null : quoteAt);
      const all = [...places, ...marked.places];
      const records = (told: readonly number[]): Set<string | null> =>
        new Set(told.map((place) => recordAt(bytes, starts, place)));
      expect({ seed, size, blankLines, commentLines }).toStrictEqual({ seed, size, ...lines });
      expect(records(all)).toStrictEqual(records(wanted));
      expect(wanted).toStrictEqual(expect.arrayContaining(all));
    }
  }
});

test('places are those that a plain reading finds, however the bytes are cut', () => {
  for (let seed = 0; seed < scaled(200); seed += 1) {
    const chance = createChance(seed);
    const bytes = someBytes(chance);
    const { places: wanted, starts, blankLines } = plainly(bytes);
    for (const size of [1, 7, 64, 100_000]) {
      const found = scanned(bytes, size, multibyte);
      expect(found.marked.places).toHaveLength(0);
      expect({ seed, size, places: [...found.places], blankLines: found.blankLines }).toStrictEqual(
        { seed, size, places: wanted, blankLines },
      );
      // Where records are known, one place of each is told.
      const { places, marked } = scanned(bytes, size, dialect);
      const all = [...places, ...marked.places];
      const records = (told: readonly number[]): Set<string | null> =>
        new Set(told.map((place) => recordAt(bytes, starts, place)));
      expect(records(all)).toStrictEqual(records(wanted));
      expect(wanted).toStrictEqual(expect.arrayContaining(all));
    }
  }
});

function asked(how: typeof multibyte | typeof dialect): Parameters<typeof createSuspectScan>[0] {
  return { dialect: how, offset: 0, headerEnd: 'LF', width: 2, wanted: 'all' };
}

function scanned(bytes: Buffer, size: number, how: typeof multibyte | typeof dialect): Found {
  const scan = createSuspectScan(asked(how));
  for (let at = 0; at < bytes.length; at += size) scan.push(bytes.subarray(at, at + size));
  return scan.end();
}

test('bytes in lent memory are looked at in place, and what stands around them stays', () => {
  for (let seed = 0; seed < scaled(60); seed += 1) {
    const bytes = someBytes(createChance(seed));
    for (const size of [2, 64, 100_000]) {
      const area = lendArea()!;
      const scan = createSuspectScan(asked(dialect));
      for (let at = 0; at < bytes.length; at += size) {
        const part = bytes.subarray(at, at + size);
        const from = (seed * 7 + at) % 90;
        area.bytes.fill(0x27, 0, from + part.length + 64);
        area.bytes.set(part, from);
        scan.push(area.bytes.subarray(from, from + part.length));
        const around = [
          area.bytes.subarray(0, from),
          area.bytes.subarray(from + part.length, from + part.length + 64),
        ];
        expect(around.every((others) => others.every((byte) => byte === 0x27))).toBe(true);
      }
      const found = scan.end();
      area.giveBack();
      expect({ seed, size, found }).toStrictEqual({
        seed,
        size,
        found: scanned(bytes, size, dialect),
      });
    }
  }
});

test('a long line is told wherever its ends stand in what is looked at', () => {
  for (const before of [10, 65_000, 130_000, 262_000, 300_000]) {
    for (const [end, quoted] of [
      ['\n', false],
      ['\r\n', false],
      ['\n', true],
    ] as const) {
      const filler = `P-1,x${end}`;
      const short = filler.repeat(Math.ceil(before / filler.length));
      const cell = quoted ? `"${`${'y'.repeat(900)}\n`.repeat(150)}"` : 'y'.repeat(131_073);
      const bytes = Buffer.from(`${short}P-2,${cell}${end}${filler}`);
      for (const size of [4096, 1 << 16, 1 << 18, bytes.length]) {
        const scan = createSuspectScan({
          ...asked(dialect),
          headerEnd: end === '\n' ? 'LF' : 'CRLF',
        });
        for (let at = 0; at < bytes.length; at += size) scan.push(bytes.subarray(at, at + size));
        const { places, marked } = scan.end();
        const told = [...places, ...marked.places];
        const isInside = (place: number): boolean =>
          place >= short.length && place < bytes.length - filler.length;
        expect({ before, end, quoted, size, told: told.some(isInside) }).toMatchObject({
          told: true,
        });
        expect(told.every(isInside)).toBe(true);
      }
    }
  }
});

test('memory is lent to two at once, and again when it was given back', () => {
  const areas = [lendArea()!, lendArea()!];
  expect(lendArea()).toBeNull();
  areas[0]!.bytes.fill(1);
  areas[1]!.bytes.fill(2);
  expect(areas[0]!.bytes.every((byte) => byte === 1)).toBe(true);
  for (const area of areas) area.giveBack();
  const again = lendArea();
  expect(again).not.toBeNull();
  again?.giveBack();
});

test('a record has one mark wherever it stands, and another record has another', () => {
  const marks = new Map<string, string>();
  for (let seed = 0; seed < scaled(200); seed += 1) {
    const bytes = someBytes(createChance(seed));
    const { starts } = plainly(bytes);
    for (const [key, value] of marksBy(scanned(bytes, 100_000, dialect), bytes, starts)) {
      expect(marks.get(key) ?? value).toBe(value);
      marks.set(key, value);
    }
  }
  expect(marks.size).toBeGreaterThan(scaled(500));
});

test('of many windows, most records have marks', () => {
  const records = Array.from(
    { length: 2000 },
    (_, at) => `${at % 700},"a ""${at % 700}"" ${'b'.repeat(300)}"\n`,
  );
  const bytes = Buffer.from(records.join(''));
  const found = scanned(bytes, 10_000, dialect);
  expect(found.marked.places.length).toBeGreaterThan(1900);
  expect(found.marked.places.length + found.places.length).toBeGreaterThanOrEqual(2000);
  // Each record that has a mark is known by it, and it by the record.
  expect(marksBy(found, bytes, plainly(bytes).starts).size).toBe(2 * 700);
});

/** A scan of a table of two columns, from its first record on. */
function scanOfTwo(): ReturnType<typeof createSuspectScan> {
  return createSuspectScan(asked(dialect));
}

test('what is no UTF-8 is told, also where a chunk ends in a character', () => {
  const bytes = Buffer.concat([
    Buffer.from('a,é東\n'),
    Buffer.from([0x62, 0xff, 0x0a, 0xe6, 0x9d]),
  ]);
  for (const size of [1, 2, 3, 100]) {
    const scan = scanOfTwo();
    for (let at = 0; at < bytes.length; at += size) scan.push(bytes.subarray(at, at + size));
    expect(Array.from(scan.end().places)).toStrictEqual([9, 11]);
  }
});

test('two scans at once keep apart', () => {
  const scans = ['"a\n', 'a\n'].map((text) => {
    const scan = scanOfTwo();
    return { scan, bytes: Buffer.from(text.repeat(50)) };
  });
  for (let at = 0; at < 100; at += 10) {
    for (const { scan, bytes } of scans) scan.push(bytes.subarray(at, at + 10));
  }
  const [quoted, plain] = scans.map(({ scan }) => scan.end().places.length);
  expect(plain).toBe(0);
  expect(quoted).toBeGreaterThan(0);
});
