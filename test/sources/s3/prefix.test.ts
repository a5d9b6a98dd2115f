import { createServer } from 'node:http';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import type { PrefixSize } from '../../../src/model/index.ts';
import { failureOf } from '../port-suite.ts';
import { bucket, plainAccess, setStage } from './fixture.ts';
import { objectAt } from '../locations.ts';

const stage = setStage();

function size(prefix: string, more: Parameters<typeof objectAt>[2] = {}): Promise<PrefixSize> {
  const root = objectAt(bucket, '', { access: plainAccess, ...more });
  return stage.open().prefixSize({ root, prefix });
}

test('what lies under a prefix now: no neighbours, no older versions, nothing deleted', async () => {
  stage.put('events/p=P 1+x/a', 'aaaa');
  stage.put('events/p=P 1+x/a', 'aa');
  stage.put('events/p=P 1+x/deep/b\u0001', 'bbb');
  stage.put('events/p=P 1+x2/c', 'c');
  stage.put('events/p=P 1+x/gone', 'gone');
  stage.server.deleteObject({ bucket, key: 'events/p=P 1+x/gone' });
  expect(await size('events/p=P 1+x/')).toEqual({ objects: 2, bytes: 5 });
  expect(await size('nothing/')).toEqual({ objects: 0, bytes: 0 });
});

test('more objects than a page holds', async () => {
  for (let index = 0; index < 2001; index++) stage.put(`many/${index}`, 'abc');
  expect(await size('many/')).toEqual({ objects: 2001, bytes: 6003 });
  expect(stage.seen()).toEqual(['GET 200', 'GET 200', 'GET 200']);
});

test('the expected owner goes with it; a denial names the permission', async () => {
  const access = { ...plainAccess, expectedOwner: '111122223333' };
  expect(await size('none/', { access })).toEqual({ objects: 0, bytes: 0 });
  const [request] = stage.server.requests.entries;
  expect(request?.headers['x-amz-expected-bucket-owner']).toBe('111122223333');
  stage.server.faults.add({ on: { action: 's3:ListBucket' }, fault: { kind: 'access-denied' } });
  const error = await failureOf(size('none/'));
  expect(error.code).toBe('STORE_ACCESS_DENIED');
  expect(error.hint).toContain('s3:ListBucket');
  const gone = await failureOf(size('none/', { bucket: 'no-such-bucket' }));
  expect(gone.code).toBe('STORE_NO_SUCH_BUCKET');
});

test.each([
  ['the same token', () => 'again', (page: number) => `k${page}`],
  ['two tokens in turn', (page: number) => `t${page % 2}`, (page: number) => `k${page}`],
  ['a new token for the same page', (page: number) => `t${page}`, () => 'k'],
  ['no token', () => '', (page: number) => `k${page}`],
  ['pages without an object', (page: number) => `t${page}`, () => null],
])('a listing that does not move ends: %s', async (name, tokenOf, keyOf) => {
  let page = 0;
  const server = createServer((_request, response) => {
    page += 1;
    response.setHeader('content-type', 'application/xml');
    const key = keyOf(page);
    const contents = key === null ? '' : `<Contents><Key>${key}</Key><Size>1</Size></Contents>`;
    response.end(
      `<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>${tokenOf(page)}</NextContinuationToken>${contents}</ListBucketResult>`,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const access = { ...plainAccess, endpoint: `http://127.0.0.1:${port}` };
  const error = await failureOf(size('x/', { access }));
  expect(error.message).toContain('repeats itself');
  expect(page).toBeLessThanOrEqual(name.startsWith('pages') ? 102 : 3);
});
