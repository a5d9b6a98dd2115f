import {
  kindEntry,
  type ArtifactReport,
  type Finding,
  type FindingSide,
  type State,
} from '../model/index.ts';
import { escapeTerminal, showValue } from './escape.ts';
import { pointName } from './investigation/sentences.ts';
import { keyPairs } from './key-pairs.ts';
import { linesOf, placeOf, remarksOf, type Remark } from './rows.ts';
import { type FindingGroup, kindText, standsOnSides } from './select.ts';
import { paintLead } from './style.ts';
import type { TextContext } from './text-context.ts';
import { indent, keyedTable } from './text-keys.ts';
import { showDisagreement } from './text-values.ts';
import { clipEnd, clipMiddle, keepTogether, padEnd, widthOf, wrap } from './width.ts';
import { more, notListed, severityWords } from './wording.ts';

const fieldsListed = 8;
const fieldIndent = ' '.repeat(6);
/** Share of a line for the names of consumed columns. */
const fieldShare = 1 / 3;

/** The findings of one kind: a heading, a table of them, and how many more there are. */
export function findingLines(
  { kind, total, unlisted, shown }: FindingGroup,
  { state }: Pick<ArtifactReport, 'state'>,
  context: TextContext,
): readonly string[] {
  const lead = `${kind} (${total})`;
  if (shown.length === 0) return wrap(`${lead}: ${hiddenText(total, unlisted)}`, context.width, 2);
  const heading = wrap(`${lead}  ${kindText(kind, context.sides)}`, context.width, indent.length);
  const rest = total - unlisted - shown.length;
  const lines =
    kindEntry(kind)?.names === 'reason'
      ? shown.flatMap((finding) => reasonLines(finding, state, context))
      : unitLines(shown, state, context);
  return [
    ...paintLead(heading, lead, context.paint('bold', lead)),
    ...lines,
    ...(rest > 0 ? [indent + more(rest)] : []),
    ...(unlisted > 0 ? wrap(indent + notListed(unlisted), context.width, indent.length) : []),
  ];
}

/** Each pair of keys that is taken for another than it is, said once. */
export function pairLines(artifact: ArtifactReport, context: TextContext): readonly string[] {
  const { sides } = context;
  const { said, rest } = keyPairs(artifact, context.limit);
  const lines = said.map(
    ({ lead, reviewed, verb, runtime }) =>
      `${lead}: ${reviewed} (${sides.reviewed}) ${verb} ${runtime} (${sides.runtime})`,
  );
  const all = [...lines, ...rest.map(([lead, count]) => `${lead}: ${more(count)}`)];
  return all.flatMap((line) => wrap(line, context.width, indent.length));
}

/** The consumed columns that disagree, one a line, below the unit that they belong to. */
export function fieldLines(
  fields: readonly string[],
  show: (field: string, room: number) => string,
  context: TextContext,
): readonly string[] {
  const listed = fields.slice(0, fieldsListed);
  const most = Math.floor(context.width * fieldShare);
  const names = listed.map((field) => clipMiddle(showValue(field), most));
  const widest = Math.max(0, ...names.map(widthOf));
  const room = context.width - fieldIndent.length - widest - 2;
  const lines = listed.map(
    (field, at) => `${fieldIndent}${padEnd(names[at] ?? '', widest)}  ${show(field, room)}`,
  );
  const rest = fields.length - listed.length;
  return rest > 0 ? [...lines, `${fieldIndent}${more(rest)}`] : lines;
}

function unitLines(
  findings: readonly Finding[],
  state: State | null,
  context: TextContext,
): readonly string[] {
  if (findings.length === 0) return [];
  const bySide = findings.some(({ kind }) => standsOnSides(kind));
  const sideHead = bySide && state !== null;
  const has = (side: 'reviewed' | 'runtime'): boolean =>
    findings.some((finding) => finding.rowCount[side] > 0);
  const rows = findings.map((finding) => ({
    before: [severityWords[finding.severity], sideHead ? sideName(finding.side, context) : ''],
    key: finding.key ?? [],
    after: [
      has('reviewed') ? linesOf(finding, 'reviewed') : '',
      has('runtime') ? linesOf(finding, 'runtime') : '',
    ],
    below: [
      ...fieldLines(
        finding.fields,
        (field, room) => showDisagreement(finding, field, room, context),
        context,
      ),
      ...remarkLines([...remarksOf(finding), ...beganRemarks(finding, context)], context),
    ],
  }));
  return keyedTable(
    { before: ['', 'side'], after: [context.sides.reviewed, context.sides.runtime] },
    rows,
    context,
  );
}

/** With which change a finding began, where findings are told that did not begin together. */
function beganRemarks({ began }: Finding, { begins }: TextContext): readonly Remark[] {
  if (began === undefined || begins === undefined) return [];
  return [['began with', [pointName(began) + ',', begins(began.at)]]];
}

/** Lines of one remark, and columns below which it does not hang under its first word. */
const remarkLinesListed = 4;
const leastRemark = 30;

/** What an added unit would run, and why an accepted finding may stay: no value is broken. */
export function remarkLines(
  remarks: readonly Remark[],
  { width }: Pick<TextContext, 'width'>,
): readonly string[] {
  return remarks.flatMap(([what, parts]) => {
    const start = `${fieldIndent}${what} `;
    const wide = widthOf(start);
    const hang = width - wide < leastRemark ? fieldIndent.length + 2 : wide;
    const told = parts.map((part) => keepTogether(clipMiddle(part, width - hang)));
    const lines = wrap(keepTogether(start.trimEnd()) + ' ' + told.join(' '), width, hang);
    const kept = lines.slice(0, remarkLinesListed);
    if (kept.length === lines.length) return lines;
    return [...kept.slice(0, -1), clipEnd(`${kept.at(-1)} …`, width)];
  });
}

/** Of a kind that has no room for a row. */
function hiddenText(total: number, unlisted: number): string {
  const hidden = total - unlisted;
  return [
    ...(hidden > 0 ? [more(hidden)] : []),
    ...(unlisted > 0 ? [notListed(unlisted)] : []),
  ].join(', ');
}

function reasonLines(
  { severity, side, rows, reason }: Finding,
  state: State | null,
  context: TextContext,
): readonly string[] {
  const [row] = rows;
  const where = [
    severityWords[severity],
    state === null ? '' : sideName(side, context),
    row === undefined ? '' : placeOf(row),
  ];
  const start = where.filter((part) => part !== '').join(' ');
  const text = escapeTerminal(reason ?? 'no reason given');
  return wrap(
    indent + (start === '' ? text : `${start}: ${text}`),
    context.width,
    indent.length * 2,
  );
}

function sideName(side: FindingSide, { sides }: TextContext): string {
  return side === 'across' ? side : sides[side];
}
