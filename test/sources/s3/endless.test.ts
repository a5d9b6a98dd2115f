import { expect, test } from 'vitest';
import type { S3Connection } from '../../../src/sources/s3/client.ts';
import { listPrefix } from '../../../src/sources/s3/prefix.ts';
import { loadSdk } from '../../../src/sources/s3/sdk.ts';
import { listVersions } from '../../../src/sources/s3/versions.ts';
import { failureOf } from '../port-suite.ts';
import { at } from './fixture.ts';

const { signal } = new AbortController();

/** A store that tells something new for ever, a thousand entries a page. */
async function endless(page: (number: number) => object): Promise<{
  readonly connection: S3Connection;
  readonly pages: () => number;
}> {
  const sdk = await loadSdk();
  let pages = 0;
  const send = (): Promise<object> =>
    Promise.resolve({ IsTruncated: true, $metadata: {}, ...page((pages += 1)) });
  // Listings ask nothing else of a connection.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const connection = { sdk, client: { send }, target: {} } as unknown as S3Connection;
  return { connection, pages: () => pages };
}

const thousand = <T>(make: (at: number) => T): readonly T[] =>
  Array.from({ length: 1000 }, (_, number) => make(number));

function versionsOf(page: number): object {
  const entries = thousand((number) => ({
    Key: 'k',
    VersionId: `${page} ${number}`,
    IsLatest: page === 1 && number === 0,
    LastModified: new Date(1e12 - (page * 1000 + number) * 1000),
    ETag: '"e"',
    Size: 1,
  }));
  return { Versions: entries, NextKeyMarker: 'k', NextVersionIdMarker: `${page} 999` };
}

test('versions without end are too many; the newest ones can be had', async () => {
  const { connection, pages } = await endless(versionsOf);
  const window = { since: null, max: null };
  const error = await failureOf(listVersions(connection, at('k'), window, signal));
  expect(error).toMatchObject({ code: 'TOO_LARGE' });
  expect(error.hint).toContain('--max-versions');
  expect(pages()).toBe(101);
  const newest = await listVersions(connection, at('k'), { since: null, max: 1500 }, signal);
  expect(newest.versions).toHaveLength(1500);
});

test('objects without end are too many, also those that were not asked for', async () => {
  for (const prefix of ['asked/', 'other/']) {
    const { connection, pages } = await endless((page) => ({
      Contents: thousand((number) => ({ Key: `${prefix}${page}/${number}`, Size: 1 })),
      NextContinuationToken: `t${page}`,
    }));
    const error = await failureOf(listPrefix(connection, at('asked/'), signal));
    expect(error).toMatchObject({ code: 'TOO_LARGE' });
    expect(pages()).toBe(101);
  }
});
