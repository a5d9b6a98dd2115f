import { parseArgs } from 'node:util';
import { startS3Server } from './index.ts';

const help = `npm run s3 -- [options]             the embedded S3 server, until Ctrl-C
npm run s3 -- put FILE s3://BUCKET/KEY   a file into the one of AWS_ENDPOINT_URL

  --port NUMBER    where it listens, on 127.0.0.1; 0: any free port; default: 4566
  --bucket NAME    makes a bucket, versioned (NAME:unversioned: not); may be repeated
  --help           this text

It keeps everything in memory, and prints what to paste where you work.
`;

/** Runs the server until SIGINT or SIGTERM. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '4566' },
      // Versioned; `NAME:unversioned` is not.
      bucket: { type: 'string', multiple: true, default: [] },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`--port: expected a port number, found "${values.port}"`);
  }
  const buckets = values.bucket.map(readBucket);
  const server = await startS3Server({ port });
  for (const { name, options } of buckets) server.createBucket(name, options);
  const { accessKeyId, secretAccessKey } = server.credentials;
  process.stdout.write(
    `S3 server listening on ${server.endpoint}\n` +
      `export AWS_ENDPOINT_URL=${server.endpoint} AWS_REGION=us-east-1\n` +
      `export AWS_ACCESS_KEY_ID=${accessKeyId} AWS_SECRET_ACCESS_KEY=${secretAccessKey}\n` +
      `s3put() { node ${inShell(process.argv[1] ?? '')} put "$@"; }\n` +
      buckets.map(({ name }) => `bucket s3://${name}/\n`).join('') +
      'Paste the lines of `export` and `s3put` where you work.\n' +
      'Ctrl-C ends the server and what it keeps.\n',
  );
  // The process ends by itself, with code 0, when nothing listens any more.
  const stop = (): void => void server.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

/** A path as a shell reads it. */
function inShell(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

interface Bucket {
  readonly name: string;
  readonly options: { readonly versioning?: 'Enabled' };
}

/** `NAME`, or `NAME:unversioned`. */
function readBucket(text: string): Bucket {
  const [, name, word] = /^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(:unversioned)?$/.exec(text) ?? [];
  if (name === undefined) {
    throw new RangeError(
      `--bucket: expected NAME or NAME:unversioned, found "${text}"; a name has 3 to 63 characters, small letters, digits, hyphens and dots, the first and last a letter or a digit`,
    );
  }
  return { name, options: word === undefined ? { versioning: 'Enabled' } : {} };
}

main().catch((error: unknown) => {
  const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const hint = isTaken ? ': name another port, --port NUMBER' : '';
  const isOption = error instanceof TypeError;
  const see = isOption ? '\nSee npm run s3 -- --help.' : '';
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}${hint}${see}\n`);
  process.exitCode = 2;
});
