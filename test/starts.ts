import childProcess, {
  type ChildProcess,
  type SpawnOptions,
  type SpawnSyncOptions,
  type SpawnSyncReturns,
} from 'node:child_process';
import { EventEmitter } from 'node:events';
import {
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';

/**
 * What a worker of the tests starts is started by a small process on its behalf (`starter.mjs`): git
 * for keydrift, programs that read nothing, and all that a test stands still for (`spawnSync`,
 * `execFileSync`). To copy a worker of hundreds of megabytes took longer than all that such a
 * program then does. What leads a group of its own, other streams, and all that the built command
 * line starts are started as ever.
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

/** The starter's pipes: what is written into one is read from the other, line by line. */
interface Pipes {
  ask(question: object): void;
  /** Stands still until there is an answer. */
  answer(): unknown;
}

async function startThroughStarter(): Promise<void> {
  const { spawn, spawnSync, execFileSync } = childProcess;
  const directory = mkdtempSync(join(tmpdir(), 'keydrift-starter-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const [path = '', asked = '', answered = ''] = ['socket', 'asked', 'answered'].map((name) =>
    join(directory, name),
  );
  const program = new URL('starter.mjs', import.meta.url).pathname;
  const starter = spawn(process.execPath, [program, path, asked, answered], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await new Promise((resolve) => starter.once('message', resolve));
  starter.unref();
  starter.channel?.unref();
  const pipes = openPipes(asked, answered);
  const ends = new Map<number, (told: Told) => void>();
  starter.on('message', (told: Told) => {
    ends.get(told.id)?.(told);
    ends.delete(told.id);
  });
  let last = 0;
  const start = (file: string, args: readonly string[], options: SpawnOptions): ChildProcess => {
    const id = (last += 1);
    const { env = process.env, cwd = process.cwd(), stdio } = options;
    const reads = stdio?.[0] === 'pipe';
    // Who starts a job asks for its process; of git nobody does.
    const waits = !reads;
    const streams = { stdin: reads ? connect(path) : null, stdout: connect(path) };
    pipes.ask({ id, file, args, options: { env, cwd }, reads, waits });
    const { child, end } = standIn(streams, (signal) => pipes.ask({ kill: id, signal }));
    ends.set(id, end);
    return waits ? Object.assign(child, processOf(pipes.answer())) : child;
  };
  const startOnFiles = (
    file: string,
    args: readonly string[],
    options: SpawnOptions,
  ): ChildProcess => {
    const id = (last += 1);
    const { env = process.env, cwd = process.cwd() } = options;
    const [given, output] = [join(directory, `${id}.in`), join(directory, `${id}.out`)];
    let state: 'waits for its input' | 'runs' | 'over' = 'waits for its input';
    const stdout = new Readable({ read: () => undefined });
    const stdin = collected((bytes) => {
      state = 'runs';
      const input = bytes.length > 0 ? given : null;
      if (input !== null) writeFileSync(input, bytes);
      pipes.ask({ id, file, args, options: { env, cwd }, input, output });
      ends.set(id, (told) => {
        state = 'over';
        stdout.push(readFileSync(output));
        stdout.push(null);
        unlinkSync(output);
        if (input !== null) unlinkSync(input);
        end(told);
      });
    });
    const { child, end } = standIn({ stdin, stdout }, (signal) => {
      if (state === 'runs') pipes.ask({ kill: id, signal });
      if (state !== 'waits for its input') return;
      state = 'over';
      stdout.push(null);
      end({ id, stderr: '', code: null, signal });
    });
    return child;
  };
  const run = (...[file, args = [], options = {}]: Call): SpawnSyncReturns<Output> => {
    const { cwd = process.cwd(), env = process.env, stdio = 'pipe', input = '' } = options;
    const bytes = typeof input === 'string' ? Buffer.from(input) : bytesOf(input);
    pipes.ask({ file, args, options: { cwd, env, stdio }, input: bytes.toString('base64') });
    return endOf(pipes.answer() as Ended, options);
  };
  Object.assign(childProcess, {
    spawn: (...call: Parameters<typeof spawn>) =>
      !isPlain(...call)
        ? spawn(...call)
        : isReadAtEnd(...call)
          ? startOnFiles(...call)
          : start(...call),
    spawnSync: (...call: Call) => (isWhole(...call) ? run(...call) : spawnSync(...call)),
    execFileSync: (...call: Call) =>
      isWhole(...call) ? successOf(run(...call), call) : execFileSync(...call),
  });
  syncBuiltinESMExports();
}

/** Of `spawnSync` and `execFileSync`. */
type Call = [file: string, args?: string[], options?: SpawnSyncOptions];
type Output = string | Buffer | null;

function openPipes(asked: string, answered: string): Pipes {
  const questions = openSync(asked, 'w');
  const answers = openSync(answered, 'r');
  return {
    ask(question) {
      const bytes = Buffer.from(`${JSON.stringify(question)}\n`);
      for (let at = 0; at < bytes.length;) at += writeSync(questions, bytes, at);
    },
    answer() {
      const pieces: Buffer[] = [];
      for (;;) {
        const piece = Buffer.allocUnsafe(65_536);
        const length = readSync(answers, piece);
        if (length === 0) throw new Error('the starter has ended');
        pieces.push(piece.subarray(0, length));
        if (piece[length - 1] === 0x0a) return JSON.parse(Buffer.concat(pieces).toString());
      }
    },
  };
}

const readers = new Set(['git', 'git-lfs']);

function isPlain(file: string, _args: readonly string[], options: SpawnOptions = {}): boolean {
  const { stdio, detached = false } = options;
  const streams = JSON.stringify(stdio);
  const isKnown =
    streams === '["ignore","pipe","pipe"]' ||
    (streams === '["pipe","pipe","pipe"]' && readers.has(file));
  return isKnown && !detached;
}

/** Keydrift reads what git answers once it has ended, but for the contents of objects. */
function isReadAtEnd(file: string, args: readonly string[], _options: SpawnOptions): boolean {
  return file === 'git' && !args.includes('cat-file');
}

/** Takes all that is written, for when that has ended. */
function collected(take: (bytes: Buffer) => void): Writable {
  const pieces: Buffer[] = [];
  return new Writable({
    write(piece: Buffer, _encoding, done) {
      pieces.push(piece);
      done();
    },
    final(done) {
      take(Buffer.concat(pieces));
      done();
    },
  });
}

const known = new Set(['cwd', 'env', 'encoding', 'input', 'stdio', 'maxBuffer']);

function isWhole(_file: string, args: unknown = [], options: SpawnSyncOptions = {}): boolean {
  const { stdio = 'pipe', cwd = '' } = options;
  const streams = typeof stdio === 'string' ? [stdio] : stdio;
  return (
    Array.isArray(args) &&
    typeof cwd === 'string' &&
    Object.keys(options).every((name) => known.has(name)) &&
    streams.every((stream) => stream === 'pipe' || stream === 'ignore')
  );
}

function bytesOf({ buffer, byteOffset, byteLength }: NodeJS.ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** What the starter tells of a program that was waited for. */
interface Ended {
  readonly pid?: number;
  /** In base64, as `stderr`. */
  readonly stdout: string;
  readonly stderr: string;
  /** It never started. */
  readonly error?: Error;
  readonly status?: number | null;
  readonly signal?: NodeJS.Signals | null;
}

function endOf(
  { pid = 0, stdout, stderr, status = null, signal = null, error }: Ended,
  { encoding, stdio = 'pipe' }: SpawnSyncOptions,
): SpawnSyncReturns<Output> {
  if (error !== undefined) {
    // What never started has said nothing.
    return { ...nothing, status, signal, error: errorOf(error) };
  }
  const [out = null, err = null] = [stdout, stderr].map((text, at) => {
    if ((typeof stdio === 'string' ? stdio : stdio[at + 1]) === 'ignore') return null;
    const bytes = Buffer.from(text, 'base64');
    const isText = encoding !== undefined && encoding !== null && encoding !== 'buffer';
    return isText ? bytes.toString(encoding) : bytes;
  });
  return { pid, output: [null, out, err], stdout: out, stderr: err, status, signal };
}

const nothing = { pid: 0, output: null as never, stdout: null, stderr: null };

/** As `execFileSync` has it: a failure is thrown, and what was said by the way is said here. */
function successOf(ended: SpawnSyncReturns<Output>, [file, args = [], options]: Call): Output {
  const { stdout, stderr, status, error } = ended;
  if (options?.stdio === undefined && stderr !== null) process.stderr.write(stderr);
  if (error !== undefined) throw Object.assign(error, ended);
  if (status === 0) return stdout;
  const said = `Command failed: ${[file, ...args].join(' ')}\n${String(stderr ?? '')}`;
  throw Object.assign(new Error(said), ended);
}

function errorOf(told: Error): Error {
  return Object.assign(new Error(told.message), told);
}

/** Throws what `spawn` throws. */
function processOf(answer: unknown): { readonly pid: number | undefined } {
  const { pid, thrown } = answer as { readonly pid?: number; readonly thrown?: Error };
  if (thrown !== undefined) throw errorOf(thrown);
  return { pid };
}

/** Stands in for a child process, and what tells it how the process ended. */
function standIn(
  streams: Pick<ChildProcess, 'stdin' | 'stdout'>,
  kill: (signal: NodeJS.Signals) => void,
): { readonly child: ChildProcess; readonly end: (told: Told) => void } {
  const stderr = new Readable({ read: () => undefined });
  const child = Object.assign(new EventEmitter(), {
    ...streams,
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
    streams.stdin?.destroy();
    if (error !== undefined) {
      streams.stdout?.destroy();
      child.emit('error', errorOf(error));
      return;
    }
    child.emit('exit', code, signal);
    void Promise.all([closed(streams.stdout), closed(stderr)]).then(() =>
      child.emit('close', code, signal),
    );
  };
  return { child, end };
}

async function closed(stream: Readable | null): Promise<void> {
  if (stream === null || stream.closed) return;
  await new Promise((resolve) => stream.once('close', resolve));
}
