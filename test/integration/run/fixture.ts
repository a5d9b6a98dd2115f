import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished } from 'vitest';
import type { S3Server } from '../../../localstack/s3-server/index.ts';
import { documentOf } from '../../documents.ts';
import { startS3Server } from '../../servers/start.ts';
import {
  bareEnvironment,
  cliPath,
  makeRepository,
  runCli,
  type CliResult,
  type Files,
} from '../cli.ts';
import { runInProcess } from '../in-process.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

/** The reviewed table of most tests, and copies of it that have drifted. */
export const reviewed = 'id,mode,note\nP-1,full,one\nP-2,delta,two\nP-3,full,three\n';
export const duplicated: string = `${reviewed}P-1,full,again\n`;
export const conflicting: string = `${reviewed}P-1,delta,again\n`;

export const key = 'lookup/parts.csv';

/** A server with one versioned bucket, and faults that are off before each test. */
export interface GateStage {
  readonly server: S3Server;
  put(body: string | Buffer, at?: string): { versionId: string };
}

export function setGateStage(): GateStage {
  let server: S3Server;
  beforeAll(async () => {
    server = await startS3Server();
    server.createBucket('runtime', { versioning: 'Enabled' });
    server.createBucket('staged');
  });
  beforeEach(() => {
    server.faults.clear();
    server.requests.clear();
  });
  afterAll(() => server.close());
  return {
    get server() {
      return server;
    },
    put: (body, at = key) => server.putObject({ bucket: 'runtime', key: at, body }),
  };
}

/** A checkout with a contract, and a directory for private files of its own. */
export interface Job {
  readonly cwd: string;
  readonly temporary: string;
  readonly env: Readonly<Record<string, string>>;
  /** What stands in the directory for private files. */
  leftovers(): Promise<readonly string[]>;
}

export const contract = (more = '', artifact = 'parts'): string => `version: 1
artifacts:
  ${artifact}:
    reviewed: parts.csv
    runtime: s3://runtime/${key}
    key: [id]
    consumes: [mode]
${more}`;

export async function makeJob({ server }: GateStage, files: Files = {}): Promise<Job> {
  const cwd = await makeRepository({
    'keydrift.yaml': contract(),
    'parts.csv': reviewed,
    ...files,
  });
  const temporary = join(cwd, '.git', 'temporary');
  await mkdir(temporary);
  return {
    cwd,
    temporary,
    env: {
      AWS_ENDPOINT_URL_S3: server.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_MAX_ATTEMPTS: '1',
      KEYDRIFT_TMPDIR: temporary,
    },
    leftovers: () => readdir(temporary),
  };
}

/** Runs the gate to its end; whatever it answers, nothing is left behind. */
export async function gate(
  job: Job,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<CliResult> {
  const result = await runCli(['run', ...args], { cwd: job.cwd, env: { ...job.env, ...env } });
  expect(await job.leftovers()).toEqual([]);
  return result;
}

/**
 * Runs the gate in this process with a command that says a word, waits for one, and goes on: between
 * them is what the test does.
 */
export async function gateAround(
  job: Job,
  args: readonly string[],
  between: () => unknown,
): Promise<CliResult> {
  const answer = async ({ stdin, stdout }: ChildProcess): Promise<void> => {
    await once(stdout!, 'data');
    await between();
    stdin!.end('go\n');
  };
  const answers: Promise<void>[] = [];
  const result = await runInProcess({
    words: ['run', ...args],
    cwd: job.cwd,
    environment: { ...bareEnvironment(job.cwd), ...job.env },
    onCommand: (child) => void answers.push(answer(child)),
  });
  await Promise.all(answers);
  expect(await job.leftovers()).toEqual([]);
  return result;
}

/** A gate that runs beside the test. */
export interface Running {
  readonly process: ChildProcess;
  readonly pid: number;
  /** Resolves to all of stdout when this has been written to it. */
  says(text: string): Promise<string>;
  write(text: string): void;
  end(): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
}

export function startGate(
  job: Job,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Running {
  const child = spawn(process.execPath, [cliPath, 'run', ...args], {
    cwd: job.cwd,
    env: { ...bareEnvironment(job.cwd), ...job.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = once(child, 'close');
  return {
    process: child,
    pid: child.pid!,
    async says(text) {
      while (!stdout.includes(text)) {
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`ended (${child.exitCode ?? child.signalCode}): ${stderr}`);
        }
        await Promise.race([once(child.stdout, 'data'), closed]);
      }
      return stdout;
    },
    write: (text) => void child.stdin.write(text),
    async end() {
      await closed;
      return { code: child.exitCode, signal: child.signalCode, stdout, stderr };
    },
  };
}

/** The JSON lines of a log. */
export function logOf(stderr: string): readonly Record<string, unknown>[] {
  return stderr
    .trimEnd()
    .split('\n')
    .map((line) => documentOf('gate', line));
}
