import { breakCommands } from './escape.ts';
import { indent } from './text-keys.ts';
import { widthOf } from './width.ts';

/** Begins a line that goes on within a word: nothing may stand before it. No text of a report has it. */
const margin = '\0';

/** A line of a block, as far from the margin as it may be. */
export function indented(line: string): string {
  return line === '' || line.startsWith(margin) ? line : indent + line;
}

/** A line as it is written. */
export function atMargin(line: string): string {
  return line.startsWith(margin) ? line.slice(margin.length) : line;
}

/** How wide a command may be, and what is folded or cut where it is wider. */
export interface CommandForm {
  readonly width: number;
  readonly commands: 'folded' | 'whole';
  readonly words?: 'cut' | 'whole';
}

/**
 * A command after what stands before it. On a terminal (`folded`) one that is wider is continued by a
 * backslash between two of its words, which bash and zsh read as one line: a terminal would break it
 * within a word. Elsewhere, and where its words cannot be told apart, it stands whole. With `words` as
 * `cut` one that is too wide is cut as well; such lines are for `indented` and `atMargin`.
 */
export function commandLines(
  before: string,
  command: string,
  { width, commands, words: long = 'whole' }: CommandForm,
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
      const isShort = widthOf(`${hang}${word} \\`) <= width;
      const cut = long === 'cut' ? piecesOf(word, width) : [word];
      const pieces = isShort ? [hang + word] : cut;
      for (const piece of pieces.slice(0, -1)) lines.push(piece);
      line = pieces.at(-1) ?? '';
    }
  }
  return [...lines, line];
}

/** Between two of the parts of a path, a URL or an option one may cut. */
const partEnd = /[/?:&=, ]/;

/**
 * A word on lines of their own, cut after parts of it where a line has no room for all: a backslash at
 * the end and nothing before what follows is one word to a shell. A part is never cut.
 */
function piecesOf(word: string, width: number): readonly string[] {
  // `NAME='value'`: the name by itself, and then what is quoted.
  const [, name, value] = /^(\w+=)('[^'\\]*')$/.exec(word) ?? [];
  if (name !== undefined && value !== undefined) {
    const [first = '', ...others] = piecesOf(value, width);
    return [`${name}\\`, margin + first, ...others];
  }
  const isQuoted = /^'[^'\\]*'$/.test(word);
  if (!isQuoted && !/^[\w@%+=:,./-]+$/.test(word)) return [word];
  const mark = isQuoted ? "'" : '';
  const room = width - 1 - 2 * mark.length;
  const pieces: string[] = [];
  let rest = isQuoted ? word.slice(1, -1) : word;
  while (widthOf(rest) + 2 * mark.length + 2 > width) {
    let end = -1;
    for (let at = 0; at < rest.length - 1 && widthOf(rest.slice(0, at + 1)) <= room; at += 1) {
      if (partEnd.test(rest.charAt(at))) end = at;
    }
    if (end < 0) break;
    pieces.push(`${mark}${rest.slice(0, end + 1)}${mark}\\`);
    rest = rest.slice(end + 1);
  }
  return [...pieces, mark + rest + mark].map((piece, at) => (at === 0 ? piece : margin + piece));
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

const linesInChunk = 1000;

/**
 * Lines as chunks of a thousand: a limit may ask for more lines than a string can hold. What
 * escaping could not see, because values were laid over each other, is broken here.
 */
export function* lineChunks(lines: readonly string[]): Iterable<string> {
  for (let at = 0; at < lines.length; at += linesInChunk) {
    yield `${lines
      .slice(at, at + linesInChunk)
      .map((line) => breakCommands(atMargin(line)))
      .join('\n')}\n`;
  }
}
