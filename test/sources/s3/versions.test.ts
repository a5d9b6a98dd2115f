import fc from 'fast-check';
import { createServer } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { ObjectVersions, S3Location } from '../../../src/model/index.ts';
import { interleave, soundListing, type ListedVersion } from '../../../src/sources/s3/listed.ts';
import { failureOf, readAll } from '../port-suite.ts';
import { at, bucket, plainAccess, portOf, setStage } from './fixture.ts';

const stage = setStage();
const everything = { since: null, max: null };

function seconds(second: number): Date {
  return new Date(Date.UTC(2026, 0, 1, 0, 0, second));
}

/** Writes what the letters say, a second each: `p` puts, `d` deletes. Gives the ids, newest first. */
function play(key: string, letters: string, times = (index: number): number => index): string[] {
  const ids: string[] = [];
  for (const [index, letter] of letters.split('').entries()) {
    const lastModified = seconds(times(index));
    const id =
      letter === 'd'
        ? stage.server.deleteObject({ bucket, key, lastModified })
        : stage.server.putObject({ bucket, key, body: `v${index}`, lastModified }).versionId;
    ids.unshift(id ?? 'none');
  }
  return ids;
}

function list(key: string, window = {}, more: Partial<S3Location> = {}): Promise<ObjectVersions> {
  return stage.open().objectVersions(at(key, more), { ...everything, ...window });
}

const idsOf = ({ versions }: ObjectVersions): readonly (string | null)[] =>
  versions.map(({ versionId }) => versionId);

test('versions and delete markers of the very key, the newest first', async () => {
  const ids = play('cfg.yaml', 'ppdp');
  play('cfg.yaml.bak', 'pd');
  play('cfg', 'pp');
  const listed = await list('cfg.yaml');
  expect(listed).toMatchObject({ versioning: 'versioned', cutOff: false });
  expect(idsOf(listed)).toEqual(ids);
  expect(listed.versions[0]).toMatchObject({
    lastModified: seconds(3).toISOString(),
    deleted: false,
    bytes: 2,
    etag: expect.stringMatching(/^[0-9a-f]{32}$/),
  });
  expect(listed.versions[1]).toEqual({
    location: at('cfg.yaml', { versionId: ids[1]! }),
    versionId: ids[1],
    lastModified: seconds(2).toISOString(),
    deleted: true,
    etag: null,
    bytes: null,
  });
  expect(stage.seen()).toEqual(['GET 200']);
});

test('each version is read by one GET, whatever stands there now', async () => {
  const claim = { 'x-amz-meta-keydrift-commit': 'c0ffee' };
  stage.put('read.csv', 'old', claim);
  stage.put('read.csv', 'new');
  const source = stage.open();
  const { versions } = await source.objectVersions(at('read.csv'), everything);
  stage.server.requests.clear();
  const copies = versions.map(({ versionId }) => source.pin(at('read.csv', { versionId })));
  const [current, old] = await Promise.all(copies);
  await current?.release?.();
  expect(Buffer.from(await readAll(old!)).toString()).toBe('old');
  expect(old?.claim?.commit).toBe('c0ffee');
  expect(stage.seen()).toEqual(['GET 200', 'GET 200']);
});

test('what happened within one second stands in the order of the store', async () => {
  const written = play('second.csv', 'pdpddpp', () => 7);
  expect(idsOf(await list('second.csv'))).toEqual(written);
});

test('a long history, page by page, among neighbours', async () => {
  const ids = play('long.csv', 'ppd'.repeat(800));
  play('long.csv2', 'p'.repeat(20));
  stage.server.requests.clear();
  const listed = await list('long.csv');
  expect(idsOf(listed)).toEqual(ids);
  expect(stage.seen()).toEqual(['GET 200', 'GET 200', 'GET 200']);
  const few = await list('long.csv', { max: 1500 });
  expect(idsOf(few)).toEqual(ids.slice(0, 1500));
  expect(few.cutOff).toBe(true);
});

test.each([
  [1, 1, true],
  [3, 3, true],
  [4, 4, false],
  [9, 4, false],
])('at most %i versions', async (max, count, cutOff) => {
  const key = `max-${max}.csv`;
  const ids = play(key, 'ppdp');
  play(`${key}x`, 'p'.repeat(9));
  const listed = await list(key, { max });
  expect(idsOf(listed)).toEqual(ids.slice(0, count));
  expect(listed.cutOff).toBe(cutOff);
});

test.each([
  [99, 1],
  [6, 1],
  [5, 2],
  [4, 2],
  [3, 3],
  [1, 4],
  [0, 4],
  [-1, 4],
])('back to second %i: with what was there then', async (second, count) => {
  const key = `since-${second}.csv`;
  const ids = play(key, 'pdpp', (index) => index * 2);
  const listed = await list(key, { since: seconds(second) });
  expect(idsOf(listed)).toEqual(ids.slice(0, count));
  expect(listed.cutOff).toBe(count < 4);
});

test('keys of any characters', async () => {
  for (const key of ['a b+c%20d.csv', 'ünï/ç?x=1&y#z<>.csv', "o'k//double/./dot.csv", 'a\u0001b']) {
    const ids = play(key, 'pdp');
    expect(idsOf(await list(key))).toEqual(ids);
    expect(idsOf(await list(key, { max: 1 }))).toEqual(ids.slice(0, 1));
  }
});

test('a location’s own version is no end of its history; a key without one has none', async () => {
  const ids = play('named.csv', 'ppp');
  expect(idsOf(await list('named.csv', {}, { versionId: ids[1]! }))).toEqual(ids);
  expect(await list('nothing.csv')).toEqual({
    versions: [],
    versioning: 'versioned',
    cutOff: false,
  });
});

test('a bucket that was never versioned has one version, as a pin has it', async () => {
  const place = { bucket: 'never-versioned', key: 'one.csv' };
  stage.server.putObject({ ...place, body: 'a\n1\n' });
  const listed = await list('one.csv', {}, { bucket: 'never-versioned' });
  expect(listed).toMatchObject({ versioning: 'unversioned', cutOff: false });
  expect(idsOf(listed)).toEqual([null]);
  const none = await list('two.csv', {}, { bucket: 'never-versioned' });
  expect(none).toEqual({ versions: [], versioning: 'unversioned', cutOff: false });
});

test('a null version of a bucket that came to be versioned later, or is suspended', async () => {
  stage.server.createBucket('suspended-one', { versioning: 'Suspended' });
  const place = { bucket: 'suspended-one', key: 'a.csv' };
  stage.server.putObject({ ...place, body: 'one' });
  const denied = stage.server.faults.add({
    on: { action: 's3:GetBucketVersioning' },
    fault: { kind: 'access-denied' },
  });
  const source = stage.open();
  const where = at('a.csv', { bucket: 'suspended-one' });
  const listed = await source.objectVersions(where, everything);
  expect(listed.versioning).toBe('versioned');
  expect(idsOf(listed)).toEqual(['null']);
  denied.remove();
  const copy = await source.pin({ ...where, versionId: 'null' }, 'revision');
  expect(copy.revision.facts).toMatchObject({ versionId: 'null' });
  stage.server.requests.clear();
  expect(Buffer.from(await readAll(copy)).toString()).toBe('one');
  const [get] = stage.server.requests.entries;
  expect(get?.query['versionId']).toBe('null');
  expect(get?.headers['if-match']).toBeDefined();
  stage.server.putObject({ ...place, body: 'two' });
  expect((await failureOf(readAll(copy))).code).toBe('COPY_CHANGED');
});

test('without the permission to list versions it is named', async () => {
  play('denied.csv', 'p');
  const on = { action: 's3:ListBucketVersions' };
  stage.server.faults.add({ on, fault: { kind: 'access-denied' } });
  const error = await failureOf(list('denied.csv'));
  expect(error.code).toBe('STORE_ACCESS_DENIED');
  expect(error.hint).toContain('s3:ListBucketVersions');
  expect(error.hint).not.toContain('s3:GetObject');
});

test('a store without the operation; a bucket that is not there; a closed source', async () => {
  const refusal = { kind: 'error', status: 501, code: 'NotImplemented' } as const;
  stage.server.faults.add({ on: { operation: 'ListObjectVersions' }, fault: refusal, times: 1 });
  const error = await failureOf(list('a.csv'));
  expect(error.code).toBe('STORE_FAILED');
  expect(error.hint).toContain('s3:ListBucketVersions');
  const gone = await failureOf(list('a.csv', {}, { bucket: 'no-such-bucket' }));
  expect(gone.code).toBe('STORE_NO_SUCH_BUCKET');
  const source = stage.open();
  await source.close();
  expect((await failureOf(source.objectVersions(at('a.csv'), everything))).code).toBe('INTERNAL');
});

/** A store that answers every listing with this. */
async function storeThatLists(
  xml: string | (() => string),
): Promise<{ endpoint: string; close(): void }> {
  const server = createServer((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'application/xml' })
      .end(typeof xml === 'string' ? xml : xml());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { endpoint: `http://127.0.0.1:${portOf(server)}`, close: () => server.close() };
}

function entry(name: 'Version' | 'DeleteMarker', id: string, second: number, latest = false) {
  return `<${name}><Key>k</Key><VersionId>${id}</VersionId><IsLatest>${latest}</IsLatest><LastModified>${seconds(second).toISOString()}</LastModified></${name}>`;
}

function listing(entries: readonly string[], more = '<IsTruncated>false</IsTruncated>'): string {
  return `<?xml version="1.0"?><ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Prefix>k</Prefix>${more}${entries.join('')}</ListVersionsResult>`;
}

async function idsFrom(xml: string): Promise<readonly (string | null)[]> {
  const store = await storeThatLists(xml);
  try {
    const access = { ...plainAccess, endpoint: store.endpoint };
    return idsOf(await stage.open().objectVersions(at('k', { access }), everything));
  } finally {
    store.close();
  }
}

test('a store that names all versions before all markers: the times decide', async () => {
  const grouped = [
    entry('Version', 'v3', 5),
    entry('Version', 'v1', 1),
    entry('DeleteMarker', 'd4', 7, true),
    entry('DeleteMarker', 'd2', 3),
  ];
  expect(await idsFrom(listing(grouped))).toEqual(['d4', 'v3', 'd2', 'v1']);
  const sameSecond = [entry('Version', 'v1', 5), entry('DeleteMarker', 'd2', 5, true)];
  expect(await idsFrom(listing(sameSecond))).toEqual(['d2', 'v1']);
});

test('the order of the store counts more than times: a multipart object bears its beginning', async () => {
  const xml = listing([entry('Version', 'v2', 1, true), entry('Version', 'v1', 5)]);
  expect(await idsFrom(xml)).toEqual(['v2', 'v1']);
});

test('a store that does not say where its listing goes on is not asked for ever', async () => {
  const more = '<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker>';
  const store = await storeThatLists(
    listing(
      [entry('Version', 'v1', 1, true)],
      `${more}<NextVersionIdMarker>v1</NextVersionIdMarker>`,
    ),
  );
  const access = { ...plainAccess, endpoint: store.endpoint };
  const error = await failureOf(stage.open().objectVersions(at('k', { access }), everything));
  expect(error.code).toBe('STORE_FAILED');
  store.close();
});

test('nor one whose marks move, but that tells nothing new', async () => {
  let asked = 0;
  const store = await storeThatLists(() => {
    asked += 1;
    return listing(
      [entry('Version', 'v1', 1, true)],
      `<IsTruncated>true</IsTruncated><NextKeyMarker>k</NextKeyMarker><NextVersionIdMarker>m${asked}</NextVersionIdMarker>`,
    );
  });
  const access = { ...plainAccess, endpoint: store.endpoint };
  const error = await failureOf(stage.open().objectVersions(at('k', { access }), everything));
  expect([error.code, asked]).toEqual(['STORE_FAILED', 2]);
  store.close();
});

test('any history, told in order or in two lists, keeps the order of each sort; current comes first', () => {
  const events = fc.array(
    fc.record({ deleted: fc.boolean(), gap: fc.integer({ min: 0, max: 2 }) }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  fc.assert(
    fc.property(events, (history) => {
      let second = 0;
      const truth = history
        .map(({ deleted, gap }, index): ListedVersion => {
          second += gap;
          const lastModified = seconds(second).toISOString();
          const latest = index === history.length - 1;
          return {
            versionId: String(index),
            lastModified,
            deleted,
            etag: null,
            bytes: null,
            latest,
          };
        })
        .toReversed();
      expect(interleave(truth)).toEqual(truth);
      const sorts = [false, true].map((deleted) => truth.filter((one) => one.deleted === deleted));
      const merged = interleave(sorts.flat());
      expect(merged[0]).toEqual(truth[0]);
      for (const [index, sort] of sorts.entries()) {
        expect(merged.filter(({ deleted }) => deleted === (index === 1))).toEqual(sort);
      }
      const times = merged.map(({ lastModified }) => lastModified);
      expect(times).toEqual(times.toSorted().toReversed());
    }),
  );
});

describe('a listing that is wrong is told of, and mended', () => {
  const listed = (
    versionId: string,
    second: number,
    latest = false,
    deleted = false,
  ): ListedVersion => ({
    versionId,
    lastModified: `2026-11-22T10:00:0${second}.000Z`,
    deleted,
    etag: deleted ? null : 'e',
    bytes: deleted ? null : 1,
    latest,
  });
  const sound = (told: readonly ListedVersion[]) => {
    const faults: string[] = [];
    const versions = soundListing(told, (fault) => faults.push(fault));
    return { versions: versions.map(({ versionId }) => versionId), faults };
  };

  test('as it has to be', () => {
    const right = [listed('c', 3, true), listed('b', 2, false, true), listed('a', 1)];
    expect(sound(right)).toEqual({ versions: ['c', 'b', 'a'], faults: [] });
    const multipart = [listed('c', 1, true), listed('b', 3), listed('a', 2)];
    expect(sound(multipart)).toEqual({ versions: ['c', 'b', 'a'], faults: [] });
  });

  test('reversed', () => {
    const { versions, faults } = sound([listed('a', 1), listed('b', 2), listed('c', 3, true)]);
    expect([versions, faults.length]).toEqual([['c', 'b', 'a'], 1]);
    expect(faults[0]).toContain('newest version first');
  });

  test('where all are said to be current, their order stands', () => {
    const told = [listed('c', 3, true), listed('b', 2, true, true), listed('a', 1, true)];
    const { versions, faults } = sound(told);
    expect([versions, faults.length]).toEqual([['c', 'b', 'a'], 1]);
    expect(faults[0]).toContain('several versions');
  });

  test('doubled', () => {
    const { versions, faults } = sound([
      listed('b', 2, true),
      listed('b', 2, true),
      listed('a', 1),
      listed('a', 1),
    ]);
    expect([versions, faults.length > 0]).toEqual([['b', 'a'], true]);
    expect(faults[0]).toContain('more than once');
  });
});
