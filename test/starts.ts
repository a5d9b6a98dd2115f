import childProcess, { type ChildProcess, type SpawnOptions } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

/**
 * Git that keydrift starts in a worker of the tests is started by a small process on its behalf
 * (`starter.mjs`): to copy a worker of hundreds of megabytes took longer than all that git then
 * does, and the worker stood still meanwhile. What leads a group of its own, other programs and
 * all that the built command line starts are started as ever.
 */
const once = Symbol.for('keydrift.starts');
const worker = globalThis as { [once]?: true };
if (worker[once] === undefined) {
  worker[once] = true;
  await startThroughStarter();
}

/** What the starter tells of a program that has ended. */
interface Told {
  readonly id: number;
  /** In base64. */
  readonly stderr: string;
  /** It never started. */
  readonly error?: Error;
  readonly code?: number | null;
  readonly signal?: NodeJS.Signals | null;
}

async function startThroughStarter(): Promise<void> {
  const { spawn } = childProcess;
  const directory = mkdtempSync(join(tmpdir(), 'keydrift-starter-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'socket');
  const program = new URL('starter.mjs', import.meta.url).pathname;
  const starter = spawn(process.execPath, [program, path], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await new Promise((resolve) => starter.once('message', resolve));
  starter.unref();
  starter.channel?.unref();
  const ends = new Map<number, (told: Told) => void>();
  starter.on('message', (told: Told) => {
    ends.get(told.id)?.(told);
    ends.delete(told.id);
  });
  let last = 0;
  const start = (file: string, args: readonly string[], options: SpawnOptions): ChildProcess => {
    const id = (last += 1);
    const { env = process.env, cwd } = options;
    const pipes = { stdin: connect(path), stdout: connect(path) };
    starter.send({ id, file, args, options: { env, cwd } });
    const { child, end } = standIn(pipes, (signal) => starter.send({ kill: id, signal }));
    ends.set(id, end);
    return child;
  };
  const replaced = (...call: Parameters<typeof spawn>): ChildProcess =>
    isPlain(...call) ? start(...call) : spawn(...call);
  Object.assign(childProcess, { spawn: replaced });
  syncBuiltinESMExports();
}

function isPlain(file: string, _args: readonly string[], options?: SpawnOptions): boolean {
  const { stdio, detached = false } = options ?? {};
  return file === 'git' && JSON.stringify(stdio) === '["pipe","pipe","pipe"]' && !detached;
}

/** Stands in for a child process, and what tells it how the process ended. */
function standIn(
  pipes: Pick<ChildProcess, 'stdin' | 'stdout'>,
  kill: (signal: NodeJS.Signals) => void,
): { readonly child: ChildProcess; readonly end: (told: Told) => void } {
  const stderr = new Readable({ read: () => undefined });
  const child = Object.assign(new EventEmitter(), {
    ...pipes,
    stderr,
    kill(signal: NodeJS.Signals = 'SIGTERM') {
      kill(signal);
      return true;
    },
    ref: () => undefined,
    unref: () => undefined,
  }) as unknown as ChildProcess;
  const end = ({ stderr: said, error, code, signal }: Told): void => {
    stderr.push(Buffer.from(said, 'base64'));
    stderr.push(null);
    pipes.stdin?.destroy();
    if (error !== undefined) {
      pipes.stdout?.destroy();
      child.emit('error', Object.assign(new Error(error.message), error));
      return;
    }
    child.emit('exit', code, signal);
    void Promise.all([closed(pipes.stdout), closed(stderr)]).then(() =>
      child.emit('close', code, signal),
    );
  };
  return { child, end };
}

async function closed(stream: Readable | null): Promise<void> {
  if (stream === null || stream.closed) return;
  await new Promise((resolve) => stream.once('close', resolve));
}
