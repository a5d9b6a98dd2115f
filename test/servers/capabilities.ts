import { createHash, randomBytes } from 'node:crypto';
import type * as Sdk from '@aws-sdk/client-s3';

/** What S3 can, and what speaks like it may lack. */
export type Capability =
  | 'versions'
  | 'conditional writes'
  | 'conditional writes without versions'
  | 'If-None-Match over a delete marker'
  | 'If-Match over a delete marker'
  | 'the delete marker of a 404'
  | 'the version `null` of an object from before versioning'
  | 'a version asked for that is none'
  | 'versions newest first'
  | 'listings in the order of UTF-8'
  | 'listings by pages'
  | 'keys with two slashes'
  | 'ranges of a body'
  | 'an ETag that is the MD5'
  | 'stored SHA-256'
  | 'stored CRC64NVME'
  | 'a checksum where none was sent'
  | 'checksums that are verified'
  | 'tags'
  | 'the number of tags'
  | 'headers of content'
  | 'storage classes'
  | 'archived objects'
  | 'encryption by a key of KMS'
  | 'an owner that is expected'
  | 'signatures that are verified'
  | 'object lock'
  | 'copies by the server'
  | 'whether there are versions';

/** What is asked, and whether the answer is S3's. */
const probes: Readonly<Record<Capability, (store: Probed) => Promise<boolean>>> = {
  versions: async ({ put }) => {
    const [one, two] = [await put('versions', 'one'), await put('versions', 'two')];
    return one.VersionId !== undefined && one.VersionId !== two.VersionId;
  },
  'conditional writes': ({ conditions, versioned }) => conditions(versioned),
  'conditional writes without versions': ({ conditions, plain }) => conditions(plain),
  'If-None-Match over a delete marker': async ({ put, remove, statusOf }) => {
    await put('marked', 'one');
    await remove('marked');
    return (await statusOf(put('marked', 'two', { IfNoneMatch: '*' }))) === 200;
  },
  'If-Match over a delete marker': async ({ put, remove, statusOf }) => {
    const { ETag: IfMatch } = await put('removed', 'one');
    await remove('removed');
    return [404, 412].includes(await statusOf(put('removed', 'two', { IfMatch })));
  },
  // moto has it for HEAD alone.
  'the delete marker of a 404': async ({ put, remove, get }) => {
    await put('deleted', 'one');
    await remove('deleted');
    return (await get('deleted')).headers['x-amz-delete-marker'] === 'true';
  },
  'the version `null` of an object from before versioning': async (store) => {
    const { client, sdk, plain } = store;
    await store.put('before', 'one', {}, plain);
    await store.enable(plain);
    const { headers } = await store.head('before', plain);
    if (headers['x-amz-version-id'] !== 'null') return false;
    await store.put('before', 'two', {}, plain);
    const at = { Bucket: plain, Prefix: 'before' };
    const { Versions = [] } = await client.send(new sdk.ListObjectVersionsCommand(at));
    return Versions.length === 2 && Versions.some(({ VersionId }) => VersionId === 'null');
  },
  'a version asked for that is none': async ({ put, get }) => {
    await put('version', 'one');
    const { code } = await get('version', { VersionId: 'A'.repeat(32) });
    return code === 'NoSuchVersion' || code === 'InvalidArgument';
  },
  'versions newest first': async ({ put, sdk, client, versioned }) => {
    const ids = [];
    for (const body of ['one', 'two', 'three']) ids.unshift((await put('order', body)).VersionId);
    const at = { Bucket: versioned, Prefix: 'order' };
    const { Versions = [] } = await client.send(new sdk.ListObjectVersionsCommand(at));
    return Versions.map(({ VersionId }) => VersionId).join() === ids.join();
  },
  'listings in the order of UTF-8': async ({ put, list }) => {
    const keys = ['listed/A', 'listed/B/c', 'listed/B c', 'listed/a', 'listed/ä', 'listed/z'];
    for (const key of keys) await put(key, 'one');
    const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return (await list('listed/')).join() === sorted.join();
  },
  'listings by pages': async ({ put, list }) => {
    for (const key of ['paged/a b', 'paged/c+d', 'paged/é']) await put(key, 'one');
    return (await list('paged/', 1)).length === 3;
  },
  'keys with two slashes': async ({ put, list }) => {
    await put('double//slash', 'one');
    return (await list('double//')).join() === 'double//slash';
  },
  'ranges of a body': async ({ put, get }) => {
    await put('range', 'abcdef');
    return (await get('range', { Range: 'bytes=2-3' })).headers['content-range'] === 'bytes 2-3/6';
  },
  'an ETag that is the MD5': async ({ put }) =>
    (await put('etag', 'one')).ETag === `"${createHash('md5').update('one').digest('hex')}"`,
  'stored SHA-256': async ({ put, head }) => {
    const hash = createHash('sha256').update('one').digest('base64');
    await put('sha256', 'one', { ChecksumSHA256: hash });
    return (await head('sha256')).headers['x-amz-checksum-sha256'] === hash;
  },
  'stored CRC64NVME': async ({ put, head }) => {
    await put('crc', '123456789', { ChecksumCRC64NVME: 'rosUhgp5mIg=' });
    return (await head('crc')).headers['x-amz-checksum-crc64nvme'] === 'rosUhgp5mIg=';
  },
  'a checksum where none was sent': async ({ put, head }) => {
    await put('unsent', 'one');
    return Object.keys((await head('unsent')).headers).some((name) =>
      name.startsWith('x-amz-checksum-'),
    );
  },
  'checksums that are verified': async ({ put, statusOf }) => {
    const ChecksumSHA256 = createHash('sha256').update('another').digest('base64');
    return (await statusOf(put('false', 'one', { ChecksumSHA256 }))) === 400;
  },
  tags: async ({ put, sdk, client, versioned }) => {
    await put('tags', 'one', { Tagging: 'team=data%20platform&k=%C3%A9' });
    const at = { Bucket: versioned, Key: 'tags' };
    const { TagSet = [] } = await client.send(new sdk.GetObjectTaggingCommand(at));
    return (
      TagSet.map(({ Key, Value }) => `${Key}:${Value}`)
        .toSorted()
        .join() === 'k:é,team:data platform'
    );
  },
  'the number of tags': async ({ put, get }) => {
    await put('counted', 'one', { Tagging: 'a=b' });
    return (await get('counted')).headers['x-amz-tagging-count'] === '1';
  },
  'headers of content': async ({ put, get }) => {
    const given = { CacheControl: 'no-cache', ContentLanguage: 'de', ContentDisposition: 'inline' };
    await put('headers', 'one', { ...given, Expires: new Date('2030-01-02T03:04:05Z') });
    const { headers } = await get('headers');
    const names = ['cache-control', 'content-language', 'content-disposition', 'expires'];
    const told = names.map((name) => headers[name]).join();
    return told === 'no-cache,de,inline,Wed, 02 Jan 2030 03:04:05 GMT';
  },
  'storage classes': async ({ put, head }) => {
    await put('class', 'one', { StorageClass: 'STANDARD_IA' });
    return (await head('class')).headers['x-amz-storage-class'] === 'STANDARD_IA';
  },
  'archived objects': async ({ put, get }) => {
    await put('archived', 'one', { StorageClass: 'GLACIER' });
    return (await get('archived')).code === 'InvalidObjectState';
  },
  'encryption by a key of KMS': async ({ put, head }) => {
    await put('kms', 'one', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'k-1' });
    const { headers } = await head('kms');
    const id = headers['x-amz-server-side-encryption-aws-kms-key-id'] ?? '';
    return headers['x-amz-server-side-encryption'] === 'aws:kms' && id.endsWith('k-1');
  },
  'an owner that is expected': async ({ put, get }) => {
    await put('owner', 'one');
    return (await get('owner', { ExpectedBucketOwner: '999999999999' })).status === 403;
  },
  'signatures that are verified': async ({ put, sdk, stranger, versioned }) => {
    await put('signed', 'one');
    const asked = new sdk.GetObjectCommand({ Bucket: versioned, Key: 'signed' });
    return (await stranger.send(asked).then(() => 200, statusIn)) === 403;
  },
  'object lock': async ({ sdk, client, name }) => {
    const Bucket = name('locked');
    await client.send(new sdk.CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
    const asked = client.send(new sdk.GetObjectLockConfigurationCommand({ Bucket }));
    return (await asked).ObjectLockConfiguration?.ObjectLockEnabled === 'Enabled';
  },
  'copies by the server': async ({ put, sdk, client, versioned }) => {
    await put('copied', 'one');
    const at = { Bucket: versioned, Key: 'copy', CopySource: `${versioned}/copied` };
    return (await client.send(new sdk.CopyObjectCommand(at))).CopyObjectResult?.ETag !== undefined;
  },
  'whether there are versions': async ({ sdk, client, versioned }) => {
    const asked = client.send(new sdk.GetBucketVersioningCommand({ Bucket: versioned }));
    return (await asked).Status === 'Enabled';
  },
};

/** What the server of the tests lacks: probed before them (test/global-setup.ts). */
export const lacked: ReadonlySet<string> = new Set(
  JSON.parse(process.env['KEYDRIFT_TEST_S3_LACKS'] ?? '[]') as string[],
);

/** A client that any server understands, with the SDK it is of: loaded when it is asked for. */
export async function openTestClient(
  way: Pick<Sdk.S3ClientConfig, 'endpoint' | 'region' | 'credentials'>,
): Promise<{ readonly sdk: typeof Sdk; readonly client: Sdk.S3Client }> {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const sdk = await import('@aws-sdk/client-s3');
  const requestChecksumCalculation = 'WHEN_REQUIRED';
  const client = new sdk.S3Client({ ...way, forcePathStyle: true, requestChecksumCalculation });
  return { sdk, client };
}

/** The answer to a reading. */
interface Answer {
  readonly status: number;
  /** Of an error; empty: it is none. */
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
}

function statusIn(error: unknown): number {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode ?? 0;
}

/** What a probe works with. */
interface Probed {
  readonly sdk: typeof Sdk;
  readonly client: Sdk.S3Client;
  /** One who knows the name of the key, and not the key. */
  readonly stranger: Sdk.S3Client;
  readonly versioned: string;
  readonly plain: string;
  readonly name: (of: string) => string;
  readonly enable: (bucket: string) => Promise<unknown>;
  readonly put: (
    key: string,
    body: string,
    more?: Partial<Sdk.PutObjectCommandInput>,
    bucket?: string,
  ) => Promise<Sdk.PutObjectCommandOutput>;
  readonly remove: (key: string) => Promise<unknown>;
  readonly get: (key: string, more?: Partial<Sdk.GetObjectCommandInput>) => Promise<Answer>;
  readonly head: (key: string, bucket?: string) => Promise<Answer>;
  /** The keys, by pages of so many. */
  readonly list: (prefix: string, size?: number) => Promise<readonly string[]>;
  readonly statusOf: (sent: Promise<unknown>) => Promise<number>;
  readonly conditions: (bucket: string) => Promise<boolean>;
}

/** Asks a server what it can, in buckets of its own whose names have a prefix; gives what it lacks. */
export async function probeServer(
  endpoint: string,
  environment: Readonly<Record<string, string | undefined>>,
  prefix: string,
): Promise<readonly Capability[]> {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'] ?? 'test';
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'] ?? 'test';
  const region = environment['AWS_REGION'] ?? 'us-east-1';
  const credentials = { accessKeyId, secretAccessKey };
  const { sdk, client } = await openTestClient({ endpoint, region, credentials });
  const wrong = { accessKeyId, secretAccessKey: 'not-the-secret' };
  const { client: stranger } = await openTestClient({ endpoint, region, credentials: wrong });
  const base = `${prefix}${randomBytes(4).toString('hex')}`;
  try {
    const store = await openProbed({ sdk, client, stranger }, (of) => `${base}-${of}`);
    const lacks: Capability[] = [];
    for (const [name, probe] of Object.entries(probes)) {
      // Whatever a server answers to what it does not know: it lacks it.
      if (!(await probe(store).catch(() => false))) lacks.push(name as Capability);
    }
    return lacks;
  } finally {
    client.destroy();
    stranger.destroy();
  }
}

async function openProbed(
  clients: Pick<Probed, 'sdk' | 'client' | 'stranger'>,
  name: (of: string) => string,
): Promise<Probed> {
  const { sdk, client } = clients;
  const [versioned, plain] = [name('versioned'), name('plain')];
  for (const Bucket of [versioned, plain])
    await client.send(new sdk.CreateBucketCommand({ Bucket }));
  const enable: Probed['enable'] = (Bucket) => {
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    return client.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  };
  // One that has no versions says so in its own way.
  await enable(versioned).catch(() => undefined);
  const put: Probed['put'] = (Key, Body, more = {}, Bucket = versioned) =>
    client.send(new sdk.PutObjectCommand({ Bucket, Key, Body, ...more }));
  const failed = (error: unknown): Answer => {
    if (!(error instanceof sdk.S3ServiceException)) throw error;
    const { $metadata, $response, name: code } = error;
    return { status: $metadata.httpStatusCode ?? 0, code, headers: $response?.headers ?? {} };
  };
  /** The headers of an answer are those on the wire. */
  const seen = async (sent: (client: Sdk.S3Client) => Promise<unknown>): Promise<Answer> => {
    let headers: Readonly<Record<string, string>> = {};
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        ({ headers } = result.response as { headers: Record<string, string> });
        return result;
      },
      { step: 'deserialize', priority: 'low', name: 'seen', override: true },
    );
    return sent(client).then(() => ({ status: 200, code: '', headers }), failed);
  };
  const statusOf: Probed['statusOf'] = (sent) =>
    sent.then(
      () => 200,
      (error: unknown) => failed(error).status,
    );
  return {
    ...clients,
    versioned,
    plain,
    name,
    enable,
    put,
    statusOf,
    remove: (Key) => client.send(new sdk.DeleteObjectCommand({ Bucket: versioned, Key })),
    get: (Key, more = {}) =>
      seen(async () => {
        const asked = { Bucket: versioned, Key, ...more };
        const { Body } = await client.send(new sdk.GetObjectCommand(asked));
        await Body?.transformToByteArray();
      }),
    head: (Key, Bucket = versioned) =>
      seen(() => {
        const asked = { Bucket, Key, ChecksumMode: 'ENABLED' } as const;
        return client.send(new sdk.HeadObjectCommand(asked));
      }),
    async list(Prefix, MaxKeys = 1000) {
      const keys: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const at = { Bucket: versioned, Prefix, MaxKeys, ContinuationToken };
        const page = await client.send(new sdk.ListObjectsV2Command(at));
        keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
        ContinuationToken = page.NextContinuationToken;
        // A token that does not move would never end.
      } while (ContinuationToken !== undefined && keys.length <= 10);
      return keys;
    },
    async conditions(bucket) {
      const at = 'conditions';
      const one = await put(at, 'one', {}, bucket);
      const two = await put(at, 'two', {}, bucket);
      const tried = (condition: object): Promise<number> =>
        statusOf(put(at, 'three', condition, bucket));
      const absent = await tried({ IfNoneMatch: '*' });
      const other = await tried({ IfMatch: one.ETag });
      const same = await tried({ IfMatch: two.ETag });
      return absent === 412 && other === 412 && same === 200;
    },
  };
}
