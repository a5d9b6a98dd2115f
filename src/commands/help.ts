import type { Command } from 'commander';
import { wrap } from '../report/index.ts';

/**
 * Adds words behind a command's help. Its paragraphs are wrapped as the help itself is; indented lines,
 * which are to be typed, stand as they are.
 */
export function addHelp(command: Command, text: string): Command {
  return command.addHelpText('after', ({ command: own, error }) => {
    const output = own.configureOutput();
    const width = (error ? output.getErrHelpWidth?.() : output.getOutHelpWidth?.()) ?? 80;
    return [
      '',
      ...paragraphs(text.trim()).flatMap((one) => (one.startsWith(' ') ? one : wrap(one, width))),
    ].join('\n');
  });
}

/** Lines of one paragraph as one; empty and indented ones by themselves. */
function paragraphs(text: string): readonly string[] {
  const all: string[] = [];
  for (const line of text.split('\n')) {
    const before = all.at(-1) ?? '';
    const goesOn = /^\S/.test(line) && /^\S/.test(before);
    if (goesOn) all[all.length - 1] = `${before} ${line}`;
    else all.push(line);
  }
  return all;
}
