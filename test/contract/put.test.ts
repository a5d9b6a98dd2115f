import { expect, test } from 'vitest';
import type { PutOptions } from '../../src/model/index.ts';
import { read } from './reading.ts';

function puts(artifact: string, copy: string): readonly (PutOptions | undefined)[] {
  const text = `version: 1
artifacts:
  p:
    reviewed: a.csv
    key: [id]
    ${artifact}
    runtime:
      eu: {url: s3://b/eu.csv${copy}}
      us: s3://b/us.csv
`;
  return read(text).artifacts[0]!.copies.map(({ put }) => put);
}

const nothing: PutOptions = { sse: null, kmsKeyId: null, acl: null, tags: null, order: null };

test('nothing is said where the contract says nothing', () => {
  expect(puts('', '')).toEqual([undefined, undefined]);
});

test('a copy has the words of its artifact', () => {
  const put = {
    sse: 'aws:kms',
    kmsKeyId: 'alias/a',
    acl: 'bucket-owner-full-control',
    tags: new Map([['team', 'data']]),
    order: 'any',
  };
  const said =
    'put: {sse: aws:kms, kmsKeyId: alias/a, acl: bucket-owner-full-control, tags: {team: data}, order: any}';
  expect(puts(said, '')).toEqual([put, put]);
});

test('a copy overrides word by word, and tags as a whole', () => {
  const [eu, us] = puts('put: {acl: private, tags: {a: x, b: y}}', ', put: {tags: {c: z}}');
  expect(eu).toEqual({ ...nothing, acl: 'private', tags: new Map([['c', 'z']]) });
  expect(us?.tags?.size).toBe(2);
});

test('a KMS key says that KMS encrypts', () => {
  expect(puts('put: {kmsKeyId: k-1}', '')[0]).toEqual({
    ...nothing,
    sse: 'aws:kms',
    kmsKeyId: 'k-1',
  });
});

test("an encryption of the copy's own does not inherit the artifact's key", () => {
  const [eu] = puts('put: {kmsKeyId: k-1}', ', put: {sse: AES256}');
  expect(eu).toEqual({ ...nothing, sse: 'AES256' });
});

test('a key of the copy turns an inherited AES256 into KMS', () => {
  const [eu] = puts('put: {sse: AES256}', ', put: {kmsKeyId: k-2}');
  expect(eu).toEqual({ ...nothing, sse: 'aws:kms', kmsKeyId: 'k-2' });
});

test('tags keep the order of the file, numbers in names too', () => {
  const [eu] = puts('put: {tags: {b: x, "2": y, "1": z}}', '');
  expect([...(eu?.tags ?? [])]).toEqual([
    ['b', 'x'],
    ['2', 'y'],
    ['1', 'z'],
  ]);
});
