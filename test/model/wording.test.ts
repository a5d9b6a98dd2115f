import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearestHint, nearestNames, parseDuration, shortVersionId } from '../../src/model/index.ts';

test.each([
  ['particpants', ['calendar', 'participants'], ['participants']],
  ['regoin', ['ref', 'region'], ['region']],
  ['opt', ['column', 'optional'], ['optional']],
  ['mian', ['main', 'topic'], ['main']],
  ['main', ['topic', 'origin/main'], ['origin/main']],
  ['LOOKUP', ['lookup'], ['lookup']],
  ['id ', ['id', 'it'], ['id', 'it']],
  ['cafe\u0301.csv', ['caf\u00e9.csv'], ['caf\u00e9.csv']],
  ['zzz', ['lookup', 'eu', 'calendar'], []],
  ['a', ['bc', 'def'], []],
  ['abcd', ['abce', 'abcf', 'abcg', 'abch'], ['abce', 'abcf', 'abcg']],
])('%j among %j: %j', (wanted, known, expected) => {
  expect(nearestNames(wanted, known)).toStrictEqual(expected);
});

test('a name that is known is the nearest, and no text exhausts the search', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1 }), (names) => {
      expect(nearestNames(names[0]!, names)[0]).toBe(names[0]);
    }),
  );
  expect(nearestNames('x'.repeat(10_000_000), ['x'.repeat(10_000_000)])).toStrictEqual([]);
});

test('the hint tells the nearest, else what there is, and never all of 500', () => {
  expect(nearestHint('lokup', ['lookup'])).toBe('Did you mean lookup?');
  expect(nearestHint('zzz', ['lookup', 'eu'])).toBe('Known here: lookup, eu.');
  const many = Array.from({ length: 500 }, (_, n) => `artifact-${n}`);
  expect(nearestHint('zzz', many)).toBe('There are 500, and none is spelled nearly so.');
  expect(nearestHint('artifact-33', many)).toMatch(/^Did you mean artifact-33 or .* or .*\?$/);
});

test('durations', () => {
  expect(['90s', '30m', '2h', '1d', '0s', '30', '1w', '-1s', ''].map(parseDuration)).toStrictEqual([
    90,
    1800,
    7200,
    86_400,
    0,
    null,
    null,
    null,
    null,
  ]);
});

test.each([
  ['3HL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY', '3HL4kqtJ'],
  ['01M8FB2CQ7Z5X3N0D9KQ4T8YVW', '01M8FB2CQ7Z5X3'],
  ['019aae2f-1f3b-7c4d-9a2b-112233445566', '019aae2f-1f3b-7c4d-9a2b'],
  ['f3b0c1d2-1f3b-4c4d-9a2b-112233445566', 'f3b0c1d2'],
  ['1764275512345678', '1764275512345678'],
])('of the VersionId %s, what tells it from others of that day is shown', (id, shown) => {
  expect(shortVersionId(id)).toBe(shown);
});
