// `npm run s3 -- put FILE s3://BUCKET/KEY`: what `aws s3 cp` does, for who has no AWS CLI.
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/** Writes one object to the server of `AWS_ENDPOINT_URL`; never to a bucket of AWS itself. */
export async function put([file, url, ...more]) {
  // What the SDK says of this Node is nobody's concern here.
  process.removeAllListeners('warning');
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url ?? '') ?? [];
  const endpoint = process.env.AWS_ENDPOINT_URL;
  if (bucket === undefined || more.length > 0) return fail('usage: put FILE s3://BUCKET/KEY');
  if (!endpoint) return fail('AWS_ENDPOINT_URL is not set: paste the exports of npm run s3 first');
  try {
    // `npm run` changes the directory: what is typed is meant where it is typed.
    const body = await readFile(resolve(process.env.INIT_CWD ?? '.', file));
    const client = new S3Client({
      endpoint,
      region: process.env.AWS_REGION ?? 'us-east-1',
      forcePathStyle: true,
    });
    const { VersionId } = await client.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }),
    );
    // A version's id on a line of its own: a terminal of 80 columns would break it.
    const version = VersionId === undefined ? '' : `\n  version ${VersionId}`;
    console.log(`${url}: ${body.length} bytes${version}`);
  } catch (error) {
    fail(`${file} → ${url}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fail(message) {
  console.error(message);
  process.exitCode = 2;
}
