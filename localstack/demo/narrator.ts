import { styleText } from 'node:util';

/** Tells the story. Every call resolves when its text is out, so that a child's comes after it. */
export interface Narrator {
  /** A chapter's heading. */
  chapter(title: string): Promise<void>;
  /** Lines of narration, of at most 76 characters. */
  say(...lines: readonly string[]): Promise<void>;
  /** A file, or commands to copy. */
  show(text: string): Promise<void>;
  /** A command as a person types it. */
  prompt(command: string): Promise<void>;
  /** An empty line, after the output of a child. */
  pause(): Promise<void>;
}

/** A narrator for a terminal, or for a pipe without colour. */
export function createNarrator(stream: NodeJS.WriteStream): Narrator {
  const paint = (style: 'bold' | 'dim' | 'cyan', text: string): string =>
    stream.isTTY && stream.hasColors() ? styleText(style, text) : text;
  const write = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      stream.write(`${text}\n`, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  return {
    chapter: (title) => write(`${paint('bold', title)}\n`),
    say: (...lines) => write(`${lines.map((line) => `    ${line}`).join('\n')}\n`),
    show: (text) => write(`${text.trimEnd().replace(/^(?=.)/gm, '      ')}\n`),
    prompt: (command) => write(`${paint('cyan', '$')} ${paint('bold', command)}`),
    pause: () => write(''),
  };
}
