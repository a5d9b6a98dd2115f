import { spawn } from 'node:child_process';
import { writeSync } from 'node:fs';
import { totalmem } from 'node:os';
import { isatty } from 'node:tty';
import { KeydriftError } from '../model/index.ts';
import type { Io, Output } from './io.ts';
import { hasControllingTerminal, terminalSignalsUs } from './job-control.ts';

/** The process itself. */
export function processIo(): Io {
  return {
    words: process.argv.slice(2),
    environment: process.env,
    ...(process.geteuid === undefined ? {} : { userId: process.geteuid() }),
    ...memoryBound(),
    get workingDirectory() {
      return workingDirectory();
    },
    now: () => new Date(),
    get stdin() {
      return process.stdin;
    },
    stdout: stdout(),
    stderr: stderr(),
    onSignal(signal, act) {
      process.on(signal, act);
      return () => void process.off(signal, act);
    },
    onFault(act) {
      process.on('uncaughtException', act);
      return () => void process.off('uncaughtException', act);
    },
    atExit(cleanup) {
      process.once('exit', cleanup);
      return () => void process.off('exit', cleanup);
    },
    exit: (code) => process.exit(code),
    start: (file, words, environment) => spawn(file, words, { stdio: 'inherit', env: environment }),
    hasTerminal: hasControllingTerminal,
    terminalSignalsUs,
  };
}

/** What a container lets the process have (cgroups); more than the machine has means nothing. */
function memoryBound(): Pick<Io, 'memory'> {
  const memory = process.constrainedMemory();
  return memory > 0 && memory < totalmem() ? { memory } : {};
}

function workingDirectory(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new KeydriftError('USAGE', 'the working directory is gone', {
      cause,
      hint: 'Change to a directory that is there.',
    });
  }
}

/** As fast as its reader takes it. The stream is opened by the first write. */
function stdout(): Output {
  const state: { fault: NodeJS.ErrnoException | null; watched: boolean } = {
    fault: null,
    watched: false,
  };
  const note = (error: NodeJS.ErrnoException): void => {
    state.fault ??= error;
  };
  return {
    isTerminal: isatty(1),
    get columns() {
      return columnsOf(process.stdout);
    },
    get hasColors() {
      return isatty(1) && process.stdout.hasColors();
    },
    get fault() {
      return state.fault;
    },
    write(text) {
      if (!state.watched) process.stdout.on('error', note);
      state.watched = true;
      if (state.fault !== null) return Promise.resolve();
      return new Promise((resolve) => {
        process.stdout.write(text, (error) => {
          if (error) note(error);
          resolve();
        });
      });
    },
  };
}

/**
 * By its descriptor, before it returns: the stream would make a pipe that a command shares
 * non-blocking. What cannot be written there is lost: it never costs a result.
 */
function stderr(): Output {
  return {
    isTerminal: isatty(2),
    // Only a terminal is opened anew by the stream, and not shared.
    get columns() {
      return isatty(2) ? columnsOf(process.stderr) : 80;
    },
    get hasColors() {
      return isatty(2) && process.stderr.hasColors();
    },
    fault: null,
    write(text) {
      writeStderr(text);
      return Promise.resolve();
    },
  };
}

function columnsOf(stream: NodeJS.WriteStream): number {
  return stream.columns > 0 ? stream.columns : 80;
}

/** A moment to wait for a reader of stderr, in milliseconds, and how often at most. */
const pauseMs = 10;
const mostPauses = 500;

/** Writes to stderr by its descriptor, before it returns. What cannot be written is lost. */
export function writeStderr(text: string): void {
  const bytes = Buffer.from(text);
  let pauses = 0;
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(2, bytes, at);
    } catch (error) {
      const full = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      if (!full || pauses >= mostPauses) return;
      pauses += 1;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    }
  }
}
