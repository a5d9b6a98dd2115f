import { isUtf8 } from 'node:buffer';

/** The text of UTF-8 bytes, or null when they are no UTF-8 or hold a NUL. */
export function decodeText(bytes: Buffer): string | null {
  let ascii = true;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === 0) return null;
    if (byte > 127) ascii = false;
  }
  if (ascii) return bytes.toString('latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : null;
}

/** The first byte that makes `decodeText` refuse these bytes. */
export interface TextFault {
  readonly code: 'NUL_BYTE' | 'INVALID_UTF8';
  readonly at: number;
}

export function findTextFault(bytes: Uint8Array): TextFault | null {
  for (let at = 0; at < bytes.length;) {
    if (bytes[at] === 0) return { code: 'NUL_BYTE', at };
    const length = sequenceLength(bytes, at);
    if (length === 0) return { code: 'INVALID_UTF8', at };
    at += length;
  }
  return null;
}

/** Bytes of the UTF-8 sequence at `at`, 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}
