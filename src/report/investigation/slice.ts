import type {
  ArtifactReport,
  BlamedLine,
  Finding,
  SlicePoint,
  SliceRow,
  SliceStory,
} from '../../model/index.ts';
import { count } from '../../model/names.ts';
import { escapeTerminal, showCell, showValue } from '../escape.ts';
import { briefTime, shortCommit } from '../revision.ts';
import type { FindingGroup } from '../select.ts';
import { paintLead } from '../style.ts';
import { table, type TableColumn } from '../table.ts';
import type { TextContext } from '../text-context.ts';
import { indent } from '../text-keys.ts';
import { clipEnd, clipWords, clipMiddle, keepTogether, wrap } from '../width.ts';
import { countKind, more } from '../wording.ts';
import { beginningsOf, shortId, type Beginnings } from './sentences.ts';

const variantsListed = 3;
const widestCell = 32;
/** What stands above the diff: it is no text of the files. */
export const diffLead = 'its rows now, as canonical CSV';
/** Of a line of the diff: a row may be megabytes long. */
const widestLine = 1000;

/** Whether a finding is of a slice; what has no key may be of any. */
export function isOfSlice({ key }: Finding, { scope }: Pick<SliceStory, 'scope'>): boolean {
  const cells = new Map(key);
  return (
    key === null || scope.every(([column, values]) => values.includes(cells.get(column) ?? ''))
  );
}

/** A report with a slice's findings alone; null: of no slice, as it is. */
export function ofSlice(artifact: ArtifactReport, slice: SliceStory | null): ArtifactReport {
  if (slice === null) return artifact;
  const findings = artifact.findings.filter((finding) => isOfSlice(finding, slice));
  // How many pairs there are in all is not known of a slice.
  return { ...artifact, findings, respelled: 0 };
}

/** With what that began what is wrong now in a slice; null: of no slice, in the copies. */
export function beginningsIn(artifact: ArtifactReport, slice: SliceStory | null): Beginnings {
  const own = ofSlice(artifact, slice);
  const begun = beginningsOf(own);
  const isNone = own.findings.length === 0 && artifact.findings.length > 0;
  return isNone && begun.isAll ? { ...begun, elsewhere: true } : begun;
}

/** What is found outside of a slice, in one line: told without `--scope`. */
export function otherSlices(
  all: readonly FindingGroup[],
  own: readonly FindingGroup[],
  { width }: TextContext,
): readonly string[] {
  const totals = new Map(own.map(({ kind, total }) => [kind, total]));
  const others = all.flatMap(({ kind, total }) => {
    const number = total - (totals.get(kind) ?? 0);
    return number === 0 ? [] : [countKind(number, kind)];
  });
  const lead = own.length === 0 ? 'nothing is found in this slice; ' : '';
  if (others.length === 0) return [];
  return wrap(`${lead}in other slices: ${others.join(', ')} (told without --scope)`, width, 2);
}

/** One slice through both histories: its points, who wrote its lines, its rows side by side. */
export function sliceLines(slice: SliceStory, context: TextContext): readonly string[] {
  const lead = `slice ${scopeText(slice)}`;
  const { reviewed, runtime } = slice.rowCount;
  const now = `${count(reviewed, 'row')} reviewed, ${count(runtime, 'row')} at runtime`;
  const heading = wrap(`${lead}: ${now}`, context.width, indent.length);
  return [
    ...paintLead(heading, lead, context.paint('bold', lead)),
    ...pointLines(slice, context),
    ...blameLines(slice.blame, context),
    ...diffLines(slice.diff, context),
  ];
}

function scopeText({ scope }: SliceStory): string {
  return scope
    .map(([column, values]) => `${showValue(column)}=${values.map(showValue).join(',')}`)
    .join(' ');
}

const columns: readonly TableColumn[] = [
  { head: 'time', clip: 'end', least: 16 },
  { head: 'side', clip: 'end', least: 8 },
  { head: 'id', clip: 'end', least: 6 },
  { head: 'slice', clip: 'end', least: 6 },
  { head: 'rows', clip: 'end', least: 4 },
];

function pointLines(slice: SliceStory, context: TextContext): readonly string[] {
  const { points } = slice;
  if (points.length === 0) {
    const near = (slice.nearest ?? []).map(([column, values]) => {
      return `${showValue(column)}=${values.map(showValue).join(' or ')}`;
    });
    const meant = near.length === 0 ? '' : `; nearest now: ${near.join(', ')}`;
    return wrap(`${indent}it stands in neither history${meant}`, context.width, indent.length);
  }
  const shown = points.slice(0, context.limit);
  const cells = shown.map(({ at, side, id, change, rowCount }) => [
    briefTime(at).replace(/Z$/, ''),
    side,
    shortId(side, id),
    change,
    String(rowCount),
  ]);
  const room = context.width - indent.length;
  const lines = table(columns, cells, room) ?? [
    '',
    ...cells.map((row) => clipEnd(row.join(' '), room)),
  ];
  const rest = points.length - shown.length;
  return [
    ...lines.flatMap((line, at) => {
      const point = shown[at - 1];
      return point === undefined
        ? [indent + context.paint('dim', line)]
        : [indent + line, ...variantLines(point, slice, context)];
    }),
    ...(rest > 0 ? [indent + more(rest)] : []),
  ];
}

/** The different rows of the slice at a point, and how often each stands there. */
function variantLines(
  { rows, rowCount }: SlicePoint,
  { scope }: SliceStory,
  { width }: TextContext,
): readonly string[] {
  const named = new Set(scope.map(([column]) => column));
  const variants = new Map<string, number>();
  for (const row of rows) {
    const text = valuesText(row, named);
    variants.set(text, (variants.get(text) ?? 0) + 1);
  }
  const listed = [...variants].slice(0, variantsListed);
  const hang = ' '.repeat(8);
  const lines = listed.flatMap(([text, number]) =>
    wrap(`${indent}    ${number}×  ${text}`, width, hang.length + 1),
  );
  const rest = rowCount - listed.reduce((sum, [, number]) => sum + number, 0);
  return rest > 0 ? [...lines, `${indent}    ${more(rest)}`] : lines;
}

function valuesText({ values }: SliceRow, named: ReadonlySet<string>): string {
  return values
    .filter(([column]) => !named.has(column))
    .map(([column, value]) => {
      const shown = clipMiddle(showCell(value), widestCell);
      return keepTogether(`${clipMiddle(showValue(column), widestCell)}=${shown}`);
    })
    .join(' ');
}

function blameLines(blame: readonly BlamedLine[], context: TextContext): readonly string[] {
  if (blame.length === 0) return [];
  const shown = blame.slice(0, context.limit);
  const rest = blame.length - shown.length;
  return [
    '',
    `${indent}who wrote its reviewed lines`,
    ...shown.map(({ line, commit, author, subject, at }) => {
      const words = `${escapeTerminal(author)}: ${escapeTerminal(subject)}`;
      const where = `${indent}line ${line}  ${shortCommit(commit)}  ${briefTime(at)}`;
      return clipWords(`${where}  ${words}`, context.width);
    }),
    ...(rest > 0 ? [indent + more(rest)] : []),
  ];
}

function diffLines(diff: string | null, { limit, paint }: TextContext): readonly string[] {
  if (diff === null) return [];
  const lines = diff.replace(/\n$/, '').split('\n');
  const rest = lines.length - limit;
  return [
    '',
    `${indent}${diffLead}`,
    ...lines.slice(0, limit).map((line) => {
      const shown = clipEnd(escapeTerminal(line), widestLine);
      if (line.startsWith('+')) return indent + paint('green', shown);
      return indent + (line.startsWith('-') ? paint('red', shown) : shown);
    }),
    ...(rest > 0 ? [indent + more(rest)] : []),
  ];
}
