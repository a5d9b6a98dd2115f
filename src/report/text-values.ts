import type { Finding, ReportedRow } from '../model/index.ts';
import {
  changedRuns,
  columnsOf,
  fitBoth,
  fitRuns,
  mostlyShared,
  without,
  type Run,
  type ValueForm,
} from './changed.ts';
import { showCell } from './escape.ts';
import type { TextContext } from './text-context.ts';
import { disagreement, placeOf, valueOf } from './rows.ts';
import { clipEnd, widthOf } from './width.ts';
import { more } from './wording.ts';

const arrow = ' → ';
/** Columns below which two values are not worth showing with more beside or inside them. */
const leastRoom = 16;
/** Up to here the eye sees a change of two values side by side; beyond, one marked text is clearer. */
const easilySeen = 12;

/** How a consumed column disagrees in a conflict, in at most `room` columns. */
export function showDisagreement(
  finding: Finding,
  field: string,
  room: number,
  context: TextContext,
): string {
  const { first, second, others } = disagreement(finding, field);
  if (first === null) return '';
  if (second === null) return clipEnd(`${showCell(valueOf(first, field))} and other values`, room);
  const where = finding.side === 'across' ? '' : `  (${bothPlaces(first, second)})`;
  const wanted = others > 0 ? `${where} ${more(others)}` : where;
  const note = room - widthOf(wanted) < leastRoom ? '' : wanted;
  const values = [valueOf(first, field), valueOf(second, field)] as const;
  return showChange(...values, room - widthOf(note), context) + context.paint('dim', note);
}

function bothPlaces(first: ReportedRow, second: ReportedRow): string {
  const plain = first.place === undefined && second.place === undefined;
  return plain ? `lines ${first.line}, ${second.line}` : `${placeOf(first)}, ${placeOf(second)}`;
}

/**
 * `first → second` in at most `room` columns, with what changed marked: inverse in colour; without,
 * long values that share most are one text, `s3://lake/[-s-]{+z+}ales`.
 */
export function showChange(
  first: string | null,
  second: string | null,
  room: number,
  context: TextContext,
  form: ValueForm = 'cells',
): string {
  const half = Math.max(4, Math.floor((room - arrow.length) / 2));
  if (first === null || second === null || first === second) {
    const [was, is] = [first, second].map((value) =>
      form === 'shown' ? (value ?? '') : showCell(value),
    );
    return clipEnd(was ?? '', half) + arrow + clipEnd(is ?? '', half);
  }
  const runs = changedRuns(first, second, form);
  const [from, to] = [without(runs, 'second'), without(runs, 'first')];
  const longest = Math.max(columnsOf(from), columnsOf(to));
  if (!context.color && longest > easilySeen && mostlyShared(runs) && canMark(runs, room)) {
    return markInText(runs, room);
  }
  const [shownFrom, shownTo] = fitBoth(from, to, room - arrow.length);
  return paintRuns(shownFrom, context) + arrow + paintRuns(shownTo, context);
}

function paintRuns(runs: readonly Run[], { paint }: TextContext): string {
  return runs.map(({ on, text }) => (on === 'both' ? text : paint('inverse', text))).join('');
}

/** Whether marks have room, and cannot be taken for a part of the values. */
function canMark(runs: readonly Run[], room: number): boolean {
  return (
    room - marksOf(runs) >= leastRoom && !runs.some(({ text }) => /\[-|-\]|\{\+|\+\}/.test(text))
  );
}

function marksOf(runs: readonly Run[]): number {
  return runs.filter(({ on, text }) => on !== 'both' && text !== '').length * '[--]'.length;
}

function markInText(runs: readonly Run[], room: number): string {
  return fitRuns(runs, room - marksOf(runs))
    .map(({ on, text }) => {
      if (on === 'both' || text === '') return text;
      return on === 'first' ? `[-${text}-]` : `{+${text}+}`;
    })
    .join('');
}
