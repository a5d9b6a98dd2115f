import type { Dialect } from './dialect.ts';

import { shellQuote } from '../../model/index.ts';

/** Signs that cut most files. */
export const delimiters: readonly string[] = [',', ';', '\t', '|'];

/**
 * What a contract could say so that columns are found which a header does not have, or what a copy
 * is instead; null: nobody knows. `start` are its first bytes.
 */
export function adviseDialect(
  start: Uint8Array,
  wanted: readonly string[],
  dialect: Dialect,
): string | null {
  if (dialect.names !== null) return null;
  const text = Buffer.from(start)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  if (isChunked(text)) {
    return 'It is a body in aws-chunked framing, which a store that does not decode it kept as it was sent: turn off trailing checksums in the client that writes it (AWS_REQUEST_CHECKSUM_CALCULATION=when_required).';
  }
  const lines = text.split(/\r\n|\n|\r/, 50).map((line) => line.slice(0, 2000));
  const [first = ''] = lines;
  const hasAll = (line: string, delimiter: string): boolean => {
    const cells = new Set(line.split(delimiter).map(unquoted));
    return wanted.every((column) => cells.has(column));
  };
  const delimiterOf = (line: string): string | undefined =>
    [dialect.delimiter, ...delimiters].find((delimiter) => hasAll(line, delimiter));
  if (/^sep=.$/i.test(first)) {
    const inner = first.slice(-1);
    return `Its first line is Excel's ${first}, which nothing skips: write the file without it${inner === dialect.delimiter ? '' : `, and say ${said({ delimiter: inner })} for this copy`}.`;
  }
  const own = delimiterOf(first);
  if (own !== undefined && own !== dialect.delimiter) return proposal({ delimiter: own });
  const loosely = renamed(first, wanted, dialect);
  if (loosely !== null) return loosely;
  const sign = first.slice(0, 1);
  if (dialect.comment !== null || !/^[#%!;*']$/.test(sign)) return null;
  const header = lines.find((line) => line !== '' && !line.startsWith(sign));
  const delimiter = header === undefined ? undefined : delimiterOf(header);
  if (delimiter === undefined || delimiter === sign) return null;
  return proposal(
    delimiter === dialect.delimiter ? { comment: sign } : { delimiter, comment: sign },
  );
}

function folded(name: string): string {
  return name.trim().toLowerCase();
}

/** Another delimiter, under which the wanted columns are there but for case and blanks. */
function renamed(line: string, wanted: readonly string[], dialect: Dialect): string | null {
  for (const delimiter of delimiters.filter((one) => one !== dialect.delimiter)) {
    const cells = line.split(delimiter).map(unquoted);
    const found = wanted.map((column) => [
      column,
      cells.find((cell) => folded(cell) === folded(column)),
    ]);
    if (cells.length < 2 || found.some(([, cell]) => cell === undefined)) continue;
    const others = found.filter(([column, cell]) => column !== cell);
    const names = others.map(([column, cell]) => `${column}: ${JSON.stringify(cell)}`);
    return `${proposal({ delimiter })} Its columns are spelled otherwise, too: \`columns: {${names.join(', ')}}\`.`;
  }
  return null;
}

/** One whole chunk, and the size of the next one after it. */
function isChunked(text: string): boolean {
  const size = /^([0-9a-f]{1,6})\r\n/i.exec(text);
  if (size === null) return false;
  const end = size[0].length + Number.parseInt(size[1] ?? '', 16);
  const isWhole = /^\r\n[0-9a-f]{1,6}\r\n/i.test(text.slice(end, end + 12));
  return isWhole || (end >= text.length && Number.parseInt(size[1] ?? '', 16) >= 1024);
}

function unquoted(cell: string): string {
  return /^".*"$/.test(cell) ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}

/** What a contract could say of a file that is cut otherwise. */
export function proposal(words: Readonly<Record<string, string>>): string {
  return `Its header is of another dialect: say ${said(words)} for this copy (diff: ${inDiff(words)}).`;
}

/** As `diff` is told it. */
function inDiff(words: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(words).map(
    ([name, sign]) => `${name}=${sign === '\t' ? 'tab' : sign}`,
  );
  return `--csv ${shellQuote(pairs.join(','))}`;
}

function said(words: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(words).map(([name, sign]) => `${name}: ${JSON.stringify(sign)}`);
  return `\`csv: {${pairs.join(', ')}}\``;
}
