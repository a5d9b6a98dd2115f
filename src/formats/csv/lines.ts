import type { Dialect } from './dialect.ts';
import type { LineEnd } from './scan.ts';

const LF = 0x0a;
const CR = 0x0d;

/** Where a record starts. */
export interface RecordStart {
  /** Byte offset in the copy. */
  readonly start: number;
  /** 1-based physical line. */
  readonly line: number;
}

/**
 * Follows the bytes beside the parser, because the parser's own line numbers are a record's
 * last line and count a quoted CRLF twice. Memory: the bytes of the records not yet placed.
 */
export interface LineFollower {
  push(chunk: Uint8Array): void;
  /** Places the record that ends before byte offset `end`; records come in order. */
  place(end: number): RecordStart;
  /** How many bytes have come of a record, or of one line, that has not ended, and where it starts. */
  open(): { readonly bytes: number; readonly line: number };
  /** Skips blank and comment lines: where the next record starts, if there is one. */
  next(): RecordStart;
  /** The bytes from `start` to `end`, or to what was pushed last; valid until the next push. */
  bytes(start: number, end?: number): Uint8Array;
}

/** Starts at a byte offset of the copy and the 1-based line that begins there. */
export function followLines(offset: number, line: number, dialect: Dialect): LineFollower {
  const comment = dialect.comment === null ? null : Buffer.from(dialect.comment);
  const window = createWindow(offset);
  let at = offset;
  let atLine = line;

  function skip(end: number): RecordStart {
    const { bytes, base } = window;
    for (; at < end; atLine += 1) {
      const byte = bytes[at - base];
      if (comment !== null && startsWith(bytes, at - base, comment)) {
        at = base + lineEnd(bytes, at - base, end - base);
      } else if (byte !== LF && byte !== CR) break;
      if (at < end) at += bytes[at - base] === CR && bytes[at + 1 - base] === LF ? 2 : 1;
    }
    return { start: at, line: atLine };
  }

  /** Blank and comment lines that have come whole, and whose end is certain: they are not kept. */
  function skipLines(): void {
    const { bytes, base, length } = window;
    while (at - base + (comment?.length ?? 1) <= length) {
      const byte = bytes[at - base];
      const isComment = comment !== null && startsWith(bytes, at - base, comment);
      if (!isComment && byte !== LF && byte !== CR) return;
      const end = isComment ? lineEnd(bytes, at - base, length) : at - base;
      // After a CR the next byte has to say whether it is an LF.
      if (end + 1 >= length) return;
      at = base + end + (bytes[end] === CR && bytes[end + 1] === LF ? 2 : 1);
      atLine += 1;
    }
  }

  return {
    push(chunk) {
      window.push(chunk, at);
    },
    place(end) {
      const { start, line: startLine } = skip(end);
      const { bytes, base } = window;
      const ends = countLineEnds(bytes, start - base, end - base);
      atLine += ends;
      at = end;
      return { start, line: startLine };
    },
    open() {
      skipLines();
      return { bytes: window.base + window.length - at, line: atLine };
    },
    next: () => skip(window.base + window.length),
    bytes: (start, end = window.base + window.length) =>
      window.bytes.subarray(start - window.base, end - window.base),
  };
}

/** Line ends in `bytes` from `start` to before `end`: LF, CR, and CRLF as one. */
export function countLineEnds(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at];
    if (byte === LF || (byte === CR && (at + 1 === end || bytes[at + 1] !== LF))) count += 1;
  }
  return count;
}

interface Window {
  readonly bytes: Uint8Array;
  readonly length: number;
  /** Offset in the copy of bytes[0]. */
  readonly base: number;
  /** Adds a chunk, and forgets what lies before offset `keep`. */
  push(chunk: Uint8Array, keep: number): void;
}

/** A buffer that doubles: a record over many chunks must not be copied once for each chunk. */
function createWindow(offset: number): Window {
  let bytes = new Uint8Array(0);
  let length = 0;
  let base = offset;
  return {
    get bytes() {
      return bytes;
    },
    get length() {
      return length;
    },
    get base() {
      return base;
    },
    push(chunk, keep) {
      if (keep > base) {
        bytes.copyWithin(0, keep - base, length);
        length -= keep - base;
        base = keep;
      }
      if (length + chunk.length > bytes.length) {
        const grown = new Uint8Array(Math.max(2 * bytes.length, length + chunk.length));
        grown.set(bytes.subarray(0, length));
        bytes = grown;
      }
      bytes.set(chunk, length);
      length += chunk.length;
    },
  };
}

/** Whether a sign of some bytes stands at `at`. */
function startsWith(bytes: Uint8Array, at: number, sign: Uint8Array): boolean {
  return sign.every((byte, index) => bytes[at + index] === byte);
}

/** Index of the line end at or after `at`, or `end`. */
function lineEnd(bytes: Uint8Array, at: number, end: number): number {
  let index = at;
  while (index < end && bytes[index] !== LF && bytes[index] !== CR) index += 1;
  return index;
}

/** How a header's line ends; null where the copy ends with it. */
export function lineEndOf(header: string): LineEnd {
  if (header.endsWith('\r\n')) return 'CRLF';
  if (header.endsWith('\n')) return 'LF';
  return header.endsWith('\r') ? 'CR' : null;
}
