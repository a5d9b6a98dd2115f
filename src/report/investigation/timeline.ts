import type { Investigation, TimelineEntry } from '../../model/index.ts';
import { escapeTerminal } from '../escape.ts';
import { locationLines } from '../revision.ts';
import { table, type TableColumn } from '../table.ts';
import type { TextContext } from '../text-context.ts';
import { indent } from '../text-keys.ts';
import {
  boundedWidth,
  clipEnd,
  clipMiddle,
  clipWords,
  keepTogether,
  padEnd,
  widthOf,
  wrap,
} from '../width.ts';
import { entryCells, markOf, signWords, sizeOf } from './entry.ts';
import { foldTimeline, isOnset, laterAt, type TimelinePart } from './fold.ts';
import { changedUnits, clockOf } from './sentences.ts';
import { countsPhrase } from '../wording.ts';

/** The two histories as a drawing of two lanes, newest first; empty without any entry. */
export function timelineLines(
  investigation: Investigation,
  context: TextContext,
): readonly string[] {
  const { timeline, onset } = investigation;
  if (timeline.length === 0) return [];
  const parts = foldTimeline(timeline, onset, context.limit);
  const entries = parts.flatMap((part) => (part.kind === 'entry' ? [part.entry] : []));
  const clock = clockOf(timeline);
  const [head, rows] = entryTable(entries, clock, context.width - indent.length);
  const began = onset?.began === 'earlier' ? 'DRIFTED ALREADY' : 'THE DRIFT BEGAN HERE';
  // What is not listed may have begun there, too.
  const least = (investigation.artifact?.truncated ?? null) === null ? '' : 'at least ';
  const lines = parts.flatMap((part) => {
    if (part.kind === 'fold') return [foldLine(part, timeline.length)];
    const [first = '', ...more] = rows[entries.indexOf(part.entry)] ?? [];
    const row = [paintMark(first, part.entry, context), ...more];
    const later = laterAt(part.entry, onset);
    if (later === null && !isOnset(part.entry, onset)) return row;
    const words =
      later === null ? began : `${least}${countsPhrase(later.counts)} of now began here`;
    const lane = part.entry.side === 'reviewed' ? `╰─┼─ ${words}` : `│ ╰─ ${words}`;
    const units = changedUnits((later ?? onset)?.change ?? null);
    const changed = units === '' ? '' : `; units: ${units}`;
    const fits = widthOf(lane + changed) <= context.width - indent.length;
    return [...row, context.paint('bold', lane) + (fits ? changed : '')];
  });
  return [
    context.paint('bold', 'timeline') + ', newest first, in UTC',
    ...laneHeads(investigation, context),
    context.paint('dim', head),
    ...lines,
    ...legend(entries).flatMap((line) => wrap(line, context.width - indent.length, 2)),
  ].map((line, at) => (at === 0 ? line : indent + line));
}

/** What is said of a copy that is not there now, or that could not be read. */
const notRead = ' (not read now)';

/** What stands above the lanes: which copy each of them is. */
function laneHeads({ artifact, places }: Investigation, { width }: TextContext): readonly string[] {
  const room = width - indent.length - 'x runtime   '.length;
  const now = [artifact?.reviewed, artifact?.runtime ?? artifact?.unread];
  const [reviewed, runtime] = now.map((side, at) => {
    if (side !== null && side !== undefined) {
      return `  ${clipMiddle(locationLines(side, room)[0] ?? '', room)}`;
    }
    const place = at === 0 ? places?.reviewed : places?.runtime;
    return place === undefined
      ? ''
      : `  ${clipMiddle(escapeTerminal(place), room - notRead.length)}${notRead}`;
  });
  return [`reviewed${reviewed ?? ''}`, `│ runtime${runtime ?? ''}`];
}

const columns: readonly TableColumn[] = [
  { head: '│ │', clip: 'end', least: 3 },
  { head: 'time', clip: 'end', least: 19 },
  { head: 'id', clip: 'end', least: 8 },
  { head: 'units', clip: 'end', least: 9 },
  { head: 'work', clip: 'end', least: 9 },
  { head: 'state', clip: 'end', least: 24 },
];

/** What is left out, by turns, where there is no room: which it was at the last, when and how it stood never. */
const leftOut: readonly (readonly number[])[] = [[], [4], [4, 3], [4, 3, 2]];

/**
 * The head, and the lines of each entry. What else is known of it stands behind it where it has room,
 * else on a line below: no subject is broken in the middle of a word.
 */
function entryTable(
  entries: readonly TimelineEntry[],
  clock: (iso: string) => string,
  room: number,
): readonly [head: string, rows: readonly (readonly string[])[]] {
  const year = onlyYear(entries);
  const all = entries.map((entry) => aligned(entryCells(entry, clock), year));
  const cells = all.map((row) => row.slice(0, columns.length));
  const heads = columns.map((column) =>
    column.head === 'time' && year !== null ? { ...column, head: `time, ${year}` } : column,
  );
  const used = new Set(
    heads.flatMap((_, at) =>
      at < 3 || at === 5 || cells.some((row) => row[at]?.trim() !== '') ? [at] : [],
    ),
  );
  const [head, ...lines] = leftOut.reduce<readonly string[] | null>((found, without) => {
    const picked = new Set([...used].filter((at) => !without.includes(at)));
    return found ?? pickedTable(heads, cells, picked, room);
  }, null) ?? ['', ...cells.map((row) => clipEnd(row.join(' '), room))];
  const width = Math.max(...[head ?? '', ...lines].map(widthOf)) + gap;
  const rows = lines.map((line, at) => {
    const what = all[at]?.[columns.length] ?? '';
    if (what === '') return [line];
    if (boundedWidth(what, room) <= room - width) return [padEnd(line, width) + what];
    // A mere size is worth no line of its own.
    const entry = entries[at];
    const isTold = entry !== undefined && what !== sizeOf(entry);
    return isTold ? [line, below + clipWords(what, room - below.length)] : [line];
  });
  return [
    rows.some((row, at) => row[0] !== lines[at])
      ? `${padEnd(head ?? '', width)}what`
      : (head ?? ''),
    rows,
  ];
}

/** Columns between the table and what stands behind it. */
const gap = 2;
const below = `│ │${' '.repeat(4)}`;

function pickedTable(
  heads: readonly TableColumn[],
  cells: readonly (readonly string[])[],
  picked: ReadonlySet<number>,
  room: number,
): readonly string[] | null {
  return table(
    heads.filter((_, at) => picked.has(at)),
    cells.map((row) => row.filter((_, at) => picked.has(at))),
    room,
  );
}

/** The year of all entries, if it is one: said once, it leaves room for what they are. */
function onlyYear(entries: readonly TimelineEntry[]): string | null {
  const years = new Set(entries.map(({ at }) => /^\d{4}(?=-)/.exec(at)?.[0] ?? null));
  const [year = null] = years;
  return years.size === 1 ? year : null;
}

/** Numbers at the right of their columns, the time without its year where the head says it. */
function aligned(cells: readonly string[], year: string | null): readonly string[] {
  return cells.map((cell, at) => {
    if (at === 1 && year !== null) return cell.slice(year.length + 1);
    return (at === 3 || at === 4) && cell !== '' ? cell.padStart(5) : cell;
  });
}

function paintMark(row: string, entry: TimelineEntry, { paint }: TextContext): string {
  const { sign, style } = markOf(entry);
  return row.replace(sign, paint(style, sign));
}

/** How many are left out, and what tells them: what is unchanged only JSON does. */
function foldLine({ number, what }: TimelinePart & { kind: 'fold' }, all: number): string {
  return what === 'unchanged'
    ? `┆ ┆  … ${number} more, unchanged (--format json)`
    : `┆ ┆  … ${number} more (--limit ${all})`;
}

/** What the signs say that are drawn, and what its words do not say themselves. */
function legend(entries: readonly TimelineEntry[]): readonly string[] {
  const drawn = new Set(entries.map((entry) => markOf(entry).sign));
  const signs = signWords.filter(([sign]) => drawn.has(sign));
  const taken = entries.some((entry) => entry.side === 'runtime' && entry.evidence === 'etag');
  return [
    signs.map(([sign, words]) => keepTogether(`${sign} ${words}`)).join('  '),
    ...(taken ? ['~ not read: taken for a version with the same ETag and size'] : []),
  ];
}
