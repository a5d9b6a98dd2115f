import type { Step } from '../model/index.ts';
import { escapeTerminal } from './escape.ts';
import { commandLines, indented } from './command-lines.ts';
import type { TextContext } from './text-context.ts';
import { indent } from './text-keys.ts';
import { wrap } from './width.ts';

/** What to do: each way out as a sentence, and its commands whole, to be pasted. */
export function stepLines(
  steps: readonly Step[],
  { width, paint, commands: how }: TextContext,
): readonly string[] {
  if (steps.length === 0) return [];
  const told = steps.flatMap(({ text, commands }) => [
    ...wrap(`- ${escapeTerminal(text)}`, width - indent.length, indent.length),
    ...commands.flatMap((command) =>
      commandLines(indent + indent, command, {
        width: width - indent.length,
        commands: how,
        words: 'cut',
      }),
    ),
  ]);
  return [paint('bold', 'what to do'), ...told.map(indented)];
}
