import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { documentOf } from '../documents.ts';
import { plainGit } from '../plain-git.ts';
import { runInProcess } from './in-process.ts';

const root = new URL('../..', import.meta.url).pathname;

/** The built command line. */
export const cliPath: string = join(root, 'dist', 'keydrift.cjs');

/** What a run of the command line gave. */
export interface CliResult {
  readonly code: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  /** Added to a bare environment: nothing of the machine's AWS or git configuration leaks in. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  readonly now?: () => Date;
}

/** The environment of every test run: no configuration of the machine, no colour. */
export function bareEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    TZ: 'UTC',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

/**
 * Runs a command line in this process: everything but the process itself (signals, real streams and
 * terminals, start-up) is what a user gets.
 */
export function runCli(
  args: readonly string[],
  { cwd, env, ...given }: CliOptions,
): Promise<CliResult> {
  const environment = { ...bareEnvironment(cwd), ...env };
  return runInProcess({ words: args, cwd, environment, ...given });
}

/** Runs the built command line as a user does, in a process of its own. */
export function runProcess(args: readonly string[], options: CliOptions): Promise<CliResult> {
  const env = { ...bareEnvironment(options.cwd), ...options.env };
  const child = spawn(process.execPath, [cliPath, ...args], {
    cwd: options.cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code], stdout, stderr]) => ({ code: code as number | null, stdout, stderr }),
  );
}

/** The parts of a JSON report that tests assert; its schema vouches for the rest. */
export interface JsonReport {
  readonly verdict: string;
  readonly exitCode: number;
  readonly enforced: boolean;
  readonly notEnforced: readonly { artifact: string; kinds: readonly string[] }[];
  readonly error: JsonError | null;
  readonly artifacts: readonly JsonArtifact[];
}
export interface JsonError {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly command?: string;
  readonly place: { side?: string; line?: number; byte?: number; record?: number };
  readonly problems: readonly { line: number | null; path: string; message: string }[];
}
export interface JsonArtifact {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly runbook: string | null;
  readonly copy: string | null;
  readonly owner: string | null;
  readonly verdict: string;
  readonly state: string | null;
  readonly reviewed: JsonSide | null;
  readonly runtime: JsonSide | null;
  readonly amplification: number | null;
  readonly counts: Readonly<Record<string, number>>;
  readonly findings: readonly JsonFinding[];
  readonly respelled: number;
  readonly warnings: readonly {
    code: string;
    message: string;
    side: string | null;
    line: number | null;
  }[];
  readonly change: Readonly<Record<string, unknown>> | null;
  readonly whatToDo?: readonly { readonly kind: string; readonly commands: readonly string[] }[];
  readonly error: JsonError | null;
}
export interface JsonSide {
  readonly location: string;
  readonly rows: number;
  readonly units: number;
  readonly redundant: number;
  readonly invalid: number;
  readonly sha256: string;
  readonly digest: string;
  readonly bytes: number;
  readonly [revision: string]: string | number | null;
}
export interface JsonFinding {
  readonly began?: { readonly versionId?: string | null; readonly commit?: string };
  readonly kind: string;
  readonly side: string;
  readonly severity: string;
  readonly key: Readonly<Record<string, string>> | null;
  readonly fields: readonly string[];
  readonly reason: string | null;
  readonly rowCount: { readonly reviewed: number; readonly runtime: number };
  readonly rows: readonly { side: string; record: number; line: number; values: object }[];
}

/** Runs with `--format json`; what comes is valid against the shipped schema, and agrees with the exit code. */
export async function runJson(
  args: readonly string[],
  options: CliOptions,
): Promise<CliResult & { readonly report: JsonReport }> {
  const result = await runCli([...args, '--format', 'json'], options);
  return { ...result, report: checkedReport(result.stdout, result) };
}

/** Runs once for both: the text report on stdout, and the JSON one as `runJson` checks it. */
export async function runBoth(
  args: readonly string[],
  options: CliOptions,
): Promise<CliResult & { readonly report: JsonReport }> {
  const file = join(options.cwd, '.report.json');
  const result = await runCli([...args, '-o', `json:${file}`], options);
  const json = textOf(file);
  return { ...result, report: checkedReport(json, result) };
}

/** Runs once for several outputs of a report, each by its format; of a JSON one as `runJson`. */
export async function runFormats<const Format extends string>(
  args: readonly string[],
  formats: readonly Format[],
  options: CliOptions,
): Promise<CliResult & { readonly told: Readonly<Record<Format, string>> }> {
  const folder = mkdtempSync(join(tmpdir(), 'keydrift-test-'));
  try {
    const files = formats.map((format) => join(folder, format));
    const outputs = formats.flatMap((format, at) => ['-o', `${format}:${files[at]}`]);
    const result = await runCli([...args, ...outputs], options);
    const told = Object.fromEntries(formats.map((format, at) => [format, textOf(files[at]!)]));
    if (told['json'] !== undefined) checkedReport(told['json'], result);
    return { ...result, told: told as Record<Format, string> };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of a file; nothing where it was not written. */
function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

function checkedReport(json: string, { code, stdout, stderr }: CliResult): JsonReport {
  if (!json.startsWith('{')) {
    throw new Error(`no JSON report (exit ${code}): ${stdout}\n${stderr}`);
  }
  const report = documentOf<JsonReport>('report', json);
  if (report.exitCode !== code) {
    throw new Error(`exit code ${code}, the report says ${report.exitCode}`);
  }
  return report;
}

/**
 * A command as a shell reads it, the program included. Words that are plain, or in single quotes, are
 * those words in every shell; where there is anything else, one is asked.
 */
export function shellWords(command: string): readonly string[] {
  const words = command.match(/(?:[\w@%+=:,./-]|'[^']*')+/g) ?? [];
  if (words.join(' ') === command) return words.map((word) => word.replaceAll("'", ''));
  const told = execFileSync('bash', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' });
  return told.split('\0').slice(0, -1);
}

// What is small and in memory is written and removed at once: each step by a thread costs ten times as much.

/** A private directory that is removed after the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'keydrift-test-')));
  // What a test ended in the middle may still be writing there.
  onTestFinished(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
  return directory;
}

/** Files by their path. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Writes files into a directory, folders as needed. */
export async function writeFiles(directory: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
  }
}

const gitSettings = [
  '-c',
  'init.defaultBranch=main',
  // Two more processes for each commit.
  '-c',
  'maintenance.auto=false',
  '-c',
  'user.name=Test',
  '-c',
  'user.email=test@example.org',
];

/** Runs git in a repository of a test; gives its output without the last line end. */
export function git(directory: string, ...args: readonly string[]): string {
  const plain = plainGit(directory, args, {});
  if (plain !== null) return plain;
  const output = execFileSync('git', [...gitSettings, ...args], {
    cwd: directory,
    env: bareEnvironment(directory),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return output.toString('utf8').trimEnd();
}

/** A real repository with these files committed, in a directory that is removed after the test. */
export async function makeRepository(files: Files): Promise<string> {
  const directory = await temporaryDirectory();
  git(directory, 'init', '--quiet', '--template=');
  await writeFiles(directory, files);
  git(directory, 'add', '--all');
  git(directory, 'commit', '--quiet', '--allow-empty', '--message', 'reviewed');
  return directory;
}

/** Makes a directory, with the files in it, a repository with one commit. */
export function commitAll(directory: string): void {
  git(directory, 'init', '--quiet', '--template=');
  git(directory, 'add', '--all');
  git(directory, 'commit', '--quiet', '--message', 'reviewed');
}
