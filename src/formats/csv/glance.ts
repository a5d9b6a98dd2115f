// What readers make of a record, where one expression tells it: most need no closer look.

import type { NeededColumn } from '../../model/index.ts';
import type { Dialect } from './dialect.ts';
import { longValue } from './hazards.ts';
import { lineEnds, type Separator } from './line-ends.ts';
import { latin1, signsOf } from './loose.ts';
import { isUtf8Text } from './read-as.ts';
import { anyLines, type Reading } from './readers.ts';
import { asPattern } from './row.ts';
import type { LineEnd } from './scan.ts';

/** What decides of a copy. */
interface Looked {
  readonly dialect: Dialect;
  readonly needed: readonly NeededColumn[];
  readonly suspects: { readonly firstEnd: LineEnd };
  readonly separator: Separator;
}

/** Patterns of cells; null: the dialect has signs of which such patterns say nothing. */
function patternsOf({ dialect }: Looked, readings: readonly Reading[]): Patterns | null {
  const { delimiter, quote, escape } = signsOf(dialect);
  if (quote !== '"' || escape !== null || delimiter.length > 1 || dialect.comment !== null) {
    return null;
  }
  const d = asPattern(delimiter);
  const escapes = readings.flatMap(({ quotes, escape: sign }) =>
    quotes === 'escaped' ? [sign] : [],
  );
  const others = [...new Set(escapes)].map((sign) => asPattern(latin1(sign))).join('');
  const not = `"\\0\\r\\v\\f\\x1c-\\x1e${others}`;
  const wide = '(?!\\xc2\\x85|\\xe2\\x80[\\xa8\\xa9])';
  const plain = `(?:${wide}[^${not}\\n${d}])*`;
  return { d, not, wide, plain, first: `(?:${plain}|"(?!${d})(?:${wide}[^${not}\\n])*")` };
}

interface Patterns {
  readonly d: string;
  /** What stands in no cell, but for the line feed. */
  readonly not: string;
  readonly wide: string;
  /** A cell without quotes, and one that is so or stands in quotes. */
  readonly plain: string;
  readonly first: string;
}

/** Bytes from which on a record may be too long for a reader. */
function longestOf(readings: readonly Reading[]): number {
  return Math.min(longValue, ...readings.map(({ longestField }) => longestField));
}

/**
 * Tells most records that all readings take alike by one expression; what it does not tell may still
 * be one. Such a record is text with the file's line end and has nothing in it but doubled quotes
 * after the last needed column. Readers that know no doubled quote cut there at each delimiter, but
 * no such cell starts with a quote, so that none stays open, and the needed ones stand before it. A
 * reader that took another line end for the file's own finds no end of such a cell: nothing is told.
 */
export function createQuietTest(
  copy: Looked,
  readings: readonly Reading[],
): (raw: string) => boolean {
  const patterns = patternsOf(copy, readings);
  const end = lineEnds[copy.suspects.firstEnd ?? 'LF'];
  if (patterns === null || copy.separator !== end) return () => false;
  const { d, not, wide, plain, first } = patterns;
  const later = `(?:${plain}|"(?!${d})(?:${wide}[^${not}\\n${d}]|${d}(?!")|"")*")`;
  const last = Math.max(...copy.needed.map(({ index }) => index));
  const record = new RegExp(
    `^(?!#)(?=[^]*[!-\\xff])${first}(?:${d}${first}){${last}}(?:${d}${later})*(?:${end})?$`,
  );
  const longest = longestOf(readings);
  return (raw) => raw.length < longest && record.test(raw) && isUtf8Text(raw);
}

/** What is known of records whose only hazard is that values break at line feeds. */
export interface BrokenRecords {
  /** Whether a record is one of them; of some it is not told. */
  readonly test: (raw: string) => boolean;
  /** By reading: whether it takes each of them otherwise, and goes on or stops. */
  readonly outcomes: readonly ('alike' | 'goes on' | 'stops')[];
}

/**
 * Records with quoted line feeds in columns that are not needed, and nothing else: of each reading it
 * is known whether it takes them otherwise. Null: not of every reading, or not of this file.
 */
export function createBrokenTest(
  copy: Looked & { readonly bytes: number },
  readings: readonly Reading[],
): BrokenRecords | null {
  const patterns = patternsOf(copy, readings);
  const outcomes = readings.map((reading) => ofBroken(reading, copy));
  if (patterns === null || copy.suspects.firstEnd !== 'LF' || copy.separator !== '\n') return null;
  if (!outcomes.every((outcome) => outcome !== 'unknown')) return null;
  const { d, not, wide, plain, first } = patterns;
  const broken = `(?:${plain}|"(?!${d})(?:${wide}[^${not}])*")`;
  const needed = new Set(copy.needed.map(({ index }) => index));
  const cells = Array.from({ length: Math.max(...needed) + 1 }, (_, column) =>
    needed.has(column) ? first : broken,
  );
  const record = new RegExp(`^(?!#)(?=[^]*\\n[^])${cells.join(d)}(?:${d}${broken})*\\n?$`);
  const longest = longestOf(readings);
  return {
    test: (raw) => raw.length < longest && record.test(raw) && isUtf8Text(raw),
    outcomes,
  };
}

function ofBroken(
  { lines, joinsLines, quotes, longestFileOfBrokenLines }: Reading,
  { bytes, dialect }: Pick<Looked, 'dialect'> & { readonly bytes: number },
): BrokenRecords['outcomes'][number] | 'unknown' {
  if (bytes > longestFileOfBrokenLines) return 'stops';
  // Without a sign that escapes in them, it ends values where this page does.
  if (lines === null) return 'alike';
  if (lines.test(latin1(dialect.delimiter))) return 'unknown';
  // It leaves the breaks out of values that are not needed.
  if (joinsLines) return quotes === 'doubled' ? 'alike' : 'unknown';
  // The quotes of the value stand in two of its lines, which are rows.
  return lines === anyLines ? 'goes on' : 'unknown';
}
