import { clipMessage, type ErrorPlace, type Problem, type ReportError } from '../model/index.ts';
import { commandLines } from './command-lines.ts';
import { escapeTerminal } from './escape.ts';
import { ansi, paintLead, plain, type Paint } from './style.ts';
import { narrowest, wrap } from './width.ts';

/** Where a described error goes. */
export interface ErrorOptions {
  readonly width: number;
  readonly color: boolean;
  /** How a hint's command is told; left out: whole. */
  readonly commands?: Commands | undefined;
}

type Commands = 'folded' | 'whole';

/**
 * An error for a person: code, message and place, every problem with its line and path, the hint.
 * Lines of at most `width` columns where words allow it, without a last newline; safe on a
 * terminal. A KeydriftError fits.
 */
export function describeError(
  error: ReportError,
  { width, color, commands }: ErrorOptions,
): string {
  const paint = color ? ansi : plain;
  return errorLines(error, { width: Math.max(narrowest, width), paint, commands }).join('\n');
}

/** The lines of `describeError`. */
export function errorLines(
  error: ReportError,
  { width, paint, commands = 'whole' }: Pick<ErrorOptions, 'width' | 'commands'> & { paint: Paint },
): readonly string[] {
  const place = describePlace(error.place, clipMessage(error.message));
  const told = escapeTerminal(clipMessage(error.message));
  const message = place === '' ? told : `${told.replace(/\.$/, '')} (${place})`;
  return [
    ...paintLead(wrap(`${error.code}: ${message}`, width, 2), error.code, paint('red', error.code)),
    ...error.problems.flatMap((problem) => wrap(`  ${describeProblem(problem)}`, width, 4)),
    ...hintLines(error, width, commands),
  ];
}

/** A hint; a command that ends it stands on lines of its own, to be copied. */
function hintLines(
  { hint, command = null }: ReportError,
  width: number,
  commands: Commands,
): readonly string[] {
  if (hint === null) return [];
  // A saved report may say anything: only what ends the hint is its command.
  const isWhole = command !== null && clipMessage(hint).endsWith(`: ${command}`);
  if (!isWhole) return wrap(`  hint: ${escapeTerminal(clipMessage(hint))}`, width, 8);
  const text = hint.slice(0, hint.length - command.length).trimEnd();
  return [
    ...wrap(`  hint: ${escapeTerminal(text)}`, width, 8),
    ...commandLines(' '.repeat(8), escapeTerminal(command), { width, commands }),
  ];
}

/** `line 12  artifacts.participants.key[0]: message (hint)`. */
export function describeProblem({ line, path, message, hint }: Problem): string {
  const where = [line === null ? '' : `line ${line}`, escapeTerminal(path)];
  const what = escapeTerminal(message) + (hint === null ? '' : ` (${escapeTerminal(hint)})`);
  return [where.filter((part) => part !== '').join('  '), what]
    .filter((part) => part !== '')
    .join(': ');
}

/** What the message does not say itself of the place: `runtime, line 12`. */
function describePlace(place: ErrorPlace, message: string): string {
  const parts = [
    place.side,
    place.line === undefined ? undefined : `line ${place.line}`,
    place.record === undefined ? undefined : `record ${place.record}`,
    place.byte === undefined || place.line !== undefined ? undefined : `byte ${place.byte}`,
  ];
  return parts.filter((part) => part !== undefined && !says(message, part)).join(', ');
}

/** Whether a message has a part as words of its own. */
function says(message: string, part: string): boolean {
  for (let at = message.indexOf(part); at >= 0; at = message.indexOf(part, at + 1)) {
    const [before, behind] = [message[at - 1] ?? ' ', message[at + part.length] ?? ' '];
    if (!/[\w./-]/.test(before) && !/[\w/-]/.test(behind)) return true;
  }
  return false;
}
