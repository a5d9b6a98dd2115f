import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { contractCandidates, environmentName } from '../../src/contract/index.ts';
import { refusal } from './reading.ts';

test.each([
  ['participants', 'PARTICIPANTS'],
  ['a-b', 'A_B'],
  ['a_b', 'A_B'],
  ['A.b2', 'A_B2'],
  ['1x', '1X'],
])('%s is %s in the environment', (name, expected) => {
  expect(environmentName(name)).toBe(expected);
});

/** The oracle: for names of `a`, `A`, `1` and signs. */
function capitals(name: string): string {
  return name.replaceAll('a', 'A').replaceAll('.', '_').replaceAll('-', '_');
}

test('two names of a contract are refused exactly when they give one variable', () => {
  const name = fc.stringMatching(/^[aA1][aA1_.-]{0,3}$/);
  fc.assert(
    fc.property(name, name, (one, other) => {
      fc.pre(one !== other);
      const json = JSON.stringify({ artifacts: { [one]: {}, [other]: {} } });
      const told = refusal(json).problems.some(({ message }) => message.includes('environment'));
      expect(told).toBe(capitals(one) === capitals(other));
    }),
  );
});

test('a contract is looked for in a directory and above it, nearest first', () => {
  expect(contractCandidates('/a/b')).toStrictEqual([
    '/a/b/keydrift.yaml',
    '/a/b/keydrift.yml',
    '/a/b/keydrift.json',
    '/a/keydrift.yaml',
    '/a/keydrift.yml',
    '/a/keydrift.json',
    '/keydrift.yaml',
    '/keydrift.yml',
    '/keydrift.json',
  ]);
  expect(contractCandidates('/a/b/../')).toStrictEqual(contractCandidates('/a'));
});
