import type { S3Client } from '@aws-sdk/client-s3';
import { cp, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startS3Server, type S3Server } from '../s3-server/index.ts';
import { openClient, seed, type Endpoint, type SeedOptions } from '../seed.ts';
import { runChild } from './child.ts';
import { stageEnvironment, type Environment } from './environment.ts';

const hour = 3_600_000;
/** When the reviewed copies were committed: an hour before the first of them was published. */
const committedHours = 240;

interface StageOptions {
  /** Absolute path of the seed's folder. */
  readonly folder: string;
  /** Null: a server of the demo's own. */
  readonly endpoint: Endpoint | null;
  readonly environment: Environment;
  readonly signal: AbortSignal;
}

/** What the demo plays on: a git repository and a filled S3 server, both its own. */
export interface Stage {
  /** The repository with the reviewed copies and the contract. */
  readonly repository: string;
  readonly endpoint: Endpoint;
  /** For every program that the demo runs. */
  readonly environment: Environment;
  readonly seed: SeedOptions;
  /** Stops the server and removes what was written. */
  close(): Promise<void>;
}

/** Builds the stage; what fails half-way leaves nothing behind. */
export async function openStage(options: StageOptions): Promise<Stage> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'keydrift-demo-')));
  const closers: (() => unknown)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const closer of closers.splice(0).toReversed()) await closer();
  };
  try {
    const server = options.endpoint === null ? await startS3Server() : null;
    if (server !== null) closers.push(() => server.close());
    const endpoint = options.endpoint ?? endpointOf(server);
    const nowhere = join(directory, 'none');
    const environment = {
      ...stageEnvironment(options.environment, endpoint, nowhere),
      KEYDRIFT_CACHE_DIR: join(directory, 'cache'),
    };
    const repository = join(directory, 'batch-config');
    await makeRepository(repository, { ...options, environment });
    const client = openClient(endpoint);
    closers.push(() => client.destroy());
    const seedOptions = { folder: options.folder, client, signal: options.signal };
    await fill(seedOptions, server);
    return { repository, endpoint, environment, seed: seedOptions, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function endpointOf(server: S3Server | null): Endpoint {
  if (server === null) throw new Error('no server and no endpoint');
  return { url: server.endpoint, region: 'us-east-1', credentials: server.credentials };
}

/** On the demo's own server the history has its age; elsewhere it is of now. */
async function fill(
  options: { folder: string; client: S3Client; signal: AbortSignal },
  server: S3Server | null,
): Promise<void> {
  if (server === null) {
    await seed(options);
    return;
  }
  const now = Date.now();
  await seed({
    ...options,
    beforeWrite: ({ hours }) => {
      server.clock = () => new Date(now - hours * hour);
    },
  });
  server.clock = () => new Date();
}

/** A repository with the reviewed copies and the contract, in one commit. */
async function makeRepository(
  repository: string,
  { folder, environment, signal }: StageOptions,
): Promise<void> {
  await mkdir(repository);
  await cp(join(folder, 'keydrift.yaml'), join(repository, 'keydrift.yaml'));
  await cp(join(folder, 'support'), join(repository, 'support'), { recursive: true });
  const date = new Date(Date.now() - committedHours * hour).toISOString();
  const author = { GIT_AUTHOR_NAME: 'Demo', GIT_AUTHOR_EMAIL: 'demo@example.org' };
  const committer = { GIT_COMMITTER_NAME: 'Demo', GIT_COMMITTER_EMAIL: 'demo@example.org' };
  const dates = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  for (const args of [
    ['init', '--quiet', '--initial-branch=main'],
    ['add', '--all'],
    ['commit', '--quiet', '--message', 'Add the support files of the nightly run'],
  ]) {
    await runChild('git', args, {
      directory: repository,
      environment: { ...environment, ...author, ...committer, ...dates },
      output: 'quiet',
      signal,
    });
  }
}
