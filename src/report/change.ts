import type { ChangeReport, SideReport } from '../model/index.ts';
import { escapeTerminal } from './escape.ts';
import { shortRevision } from './revision.ts';
import { amplificationOf } from './sentences.ts';
import { times } from './wording.ts';

/** Units that a change touches. */
export function unitsOf({ added, removed, changed }: ChangeReport): number {
  return added + removed + changed;
}

/** Units of a change that a list of `limit` leaves out. */
export function hiddenUnits(change: ChangeReport, limit: number): number {
  return unitsOf(change) - Math.min(change.units.length, limit);
}

/** `origin/main (commit 3f2a9c1)`. */
export function baseText({ base, baseRef }: ChangeReport): string {
  const ref = escapeTerminal(baseRef);
  if (base === null) return `${ref}, where the file does not exist`;
  const revision = shortRevision(base.revision);
  return revision === null ? ref : `${ref} (${revision})`;
}

/** The sums of a change, each as `before → after`. */
export function changeSums(
  change: ChangeReport,
  after: SideReport | null,
): readonly (readonly [label: string, value: string])[] {
  const { base, added, removed, changed } = change;
  const sum = (pick: (side: SideReport) => number): string =>
    `${base === null ? 0 : pick(base)} → ${after === null ? 'unknown' : pick(after)}`;
  const amplification = [base, after].map((side) =>
    times(side === null ? null : amplificationOf(side)),
  );
  return [
    ['units', `${sum((side) => side.units)}  (+${added} -${removed} ~${changed})`],
    ['rows', sum((side) => side.rows)],
    ['redundant rows', sum((side) => side.redundant)],
    ['amplification', amplification.join(' → ')],
  ];
}
