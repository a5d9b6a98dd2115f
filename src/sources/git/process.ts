import { spawn, type ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { beginEvent, type Environment } from '../../model/index.ts';

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
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Settles when it has ended and all output is read; never rejects. */
  readonly exit: Promise<GitExit>;
  /** Keep keydrift alive until `release`: somebody waits for this process. */
  hold(): void;
  release(): void;
  kill(name?: 'SIGTERM' | 'SIGKILL'): void;
}

export interface GitResult extends GitExit {
  readonly stdout: Buffer;
}

const stderrKept = 16_384;

/** Processes that have not ended. One that waits for a remote would outlive keydrift. */
const alive = new Map<ChildProcess, (name: 'SIGTERM') => void>();
let endsWithKeydrift = false;

function endWithKeydrift(child: ChildProcess, signal: (name: 'SIGTERM') => void): void {
  alive.set(child, signal);
  const forget = (): boolean => alive.delete(child);
  child.once('exit', forget).once('error', forget);
  if (endsWithKeydrift) return;
  endsWithKeydrift = true;
  process.once('exit', () => {
    for (const end of alive.values()) end('SIGTERM');
  });
}

/** Signals a process and all that it started; nothing where they are gone. */
function signalGroup(leader: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-leader, name);
  } catch {
    // It has ended.
  }
}

/** Starts git without a shell. The arguments' options must be closed by `--` or `--end-of-options`. */
export function startGit(place: GitPlace, args: readonly string[]): GitChild {
  const { environment } = place;
  return heard(place, args, startProgram('git', ['-C', place.directory, ...args], { environment }));
}

/** Tells of a process: its command alone, because other words may hold an address with a secret. */
function heard(place: GitPlace, args: readonly string[], child: GitChild): GitChild {
  const command = args.find((word, at) => !word.startsWith('-') && args[at - 1] !== '-c') ?? '';
  return heardAs(`git ${command} in ${place.name}`, child);
}

/** Tells of a process by what it is called. */
export function heardAs(subject: string, child: GitChild): GitChild {
  const end = beginEvent('git', subject);
  void child.exit.then(({ code }) => end({ code }));
  return child;
}

/** How a program is started. */
interface Start {
  readonly environment: Environment;
  /** `group`: it ends with all that it started, and has no terminal to ask at. */
  readonly life?: 'own' | 'group';
  /** Where it works; left out: where keydrift does. */
  readonly directory?: string;
  /** Told whatever it says on stderr. */
  readonly onSign?: (text: string) => void;
}

/** Starts a program that speaks as git does: of a path, that one, whatever PATH says. */
export function startProgram(
  program: string,
  args: readonly string[],
  { environment, directory, life = 'own', onSign = () => undefined }: Start,
): GitChild {
  const isGroup = life === 'group';
  const child = spawn(program, args, {
    env: environment,
    ...(directory === undefined ? {} : { cwd: directory }),
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    detached: isGroup,
  });
  const signal = (name: 'SIGTERM' | 'SIGKILL'): void => {
    if (!isGroup || child.pid === undefined) child.kill(name);
    else signalGroup(child.pid, name);
  };
  endWithKeydrift(child, signal);
  // Without descriptors it is not started, and has no pipes: its error says so.
  if ((child.stdin as unknown) === undefined) return unstarted(child);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-stderrKept);
    onSign(text);
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
  const kill = (name: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): void => {
    signal(name);
    // Its exit waits for its output, and nobody may be left to read that.
    child.stdout.destroy();
  };
  return { stdin: child.stdin, stdout: child.stdout, exit, hold, release, kill };
}

/** A process that there were no pipes for. */
function unstarted(child: ChildProcess): GitChild {
  const exit = new Promise<GitExit>((resolve) => {
    child.once('error', (startError) => resolve({ code: null, stderr: '', startError }));
  });
  const stdin = new Writable({ write: (_chunk, _encoding, done) => done() });
  const stdout = Readable.from([]);
  return { stdin, stdout, exit, hold: nothing, release: nothing, kill: nothing };
}

function nothing(): void {}

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

/** How a call that waits for a remote ended: `silent` where that said nothing for too long. */
export type RemoteExit = GitExit & { readonly silent: boolean };

/**
 * Runs git where it waits for a remote: it is ended, with all that it started, when neither of them
 * has said anything for `silenceMs`.
 */
export async function runRemote(
  place: GitPlace,
  args: readonly string[],
  silenceMs: number,
): Promise<RemoteExit> {
  let silent = false;
  let watch: NodeJS.Timeout | undefined;
  const onSign = (): void => {
    watch?.refresh();
  };
  const started = startProgram('git', ['-C', place.directory, ...args], {
    environment: place.environment,
    life: 'group',
    onSign,
  });
  const child = heard(place, args, started);
  child.hold();
  child.stdin.end();
  child.stdout.on('data', onSign);
  let end: NodeJS.Timeout | undefined;
  watch = setTimeout(() => {
    silent = true;
    child.kill();
    end = setTimeout(() => child.kill('SIGKILL'), 2000);
  }, silenceMs);
  try {
    return { ...(await child.exit), silent };
  } finally {
    clearTimeout(watch);
    clearTimeout(end);
  }
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
