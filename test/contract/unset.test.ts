import { expect, test } from 'vitest';
import { artifact, read, refusal } from './reading.ts';

const key = 'key: [id]';

test('an unset variable of a runtime copy can be open, its ref never', () => {
  const lines = [
    'reviewed: a.csv',
    'runtime:',
    '  eu: "${BUCKET}/a.csv"',
    '  us: {url: "s3://${BUCKET}/a.csv", region: "${REGION}", expectedOwner: "${OWNER}", ref: v1}',
    key,
  ];
  const text = artifact(...lines);
  const copies = read(text, { unset: 'open in runtime' }).artifacts[0]?.copies;
  expect(copies?.map(({ name, ref }) => [name, ref])).toEqual([
    ['eu', null],
    ['us', 'v1'],
  ]);
  expect(refusal(text).problems).toHaveLength(4);
  const ofRef = text.replace('ref: v1', 'ref: "${REF}"');
  expect(() => read(ofRef, { unset: 'open in runtime' })).toThrow('1 problem');
});

test.each(['runtime: "${URL}"', 'runtime: {url: "${URL}", endpoint: "${ENDPOINT}"}'])(
  'one copy can be open: %s',
  (line) => {
    const text = artifact('reviewed: a.csv', line, key);
    expect(read(text, { unset: 'open in runtime' }).artifacts[0]?.copies).toHaveLength(1);
    expect(() => read(text, { unset: 'open in reviewed' })).toThrow();
  },
);

test.each(['reviewed: "${WHERE}"', 'reviewed: {repo: "${REPO}", ref: "${REF}", path: "${P}"}'])(
  'a reviewed side can be open: %s',
  (line) => {
    const text = artifact(line, 'runtime: {eu: {url: s3://b/a.csv, ref: "${REF}"}}', key);
    expect(read(text, { unset: 'open in reviewed' }).artifacts).toHaveLength(1);
    expect(() => read(text, { unset: 'open in runtime' })).toThrow();
  },
);

test('whatever is open, the rest is as strict as ever', () => {
  const text = artifact('reviewed: a.csv', 'runtime: "${URL}"', 'key: ["${KEY}"]', 'policy: no');
  expect(() => read(text, { unset: 'open in runtime' })).toThrow('2 problems');
});
