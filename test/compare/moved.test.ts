import fc from 'fast-check';
import { expect, test } from 'vitest';
import { movedUnits } from '../../src/compare/index.ts';
import { scaled } from '../runs.ts';

/** By trying every subset: the longest increasing one, of several the earliest in reviewed order. */
function oracle(places: readonly number[]): readonly number[] {
  let best: readonly number[] = [];
  for (let subset = 0; subset < 2 ** places.length; subset += 1) {
    const kept = places.flatMap((_, index) => ((subset >> index) & 1 ? [index] : []));
    const rises = kept.every((index, at) => at === 0 || places[kept[at - 1]!]! < places[index]!);
    if (!rises || kept.length < best.length) continue;
    if (kept.length > best.length || isEarlier(kept, best)) best = kept;
  }
  return places.flatMap((_, index) => (best.includes(index) ? [] : [index]));
}

function isEarlier(one: readonly number[], other: readonly number[]): boolean {
  const at = one.findIndex((index, place) => index !== other[place]);
  return at >= 0 && one[at]! < other[at]!;
}

test('what moved is what is outside the earliest longest common subsequence', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(30), { maxLength: 9 }), async (places) => {
      expect([...(await movedUnits(Uint32Array.from(places)))]).toStrictEqual(oracle(places));
    }),
    { numRuns: scaled(200) },
  );
});

test('a million units that were moved as one take no square of their number', async () => {
  const places = Uint32Array.from({ length: 1_000_000 }, (_, index) => (index + 1) % 1_000_000);
  expect([...(await movedUnits(places))]).toStrictEqual([999_999]);
});
