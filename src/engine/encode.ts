import { nullCell } from '../model/index.ts';

/**
 * Writes tuples of cells as bytes that no other tuples of as many cells give: each cell as its
 * length in UTF-8 bytes (32 bits, little-endian) and then those bytes, one without a value as the
 * largest length and no bytes; each tuple is filled up with zeros to a multiple of 16 bytes. The
 * result is valid until the next call.
 */
export type TupleEncoder = (...tuples: readonly (readonly string[])[]) => Uint8Array;

/** Tuples end at multiples of this, so that a hash reads whole blocks. */
const block = 16;

/** Where the length of a cell goes. */
const length = '\0\0\0\0';
const noValue = 0xffffffff;
const padding = '\0'.repeat(block);

export function createTupleEncoder(): TupleEncoder {
  let scratch = Buffer.allocUnsafe(1024);
  return (...tuples) => {
    // One text for all, because a call costs more than the few bytes of a cell.
    let text = '';
    for (const cells of tuples) {
      for (const cell of cells) text += cell === nullCell ? length : length + cell;
      text += padding.slice(((text.length - 1) & (block - 1)) + 1);
    }
    const most = 3 * text.length + block * tuples.length;
    if (most > scratch.length) scratch = Buffer.allocUnsafe(2 * most);
    if (scratch.write(text, 'utf8') > text.length) return encodeWide(scratch, tuples);
    let at = 0;
    for (const cells of tuples) {
      for (const cell of cells) {
        const size = cell === nullCell ? 0 : cell.length;
        scratch.writeUInt32LE(cell === nullCell ? noValue : size, at);
        at += length.length + size;
      }
      at = Math.ceil(at / block) * block;
    }
    return scratch.subarray(0, at);
  };
}

/** Where a character is more than a byte. */
function encodeWide(scratch: Buffer, tuples: readonly (readonly string[])[]): Uint8Array {
  let at = 0;
  for (const cells of tuples) {
    for (const cell of cells) {
      const written = cell === nullCell ? 0 : scratch.write(cell, at + 4, 'utf8');
      scratch.writeUInt32LE(cell === nullCell ? noValue : written, at);
      at += 4 + written;
    }
    const end = Math.ceil(at / block) * block;
    scratch.fill(0, at, end);
    at = end;
  }
  return scratch.subarray(0, at);
}
