import { parseArgs } from 'node:util';
import { startS3Server } from './index.ts';

/** Runs the server until SIGINT or SIGTERM. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '4566' } } });
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new RangeError(`--port: expected a port number, found "${values.port}"`);
  }
  const server = await startS3Server({ port });
  const { accessKeyId, secretAccessKey } = server.credentials;
  process.stdout.write(
    `S3 server listening on ${server.endpoint}\n` +
      `AWS_ENDPOINT_URL=${server.endpoint} AWS_ACCESS_KEY_ID=${accessKeyId} ` +
      `AWS_SECRET_ACCESS_KEY=${secretAccessKey} AWS_REGION=us-east-1\n`,
  );
  // The process ends by itself, with code 0, when nothing listens any more.
  const stop = (): void => void server.close();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
