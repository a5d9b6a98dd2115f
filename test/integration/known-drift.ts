import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll } from 'vitest';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { startS3Server } from '../servers/start.ts';
import { bareEnvironment, git, runBoth, writeFiles, type JsonArtifact } from './cli.ts';
import { plainGit } from '../plain-git.ts';
import { environmentOf } from './stage.ts';

/** The bucket of runtime copies. */
export const bucket = 'prod';

/** An embedded S3 server for the tests of a file. */
export interface Bucket {
  readonly env: Readonly<Record<string, string>>;
  put(key: string, body: string): void;
}

export function setBucket(): Bucket {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
    server.createBucket(bucket, { versioning: 'Enabled' });
  });
  afterAll(() => server.close());
  return {
    get env() {
      return environmentOf(server.endpoint);
    },
    put: (key, body) => void server.putObject({ bucket, key, body }),
  };
}

/** An audit of one copy: its exit code, its part of the report, the text of all. */
export async function auditOne(
  cwd: string,
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<{ readonly code: number | string | null; readonly text: string } & JsonArtifact> {
  const { code, stdout, report } = await runBoth(['audit', ...args], { cwd, env });
  const [artifact] = report.artifacts;
  if (artifact === undefined) throw new Error(JSON.stringify(report.error));
  return { code, text: stdout, ...artifact };
}

/** `kind side severity` of each finding. */
export function severities({ findings }: Pick<JsonArtifact, 'findings'>): string[] {
  return findings.map(({ kind, side, severity }) => `${kind} ${side} ${severity}`);
}

export function codes({ warnings }: Pick<JsonArtifact, 'warnings'>): string[] {
  return warnings.map(({ code }) => code);
}

/** Runs git with the clock at some minutes before now. */
export function gitAgo(cwd: string, minutes: number, ...args: readonly string[]): void {
  const date = new Date(Date.now() - minutes * 60_000).toISOString();
  const dates = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  if (plainGit(cwd, args, dates) !== null) return;
  execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', ...args], {
    cwd,
    env: { ...bareEnvironment(cwd), ...dates },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Commits these files, some minutes ago. */
export async function commitAgo(
  cwd: string,
  minutes: number,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await writeFiles(cwd, files);
  git(cwd, 'add', ...Object.keys(files));
  gitAgo(cwd, minutes, 'commit', '--quiet', '--message', 'change');
}
