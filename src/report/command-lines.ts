import { widthOf } from './width.ts';

/**
 * A command after what stands before it. On a terminal (`folded`) one that is wider is continued by a
 * backslash between two of its words, which bash and zsh read as one line: a terminal would break it
 * within a word. Elsewhere, and where its words cannot be told apart, it stands whole.
 */
export function commandLines(
  before: string,
  command: string,
  { width, commands }: { readonly width: number; readonly commands: 'folded' | 'whole' },
): readonly string[] {
  const whole = before + command;
  const words = command.match(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g) ?? [];
  const isTold = words.join(' ') === command && !command.includes("$'");
  if (commands === 'whole' || widthOf(whole) <= width || !isTold) return [whole];
  const hang = `${' '.repeat(before.length)}  `;
  const lines: string[] = [];
  let line = before + (words[0] ?? '');
  for (const word of withValues(words.slice(1), width - hang.length - 2)) {
    if (widthOf(`${line} ${word} \\`) <= width) {
      line += ` ${word}`;
    } else {
      lines.push(`${line} \\`);
      // A word that has no room there begins its line: what is before it means nothing to a shell.
      line = widthOf(`${hang}${word} \\`) <= width ? hang + word : word;
    }
  }
  return [...lines, line];
}

/** Words with what they are: an option and its value stay on one line, where one has room for both. */
function withValues(words: readonly string[], room: number): readonly string[] {
  const units: string[] = [];
  for (const word of words) {
    const before = units.at(-1) ?? '';
    const isValue = /^--\w[^ ]*$/.test(before) && !word.startsWith('-');
    if (isValue && widthOf(`${before} ${word}`) <= room) units[units.length - 1] += ` ${word}`;
    else units.push(word);
  }
  return units;
}
