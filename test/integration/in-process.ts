import { spawn, type ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';
import { main } from '../../src/commands/program.ts';
import type { Io, Output } from '../../src/io/io.ts';
import type { Registries } from '../../src/judge/registries.ts';
import type { Environment } from '../../src/model/index.ts';

/** What a command line gets when it runs in the test's own process. */
export interface Call {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly environment: Environment;
  readonly registries?: Registries;
  readonly now?: () => Date;
  /** What comes on stdin; left out: nothing. */
  readonly stdin?: string | Uint8Array | Readable;
  /** Gets what answers signals. */
  readonly onSignal?: Io['onSignal'];
  /** Gets a command that is started, and what it says; its stdin is a pipe then. */
  readonly onCommand?: (child: ChildProcess) => void;
  /** Stdout, which has stderr too, and stdin where it is given, are a terminal with colours. */
  readonly terminal?: boolean;
  /** What writing to stdout gives. */
  readonly fault?: NodeJS.ErrnoException;
  /** Left out: that of the sources. */
  readonly main?: typeof main;
}

/** What it gave. */
export interface Given {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, with streams, variables and a directory of its own. */
export async function runInProcess(call: Call): Promise<Given> {
  return await withVariables(call.environment, async () => {
    const { terminal = false } = call;
    const stdout = memory(terminal, call.fault);
    const stderr = terminal ? stdout : memory(false);
    const cleanups = new Set<() => void>();
    const io: Io = {
      words: call.words,
      environment: call.environment,
      workingDirectory: call.cwd,
      ...(process.geteuid === undefined ? {} : { userId: process.geteuid() }),
      now: call.now ?? (() => new Date()),
      stdin: Object.assign(streamOf(call.stdin), terminal && call.stdin ? { isTTY: true } : {}),
      stdout: stdout.stream,
      stderr: stderr.stream,
      onSignal: call.onSignal ?? (() => () => undefined),
      onFault: () => () => undefined,
      atExit(cleanup) {
        cleanups.add(cleanup);
        return () => void cleanups.delete(cleanup);
      },
      exit(code) {
        throw new Error(`exit ${code}`);
      },
      start(file, words, environment) {
        const child = spawn(file, words, {
          cwd: call.cwd,
          env: environment,
          stdio: [call.onCommand === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        });
        child.stdout?.on('data', (bytes: Buffer) => stdout.add(bytes));
        child.stderr?.on('data', (bytes: Buffer) => stderr.add(bytes));
        call.onCommand?.(child);
        children.push(
          new Promise((resolve) => child.once('close', resolve).once('error', resolve)),
        );
        return child;
      },
      hasTerminal: () => false,
      terminalSignalsUs: () => false,
    };
    const children: Promise<unknown>[] = [];
    const code = await (call.main ?? main)(io, call.registries);
    await Promise.all(children);
    for (const cleanup of cleanups) cleanup();
    return { code, stdout: stdout.text(), stderr: terminal ? '' : stderr.text() };
  });
}

function streamOf(given: Call['stdin']): Readable {
  if (given instanceof Readable) return given;
  return Readable.from(given === undefined ? [] : [Buffer.from(given)]);
}

function memory(
  isTerminal: boolean,
  fault: NodeJS.ErrnoException | null = null,
): {
  readonly stream: Output;
  add(bytes: Buffer): void;
  text(): string;
} {
  const pieces: Buffer[] = [];
  const stream: Output = {
    isTerminal,
    columns: 80,
    hasColors: isTerminal,
    fault,
    write(text) {
      pieces.push(Buffer.from(text));
      return Promise.resolve();
    },
  };
  return {
    stream,
    add: (bytes) => void pieces.push(bytes),
    text: () => Buffer.concat(pieces).toString('utf8'),
  };
}

/** What the SDK of S3 looks up by itself it reads from the process's own variables. */
let held: {
  readonly id: string;
  calls: number;
  readonly done: Promise<void>;
  end: () => void;
} | null = null;

/** Runs with exactly these variables; calls with others wait for each other. */
async function withVariables<T>(variables: Environment, run: () => Promise<T>): Promise<T> {
  const id = JSON.stringify(Object.entries(variables).sort(([a], [b]) => (a < b ? -1 : 1)));
  while (heldByOthers(id)) await held?.done;
  if (held === null) {
    const restore = replaceVariables(variables);
    let resolve: () => void = () => undefined;
    const done = new Promise<void>((settle) => (resolve = settle));
    const end = (): void => {
      held = null;
      restore();
      resolve();
    };
    held = { id, calls: 0, done, end };
  }
  const mine = held;
  mine.calls += 1;
  try {
    return await run();
  } finally {
    mine.calls -= 1;
    if (mine.calls === 0) mine.end();
  }
}

function heldByOthers(id: string): boolean {
  return held !== null && held.id !== id;
}

/** The variables that are asked for by what is no JavaScript: the clock and the home directory. */
const asked = ['TZ', 'HOME'];

/**
 * All are replaced by one object, since each change of a process's own variables asks the system;
 * gives what undoes it.
 */
function replaceVariables(variables: Environment): () => void {
  const own = process.env;
  const before = asked.map((name) => own[name]);
  const setAsked = (values: readonly (string | undefined)[]): void => {
    for (const [at, name] of asked.entries()) {
      const value = values[at];
      if (value === own[name]) continue;
      if (value === undefined) delete own[name];
      else own[name] = value;
    }
  };
  setAsked(asked.map((name) => variables[name]));
  process.env = { ...variables };
  return () => {
    process.env = own;
    setAsked(before);
  };
}
