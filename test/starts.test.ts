import { spawn, type StdioOptions } from 'node:child_process';
import { tmpdir } from 'node:os';
import type { Readable } from 'node:stream';
import { expect, test } from 'vitest';

/** What the starter of `starts.ts` gives of git is what git gives that is started directly. */
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
  const given = await run(asked, throughStarter);
  expect(given).toEqual(await run(asked, directly));
  expect(given).toMatchObject(expected);
});

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
