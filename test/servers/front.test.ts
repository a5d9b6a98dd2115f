import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startS3Server, type Behind, type S3Server } from '../../localstack/s3-server/index.ts';
import { makeRepository, runCli } from '../integration/cli.ts';
import { contract, reviewed } from '../integration/publish-stage.ts';
import { current, placeOf, standBefore, type ChosenTimes } from './front.ts';

const own = { accessKeyId: 'test', secretAccessKey: 'test' };

/** A server, and one that stands before it. */
async function stand(
  times: ChosenTimes,
  around: (behind: Behind) => Behind = (behind) => behind,
): Promise<{ readonly shared: S3Server; readonly front: S3Server }> {
  const credentials = { accessKeyId: 'shared', secretAccessKey: 'of the server' };
  const shared = await startS3Server({ credentials });
  shared.createBucket('x-runtime', { versioning: 'Enabled' });
  shared.createBucket('x-other');
  const way = { endpoint: shared.endpoint, region: 'us-east-1', credentials };
  const behind = standBefore(way, own, 'x-', { times, open: new Set(['runtime']) });
  const front = await startS3Server({ credentials: own, behind: around(behind) });
  onTestFinished(async () => {
    await front.close();
    await shared.close();
  });
  return { shared, front };
}

test('what stands before a server has buckets, keys and times of its own, and the rest is the server’s', async () => {
  const times: ChosenTimes = new Map();
  const { shared, front } = await stand(times);
  const key = 'a ü&.csv';
  const { versionId } = shared.putObject({ bucket: 'x-runtime', key, body: reviewed });
  for (const id of [versionId, current]) times.set(placeOf('runtime', key, id), new Date(1e12));
  const url = `${front.endpoint}/runtime/${encodeURIComponent(key)}`;
  const answer = await fetch(url);
  expect(await answer.text()).toBe(reviewed);
  expect(answer.headers.get('last-modified')).toBe(new Date(1e12).toUTCString());
  expect(answer.headers.get('x-amz-version-id')).toBe(versionId);
  for (const query of ['versions', 'list-type=2', 'list-type=2&encoding-type=url']) {
    const listed = await (await fetch(`${front.endpoint}/runtime?${query}`)).text();
    expect(listed).toContain('<LastModified>2001-09-09T01:46:40.000Z<');
    expect(listed).toContain('<Name>runtime</Name>');
  }
  const none = await fetch(`${front.endpoint}/runtime/none`);
  expect([none.status, await none.text()]).toEqual([404, expect.stringContaining('NoSuchKey')]);
  // Nobody signed, and it is not open.
  expect((await fetch(`${front.endpoint}/other/none`)).status).toBe(403);
});

test('a server that has another name for its answer about versions is understood', async () => {
  const { front } = await stand(new Map(), (behind) => async (head, body) => {
    const answer = await behind(head, body);
    if (head.query['versioning'] === undefined) return answer;
    const text = answer.body.toString().replaceAll('VersioningConfiguration', 'GetBucketVersioningResponse'); // prettier-ignore
    return { ...answer, body: Buffer.from(text) };
  });
  const cwd = await makeRepository({
    'keydrift.yaml': contract,
    'support/participants.csv': reviewed,
  });
  const env = {
    AWS_ENDPOINT_URL_S3: front.endpoint,
    AWS_ACCESS_KEY_ID: own.accessKeyId,
    AWS_SECRET_ACCESS_KEY: own.secretAccessKey,
    AWS_REGION: 'us-east-1',
    KEYDRIFT_CACHE_DIR: join(cwd, '.cache'),
  };
  const done = await runCli(['publish', 'participants', '--yes'], { cwd, env });
  expect(done).toMatchObject({ code: 0 });
  // That it honours conditions is kept only where its versioning is known.
  expect(await readdir(join(cwd, '.cache', 's3'))).toHaveLength(1);
});
