import type { ReadLimits } from '../model/index.ts';
import { recordTooLarge } from './measure.ts';

/** One line of a copy, without its LF; valid until the next one is asked for. */
export interface Line {
  readonly bytes: Buffer;
  /** Byte offset in the copy, its byte order mark counted. */
  readonly offset: number;
  /** 1-based. */
  readonly line: number;
  /** Whether a byte order mark stood before it. */
  readonly mark?: boolean;
}

/** The lines of a stream of bytes, ended by LF; an empty last one is none. Throws `TOO_LARGE`. */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  limits: ReadLimits,
): AsyncGenerator<Line> {
  const mostBytes = limits.recordBytes;
  let [offset, line] = [0, 0];
  let rest: Uint8Array[] = [];
  let waiting = 0;
  const take = (bytes: Buffer): Line => {
    line += 1;
    if (bytes.length > mostBytes) throw tooLong(limits, line);
    const at = offset;
    offset += bytes.length + 1;
    const mark = line === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    return mark
      ? { bytes: bytes.subarray(3), offset: at + 3, line, mark }
      : { bytes, offset: at, line };
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    let from = 0;
    for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, from)) {
      const own = bytes.subarray(from, at);
      from = at + 1;
      if (waiting === 0) yield take(own);
      else {
        const whole = Buffer.concat([...rest, own]);
        rest = [];
        waiting = 0;
        yield take(whole);
      }
    }
    if (from === bytes.length) continue;
    // A chunk may be lent: what is carried over is copied.
    rest.push(Uint8Array.from(bytes.subarray(from)));
    waiting += bytes.length - from;
    if (waiting > mostBytes) throw tooLong(limits, line + 1);
  }
  if (waiting > 0) yield take(Buffer.concat(rest));
}

function tooLong(limits: ReadLimits, line: number): Error {
  return recordTooLarge(limits, { text: `line ${line}`, line });
}
