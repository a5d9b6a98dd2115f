import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDigest } from '../../src/engine/digest.ts';
import { murmur128 } from '../../src/engine/murmur.ts';
import type { PlannedColumn } from '../../src/model/index.ts';
import { scaled } from '../runs.ts';

describe('MurmurHash3_x86_128 gives what the published one gives', () => {
  test.for([
    ['', 0, [0, 0, 0, 0]],
    ['', 42, [0xaf6d2cb6, 0x95c80cba, 0x95c80cba, 0x95c80cba]],
    ['a', 0, [0xa794933c, 0x5556b01b, 0x5556b01b, 0x5556b01b]],
    ['hello', 42, [0x9c4f9a01, 0x053404f6, 0x886f9b95, 0x886f9b95]],
    ['hello, world', 0, [0x8b21605c, 0xb9b98a1e, 0x93273a83, 0xeb5957c7]],
    ['0123456789abcdef', 0, [0xfb7d4409, 0x36aed30a, 0x48ad1d9b, 0x572b3bfd]],
    [
      'The quick brown fox jumps over the lazy dog',
      0,
      [0x2f1583c3, 0xecee2c67, 0x5d7bf66c, 0xe5e91d2c],
    ],
  ] as const)('%j with seed %d', ([text, seed, words]) => {
    const out = new Uint32Array(4);
    murmur128(Buffer.from(text), seed, out);
    expect([...out]).toEqual(words);
  });

  test('over every byte value', () => {
    const out = new Uint32Array(4);
    murmur128(
      Uint8Array.from({ length: 256 }, (_, index) => index),
      0,
      out,
    );
    expect([...out]).toEqual([0x2c56c88f, 0xdb4503df, 0xd352b21a, 0x494ca2c0]);
  });
});

type Row = readonly [key: readonly string[], consumed: readonly string[]];

function columns(names: readonly string[], role: 'key' | 'consumed'): PlannedColumn[] {
  return names.map((name, index) => ({ name, index, role, optional: true, steps: [] }));
}

function digestOf(rows: readonly Row[], key = ['a', 'b'], consumed = ['x', 'y']): string {
  const digest = createDigest({
    key: columns(key, 'key'),
    consumed: columns(consumed, 'consumed'),
  });
  for (const [keys, values] of rows) digest.add(keys, values);
  return digest.hex();
}

const cell = fc.constantFrom('', 'a', 'b', 'ab', ',', '"', '\n', 'é', '😀');
const row: fc.Arbitrary<Row> = fc.tuple(fc.tuple(cell, cell), fc.tuple(cell, cell));

/** A list of rows without their order. */
function multiset(rows: readonly Row[]): string {
  return JSON.stringify(rows.map((each) => JSON.stringify(each)).sort());
}

test('the digest is 256 bits in hex, and equal exactly for equal multisets of rows', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 8 }), fc.array(row, { maxLength: 8 }), (one, other) => {
      expect(digestOf(one)).toMatch(/^[0-9a-f]{64}$/);
      expect(digestOf(one) === digestOf(other)).toBe(multiset(one) === multiset(other));
      expect(digestOf(one.toReversed())).toBe(digestOf(one));
    }),
    { numRuns: scaled(500) },
  );
});

test('two rows that are the same count twice', () => {
  const twice: Row = [
    ['1', '2'],
    ['3', '4'],
  ];
  expect(digestOf([twice, twice])).not.toBe(digestOf([]));
  expect(digestOf([twice, twice])).not.toBe(digestOf([twice]));
});

test('it is bound to its columns, and not to the order in which consumed ones are named', () => {
  expect(digestOf([], ['a', 'b'], ['x'])).not.toBe(digestOf([], ['a'], ['b', 'x']));
  expect(digestOf([], ['a', 'b'])).not.toBe(digestOf([], ['b', 'a']));
  const one = digestOf([[['k'], ['1', '2']]], ['a'], ['x', 'y']);
  expect(digestOf([[['k'], ['2', '1']]], ['a'], ['y', 'x'])).toBe(one);
});

test('its value never changes: it is stored', () => {
  expect(
    digestOf([
      [
        ['P-1', 'EU'],
        ['s3/p1', 'full'],
      ],
      [
        ['P-2', ''],
        ['', 'Größe'],
      ],
    ]),
  ).toMatchInlineSnapshot(`"e1ec4b3607871b89fbe8474ade6316572dae6d41d5d67161df6ff0fbbbae9ac4"`);
});
