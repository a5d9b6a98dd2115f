import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';

interface ChildOptions {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `shared`: the child writes to this process's own stdout and stderr, as on its own. */
  readonly output: 'shared' | 'quiet';
  /** Ends the child; the call then throws the signal's reason, when the child is gone. */
  readonly signal: AbortSignal;
}

/** Runs a program to its end; gives its exit code. Throws when it dies of a signal. */
export async function runChild(
  command: string,
  args: readonly string[],
  { directory, environment, output, signal }: ChildOptions,
): Promise<number> {
  signal.throwIfAborted();
  const child = spawn(command, args, {
    cwd: directory,
    env: environment,
    stdio: ['ignore', ...stdio(output)],
    windowsHide: true,
  });
  const end = (): void => void child.kill();
  signal.addEventListener('abort', end);
  try {
    const complaint = child.stderr === null ? Promise.resolve('') : read(child.stderr);
    const [code, killedBy]: unknown[] = await once(child, 'close');
    // Ctrl-C reaches a child by itself too; this process may hear of its end first.
    await setImmediate();
    signal.throwIfAborted();
    if (typeof code !== 'number') throw new Error(`${command} died of ${String(killedBy)}`);
    if (output === 'quiet' && code !== 0) {
      throw new Error(`${command} ${args.join(' ')} failed: ${(await complaint).trim()}`);
    }
    return code;
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function stdio(output: ChildOptions['output']): ('inherit' | 'ignore' | 'pipe')[] {
  return output === 'shared' ? ['inherit', 'inherit'] : ['ignore', 'pipe'];
}

async function read(stream: Readable): Promise<string> {
  stream.setEncoding('utf8');
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
