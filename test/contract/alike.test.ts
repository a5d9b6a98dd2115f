import { expect, test } from 'vitest';
import { read, refusal } from './reading.ts';

/* What many entries say alike is read once: each is what it would be alone. */

const words: readonly string[] = [
  'key: [id]',
  'key: [id], policy: warn',
  'key: [id], policy: {added: warn}, grace: 30m',
  'key: [id, {column: 2, optional: true}]'.replace('2', '"2"'),
  'key: [id], normalize: {id: [trim], "2": [lowercase]}, consumes: ["2"]',
  'key: [id], normalize: {"2": [lowercase], id: [trim]}, consumes: ["2"]',
  'key: [id], labels: {b: x, "1": y, a: z}',
  'key: [id], labels: {"1": y, b: x, a: z}',
  'key: [id], region: "eu-${EMPTY}1", endpoint: "${NOWHERE}"',
  'key: [id], csv: {delimiter: ";"}, redact: [id], units: {max: 7}',
];
const places: readonly (readonly [reviewed: string, runtime: string])[] = [
  ['a.csv', 's3://b/a.csv'],
  ['dir/b.csv', '"s3://b/${EMPTY}b.csv"'],
  ['c.csv', '"${UNSET}/c.csv"'],
  ['git:main:d.csv', 'file:d.csv'],
  ['"${EMPTY}h.csv"', 's3://b/e.csv'],
  ['./f g.csv', 's3://other/f.csv'],
];
const entries = words.flatMap((said, at) =>
  places.map(
    ([reviewed, runtime], n) =>
      `  e${at}-${n}: {reviewed: ${reviewed}, runtime: ${runtime}, ${said}}\n`,
  ),
);
const head = 'version: 1\nartifacts:\n';

test.each([
  ['without defaults', ''],
  ['with defaults', 'defaults: {owner: me, policy: {removed: warn}, grace: 5m}\n'],
])('an entry among many is what it is alone, %s', (_name, defaults) => {
  const { artifacts } = read(head + entries.join('') + defaults);
  expect(artifacts).toHaveLength(entries.length);
  for (const [at, entry] of entries.entries()) {
    expect(artifacts[at]).toStrictEqual(read(head + entry + defaults).artifacts[0]);
  }
});

test('a place that is none is told of each entry that has it', () => {
  const bad = ['s3://b/a.csv', 's3://B/', 'gs://b/c', 's3://B/']
    .map((runtime, at) => `  e${at}: {reviewed: a.csv, runtime: "${runtime}", key: [id]}\n`)
    .join('');
  const { problems } = refusal(head + bad);
  expect(problems.map(({ line }) => line)).toStrictEqual([4, 5, 6]);
});
