import { once } from 'node:events';
import { Writable } from 'node:stream';
import type { Io } from './io.ts';

/** Whether there is somebody to ask. */
export function isInteractive({ stdin, stderr }: Io): boolean {
  return stdin.isTTY === true && stderr.isTerminal;
}

/** Asks a question whose answer is no, unless somebody says yes; also where `stop` is aborted. */
export async function askYes(
  question: string,
  { stdin, stderr }: Io,
  stop: AbortSignal,
): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const output = new Writable({
    decodeStrings: false,
    write(text: string, _, done) {
      void stderr.write(text);
      done();
    },
  });
  const terminal = createInterface({ input: stdin, output, terminal: true });
  // Ctrl-C at a question is the signal that it is anywhere else.
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  // Ctrl-D is no answer; depending on Node, the question then fails or stays open.
  const ended = once(terminal, 'close').then(() => '');
  const asked = terminal.question(`${question} [y/N] `, { signal: stop }).catch(() => '');
  try {
    const answer = await Promise.race([asked, ended]);
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    terminal.close();
  }
}
