import type { ReadLimits } from '../model/index.ts';
import { recordTooLarge } from './measure.ts';

/** One line of a copy, without its LF; valid until the next one is shown. */
export interface Line {
  readonly bytes: Buffer;
  /** Byte offset in the copy, its byte order mark counted. */
  readonly offset: number;
  /** 1-based. */
  readonly line: number;
  /** Whether a byte order mark stood before it. */
  readonly mark?: boolean;
}

/** Whole lines of a copy, each with its LF, but that a copy's last one may have none. */
export interface Lines {
  readonly bytes: Buffer;
  /** Byte offset in the copy. */
  readonly offset: number;
}

/**
 * Shows the lines of a stream of bytes, many at once, valid during the call. Throws `TOO_LARGE` for
 * one that is longer than a record may be; whoever looks at a line holds it against that as well.
 */
export async function readLines(
  chunks: AsyncIterable<Uint8Array>,
  limits: ReadLimits,
  show: (lines: Lines) => void,
): Promise<void> {
  let offset = 0;
  let rest: Uint8Array[] = [];
  let waiting = 0;
  const give = (bytes: Buffer): void => {
    if (bytes.length > 0) show({ bytes, offset });
    offset += bytes.length;
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    const end = bytes.lastIndexOf(0x0a) + 1;
    let from = 0;
    if (waiting > 0 && end > 0) {
      from = bytes.indexOf(0x0a) + 1;
      const first = Buffer.concat([...rest, bytes.subarray(0, from)]);
      rest = [];
      waiting = 0;
      give(first);
    }
    give(bytes.subarray(from, end));
    if (end === bytes.length) continue;
    // A chunk may be lent: what is carried over is copied.
    rest.push(Uint8Array.from(bytes.subarray(end)));
    waiting += bytes.length - end;
    // Which line it is, only whoever counted them knows.
    if (waiting > limits.recordBytes) give(Buffer.concat(rest));
  }
  if (waiting > 0) give(Buffer.concat(rest));
}

/** Shows each of some lines by itself. `line`: the 1-based number of the first. Throws `TOO_LARGE`. */
export function eachLine(
  { bytes, offset }: Lines,
  line: number,
  limits: ReadLimits,
  show: (line: Line) => void,
): void {
  let number = line;
  for (let from = 0; from < bytes.length;) {
    const feed = bytes.indexOf(0x0a, from);
    const end = feed < 0 ? bytes.length : feed;
    const own = bytes.subarray(from, end);
    if (own.length > limits.recordBytes) {
      throw recordTooLarge(limits, { text: `line ${number}`, line: number });
    }
    const at = offset + from;
    const mark = number === 1 && own[0] === 0xef && own[1] === 0xbb && own[2] === 0xbf;
    show(
      mark
        ? { bytes: own.subarray(3), offset: at + 3, line: number, mark }
        : { bytes: own, offset: at, line: number },
    );
    number += 1;
    from = end + 1;
  }
}
