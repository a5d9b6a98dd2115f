const cell = /(?:"((?:[^"]|"")*)"|([^",\n]*))(,|$)/y;

/**
 * Words of a command line as the cells of one CSV record: `a,"b,c"` is two; of an empty text none.
 * Null: it is no record, or several. (A library for this would be the largest part of a start.)
 */
export function cellsOf(text: string): readonly string[] | null {
  const line = text.replace(/\r?\n$/, '');
  if (line === '') return [];
  const cells: string[] = [];
  cell.lastIndex = 0;
  for (;;) {
    const found = cell.exec(line);
    if (found === null) return null;
    const [, quoted, plain = '', end] = found;
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '') return cells;
  }
}
