import { expect, test } from 'vitest';
import { createSuspectScan, type LineEnd } from '../../src/formats/csv/scan.ts';
import { createChance, type Chance } from '../readers/tables.ts';

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

/** What the scan finds, byte by byte, as its documents say it. */
function plainly(bytes: Buffer): { places: number[]; blankLines: number } {
  const places = new Set<number>();
  let state: 'record' | 'cell' | 'text' | 'quoted' | 'closed' = 'record';
  let blankLines = 0;
  let usual: LineEnd = 'LF';
  const at = (index: number): number => bytes[index] ?? 0;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = at(index);
    const next = at(index + 1);
    if ([0, 11, 12, 28, 29, 30].includes(byte)) places.add(index);
    if (byte === 0x5c && [0x22, 0x2c, 10, 13, 0x5c, 0].includes(next)) places.add(index);
    if (byte === 0xc2 && next === 0x85) places.add(index);
    if (byte === 0xe2 && next === 0x80 && [0xa8, 0xa9].includes(at(index + 2))) places.add(index);
    if (byte === 0x23 && state === 'record') places.add(index);
    const isBreak = byte === 10 || byte === 13;
    if (isBreak && state === 'record') blankLines += 1;
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
    } else if (byte === 0x2c) state = 'cell';
    else {
      if (byte === 0x22) places.add(index);
      state = state === 'closed' ? 'closed' : 'text';
    }
  }
  return { places: [...places].sort((a, b) => a - b), blankLines };
}

function someBytes(chance: Chance): Buffer {
  const dull = chance.once(2) ? 40 : 3;
  const parts = Array.from({ length: chance.below(400) }, () =>
    chance.below(dull) > 0 ? Buffer.from('plain') : chance.of(pieces),
  );
  return Buffer.concat(parts);
}

test('places are those that a plain reading finds, however the bytes are cut', () => {
  for (let seed = 0; seed < 300; seed += 1) {
    const chance = createChance(seed);
    const bytes = someBytes(chance);
    const wanted = plainly(bytes);
    for (const size of [1, 7, 64, 100_000]) {
      const scan = createSuspectScan({ dialect, offset: 1000, headerEnd: 'LF', width: 2 });
      for (let at = 0; at < bytes.length; at += size) scan.push(bytes.subarray(at, at + size));
      const { places, blankLines } = scan.end();
      const found = { places: Array.from(places, (place) => place - 1000), blankLines };
      expect({ seed, size, ...found }).toStrictEqual({ seed, size, ...wanted });
    }
  }
});

test('what is no UTF-8 is told, also where a chunk ends in a character', () => {
  const bytes = Buffer.concat([
    Buffer.from('a,é東\n'),
    Buffer.from([0x62, 0xff, 0x0a, 0xe6, 0x9d]),
  ]);
  for (const size of [1, 2, 3, 100]) {
    const scan = createSuspectScan({ dialect, offset: 0, headerEnd: 'LF', width: 2 });
    for (let at = 0; at < bytes.length; at += size) scan.push(bytes.subarray(at, at + size));
    expect(Array.from(scan.end().places)).toStrictEqual([9, 11]);
  }
});

test('two scans at once keep apart', () => {
  const scans = ['"a\n', 'a\n'].map((text) => {
    const scan = createSuspectScan({ dialect, offset: 0, headerEnd: 'LF', width: 2 });
    return { scan, bytes: Buffer.from(text.repeat(50)) };
  });
  for (let at = 0; at < 100; at += 10) {
    for (const { scan, bytes } of scans) scan.push(bytes.subarray(at, at + 10));
  }
  const [quoted, plain] = scans.map(({ scan }) => scan.end().places.length);
  expect(plain).toBe(0);
  expect(quoted).toBeGreaterThan(0);
});
