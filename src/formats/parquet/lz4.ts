/**
 * Expands one LZ4 block (the LZ4 block format, as Parquet's LZ4_RAW has it). The library's own
 * stops at a block whose last sequence has no literals, which writers do make. Throws where the
 * block is none, or is longer than it says.
 */
export function expandLz4Block(input: Uint8Array, length: number): Uint8Array {
  const output = new Uint8Array(length);
  let [from, to] = [0, 0];
  const extended = (start: number): number => {
    let size = start;
    if (start !== 15) return size;
    for (let byte = 255; byte === 255; size += byte) byte = next();
    return size;
  };
  const next = (): number => {
    const byte = input[from];
    if (byte === undefined) throw new Error('an LZ4 block is cut off');
    from += 1;
    return byte;
  };
  while (from < input.length) {
    const token = next();
    const literals = extended(token >> 4);
    if (from + literals > input.length || to + literals > length) {
      throw new Error('an LZ4 block is damaged');
    }
    output.set(input.subarray(from, from + literals), to);
    from += literals;
    to += literals;
    if (from === input.length) break;
    const offset = next() | (next() << 8);
    const matched = extended(token & 15) + 4;
    if (offset === 0 || offset > to || to + matched > length) {
      throw new Error('an LZ4 block is damaged');
    }
    // A match may reach into itself: byte by byte.
    for (const end = to + matched; to < end; to += 1) output[to] = output[to - offset]!;
  }
  if (to !== length) throw new Error('an LZ4 block is shorter than it says');
  return output;
}
