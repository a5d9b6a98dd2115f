import { atMargin } from './command-lines.ts';
import { breakCommands } from './escape.ts';

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
