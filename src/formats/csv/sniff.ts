import { cutCells, cutLoosely, type Signs } from './loose.ts';

/** Rows that a sniffer looks at, the header among them, and bytes that are read for them. */
export const sampleRows = 20_480;
export const sampleBytes: number = 4 << 20;

/** What a sniffer may take for a delimiter and for a quote. */
const delimiters = [',', '|', ';', '\t'];
const quotes = ['"', "'", null];

/** The head of a copy, as it is sniffed. Latin-1. */
export interface Sample {
  readonly text: string;
  /** Whether more follows, so that it may end within a line. */
  readonly isCut: boolean;
  readonly signs: Signs;
  /** Cells in a record. */
  readonly width: number;
}

/**
 * Whether a sniffer like DuckDB's could take other signs than these for the table's. It tells too
 * much rather than too little: a table of other signs counts when it has two columns or more, all
 * alike down to the last line, in as many lines as there are records.
 */
export function couldSniffOtherwise(sample: Sample): boolean {
  const { text, signs, width } = sample;
  const records = linesOf(sample, signs).length;
  return delimiters.some((delimiter) =>
    quotes.some((quote) => {
      if (delimiter === signs.delimiter && (quote === signs.quote || quote === null)) return false;
      if (!text.includes(delimiter)) return false;
      return isTable(sample, { delimiter, quote, escape: null }, width === 1 ? 1 : records);
    }),
  );
}

/** Whether a text is a table by other signs, of at least so many lines. */
function isTable(sample: Sample, other: Signs, leastLines: number): boolean {
  const { signs } = sample;
  const rows = linesOf(sample, other).map((line) => cutCells(line, other));
  const widest = rows.reduce((most, { length }) => Math.max(most, length), 0);
  if (widest < 2) return false;
  const from = rows.findIndex(({ length }) => length === widest);
  if (rows.slice(from).some(({ length }) => length !== widest)) return false;
  if (other.delimiter !== signs.delimiter) return rows.length - from >= leastLines;
  // The same cells but for their quotes: another table where some cell starts with the other sign.
  return rows.some((cells) => cells.some(({ raw }) => raw.trimStart().startsWith(other.quote!)));
}

/** Whole lines of a sample that are not blank; a line break in quotes ends none. */
function linesOf({ text, isCut }: Sample, signs: Signs): readonly string[] {
  const lines: string[] = [];
  let open = '';
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (lines.length >= sampleRows) break;
    if (line === '' && open === '') continue;
    const whole = open + line;
    if (whole.length < 1 << 20 && cutLoosely(whole, signs).open) {
      open = `${whole}\n`;
      continue;
    }
    open = '';
    lines.push(whole);
  }
  if (lines.length < sampleRows && open !== '') lines.push(open);
  return isCut && lines.length < sampleRows ? lines.slice(0, -1) : lines;
}
