import { changedRuns, fitBoth, without, type ValueForm } from './changed.ts';
import { breakCommands, escapeTerminal, showCell } from './escape.ts';
import { clipMiddle } from './width.ts';

/** Wide enough for a commit, an email address, most keys; also keeps backtick fences short. */
const widest = 60;

/** Parsers take a fence of more than 80 backticks for text: runs of so many are shown as escapes. */
const longestRun = /`{16,}/g;

/**
 * A value of a file as a GitHub-flavoured code span: nothing in it is markup, a mention, a link or
 * the end of a table cell.
 */
export function codeValue(value: string | null): string {
  return codeSpan(clipMiddle(showCell(value), widest));
}

/** How a value changed: both as code spans, cut around what differs. */
export function codeChange(
  first: string | null,
  second: string | null,
  form: ValueForm = 'cells',
): string {
  if (first === null || second === null || first === second) {
    return [first, second]
      .map((value) => (form === 'shown' ? codeText(value ?? '') : codeValue(value)))
      .join(' → ');
  }
  const runs = changedRuns(first, second, form);
  return fitBoth(without(runs, 'second'), without(runs, 'first'), 2 * widest)
    .map((value) => codeSpan(value.map(({ text }) => text).join('')))
    .join(' → ');
}

/** Untrusted words, a location or a name, as a code span. */
export function codeText(text: string): string {
  return codeSpan(clipMiddle(escapeTerminal(text), widest * 2));
}

/** Untrusted lines as a fenced block, in which nothing is markup. */
export function codeBlock(lines: readonly string[]): string {
  const fence = fenceFor(lines.join('\n'), 3);
  return `${fence}text\n${lines.join('\n')}\n${fence}\n`;
}

/**
 * A code span that also a table cell can hold: a pipe behind an even number of backslashes would
 * end the cell, whatever the parser, so those in front of it are doubled and one is added.
 */
function codeSpan(untrusted: string): string {
  const text = breakCommands(untrusted === '' ? '""' : untrusted).replace(longestRun, (run) =>
    String.raw`\x60`.repeat(run.length),
  );
  const fence = fenceFor(text, 1);
  const pad = /^`|`$|^ .* $/.test(text) ? ' ' : '';
  const inner = text.replace(/(\\*)\|/g, String.raw`$1$1\|`);
  return fence + pad + inner + pad + fence;
}

/** A run of backticks longer than any in the text. */
function fenceFor(text: string, least: number): string {
  const longest = Math.max(least - 1, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  return '`'.repeat(longest + 1);
}
