/**
 * Writes tuples of cells as bytes that no other tuples of as many cells give: each cell as its
 * length in UTF-8 bytes (32 bits, little-endian) and then those bytes; each tuple is filled up with
 * zeros to a multiple of 16 bytes. The result is valid until the next call.
 */
export type TupleEncoder = (...tuples: readonly (readonly string[])[]) => Uint8Array;

/** Tuples end at multiples of this, so that a hash reads whole blocks. */
const block = 16;

export function createTupleEncoder(): TupleEncoder {
  let scratch = Buffer.allocUnsafe(1024);
  return (...tuples) => {
    let most = 0;
    for (const cells of tuples) for (const cell of cells) most += 4 + 3 * cell.length;
    most += block * tuples.length;
    if (most > scratch.length) scratch = Buffer.allocUnsafe(2 * most);
    let at = 0;
    for (const cells of tuples) {
      for (const cell of cells) {
        const written = scratch.write(cell, at + 4, 'utf8');
        scratch.writeUInt32LE(written, at);
        at += 4 + written;
      }
      const end = Math.ceil(at / block) * block;
      scratch.fill(0, at, end);
      at = end;
    }
    return scratch.subarray(0, at);
  };
}
