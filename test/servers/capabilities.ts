import type * as Sdk from '@aws-sdk/client-s3';

/** What S3 can, and what speaks like it may lack. */
export interface Capabilities {
  readonly versions: boolean;
  /** If-None-Match and If-Match of a PUT into a versioned bucket. */
  readonly 'conditional writes': boolean;
  /** `x-amz-delete-marker` of the answer to a GET of a deleted key; moto has it for HEAD alone. */
  readonly 'delete marker of a 404': boolean;
}

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

/** Asks a server what it can, in a bucket of its own. */
export async function probeServer(
  endpoint: string,
  environment: Readonly<Record<string, string>>,
  bucket: string,
): Promise<Capabilities> {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'] ?? '';
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'] ?? '';
  const region = environment['AWS_REGION'] ?? 'us-east-1';
  const credentials = { accessKeyId, secretAccessKey };
  const { sdk, client } = await openTestClient({ endpoint, region, credentials });
  const at = { Bucket: bucket, Key: 'probe' };
  const statusOf = (sent: Promise<unknown>): Promise<number> =>
    sent.then(
      () => 200,
      (error: unknown) => (error instanceof sdk.S3ServiceException ? statusIn(error) : 0),
    );
  try {
    const one = await client.send(new sdk.PutObjectCommand({ ...at, Body: 'one' }));
    const two = await client.send(new sdk.PutObjectCommand({ ...at, Body: 'two' }));
    const put = (condition: object): Promise<number> =>
      statusOf(client.send(new sdk.PutObjectCommand({ ...at, Body: 'three', ...condition })));
    const [absent, other] = [await put({ IfNoneMatch: '*' }), await put({ IfMatch: one.ETag })];
    const same = await put({ IfMatch: two.ETag });
    await client.send(new sdk.DeleteObjectCommand(at));
    const gone = await client.send(new sdk.GetObjectCommand(at)).catch((error: unknown) => error);
    const headers = gone instanceof sdk.S3ServiceException ? (gone.$response?.headers ?? {}) : {};
    return {
      versions: one.VersionId !== undefined && one.VersionId !== two.VersionId,
      'conditional writes': absent === 412 && other === 412 && same === 200,
      'delete marker of a 404': headers['x-amz-delete-marker'] === 'true',
    };
  } finally {
    client.destroy();
  }
}

function statusIn({ $metadata }: { readonly $metadata: { httpStatusCode?: number } }): number {
  return $metadata.httpStatusCode ?? 0;
}
