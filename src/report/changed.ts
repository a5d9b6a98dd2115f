import { diffArrays } from 'diff';
import { escapeCharacter, escapeQuoted, head, lookOf, mustQuote, tail } from './escape.ts';
import { clipEnd, clipStart, graphemes, widthOf } from './width.ts';

/** A piece of two values laid over each other: in both, or in one alone. Escaped text. */
export interface Run {
  readonly on: 'both' | 'first' | 'second';
  readonly text: string;
}

/** What is shared, then what follows it in each value. */
interface Group {
  both: string;
  first: string;
  second: string;
}

/** What two values are: cells as they stand, or texts that are shown already. */
export type ValueForm = 'cells' | 'shown';

/** Code units kept around the first difference; the comparison behind it is quadratic. */
const before = 64;
const after = 192;

/**
 * Two different values as runs in reading order: those not of `second` are the first value, those
 * not of `first` the second. Every change has a run of each, if an empty one. Long values are cut
 * around the first difference.
 */
export function changedRuns(
  first: string,
  second: string,
  form: ValueForm = 'cells',
): readonly Run[] {
  const start = Math.max(0, firstDifference(first, second) - before);
  const pieces = [first, second].map((value) => head(tail(value, start), before + after));
  const alike = lookOf(pieces[0] ?? '') === lookOf(pieces[1] ?? '');
  const quote = alike || (form === 'cells' && (mustQuote(first) || mustQuote(second)));
  const [from = [], to = []] = [first, second].map((value, at) => {
    const piece = pieces[at] ?? '';
    const tokens = graphemes(piece).map((character) => display(character, alike, quote));
    return start + piece.length < value.length ? [...tokens, '…'] : tokens;
  });
  const groups = groupChanges(from, to);
  const edge = quote ? '"' : '';
  const [opening] = groups;
  if (opening !== undefined) opening.both = edge + (start > 0 ? '…' : '') + opening.both;
  const closing = groups.at(-1);
  if (closing !== undefined && closing.first + closing.second === '') closing.both += edge;
  else groups.push({ both: edge, first: '', second: '' });
  return groups.flatMap(runsOf);
}

/** The runs in at most `room` columns: what both sides share goes first, then the ends. */
export function fitRuns(runs: readonly Run[], room: number): readonly Run[] {
  let fitted = runs;
  for (const context of [24, 16, 12, 8, 6, 4, 3, 2]) {
    if (columnsOf(fitted) <= room) return fitted;
    fitted = runs.map((run, at) =>
      run.on === 'both' ? { ...run, text: nearChange(run.text, context, at, runs.length) } : run,
    );
  }
  let left = room;
  return fitted.flatMap((run) => {
    if (left <= 0) return [];
    const text = clipEnd(run.text, left);
    left -= widthOf(text);
    return [{ ...run, text }];
  });
}

/** One value of the two: all runs but those of the other. */
export function without(runs: readonly Run[], on: Run['on']): readonly Run[] {
  return runs.filter((run) => run.on !== on);
}

/** Both values in at most `room` columns together; a short one leaves its room to the other. */
export function fitBoth(
  from: readonly Run[],
  to: readonly Run[],
  room: number,
): readonly [readonly Run[], readonly Run[]] {
  const half = Math.max(4, Math.floor(room / 2));
  const [first, second] = [columnsOf(from), columnsOf(to)];
  return [
    fitRuns(from, second <= half ? room - second : half),
    fitRuns(to, first <= half ? room - first : half),
  ];
}

/** Whether most of the longer value is on both sides, so that one text can show the two. */
export function mostlyShared(runs: readonly Run[]): boolean {
  const columns = (side: Run['on']): number => columnsOf(runs.filter((run) => run.on === side));
  return columns('both') > Math.max(columns('first'), columns('second'));
}

/** Columns of all runs together. */
export function columnsOf(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + widthOf(run.text), 0);
}

/** Keeps `context` columns of a shared run on the sides where a change is next to it. */
function nearChange(text: string, context: number, at: number, count: number): string {
  if (at === 0) return clipStart(text, context);
  if (at === count - 1) return clipEnd(text, context);
  if (widthOf(text) <= 2 * context) return text;
  return clipEnd(text, context) + clipStart(text, context).slice(1);
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}

/** A character as it is shown; where two values look alike, all that is not ASCII as escapes. */
function display(character: string, alike: boolean, quote: boolean): string {
  const shown = quote ? escapeQuoted(character) : character;
  return alike ? shown.replace(/[^ -~]/gu, escapeCharacter) : shown;
}

/** One or two equal characters between two changes are part of the change to the eye. */
function groupChanges(from: readonly string[], to: readonly string[]): Group[] {
  const groups: Group[] = [{ both: '', first: '', second: '' }];
  const changes = diffArrays([...from], [...to]);
  for (const [at, { added, removed, value }] of changes.entries()) {
    const text = value.join('');
    const last = groups.at(-1);
    if (last === undefined) continue;
    if (added) last.second += text;
    else if (removed) last.first += text;
    else if (at === 0) last.both = text;
    else if (value.length <= 2 && at < changes.length - 1) {
      last.first += text;
      last.second += text;
    } else groups.push({ both: text, first: '', second: '' });
  }
  return groups;
}

function runsOf({ both, first, second }: Group): readonly Run[] {
  const shared: readonly Run[] = both === '' ? [] : [{ on: 'both', text: both }];
  if (first + second === '') return shared;
  return [...shared, { on: 'first', text: first }, { on: 'second', text: second }];
}
