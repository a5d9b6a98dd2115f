import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codePoint } from '../code-points.ts';
import { parseLocation } from '../../src/contract/index.ts';
import { KeydriftError, type Location, type S3Location, type Side } from '../../src/model/index.ts';
import { schemes } from '../../src/sources/index.ts';
import { noAccess, objectAt } from '../sources/locations.ts';

function parse(text: string, side: Side = 'runtime'): Location {
  return parseLocation(text, {
    side,
    namedBy: 'contract',
    directory: '/w/d',
    access: noAccess,
    schemes,
  });
}

function refused(text: string, side: Side = 'runtime'): KeydriftError {
  try {
    parse(text, side);
  } catch (error) {
    if (error instanceof KeydriftError) return error;
    throw error;
  }
  throw new Error(`accepted: ${text}`);
}

const s3 = (bucket: string, key: string, versionId: string | null = null): S3Location =>
  objectAt(bucket, key, { versionId });

describe('forms', () => {
  const arn = 'arn:aws:s3:eu-west-1:123456789012:accesspoint/lookup';
  const outpost = 'arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/lookup';
  test.each([
    ['s3://b/k.csv', s3('b', 'k.csv')],
    ['s3://b/a/b c#1%20?x=1.csv', s3('b', 'a/b c#1%20?x=1.csv')],
    ['s3://b/k?versionId=3/L4kqtJlcpXroDTDmJ', s3('b', 'k?versionId=3/L4kqtJlcpXroDTDmJ')],
    ['s3://b/k?versionId=3_L4.kq-', s3('b', 'k', '3_L4.kq-')],
    ['s3://b/k?versionId=a?versionId=null', s3('b', 'k?versionId=a', 'null')],
    ['s3://b//k/', s3('b', '/k/')],
    [`s3://${arn}/a/k.csv`, s3(arn, 'a/k.csv')],
    [`s3://${arn}/k?versionId=v`, s3(arn, 'k', 'v')],
    [`s3://${outpost}/k`, s3(outpost, 'k')],
  ])('%s', (text, expected) => {
    expect(parse(text, 'runtime')).toStrictEqual(expected);
    expect(parse(text, 'reviewed')).toStrictEqual(expected);
  });

  test('a path is of git on the reviewed side, and a file on the runtime side', () => {
    for (const [text, path] of [
      ['a.csv', '/w/d/a.csv'],
      ['/x/a.csv', '/x/a.csv'],
    ] as const) {
      expect(parse(text, 'reviewed')).toStrictEqual({
        kind: 'git',
        repository: null,
        path,
        ref: null,
        within: '/w/d',
      });
      expect(parse(text, 'runtime')).toStrictEqual({ kind: 'file', path });
    }
  });

  test.each([
    ['git:HEAD:a/b.csv', 'HEAD', 'a/b.csv'],
    ['git:HEAD@{1 day ago}:a:b.csv', 'HEAD@{1 day ago}', 'a:b.csv'],
    ['git:origin/main:a/x/../b.csv', 'origin/main', 'a/b.csv'],
  ])('%s', (text, ref, path) => {
    const expected = { kind: 'git', repository: '/w/d', path, ref };
    expect(parse(text, 'runtime')).toStrictEqual(expected);
    expect(parse(text, 'reviewed')).toStrictEqual(expected);
  });

  test.each([
    ['file:a.csv', '/w/d/a.csv'],
    ['file:/x/a%20b.csv', '/x/a%20b.csv'],
    ['file:///x/a.csv', '/x/a.csv'],
  ])('%s', (text, path) => {
    expect(parse(text, 'runtime')).toStrictEqual({ kind: 'file', path });
    expect(parse(text, 'reviewed')).toStrictEqual({ kind: 'file', path });
  });
});

test.each([
  ['', 'empty'],
  ['  ', 'empty'],
  [' s3://b/k', 'space'],
  ['a\0b', 'NUL'],
  ['d/', 'directory'],
  ['s3:/b/k', 's3://'],
  ['S3://b/k', 's3://'],
  ['s3:b/k', 's3://'],
  ['s3://', 'bucket'],
  ['s3:///k', 'bucket'],
  ['s3://b', 'key'],
  ['s3://b/', 'key'],
  ['s3://b/?versionId=v', 'key'],
  ['s3://b/k?versionId=', 'versionId'],
  ['s3://a b/k', 'bucket'],
  ['s3://arn:aws:s3:r:1:accesspoint/x', 'key'],
  ['s3://arn:aws:s3:r:1:bucket/x', 'access point'],
  ['gs://b/k', 'gs://'],
  ['-', 'stdin'],
  ['arn:aws:s3:::b/k', 'ARN'],
  ['s3//b/k', '//'],
  ['a//b.csv', '//'],
  ['/a//b.csv', '//'],
  ['a:b.csv', 'colon'],
  ['../a:b.csv', 'colon'],
  ['C:\\a.csv', 'colon'],
  ['data:x', 'colon'],
  ['https://b.s3.amazonaws.com/k', 'https://'],
  ['git:HEAD', 'git:REF:PATH'],
  ['git:HEAD:', 'inside the repository'],
  ['git:HEAD:/a', 'inside the repository'],
  ['git:HEAD:a/../../b', 'inside the repository'],
  ['git:HEAD:./a', 'inside the repository'],
  ['git:HEAD:d/', 'inside the repository'],
  ['GIT:HEAD:a', 'git:'],
  ['file:', 'path'],
  ['file://host/a', 'file:PATH'],
  ['file:///a%20b', 'file:PATH'],
])('%j is refused', (text, word) => {
  const error = refused(text);
  expect(error.code).toBe('LOCATION_INVALID');
  expect(error.place).toStrictEqual({ side: 'runtime' });
  expect(error.message).toContain(word);
});

test.each(['git::a', 'git:-x:a', 'git:--upload-pack=x:a', 'git:a\nb:c'])('%j: bad ref', (text) => {
  expect(refused(text, 'reviewed').code).toBe('GIT_BAD_REF');
});

describe('properties', () => {
  const bucket = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,20}$/);
  const key = fc
    .string({ minLength: 1, unit: 'grapheme' })
    .filter((text) => !text.includes('\0') && !text.includes('?versionId='));
  const version = fc.option(fc.stringMatching(/^[A-Za-z0-9._-]{1,20}$/));

  test('an object as it is written is the object as it is read', () => {
    fc.assert(
      fc.property(bucket, key, version, (b, k, v) => {
        const text = `s3://${b}/${k}${v === null ? '' : `?versionId=${v}`}`;
        expect(parse(text)).toStrictEqual(s3(b, k, v));
      }),
    );
  });

  test('a file of a commit as well', () => {
    const ref = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9/._~^{}@-]{0,20}$/);
    const path = fc
      .array(fc.stringMatching(/^[A-Za-z0-9 :_-][A-Za-z0-9 :._-]{0,9}$/), { minLength: 1 })
      .map((parts) => parts.join('/'));
    fc.assert(
      fc.property(ref, path, (r, p) => {
        const expected = { kind: 'git', repository: '/w/d', path: p, ref: r };
        expect(parse(`git:${r}:${p}`)).toStrictEqual(expected);
      }),
    );
  });

  test('any text is a location or one KeydriftError', () => {
    const scheme = fc.constantFrom('', 's3://', 'git:', 'file:', 's3://arn:', 'x://');
    fc.assert(
      fc.property(scheme, fc.string({ unit: codePoint }), (start, rest) => {
        try {
          expect(parse(start + rest).kind).toMatch(/^(s3|git|file)$/);
        } catch (error) {
          expect(error).toBeInstanceOf(KeydriftError);
        }
      }),
    );
  });
});
