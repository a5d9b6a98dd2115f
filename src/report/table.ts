import { boundedWidth, clipEnd, clipMiddle, clipWords, padEnd } from './width.ts';

/** A column of a table; which end of a cell that is too wide is given up. */
export interface TableColumn {
  readonly head: string;
  readonly clip: 'end' | 'middle' | 'words';
  /** Columns that it is never made narrower than, if it has as many. */
  readonly least: number;
}

const gap = 2;
const clips = { end: clipEnd, middle: clipMiddle, words: clipWords };

/**
 * Lines of an aligned table, the head first, each at most `width` columns wide as long as the
 * columns' least widths allow it; null where they do not. Cells are escaped text.
 */
export function table(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): readonly string[] | null {
  const heads = columns.map((column) => column.head);
  const natural = columns.map((_, at) => widestOf([heads, ...rows], at, width));
  const least = columns.map((column, at) => Math.min(column.least, natural[at] ?? 0));
  const widths = shrink(natural, least, width - gap * (columns.length - 1));
  if (widths === null) return null;
  return [heads, ...rows].map((row) =>
    columns
      .map(({ clip }, at) => {
        const room = widths[at] ?? 0;
        const text = row[at] ?? '';
        return padEnd(clips[clip](text, room), room);
      })
      .join(' '.repeat(gap))
      .trimEnd(),
  );
}

/** Columns of the widest cell, or `most`: there is never room for more. */
function widestOf(rows: readonly (readonly string[])[], at: number, most: number): number {
  const widest = rows.reduce((so, row) => Math.max(so, boundedWidth(row[at] ?? '', most)), 0);
  return Math.min(widest, most);
}

/** Takes from the widest column again and again until all fit; null where none has more to give. */
function shrink(
  natural: readonly number[],
  least: readonly number[],
  room: number,
): readonly number[] | null {
  const widths = [...natural];
  let over = widths.reduce((sum, width) => sum + width, 0) - room;
  while (over > 0) {
    const spare = widths.map((width, at) => (width > (least[at] ?? 0) ? width : -1));
    const widest = spare.indexOf(Math.max(...spare));
    const width = spare[widest] ?? -1;
    if (width < 0) return null;
    widths[widest] = width - 1;
    over -= 1;
  }
  return widths;
}
