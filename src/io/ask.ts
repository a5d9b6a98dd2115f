import { once } from 'node:events';

/** Whether there is somebody to ask. */
export function isInteractive(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks a question whose answer is no, unless somebody says yes. */
export async function askYes(
  question: string,
  { input, output }: { readonly input: NodeJS.ReadStream; readonly output: NodeJS.WriteStream },
): Promise<boolean> {
  const { createInterface } = await import('node:readline/promises');
  const terminal = createInterface({ input, output });
  // Ctrl-C at a question ends the program as it does anywhere else.
  terminal.once('SIGINT', () => {
    terminal.close();
    process.kill(process.pid, 'SIGINT');
  });
  // Ctrl-D is no answer; depending on Node, the question then fails or stays open.
  const ended = once(terminal, 'close').then(() => '');
  const asked = terminal.question(`${question} [y/N] `).catch(() => '');
  try {
    const answer = await Promise.race([asked, ended]);
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    terminal.close();
  }
}
