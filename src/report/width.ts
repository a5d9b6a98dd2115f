import { clusters, widthOf } from './columns.ts';

export { widthOf };

/** Columns that a report needs at least: a narrower terminal breaks its lines itself. */
export const narrowest = 40;

const ellipsis = '…';

/** A no-break space: escaped text has none of its own. */
const glue = '\u00a0';

/** What a reader takes for one character; an escape such as `\u202e` is one too. */
export function graphemes(text: string): readonly string[] {
  return text
    .split(/(\\(?:x[\da-f]{2}|u[\da-f]{4}|u\{[\da-f]+\}|[nrt"\\]))/)
    .flatMap((part, at) => (at % 2 === 1 ? [part] : clusters(part)));
}

/** The text, or as much of its start as fits into `room` columns, with `…` for the rest. */
export function clipEnd(text: string, room: number): string {
  if (fits(text, room)) return text;
  return takeColumns(graphemes(bounded(text, room)), room - 1).join('') + ellipsis;
}

/** As `clipEnd`, but in no word of prose, where one ends in the second half of the room. */
export function clipWords(text: string, room: number): string {
  const clipped = clipEnd(text, room);
  const end = clipped.lastIndexOf(' ');
  if (clipped === text || end < 0 || widthOf(clipped.slice(0, end)) < room / 2) return clipped;
  return `${clipped.slice(0, end)} ${ellipsis}`;
}

/** The text, or as much of its end as fits into `room` columns, with `…` for the rest. */
export function clipStart(text: string, room: number): string {
  if (fits(text, room)) return text;
  const kept = takeColumns(graphemes(text.slice(-reach(room))).toReversed(), room - 1);
  return ellipsis + kept.toReversed().join('');
}

/** The text, or its two ends around `…`: names and ids differ at their ends. */
export function clipMiddle(text: string, room: number): string {
  if (fits(text, room)) return text;
  const start = Math.ceil((room - 1) / 2);
  const end = clipStart(text, room - start);
  return takeColumns(graphemes(bounded(text, room)), start).join('') + end;
}

/** The text with spaces up to `columns`. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)));
}

/**
 * Lines of at most `width` columns, broken at spaces; the second and later ones are indented by
 * `hang`. A word that is longer than a line stays whole, so that a path can be copied.
 */
export function wrap(text: string, width: number, hang = 0): readonly string[] {
  const lines: string[] = [];
  let line: string | null = null;
  for (const word of text.split(' ')) {
    const longer: string = line === null ? word : `${line} ${word}`;
    if (line !== null && line.trim() !== '' && widthOf(longer) > width) {
      lines.push(line);
      line = ' '.repeat(hang) + word;
    } else {
      line = longer;
    }
  }
  return [...lines, line ?? ''].map((one) => letBreak(one).trimEnd());
}

/** Escaped text that `wrap` does not break. */
export function keepTogether(text: string): string {
  return text.replaceAll(' ', glue);
}

/** The same with spaces again, for where it is not wrapped here. */
export function letBreak(text: string): string {
  return text.replaceAll(glue, ' ');
}

/** As `widthOf`, but a text that is surely wider than `most` is not measured: it counts `most`. */
export function boundedWidth(text: string, most: number): number {
  return text.length > reach(most) ? most : widthOf(text);
}

function fits(text: string, room: number): boolean {
  return text.length <= reach(room) && widthOf(text) <= room;
}

/** More code units than `room` columns of any real text take: a cell may be megabytes long. */
function reach(room: number): number {
  return Math.max(room, 1) * 8;
}

function bounded(text: string, room: number): string {
  return text.slice(0, reach(room));
}

function takeColumns(characters: readonly string[], columns: number): readonly string[] {
  let left = columns;
  const end = characters.findIndex((character) => (left -= widthOf(character)) < 0);
  return end < 0 ? characters : characters.slice(0, end);
}
