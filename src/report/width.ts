import { eastAsianWidth } from 'get-east-asian-width';

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

/** Latin letters, signs and the marks of reports: one column each, and each a character by itself. */
const narrow = /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u2193]*$/;

const patterns = once(() => ({
  visible:
    /[^\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Nonspacing_Mark}\p{Enclosing_Mark}\p{Cs}]/u,
  spacingMark: /\p{Spacing_Mark}|[\uff00-\uffef]/u,
  pairedEmoji:
    /^\p{Regional_Indicator}{2}$|^[\d#*]\ufe0f?\u20e3$|\p{Extended_Pictographic}[^]*(?:\ufe0f|\u200d[^]*\p{Extended_Pictographic})/u,
}));
// Its first use takes milliseconds, and most reports need none.
const segmenter = once(() => new Intl.Segmenter('en', { granularity: 'grapheme' }));

/** What a reader takes for one character each. */
export function clusters(text: string): readonly string[] {
  if (narrow.test(text)) return text.split('');
  return Array.from(segmenter().segment(text), ({ segment }) => segment);
}

/** Columns that an escaped text takes on a terminal: East Asian wide ones count two. */
export function widthOf(text: string): number {
  if (narrow.test(text)) return text.length;
  return clusters(text).reduce((sum, cluster) => sum + clusterWidth(cluster), 0);
}

function clusterWidth(cluster: string): number {
  const { visible, spacingMark, pairedEmoji } = patterns();
  const start = cluster.search(visible);
  if (start < 0) return 0;
  if (pairedEmoji.test(cluster)) return 2;
  const [base = '', ...rest] = cluster.slice(start);
  if (isJamo(base))
    return jamoWidth([base, ...rest.filter((character) => visible.test(character))]);
  const after = rest.filter((character) => spacingMark.test(character));
  return [base, ...after].reduce((sum, character) => sum + eastAsianWidth(codeOf(character)), 0);
}

/** Korean letters: a leading, a vowel and perhaps a trailing one are drawn as one syllable. */
function jamoWidth(letters: readonly string[]): number {
  let width = 0;
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at] ?? '';
    if (leading.test(letter) && vowel.test(letters[at + 1] ?? '')) {
      width += 2;
      at += trailing.test(letters[at + 2] ?? '') ? 2 : 1;
    } else {
      width += eastAsianWidth(codeOf(letter));
    }
  }
  return width;
}

const leading = /[\u1100-\u115f\ua960-\ua97c]/;
const vowel = /[\u1160-\u11a7\ud7b0-\ud7c6]/;
const trailing = /[\u11a8-\u11ff\ud7cb-\ud7fb]/;

function isJamo(letter: string): boolean {
  return leading.test(letter) || vowel.test(letter) || trailing.test(letter);
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function once<T>(make: () => T): () => T {
  let made: T | null = null;
  return () => (made ??= make());
}
