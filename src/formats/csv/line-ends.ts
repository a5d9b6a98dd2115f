import type { Dialect } from './dialect.ts';
import type { LineEnd } from './scan.ts';

/** The line ends, as they stand. */
export const lineEnds = { LF: '\n', CRLF: '\r\n', CR: '\r' } as const;

export type Separator = (typeof lineEnds)[keyof typeof lineEnds];

/** The first line end of a text, wherever it stands; LF where it has none. */
export function firstBreak(text: string): Separator {
  const found = /\r\n|\n|\r/.exec(text)?.[0];
  return found === '\r\n' || found === '\r' ? found : '\n';
}

/** How a record, or a blank line after it, ends: the first end that is unlike the file's first. */
export function endOf(after: string, firstEnd: LineEnd): LineEnd {
  if (after === '\n') return 'LF';
  const kinds = (after.match(/\r\n|\n|\r/g) ?? []).map(kindOf);
  return kinds.find((kind) => kind !== firstEnd) ?? kinds[0] ?? null;
}

function kindOf(end: string): LineEnd {
  return end === '\r\n' ? 'CRLF' : end === '\n' ? 'LF' : 'CR';
}

/** What stands before a header: blank lines, comment lines, and the rest. */
export function splitHead(
  header: string,
  { comment }: Dialect,
): { readonly blank: number; readonly comments: number; readonly rest: string } {
  const sign = comment === null ? null : Buffer.from(comment).toString('latin1');
  let blank = 0;
  let comments = 0;
  let at = 0;
  while (at < header.length) {
    const isComment = sign !== null && header.startsWith(sign, at);
    const line = isComment ? (/[^\r\n]*/y.exec(header.slice(at))?.[0].length ?? 0) : 0;
    const end = at + line;
    if (!isComment && header[end] !== '\n' && header[end] !== '\r') break;
    if (isComment) comments += 1;
    else blank += 1;
    at = header.startsWith('\r\n', end) ? end + 2 : Math.min(header.length, end + 1);
  }
  return { blank, comments, rest: header.slice(at) };
}
