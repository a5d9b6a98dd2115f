import { execFileSync, spawn, spawnSync, type StdioOptions } from 'node:child_process';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { expect, test } from 'vitest';

/** What the starter of `starts.ts` gives is what a program gives that is started directly. */
const throughStarter: StdioOptions = ['pipe', 'pipe', 'pipe'];
/** The starter leaves alone what has a fourth stream. */
const directly: StdioOptions = [...throughStarter, 'ignore'];

interface Asked {
  readonly args: readonly string[];
  /** Null: it stays open, and git is ended. */
  readonly input: string | null;
  readonly path?: string;
}

test.for<[string, Asked, object]>([
  ['a long input', { args: ['hash-object', '--stdin'], input: 'a'.repeat(1 << 20) }, { code: 0 }],
  ['a long output', { args: ['stripspace'], input: 'b\n'.repeat(1 << 19) }, { code: 0 }],
  ['a failure', { args: ['no-such-command'], input: '' }, { code: 1 }],
  ['a signal', { args: ['hash-object', '--stdin'], input: null }, { signal: 'SIGTERM' }],
  ['no git', { args: [], input: '', path: '/nonexistent' }, { error: 'ENOENT' }],
])('%s', async ([, asked, expected]) => {
  const direct = await run(asked, directly);
  expect(direct).toMatchObject(expected);
  // What speaks of contents of objects is read while it runs.
  for (const words of [[], ['--namespace', 'cat-file']]) {
    const args = [...words, ...asked.args];
    expect(await run({ ...asked, args }, throughStarter)).toEqual(direct);
  }
});

const programs: readonly [string, string, ...string[]][] = [
  ['what it writes', 'sh', '-c', 'cat; echo on both >&2; printf %s "$KNOWN"; pwd'],
  ['a long output', 'sh', '-c', 'cat; head -c 300000 /dev/zero'],
  ['a failure', 'sh', '-c', 'cat; echo before; echo why >&2; exit 3'],
  ['a signal', 'sh', '-c', 'cat; kill -TERM $$'],
  ['no program', '/nonexistent'],
  ['words that are too long', 'sh', '-c', ':', 'x'.repeat(1 << 18)],
];

test.each(programs)('waited for: %s', (_, file, ...args) => {
  const env = { PATH: process.env['PATH'], KNOWN: 'é' };
  for (const more of [{}, { encoding: 'utf8' }, { stdio: 'pipe' }] as const) {
    const options = { cwd: tmpdir(), env, input: 'in\n', ...more };
    // The starter leaves alone what it has not heard of.
    const direct = { ...options, killSignal: 'SIGTERM' } as const;
    const [given, expected] = [spawnSync(file, args, options), spawnSync(file, args, direct)];
    expect(plain(given)).toEqual(plain(expected));
    expect(given.pid > 0).toBe(expected.pid > 0);
    const thrown = [options, direct].map((one) => outcomeOf(() => execFileSync(file, args, one)));
    expect(thrown[0]).toEqual(thrown[1]);
  }
});

test.each(programs)('a job: %s', async (_, file, ...args) => {
  const job = async (...more: 'ignore'[]): Promise<unknown> => {
    const child = spawn(file, args, { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe', ...more] });
    const started = child.pid !== undefined;
    const ends = ['error', 'exit', 'close'].map(
      (name) => new Promise((resolve) => child.once(name, (...end) => resolve([name, plain(end)]))),
    );
    const told = [textOf(child.stdout!), textOf(child.stderr!)];
    const end = await (started ? Promise.all(ends.slice(1)) : ends[0]);
    return { started, end, told: started ? await Promise.all(told) : [] };
  };
  const given = await job().catch(codeOf);
  expect(given).toEqual(await job('ignore').catch(codeOf));
});

/** Without the process's number; of bytes and errors what tells them apart. */
function plain(given: object): object {
  const { pid: _, ...rest } = given as { pid?: number };
  const told = ([name, one]: [string, unknown]): [string, unknown] => {
    if (one instanceof Uint8Array) return [name, `${one.length} ${digestOf(one)}`];
    if (one instanceof Error) return [name, codeOf(one)];
    // What never started has no output: undefined, from Node 24 on null.
    return [name, Array.isArray(one) ? plain(one) : (one ?? null)];
  };
  return Object.fromEntries(Object.entries(rest).map(told));
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function codeOf(error: Error): unknown {
  return 'code' in error ? error.code : error.message;
}

function outcomeOf(act: () => string | Buffer): unknown {
  try {
    return plain({ stdout: act() });
  } catch (error) {
    const { status, signal, stdout, stderr, code } = error as Record<string, unknown>;
    return plain({ status, signal, stdout, stderr, code });
  }
}

async function run({ args, input, path = process.env['PATH'] }: Asked, stdio: StdioOptions) {
  const child = spawn('git', args, { stdio, cwd: tmpdir(), env: { PATH: path, LC_ALL: 'C' } });
  const ended = new Promise<object>((resolve) => {
    child.once('error', ({ code }: NodeJS.ErrnoException) => resolve({ error: code }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  child.stdin!.on('error', () => undefined);
  if (input === null) child.kill();
  else child.stdin!.end(input);
  const [end, stdout, stderr] = await Promise.all([
    ended,
    textOf(child.stdout!),
    textOf(child.stderr!),
  ]);
  return { ...end, stdout, stderr };
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  stream.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  await new Promise((resolve) => stream.once('close', resolve));
  return text;
}
