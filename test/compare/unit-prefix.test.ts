import { expect, test } from 'vitest';
import { unitPrefix } from '../../src/compare/index.ts';

const scan = { prefix: ['id=', { column: 'id' }, '/', { column: '__proto__' }, '/'] };

test.each([
  [
    [
      ['id', 'P-1'],
      ['__proto__', 'EU'],
    ],
    'id=P-1/EU/',
  ],
  [
    [
      ['id', '{id}'],
      ['__proto__', ''],
    ],
    'id={id}//',
  ],
  [[['id', 'P-1']], null],
  [
    [
      ['id', null],
      ['__proto__', 'EU'],
    ],
    null,
  ],
] as const)('of %j', (values, prefix) => {
  expect(unitPrefix(scan, new Map(values))).toBe(prefix);
});

test('without columns it is the same for every unit', () => {
  expect(unitPrefix({ prefix: ['events/'] }, new Map())).toBe('events/');
  expect(unitPrefix({ prefix: [] }, new Map())).toBe('');
});
