import type { ChildProcess } from 'node:child_process';
import { accessSync, statSync } from 'node:fs';
import { delimiter, join, resolve as resolvePath } from 'node:path';
import type { ReadyCommand } from './context.ts';
import type { CommandEnd } from '../../model/index.ts';
import type { Io } from '../../io/io.ts';
import { signalCode } from '../signals.ts';
import type { Lifeline } from './lifeline.ts';

/**
 * Starts a command with this process's stdin, stdout and stderr, sends signals on to it, and waits
 * for its end. A command that cannot be started ends as in a shell: 127 not found, 126 otherwise.
 */
export function launch(command: ReadyCommand, lifeline: Lifeline, io: Io): Promise<CommandEnd> {
  const { file, words, environment } = command;
  return new Promise((resolve) => {
    const end = (result: CommandEnd): void => {
      lifeline.ended(result.code);
      resolve(result);
    };
    let child: ChildProcess;
    try {
      child = io.start(file, words, environment);
    } catch (error) {
      end(startFailure(command, error, io.workingDirectory));
      return;
    }
    child.once('error', (error) => {
      if (child.pid === undefined) end(startFailure(command, error, io.workingDirectory));
    });
    child.once('exit', (code, signal) => {
      if (signal === null) end({ kind: 'exited', code: code ?? 0 });
      else end({ kind: 'signalled', signal, code: signalCode(signal) });
    });
    if (child.pid === undefined) return;
    command.started(child.pid);
    lifeline.running((signal) => child.kill(signal));
  });
}

function startFailure(
  { file, environment }: ReadyCommand,
  error: unknown,
  directory: string,
): CommandEnd {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  const found = findFile(file, directory, environment['PATH']);
  if (file === '' || (code === 'ENOENT' && found === null)) {
    return { kind: 'failed', code: 127, message: `${file || "''"}: command not found` };
  }
  return { kind: 'failed', code: 126, message: `${file}: ${reason(code, found)}` };
}

/** Where a command is, as the system looks for it; null where there is none. */
function findFile(file: string, directory: string, path = ''): string | null {
  const places = file.includes('/') ? [file] : path.split(delimiter).map((dir) => join(dir, file));
  return places.map((place) => resolvePath(directory, place)).find(exists) ?? null;
}

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}

function reason(code: string, found: string | null): string {
  switch (code) {
    case 'EACCES':
      return found !== null && statSync(found, { throwIfNoEntry: false })?.isDirectory() === true
        ? 'is a directory'
        : 'permission denied; is it executable?';
    case 'ENOENT':
      return `${found} is there, but the interpreter in its first line is not`;
    case 'E2BIG':
      return 'the arguments and the environment are too long';
    default:
      return `cannot be started (${code})`;
  }
}
