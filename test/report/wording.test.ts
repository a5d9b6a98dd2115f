import { expect, test } from 'vitest';
import { countsOf } from '../../src/model/index.ts';
import { byteSize, countsPhrase, duration } from '../../src/report/wording.ts';

test('times are said in whole units, the largest of two or more', () => {
  const minute = 60_000;
  expect(
    [-5, 1000, 90_000, 119 * minute, 47 * 60 * minute, 48 * 60 * minute].map(duration),
  ).toEqual(['0 seconds', '1 second', '90 seconds', '119 minutes', '47 hours', '2 days']);
});

test('sizes are said in units that people read', () => {
  expect([0, 1, 1023, 1536, 2 ** 20 - 1, 20 * 2 ** 30].map(byteSize)).toEqual([
    '0 B',
    '1 B',
    '1023 B',
    '1.5 KiB',
    '1.0 MiB',
    '20.0 GiB',
  ]);
});

test('counts stand in the order of the kinds, those of nothing left out', () => {
  const counts = { ...countsOf(() => 0), bounds: 1, conflict: 2, duplicated: 3, added: 4 };
  expect(countsPhrase(counts)).toBe('4 added, 3 duplicated, 2 conflicts, 1 bounds');
  expect(countsPhrase({ ...counts, added: 0, duplicated: 0, conflict: 0, bounds: 0 })).toBe('');
});
