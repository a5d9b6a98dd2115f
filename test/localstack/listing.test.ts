import {
  DeleteObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import type {
  ListObjectsV2CommandInput,
  ListObjectVersionsCommandInput,
  ListObjectVersionsCommandOutput,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect } from 'vitest';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { bucket, codeOf, signedFetch, test } from './support.ts';

function fill(server: S3Server, keys: readonly string[]): void {
  for (const key of keys) server.putObject({ bucket, key, body: key });
}

async function keysOf(s3: S3Client, input: Partial<ListObjectsV2CommandInput>): Promise<string[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, ...input })) {
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key ?? ''));
    keys.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => `${Prefix}*`));
  }
  return keys;
}

describe('ListObjectsV2', () => {
  test('is in the order of UTF-8 bytes', async ({ s3, server }) => {
    // U+FF5E sorts after U+1F600 in UTF-16, and before it in UTF-8.
    const sorted = ['B', 'a', 'a/b', 'b', 'é', '～', '😀'];
    fill(server, sorted.toReversed());
    expect(await keysOf(s3, {})).toEqual(sorted);
  });

  test('prefix, delimiter and pages', async ({ s3, server }) => {
    fill(server, ['a/1', 'a/2', 'a/x/1', 'a/x/2', 'a/y/1', 'a.csv', 'a.csv.bak', 'b/1', 'z']);
    expect(await keysOf(s3, { Prefix: 'a.csv' })).toEqual(['a.csv', 'a.csv.bak']);
    expect(await keysOf(s3, { Delimiter: '/' })).toEqual(['a.csv', 'a.csv.bak', 'z', 'a/*', 'b/*']);
    for (const MaxKeys of [1, 2, 3, 1000]) {
      const paged = await keysOf(s3, { Prefix: 'a/', Delimiter: '/', MaxKeys });
      expect(paged.toSorted()).toEqual(['a/1', 'a/2', 'a/x/*', 'a/y/*']);
    }
    expect(await keysOf(s3, { StartAfter: 'a/x/1' })).toEqual(['a/x/2', 'a/y/1', 'b/1', 'z']);
    const page = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 2, FetchOwner: true }),
    );
    expect(page).toMatchObject({ KeyCount: 2, IsTruncated: true, MaxKeys: 2, Name: bucket });
    expect(page.Contents?.[0]).toMatchObject({ Key: 'a.csv', Size: 5, StorageClass: 'STANDARD' });
    expect(page.Contents?.[0]?.Owner?.ID).toHaveLength(64);
    const none = await s3.send(new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 0 }));
    expect(none).toMatchObject({ KeyCount: 0, IsTruncated: false });
  });

  test('a page of 1000 at most', async ({ server }) => {
    fill(
      server,
      Array.from({ length: 1001 }, (_, index) => `k${index}`),
    );
    // Read as text: the SDK takes a second to parse it.
    const page = await signedFetch(server, 'GET', `/${bucket}?list-type=2&max-keys=5000`);
    const xml = await page.text();
    expect(xml).toContain('<KeyCount>1000</KeyCount>');
    expect(xml).toContain('<IsTruncated>true</IsTruncated>');
    expect(xml.match(/<Key>/g)).toHaveLength(1000);
  });

  test('deleted keys are not there', async ({ s3, server }) => {
    fill(server, ['a', 'b']);
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
    expect(await keysOf(s3, {})).toEqual(['b']);
  });

  test('keys that XML must escape; encoding-type=url stays encoded', async ({ s3, server }) => {
    const keys = ['<a> & "b"', 'c\u0001d', 'e\r\nf', 'test_file(3) é+~*.png'];
    fill(server, keys);
    expect(await keysOf(s3, {})).toEqual(keys);
    const encoded = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, EncodingType: 'url' }),
    );
    expect(encoded.EncodingType).toBe('url');
    expect(encoded.Contents?.map(({ Key }) => Key)).toEqual([
      '%3Ca%3E+%26+%22b%22',
      'c%01d',
      'e%0D%0Af',
      'test_file%283%29+%C3%A9%2B%7E*.png',
    ]);
  });

  test('bad parameters', async ({ s3, server }) => {
    const list = (input: Partial<ListObjectsV2CommandInput>): Promise<unknown> =>
      s3.send(new ListObjectsV2Command({ Bucket: bucket, ...input }));
    const invalid = { name: 'InvalidArgument' };
    await expect(list({ MaxKeys: -1 })).rejects.toMatchObject(invalid);
    await expect(list({ ContinuationToken: 'bogus' })).rejects.toMatchObject(invalid);
    const bad = await signedFetch(server, 'GET', `/${bucket}?encoding-type=rot13&list-type=2`);
    expect(await codeOf(bad)).toBe('400 InvalidArgument');
    await expect(list({ Bucket: 'nowhere' })).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });

  test('ListObjects, the older one, has a marker', async ({ s3, server }) => {
    fill(server, ['a/1', 'b', 'c']);
    const list = { Bucket: bucket, MaxKeys: 1, Delimiter: '/' };
    const first = await s3.send(new ListObjectsCommand(list));
    expect(first).toMatchObject({
      CommonPrefixes: [{ Prefix: 'a/' }],
      NextMarker: 'a/',
      IsTruncated: true,
    });
    const second = await s3.send(new ListObjectsCommand({ ...list, Marker: first.NextMarker }));
    expect(second.Contents?.map(({ Key }) => Key)).toEqual(['b']);
  });
});

describe('ListObjectVersions', () => {
  test('key ascending and newest first, versions apart from markers', async ({ s3, server }) => {
    fill(server, ['b', 'a', 'a']);
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
    fill(server, ['a']);
    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }));
    expect(listed.Versions?.map(({ Key, IsLatest }) => [Key, IsLatest])).toEqual([
      ['a', true],
      ['a', false],
      ['a', false],
      ['b', true],
    ]);
    expect(listed.DeleteMarkers).toMatchObject([{ Key: 'a', IsLatest: false }]);
    expect(listed.IsTruncated).toBe(false);
  });

  test('both markers lead through all pages', async ({ s3, server }) => {
    const expected: string[] = [];
    for (const key of ['cfg.yaml', 'cfg.yaml.bak']) {
      const ids = [1, 2, 3].map((n) => server.putObject({ bucket, key, body: `${n}` }).versionId);
      const deleted = await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      expected.push(deleted.VersionId ?? '', ...ids.toReversed());
    }
    for (const MaxKeys of [1, 2, 3, 8]) {
      const seen: string[] = [];
      let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
      for (let more = true; more;) {
        const page = await s3.send(
          new ListObjectVersionsCommand({
            Bucket: bucket,
            Prefix: 'cfg.yaml',
            MaxKeys,
            ...markers,
          }),
        );
        const entries = [...(page.DeleteMarkers ?? []), ...(page.Versions ?? [])];
        seen.push(...entries.map(({ VersionId }) => VersionId ?? ''));
        markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
        more = page.IsTruncated === true;
      }
      expect(seen.toSorted()).toEqual(expected.toSorted());
      if (MaxKeys === 1) expect(seen).toEqual(expected);
    }
  });

  test('markers alone, and wrong ones', async ({ s3, server }) => {
    fill(server, ['a', 'b', 'c']);
    const list = (
      input: Partial<ListObjectVersionsCommandInput>,
    ): Promise<ListObjectVersionsCommandOutput> =>
      s3.send(new ListObjectVersionsCommand({ Bucket: bucket, ...input }));
    const after = await list({ KeyMarker: 'a' });
    expect(after.Versions?.map(({ Key }) => Key)).toEqual(['b', 'c']);
    const invalid = { name: 'InvalidArgument' };
    await expect(list({ VersionIdMarker: 'x' })).rejects.toMatchObject(invalid);
    await expect(list({ KeyMarker: 'a', VersionIdMarker: 'x' })).rejects.toMatchObject(invalid);
  });

  test('prefix and delimiter', async ({ s3, server }) => {
    fill(server, ['a/1', 'a/1', 'a/b/1', 'c']);
    const input = { Bucket: bucket, Prefix: 'a/', Delimiter: '/' };
    const listed = await s3.send(new ListObjectVersionsCommand(input));
    expect(listed.Versions).toHaveLength(2);
    expect(listed.CommonPrefixes).toEqual([{ Prefix: 'a/b/' }]);
  });
});
