import { KeydriftError } from '../../model/index.ts';
import { kindBytes, refuseOtherKinds } from '../kind.ts';

/** Bytes of a copy's start that are kept, for what could be said of its header. */
const keptBytes = 4096;

/** The start of a copy, its byte order mark taken off. */
export interface CopyStart {
  readonly bom: boolean;
  /** The first bytes of the copy, the mark among them; a copy of them. */
  readonly start: Uint8Array;
  /** What was read of the bytes after the mark; what follows, the iterator has. */
  readonly read: Uint8Array;
}

/**
 * Looks at a copy's first bytes. Throws `INVALID_UTF8` for UTF-16, which is a wrong file; then the
 * iterator was ended.
 */
export async function readStart(iterator: AsyncIterator<Uint8Array>): Promise<CopyStart> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < kindBytes) {
    const { value, done } = await iterator.next();
    if (done === true) break;
    // A chunk may be lent: it stands until the next one is asked for.
    head =
      head.length === 0 && value.length >= kindBytes ? viewOf(value) : Buffer.concat([head, value]);
  }
  if (isUtf16(head)) {
    await iterator.return?.();
    throw new KeydriftError('INVALID_UTF8', 'the file is UTF-16, not UTF-8 (its first two bytes)', {
      place: { line: 1, byte: 0 },
      hint: 'Save it as UTF-8, for example: iconv -f UTF-16 -t UTF-8 FILE',
    });
  }
  const start = Uint8Array.from(head.subarray(0, keptBytes));
  try {
    refuseOtherKinds(start);
  } catch (error) {
    await iterator.return?.();
    throw error;
  }
  const bom = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  return { bom, start, read: bom ? head.subarray(3) : head };
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function isUtf16(head: Uint8Array): boolean {
  return (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff);
}
