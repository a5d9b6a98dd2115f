import { findingKinds, kindEntry, type ArtifactReport, type SideReport } from '../model/index.ts';
import { count } from '../model/names.ts';
import { escapeTerminal } from './escape.ts';
import { shortKeyOf, shortKeySentence } from './short-key.ts';
import { clipMiddle } from './width.ts';
import { times } from './wording.ts';

/** What the state of an artifact means in work, a sentence each; none where all is well. `show` makes a name safe. */
export function workSentences(
  artifact: ArtifactReport,
  show: (name: string) => string = shownName,
): readonly string[] {
  const { reviewed, runtime, state, use, verdict } = artifact;
  if (use === 'reviewed' && verdict === 'in-sync') return reviewedRuns(artifact);
  if (state === 'missing') return [missingSentence(reviewed)];
  if (state === 'unreviewed') return runtime === null ? [] : [unreviewedSentence(runtime)];
  const short = shortKeyOf(artifact);
  return [
    // Of a key that is too short all that follows is a consequence.
    ...(short === null ? [] : [shortKeySentence(short, show)]),
    ...(use === 'deduplicated' && verdict === 'in-sync'
      ? onceRuns(artifact)
      : redundancy(artifact)),
    ...scheduling(artifact),
  ];
}

/** What a run does that is handed the reviewed copy: nothing of what the runtime copy holds. */
function reviewedRuns({ reviewed, state }: ArtifactReport): readonly string[] {
  return [
    ...(reviewed !== null && reviewed.redundant > 0 ? [`reviewed: ${executions(reviewed)}`] : []),
    ...(state === 'identical' || state === 'equivalent'
      ? []
      : ['The reviewed copy is handed over: nothing that the runtime copy holds otherwise runs.']),
  ];
}

/** What a run does that is handed each unit once. */
function onceRuns({ runtime }: ArtifactReport): readonly string[] {
  const { redundant = 0 } = runtime ?? {};
  if (redundant === 0) return [];
  return [`Each unit runs once: ${count(redundant, 'redundant row')} ${redundant === 1 ? 'is' : 'are'} left out.`]; // prettier-ignore
}

/** Widest name of a column in a sentence. */
const widest = 60;

function shownName(name: string): string {
  return clipMiddle(escapeTerminal(name), widest);
}

/** Rows ÷ units of a side (SPEC §1); null without units. */
export function amplificationOf(side: SideReport): number | null {
  return side.units === 0 ? null : (side.rows - side.invalid) / side.units;
}

/** What was counted of a side: `6 rows, 4 units, 2 redundant, 1 invalid`. */
export function sizeOf(side: SideReport): string {
  return sizeFacts(side).join(', ');
}

/** The same, a fact each. */
export function sizeFacts(side: SideReport): readonly string[] {
  const facts = [count(side.rows, 'row'), count(side.units, 'unit')];
  if (side.redundant > 0) facts.push(`${side.redundant} redundant`);
  if (side.invalid > 0) facts.push(`${side.invalid} invalid`);
  return facts;
}

function missingSentence(reviewed: SideReport | null): string {
  const units = reviewed === null ? 'units' : count(reviewed.units, 'unit');
  return `The ${units} of the reviewed copy will not run.`;
}

function unreviewedSentence(runtime: SideReport): string {
  return `${count(runtime.rows, 'row')} for ${count(runtime.units, 'unit')} would run, and no reviewed file has them.`;
}

function redundancy({ reviewed, runtime, state }: ArtifactReport): readonly string[] {
  if (state === 'identical' && reviewed !== null && reviewed.redundant > 0) {
    return [
      `both copies: ${executions(reviewed)}`,
      'The copies are identical: the reviewed copy itself repeats units. Fix it in git first.',
    ];
  }
  return [
    ...(reviewed !== null && reviewed.redundant > 0 ? [`reviewed: ${executions(reviewed)}`] : []),
    ...(runtime !== null && runtime.redundant > 0 ? [`runtime: ${executions(runtime)}`] : []),
  ];
}

function executions(side: SideReport): string {
  const invalid = side.invalid > 0 ? ` (${side.invalid} invalid)` : '';
  return (
    `${count(side.rows, 'row')}${invalid} for ${count(side.units, 'unit')}: ` +
    `${count(side.redundant, 'redundant execution')} (${times(amplificationOf(side))})`
  );
}

/** What findings do to the work; of what is only not deployed yet (`pending`) nothing is said. */
function scheduling({ findings, cause }: ArtifactReport): readonly string[] {
  const isOlder = cause?.kind === 'stale' || cause?.kind === 'ahead';
  return findingKinds.flatMap((kind) => {
    const work = kindEntry(kind)?.work ?? null;
    if (work === null) return [];
    const number = findings.filter(
      (one) =>
        one.kind === kind &&
        one.side === work.side &&
        one.severity !== 'ignore' &&
        one.severity !== 'pending',
    ).length;
    const { one, several } = (isOlder ? work.once : undefined) ?? work;
    return number === 0 ? [] : [`${number} ${number === 1 ? one : several}.`];
  });
}
