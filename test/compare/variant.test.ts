import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { variantId } from '../../src/compare/index.ts';

test('is SHA-256 of names and values with their lengths, cut to 128 bits', () => {
  const parts = ['mode', 'full', 'weight', '1.10'].map((text) => {
    const length = Buffer.from([text.length, 0, 0, 0]);
    return Buffer.concat([length, Buffer.from(text)]);
  });
  const expected = createHash('sha256').update(Buffer.concat(parts)).digest('hex').slice(0, 32);
  expect(variantId(['weight', 'mode'], ['1.10', 'full'])).toBe(expected);
});

test('does not change from version to version', () => {
  expect(variantId([], [])).toBe('e3b0c44298fc1c149afbf4c8996fb924');
  expect(variantId(['mode'], ['ü'])).toBe('cf139266b7cb3fe156ba5959dfc7c92e');
});

const cell = fc.oneof(fc.constantFrom('', 'a', 'b', 'ab', '\u0000', '\u0001'), fc.string());

test('tuples have one id only if they are one', () => {
  fc.assert(
    fc.property(
      fc.tuple(
        fc.array(cell, { minLength: 3, maxLength: 3 }),
        fc.array(cell, { minLength: 3, maxLength: 3 }),
      ),
      ([a, b]) => {
        const columns = ['x', 'y', 'z'];
        const same = a.every((value, index) => value === b[index]);
        expect(variantId(columns, a) === variantId(columns, b)).toBe(same);
      },
    ),
  );
});

function idOf(list: readonly (readonly [string, string])[]): string {
  return variantId(
    list.map(([name]) => name),
    list.map(([, value]) => value),
  );
}

test('does not depend on the order of columns', () => {
  const cells = fc.uniqueArray(fc.tuple(fc.string(), cell), { selector: ([name]) => name });
  fc.assert(
    fc.property(
      cells.chain((all) =>
        fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
      ),
      ([all, other]) => {
        expect(idOf(other)).toBe(idOf(all));
      },
    ),
  );
});
