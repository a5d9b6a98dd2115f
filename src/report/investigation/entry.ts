import type { Relation, TimelineEntry } from '../../model/index.ts';
import { escapeTerminal } from '../escape.ts';
import { shortCommit } from '../revision.ts';
import type { Style } from '../style.ts';
import { widthOf } from '../width.ts';
import { byteSize, countsPhrase, more, times } from '../wording.ts';
import { shortId } from './sentences.ts';

/** Columns of a state before the rest of its counts is summed up. */
const widestState = 24;

/** How an entry stands to the other side: never by its colour alone. */
export interface Mark {
  readonly sign: string;
  readonly style: Style;
}

const wellMark: Mark = { sign: '●', style: 'green' };
const driftMark: Mark = { sign: '◆', style: 'red' };
const goneSign = '×';
const openMark: Mark = { sign: '○', style: 'dim' };

/** What each look of a point says, on a page as well. */
export const markWords = {
  same: 'the copies agree',
  drift: 'they drift apart',
  gone: 'nothing there',
  none: 'nothing to compare with',
} as const;

/** What each sign of a drawing says. */
export const signWords: readonly (readonly [sign: string, words: string])[] = [
  [wellMark.sign, markWords.same],
  [driftMark.sign, markWords.drift],
  [goneSign, markWords.gone],
  [openMark.sign, markWords.none],
];

const relationWords: Readonly<Record<Relation, string>> = {
  identical: 'identical',
  equivalent: 'equivalent',
  drifted: 'drifted',
  missing: 'nothing at runtime',
  unreviewed: 'nothing reviewed',
  unreadable: 'unreadable',
  'other-columns': 'other columns',
};

/**
 * An entry in cells: its place in the lanes, time, id, units, amplification where units repeat, how
 * it stands to the other side, and what else is known of it. Escaped text.
 */
export function entryCells(
  entry: TimelineEntry,
  clock: (iso: string) => string,
): readonly string[] {
  const id = entry.side === 'reviewed' ? entry.commit : entry.versionId;
  const { sign } = markOf(entry);
  return [
    entry.side === 'reviewed' ? `${sign} │` : `│ ${sign}`,
    clock(entry.at).replace(/Z$/, ''),
    shortId(entry.side, id),
    entry.units === null ? '' : String(entry.units),
    (entry.amplification ?? 0) > 1 ? times(entry.amplification) : '',
    stateOf(entry),
    whatOf(entry),
  ];
}

/** How an entry is drawn. */
export function markOf({ relation, deleted, counts }: TimelineEntry): Mark {
  if (deleted) return { sign: goneSign, style: relation === null ? 'dim' : 'red' };
  if (relation === null) return openMark;
  const drifts = counts !== null && Object.values(counts).some((number) => number > 0);
  return !drifts && (relation === 'identical' || relation === 'equivalent') ? wellMark : driftMark;
}

function stateOf(entry: TimelineEntry): string {
  const { relation, counts, error, deleted } = entry;
  const mark = entry.side === 'runtime' && entry.evidence === 'etag' ? ' ~' : '';
  if (deleted) return 'deleted';
  if (relation === null && entry.side === 'reviewed' && !entry.inForce) return 'on a side branch';
  if (relation === null) return error === null ? 'not compared' : `not read: ${error.code}`;
  const found = counts === null ? '' : countsPhrase(counts);
  if (found === '') return relationWords[relation] + mark;
  // What was compared is what both have.
  if (relation === 'other-columns') return otherColumns(found, counts) + mark;
  return (widthOf(found) <= widestState ? found : firstCount(found, counts)) + mark;
}

/** `other columns, 1 removed`. */
function otherColumns(found: string, counts: TimelineEntry['counts']): string {
  const words = relationWords['other-columns'];
  const all = `${words}, ${found}`;
  return widthOf(all) <= widestState ? all : `${words} ${more(totalOf(counts))}`;
}

function totalOf(counts: TimelineEntry['counts']): number {
  return Object.values(counts ?? {}).reduce((sum, number) => sum + number, 0);
}

/** `2 duplicated +12 more`: the first kind, and how many findings the others are. */
function firstCount(found: string, counts: TimelineEntry['counts']): string {
  const [first = ''] = found.split(',');
  return `${first} ${more(totalOf(counts) - Number.parseInt(first, 10))}`;
}

/** How large an object version is; empty where nobody knows. */
export function sizeOf(entry: TimelineEntry): string {
  return entry.side === 'reviewed' || entry.bytes === null ? '' : byteSize(entry.bytes);
}

function whatOf(entry: TimelineEntry): string {
  const fault = entry.error === null || entry.relation === null ? '' : entry.error.code;
  if (entry.side === 'reviewed') {
    const subject = `${escapeTerminal(entry.author)}: ${escapeTerminal(entry.subject)}`;
    return fault === '' ? subject : `${fault}, ${subject}`;
  }
  const commit = entry.claim?.commit ?? null;
  return [fault, commit === null ? '' : `claims ${shortCommit(commit)}`, sizeOf(entry)]
    .filter((part) => part !== '')
    .join(', ');
}
