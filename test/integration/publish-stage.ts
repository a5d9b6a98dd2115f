import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { documentOf } from '../documents.ts';
import { readObject, requires, startS3Server, unconditional } from '../servers/start.ts';
import type { Publication, PublishPlan } from '../../src/model/index.ts';
import { git, makeRepository, runCli, writeFiles, type CliResult, type Files } from './cli.ts';

export const reviewed = 'id,mode\nP-1,full\nP-2,delta\n';
export const drifted = 'id,mode\nP-1,full\nP-1,full\nP-9,full\n';

export const contract = `version: 1
artifacts:
  participants:
    owner: data@example.org
    reviewed: support/participants.csv
    runtime: s3://runtime/support/participants.csv
    key: [id]
    consumes: [mode]
`;

/** A repository with a contract, an S3 server with a versioned and an unversioned bucket. */
export interface Stage {
  readonly directory: string;
  readonly server: S3Server;
  /** Environment of the command line. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs `keydrift …` as a job does: without a terminal. */
  run(...args: readonly string[]): Promise<CliResult>;
  /** A dry run's plan, valid by its schema; the exit code is the one that it says. */
  plan(...args: readonly string[]): Promise<PublishPlan>;
  /** `publish --yes`, its result valid by its schema. */
  publish(...args: readonly string[]): Promise<Publication>;
  commit(files: Files, message?: string): Promise<string>;
  object(key: string, body: string, headers?: Record<string, string>, bucket?: string): string;
  /** The bytes and headers that are there now, read by a request of the test's own. */
  now(key?: string, bucket?: string): Promise<{ body: string; headers: Headers } | null>;
}

export async function setStage(files: Files = {}): Promise<Stage> {
  const server = await startS3Server();
  onTestFinished(() => server.close());
  server.createBucket('runtime', { versioning: 'Enabled' });
  server.createBucket('plain');
  for (const bucket of ['runtime', 'plain']) server.setPublic(bucket);
  const directory = await makeRepository({
    'keydrift.yaml': contract,
    'support/participants.csv': reviewed,
    ...files,
  });
  const env = {
    AWS_ENDPOINT_URL_S3: server.endpoint,
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    AWS_REGION: 'us-east-1',
    KEYDRIFT_CACHE_DIR: join(directory, '.cache'),
  };
  const run = (...args: readonly string[]): Promise<CliResult> =>
    runCli(
      args[0] === 'publish' && !args.includes('--apply') ? [...args, ...unconditional] : args,
      { cwd: directory, env },
    );
  return {
    directory,
    server,
    env,
    run,
    async plan(...args) {
      const result = await run('publish', ...args, '--dry-run', '--format', 'json');
      return checked<PublishPlan>(result, 'plan');
    },
    async publish(...args) {
      return checked<Publication>(
        await run('publish', ...args, '--yes', '--format', 'json'),
        'publication',
      );
    },
    async commit(changed, message = 'change') {
      await writeFiles(directory, changed);
      git(directory, 'add', '--all');
      git(directory, 'commit', '--quiet', '--message', message);
      return git(directory, 'rev-parse', 'HEAD');
    },
    object(key, body, headers = {}, bucket = 'runtime') {
      // What a publication may write over depends on it.
      if (bucket === 'runtime') requires('versions');
      return server.putObject({ bucket, key, body, headers }).versionId;
    },
    async now(key = 'support/participants.csv', bucket = 'runtime') {
      return readObject(server, bucket, key);
    },
  };
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as documentOf
function checked<T extends { exitCode: number }>(result: CliResult, name: string): T {
  if (result.stdout === '') throw new Error(result.stderr);
  const data = documentOf<T>(name, result.stdout);
  if (data.exitCode !== result.code) throw new Error(`exit ${result.code}, not ${data.exitCode}`);
  return data;
}
