// Reflected CRCs of up to 64 bits, sixteen bytes a step. AssemblyScript: compiled by
// scripts/build.mjs, not by tsc.

/** Bytes that are taken at once. */
const inputBytes: u32 = 65536;
const input: usize = memory.data(65536, 16);

/** The state of a checksum; the host saves and restores it. */
const state: usize = memory.data(8, 8);

/** Sixteen tables of 256 words for each polynomial: what a byte does that is followed by so many. */
const tableBytes: usize = 16 * 256 * 8;
const tables: usize = memory.data(2 * 16 * 256 * 8, 16);

export function inputArea(): usize {
  return input;
}

export function inputSize(): u32 {
  return inputBytes;
}

export function stateArea(): usize {
  return state;
}

/** Builds the tables of one of the two polynomials, which stands in the state. */
export function build(which: u32): void {
  const polynomial = load<u64>(state);
  const table = tables + <usize>which * tableBytes;
  for (let byte: u64 = 0; byte < 256; byte += 1) {
    let word = byte;
    for (let step: usize = 0; step < 16; step += 1) {
      for (let bit = 0; bit < 8; bit += 1) {
        word = (word & 1) != 0 ? (word >> 1) ^ polynomial : word >> 1;
      }
      store<u64>(table + step * 2048 + ((<usize>byte) << 3), word);
    }
  }
}

function look(table: usize, step: usize, bits: u64): u64 {
  return load<u64>(table + step * 2048 + ((<usize>(bits & 255)) << 3));
}

/** Takes `length` bytes of the input area. */
export function update(which: u32, length: u32): void {
  const t = tables + <usize>which * tableBytes;
  let crc = load<u64>(state);
  let at = input;
  const end = input + <usize>length;
  for (; at + 16 <= end; at += 16) {
    const a = crc ^ load<u64>(at);
    const b = load<u64>(at, 8);
    crc =
      look(t, 15, a) ^
      look(t, 14, a >> 8) ^
      look(t, 13, a >> 16) ^
      look(t, 12, a >> 24) ^
      look(t, 11, a >> 32) ^
      look(t, 10, a >> 40) ^
      look(t, 9, a >> 48) ^
      look(t, 8, a >> 56);
    crc ^=
      look(t, 7, b) ^
      look(t, 6, b >> 8) ^
      look(t, 5, b >> 16) ^
      look(t, 4, b >> 24) ^
      look(t, 3, b >> 32) ^
      look(t, 2, b >> 40) ^
      look(t, 1, b >> 48) ^
      look(t, 0, b >> 56);
  }
  for (; at < end; at += 1) crc = (crc >> 8) ^ look(t, 0, crc ^ <u64>load<u8>(at));
  store<u64>(state, crc);
}
