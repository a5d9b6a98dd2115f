import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { Socket } from 'node:net';
import type { Environment } from './environment.ts';

/** Where git is called. */
export interface GitPlace {
  /** Absolute. */
  readonly directory: string;
  readonly environment: Environment;
  /** The place as people know it, without secrets. */
  readonly name: string;
}

/** How a git process ended. */
export interface GitExit {
  /** Null: it was killed, or never started. */
  readonly code: number | null;
  /** The end of what it said on stderr. */
  readonly stderr: string;
  /** Why it never started, or null. */
  readonly startError: NodeJS.ErrnoException | null;
}

/** A running git process. Unless `hold` was called it does not keep keydrift alive. */
export interface GitChild {
  readonly stdin: ChildProcessWithoutNullStreams['stdin'];
  readonly stdout: ChildProcessWithoutNullStreams['stdout'];
  /** Settles when it has ended and all output is read; never rejects. */
  readonly exit: Promise<GitExit>;
  /** Keep keydrift alive until `release`: somebody waits for this process. */
  hold(): void;
  release(): void;
  kill(): void;
}

export interface GitResult extends GitExit {
  readonly stdout: Buffer;
}

const stderrKept = 16_384;

/** Processes that have not ended. One that waits for a remote would outlive keydrift. */
const alive = new Set<ChildProcess>();
let endsWithKeydrift = false;

function endWithKeydrift(child: ChildProcess): void {
  alive.add(child);
  const forget = (): boolean => alive.delete(child);
  child.once('exit', forget).once('error', forget);
  if (endsWithKeydrift) return;
  endsWithKeydrift = true;
  process.once('exit', () => {
    for (const left of alive) left.kill('SIGTERM');
  });
}

/** Starts git without a shell. The arguments' options must be closed by `--` or `--end-of-options`. */
export function startGit(place: GitPlace, args: readonly string[]): GitChild {
  const child = spawn('git', ['-C', place.directory, ...args], {
    env: place.environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  endWithKeydrift(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrKept);
  });
  // A child that has ended breaks the pipe: its exit says why.
  child.stdin.on('error', () => undefined);
  const exit = new Promise<GitExit>((resolve) => {
    child.on('error', (startError) => resolve({ code: null, stderr, startError }));
    child.on('close', (code) => resolve({ code, stderr, startError: null }));
  });
  // Of a pipe that is closed already, ref and unref would wait for it to connect.
  const openPipes = (): Socket[] =>
    [child.stdin, child.stdout, child.stderr].filter(
      (pipe): pipe is typeof pipe & Socket => pipe instanceof Socket && !pipe.destroyed,
    );
  const release = (): void => {
    child.unref();
    for (const pipe of openPipes()) pipe.unref();
  };
  const hold = (): void => {
    child.ref();
    for (const pipe of openPipes()) pipe.ref();
  };
  release();
  // SIGTERM, which git passes on to the commands that it runs (lfs).
  const kill = (): void => {
    child.kill('SIGTERM');
    // Its exit waits for its output, and nobody may be left to read that.
    child.stdout.destroy();
  };
  return { stdin: child.stdin, stdout: child.stdout, exit, hold, release, kill };
}

/** Runs git to its end, with `input` on stdin. A failure is told by `code`; nothing is thrown. */
export async function runGit(
  place: GitPlace,
  args: readonly string[],
  input: string = '',
): Promise<GitResult> {
  const child = startGit(place, args);
  child.hold();
  child.stdin.end(input);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const exit = await child.exit;
  return { ...exit, stdout: Buffer.concat(chunks) };
}

/**
 * The output of a process, read no faster than the reader asks. It starts with the first read, is
 * killed when the reader stops early, and stands in `running` meanwhile. `onFailure` makes the
 * error for any other end than success.
 */
export async function* outputOf(
  start: () => GitChild,
  running: Set<GitChild>,
  onFailure: (exit: GitExit) => Error,
): AsyncGenerator<Uint8Array, void, undefined> {
  const child = start();
  running.add(child);
  try {
    const chunks: AsyncIterator<Buffer> = child.stdout[Symbol.asyncIterator]();
    for (;;) {
      child.hold();
      const next = await chunks.next();
      child.release();
      if (next.done === true) break;
      yield next.value;
    }
    child.hold();
    const exit = await child.exit;
    if (exit.code !== 0) throw onFailure(exit);
  } finally {
    child.release();
    child.kill();
    running.delete(child);
  }
}
