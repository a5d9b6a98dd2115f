import { expect, test } from 'vitest';
import { matchesPathGlob } from '../../src/model/index.ts';

/* A path and a glob, part by part. */

test.for([
  ['part-0.csv', '*.csv', true],
  ['part-0.csv', 'part-?.csv', true],
  ['a/part-0.csv', '*.csv', false],
  ['a/part-0.csv', '*/*.csv', true],
  ['a/b/part-0.csv', '*/*.csv', false],
  ['part-0.csv', '**/*.csv', true],
  ['a/b/part-0.csv', '**/*.csv', true],
  ['a/.b/part-0.csv', '**/*.csv', false],
  ['a/b/c/x.csv', 'a/**/x.csv', true],
  ['a/x.csv', 'a/**/x.csv', true],
  ['b/a/x.csv', 'a/**/x.csv', false],
  ['a/b', 'a/**', true],
  ['a', 'a/**', false],
  ['a/b/c', '**', true],
  ['a/b/c', '**/**/c', true],
  ['a/b/c', '**/b', false],
  ['date=2026/x', 'date=*/x', true],
] as const)('%s of %s: %s', ([path, glob, is]) => {
  expect(matchesPathGlob(path, glob)).toBe(is);
});

test('a glob that could be tried in very many ways is tried in few', () => {
  const path = Array.from({ length: 400 }, () => 'a').join('/');
  expect(matchesPathGlob(path, `${'**/a/'.repeat(40)}b`)).toBe(false);
});
