import { assert, constantFrom, dictionary, jsonValue, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { canonical, integrityOf } from '../../../src/commands/publish/saved-plan.ts';
import { sizeRefusals } from '../../../src/commands/publish/plan/reviewed.ts';

test('the digest is that of the data, whatever the order of its members', () => {
  const word = string().filter((name) => name !== '__proto__');
  assert(
    property(dictionary(word, jsonValue()), (data) => {
      const other = Object.fromEntries(Object.entries(data).toReversed());
      const again: unknown = JSON.parse(JSON.stringify(other, null, 2));
      expect(integrityOf(again)).toBe(integrityOf(JSON.parse(JSON.stringify(data))));
      expect(JSON.parse(canonical(again))).toEqual(again);
    }),
  );
});

test('other data have another text', () => {
  const plain = jsonValue({ maxDepth: 2 });
  assert(
    property(plain, plain, constantFrom('a', 'b'), (one, two, name) => {
      const same = JSON.stringify(one) === JSON.stringify(two);
      if (!same && canonical(one) === canonical(two)) expect(one).toEqual(two);
      expect(canonical({ [name]: one })).not.toBe(canonical([one]));
    }),
  );
});

test('one PUT carries 5 GiB, and not a byte more', () => {
  expect(sizeRefusals(5 * 1024 ** 3, 5 * 1024 ** 3)).toEqual([]);
  expect(sizeRefusals(5 * 1024 ** 3 + 1, 5 * 1024 ** 3)).toMatchObject([{ code: 'TOO_LARGE' }]);
});
