import type { Dialect } from './dialect.ts';
import type { CellSink, CsvParser } from './parsing.ts';
import { toBytes, unescapedOutside, unquotedCell } from './row.ts';

/**
 * Reads a file without quotes whose escape sign makes characters of delimiters, line breaks and
 * itself, as Redshift's UNLOAD with ESCAPE writes it; before any other sign it is text (`\\N`).
 */
export function createUnquotedParser(dialect: Dialect, sink: CellSink): CsvParser {
  const delimiter = toBytes(dialect.delimiter);
  const escape = toBytes(dialect.escape ?? '');
  const comment = dialect.comment === null ? null : toBytes(dialect.comment);
  const cell = unquotedCell(delimiter, escape);
  const unescape = unescapedOutside(delimiter, escape);
  /** Bytes, as characters, of the records that have not ended, and how many came before them. */
  let rest = '';
  let before = 0;
  let open = 0;

  /** Index after the line end at `at`; -1: the next chunk has to say. */
  const lineEnd = (at: number, isLast: boolean): number => {
    if (at >= rest.length) return isLast ? at : -1;
    if (rest[at] !== '\r') return at + 1;
    if (at + 1 === rest.length && !isLast) return -1;
    return rest[at + 1] === '\n' ? at + 2 : at + 1;
  };
  /** Reads the record that starts at `from`; gives where the next one does, -1: it has not ended. */
  const read = (from: number, isLast: boolean): number => {
    if (comment !== null && rest.startsWith(comment, from)) {
      const found = /[\r\n]/.exec(rest.slice(from));
      return found === null && !isLast
        ? -1
        : lineEnd(found === null ? rest.length : from + found.index, isLast);
    }
    const ends: number[] = [];
    let at = from;
    for (; ; at += delimiter.length) {
      cell.lastIndex = at;
      cell.test(rest);
      at = cell.lastIndex;
      ends.push(at);
      if (!rest.startsWith(delimiter, at)) break;
    }
    open = ends.length;
    // A sign of several bytes, and what an escape stands before, may come with the next chunk.
    const margin = delimiter.length + escape.length + 1;
    const end =
      !isLast && at + margin > rest.length && !/^\r?\n/.test(rest.slice(at))
        ? -1
        : lineEnd(at, isLast);
    if (end < 0) return -1;
    if (at > from) {
      const cells = ends.map((to, index) => {
        const start = index === 0 ? from : ends[index - 1]! + delimiter.length;
        return Buffer.from(unescape(rest.slice(start, to)), 'latin1');
      });
      sink(cells, before + end);
    }
    open = 0;
    return end;
  };
  const readAll = (isLast: boolean): void => {
    let at = 0;
    while (at < rest.length) {
      const next = read(at, isLast);
      if (next < 0) break;
      at = next;
    }
    rest = rest.slice(at);
    before += at;
  };
  return {
    write(chunk) {
      rest += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString('latin1');
      readAll(false);
      return null;
    },
    openCells: () => open,
    end() {
      readAll(true);
      return Promise.resolve(null);
    },
  };
}
