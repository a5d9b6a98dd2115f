/**
 * Writes a tuple of cells as bytes that no other tuple gives: each cell as its length in UTF-8
 * bytes (32 bits, little-endian) and then those bytes. The result is valid until the next call.
 */
export type TupleEncoder = (cells: readonly string[]) => Uint8Array;

export function createTupleEncoder(): TupleEncoder {
  let scratch = Buffer.allocUnsafe(1024);
  return (cells) => {
    let most = 0;
    for (const cell of cells) most += 4 + 3 * cell.length;
    if (most > scratch.length) scratch = Buffer.allocUnsafe(2 * most);
    let at = 0;
    for (const cell of cells) {
      const written = scratch.write(cell, at + 4, 'utf8');
      scratch.writeUInt32LE(written, at);
      at += 4 + written;
    }
    return scratch.subarray(0, at);
  };
}
