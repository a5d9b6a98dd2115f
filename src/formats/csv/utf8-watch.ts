import { isUtf8 } from 'node:buffer';
import { findTextFault } from '../text.ts';

/** Tells where bytes are no UTF-8: the first such place of each line. */
export function watchUtf8(
  offset: number,
  tell: (at: number) => void,
): { push(chunk: Uint8Array, isWide: boolean): void; end(): void } {
  let rest: Buffer = Buffer.alloc(0);
  let at = offset;
  function check(bytes: Buffer): void {
    if (isUtf8(bytes)) return;
    for (let from = 0; from < bytes.length;) {
      const feed = bytes.indexOf(10, from);
      const end = feed < 0 ? bytes.length : feed + 1;
      const line = bytes.subarray(from, end);
      // A NUL is told by its byte.
      if (!isUtf8(line)) tell(at + from + invalidAt(line));
      from = end;
    }
  }
  return {
    push(chunk, isWide) {
      if (!isWide && rest.length === 0) {
        at += chunk.length;
        return;
      }
      const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
      const known = rest.length + view.length;
      const open = unfinished(view.length < 4 ? Buffer.concat([rest, view]) : view);
      const ending = continued(view);
      const whole = view.subarray(ending, Math.max(ending, view.length - open));
      // Most are text: only else the bytes are put together.
      if (
        view.length < 4 ||
        !isUtf8(Buffer.concat([rest, view.subarray(0, ending)])) ||
        !isUtf8(whole)
      ) {
        const bytes = Buffer.concat([rest, view]);
        check(bytes.subarray(0, known - open));
        rest = bytes.subarray(known - open);
      } else rest = Buffer.from(view.subarray(view.length - open));
      at += known - open;
    },
    end() {
      check(rest);
    },
  };
}

function invalidAt(line: Buffer): number {
  let from = 0;
  for (;;) {
    const fault = findTextFault(line.subarray(from));
    if (fault === null) return 0;
    if (fault.code === 'INVALID_UTF8') return from + fault.at;
    from += fault.at + 1;
  }
}

/** Bytes at the start that go on with a character: three at most. */
function continued(bytes: Uint8Array): number {
  let count = 0;
  while (count < 3 && count < bytes.length && (bytes[count]! & 0xc0) === 0x80) count += 1;
  return count;
}

/** Bytes at the end that may begin a character which the next chunk ends. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4) ? back : 0;
  }
  return 0;
}
