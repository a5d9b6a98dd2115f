import { doubleQuoted, type CanonicalColumns, type UnsaidForm } from '../../model/index.ts';
import type { Dialect } from './dialect.ts';
import { firstBreak, splitHead } from './line-ends.ts';
import { createRecordCutter, latin1, signsOf, type PlacedCell } from './loose.ts';
import type { TriedCopy } from './record-effects.ts';

/** A copy as it is written as canonical CSV, and its records. */
export interface CopyAnew extends TriedCopy {
  readonly write: (cells: readonly PlacedCell[]) => string;
}

/** Of what is written anew, and of what is stored as is said. */
export const asSaid: UnsaidForm = { compression: null, encoding: null };

export const canonicalDialect: Dialect = {
  delimiter: ',',
  quote: '"',
  comment: null,
  names: null,
  escape: null,
};

/** What is handed over where a copy is written as canonical CSV (SPEC §4), as readers get it. */
export function writtenAnew(copy: TriedCopy, { names, order }: CanonicalColumns): CopyAnew {
  const columns = order.map((index) => names[index]!);
  const header = writtenLine(columns.map(latin1));
  const write = (cells: readonly PlacedCell[]): string =>
    writtenLine(order.map((index) => cells[index]?.value ?? ''));
  return {
    ...copy,
    write,
    columns,
    header,
    headerEnd: 'LF',
    bom: false,
    dialect: canonicalDialect,
    unsaid: asSaid,
    isCanonical: true,
    suspects: { ...copy.suspects, firstEnd: 'LF', blankLines: 0, commentLines: 0 },
    separator: firstBreak(header),
    needed: copy.needed.map(({ name, index }) => ({
      name,
      nameInFile: latin1(names[index]!),
      index: order.indexOf(index),
    })),
    head: async (bytes) => header + recordsAnew(copy, await copy.head(bytes), bytes, write),
    say(cells) {
      const stored: string[] = [];
      order.forEach((index, at) => (stored[index] = cells[at] ?? ''));
      return copy.say(stored);
    },
  };
}

/** A record of canonical CSV. */
export function writtenLine(cells: readonly string[]): string {
  return `${cells.map(doubleQuoted).join(',')}\n`;
}

/** The whole records in the first bytes of a copy, written anew. */
function recordsAnew(
  { dialect }: TriedCopy,
  head: string,
  bytes: number,
  write: CopyAnew['write'],
): string {
  const cut = createRecordCutter(signsOf(dialect));
  const isCut = head.length >= bytes;
  const lines: string[] = [];
  let isHeader = dialect.names === null;
  for (let rest = splitHead(head, dialect).rest; rest !== '';) {
    const { cells, length } = cut(rest);
    if (isCut && length === rest.length) break;
    if (!isHeader) lines.push(write(cells));
    isHeader = false;
    rest = splitHead(rest.slice(length).replace(/^(?:\r\n|[\r\n])/, ''), dialect).rest;
  }
  return lines.join('');
}
