import { expect, test } from 'vitest';
import { resolvePoint, type PointRequest } from '../../../src/commands/investigate/points.ts';
import { listVersions, type VersionsRequest } from '../../../src/commands/investigate/versions.ts';

const now = {
  location: 's3://b/k',
  revision: { at: '2026-11-22T10:00:00.000Z', facts: { versionId: 'v2', etag: 'e' } },
  bytes: 1,
};

/** A request to a store that lists these versions, the newest first, of a copy whose `v2` was read. */
function requestTo(listed: readonly string[]): VersionsRequest {
  const location = { kind: 'toy' };
  const versions = listed.map((versionId) => ({
    location,
    versionId,
    lastModified: '2026-11-22T09:00:00.000Z',
    deleted: false,
    etag: 'e',
    bytes: 1,
  }));
  const source = { objectVersions: () => Promise.resolve({ versions, versioning: 'versioned' }) };
  return {
    copy: { location },
    pinned: now,
    sources: {
      of: () => Promise.resolve(source),
      scheme: () => ({ textOf: () => 'toy' }),
      pin: () => Promise.resolve(now),
    },
    window: { since: null, max: null },
    memory: { recall: () => null, rememberClaim: () => undefined },
    endpoint: '',
    progress: () => undefined,
  } as unknown as VersionsRequest;
}

test('what was read is the newest of all, also where the store does not list it', async () => {
  const whole = await listVersions(requestTo(['v2', 'v1']));
  expect(whole.versions.map(({ version }) => version.versionId)).toEqual(['v2', 'v1']);
  expect(whole.reasons).toEqual([]);
  const short = await listVersions(requestTo(['v1']));
  expect(short.versions.map(({ version }) => version.versionId)).toEqual(['v2', 'v1']);
  expect(short.reasons).toEqual([expect.stringContaining('lacks version v2')]);
});

test('the begin of a VersionId names it where it is the begin of no other, nor of a commit', async () => {
  const { versions } = await listVersions(requestTo(['abcdef1x', 'abcdef1y', 'abcdef2', 'v2']));
  const changes = [{ commit: 'abcdef29' }];
  const moments = [
    { standing: { at: Date.parse('2026-11-22T09:00:00Z') }, version: { ...versions[3], content: {} }, change: null }, // prettier-ignore
  ];
  const today = new Date('2026-11-23T01:00:00Z');
  const request = { histories: { versions, changes }, moments, reviewed: null, now: today };
  const pointOf = (text: string): Promise<unknown> =>
    resolvePoint(text, request as unknown as PointRequest);
  await expect(pointOf('abcdef1x')).resolves.toMatchObject({ point: { id: 'abcdef1x' } });
  await expect(pointOf('abcdef1')).rejects.toThrow('is the begin of version abcdef1x and of version abcdef1y'); // prettier-ignore
  await expect(pointOf('abcdef')).rejects.toThrow('and of version abcdef2 and of commit abcdef29');
  await expect(pointOf('abcde')).rejects.toThrow('is no version of the object');
  // Another time would be as little of use as the one that was asked for.
  await expect(pointOf('2 weeks ago')).rejects.toMatchObject({
    message: '2 weeks ago is before the first version of the object that is known',
    hint: `That is ${versions[3]?.version.versionId} of 2026-11-22 09:00:00Z: compare with it.`,
  });
});
