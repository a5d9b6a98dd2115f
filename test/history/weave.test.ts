import fc from 'fast-check';
import { expect, test } from 'vitest';
import { weave } from '../../src/history/index.ts';

test('a change and a version of one time: the review comes first', () => {
  expect(weave([5], [5])).toStrictEqual([
    { at: 5, side: 'reviewed', reviewed: 0, runtime: null },
    { at: 5, side: 'runtime', reviewed: 0, runtime: 0 },
  ]);
});

test('of one second, who knows says which came first; the moments stay in order', () => {
  const woven = weave([9_000, 12_400], [12_000, 12_900], () => 'runtime');
  expect(woven.map(({ at, side }) => [at, side])).toStrictEqual([
    [9_000, 'reviewed'],
    [12_000, 'runtime'],
    [12_900, 'runtime'],
    [12_900, 'reviewed'],
  ]);
});

test('a side keeps its order, whatever its clock said', () => {
  const woven = weave([3_000, 9_000], [7_000, 2_000, 8_000]);
  expect(woven.map(({ at, side }) => [at, side])).toStrictEqual([
    [3_000, 'reviewed'],
    [7_000, 'runtime'],
    [7_000, 'runtime'],
    [8_000, 'runtime'],
    [9_000, 'reviewed'],
  ]);
});

test('each change is one moment, in time, and sides only move on', () => {
  const times = fc.array(fc.nat(20), { maxLength: 12 });
  fc.assert(
    fc.property(times, times, (reviewed, runtime) => {
      const woven = weave(reviewed, runtime);
      expect(woven).toHaveLength(reviewed.length + runtime.length);
      const seen = { reviewed: -1, runtime: -1 };
      let at = -Infinity;
      for (const standing of woven) {
        expect(standing.at).toBeGreaterThanOrEqual(at);
        at = standing.at;
        seen[standing.side] += 1;
        expect(standing.reviewed ?? -1).toBe(seen.reviewed);
        expect(standing.runtime ?? -1).toBe(seen.runtime);
      }
    }),
  );
});
