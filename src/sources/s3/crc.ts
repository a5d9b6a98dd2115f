/** A checksum that grows with its bytes. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** Of all bytes so far, in base64 as S3 writes it. */
  digest(): string;
}

/** Castagnoli's polynomial, reflected. */
const crc32cPolynomial = 0x82f63b78n;
/** NVM Express Base Specification, "64b CRC", reflected. */
const crc64NvmePolynomial = 0x9a6c9329ac4bc9b5n;

/**
 * Eight tables of 256 words each, so that eight bytes take one step. `high` and `low` are the two
 * halves of each word: a number has no 64 exact bits.
 */
interface Tables {
  readonly high: Int32Array;
  readonly low: Int32Array;
}

function buildTables(polynomial: bigint): Tables {
  const high = new Int32Array(8 * 256);
  const low = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let word = BigInt(byte);
    for (let table = 0; table < 8; table++) {
      for (let bit = 0; bit < 8; bit++) word = word & 1n ? (word >> 1n) ^ polynomial : word >> 1n;
      high[table * 256 + byte] = Number(word >> 32n);
      low[table * 256 + byte] = Number(word & 0xffffffffn);
    }
  }
  return { high, low };
}

const built = new Map<bigint, Tables>();

/** Tables are built by the first checksum that wants them, not by whoever imports this file. */
function tablesOf(polynomial: bigint): Tables {
  const tables = built.get(polynomial) ?? buildTables(polynomial);
  built.set(polynomial, tables);
  return tables;
}

/** CRC32C (RFC 3720, appendix B.4). */
export function crc32c(): RunningChecksum {
  const { low: table } = tablesOf(crc32cPolynomial);
  let crc = -1;
  return {
    update(bytes) {
      const { length } = bytes;
      let at = 0;
      for (; at + 8 <= length; at += 8) {
        const word = crc ^ word32(bytes, at);
        crc =
          table[1792 + (word & 255)]! ^
          table[1536 + ((word >>> 8) & 255)]! ^
          table[1280 + ((word >>> 16) & 255)]! ^
          table[1024 + (word >>> 24)]! ^
          table[768 + bytes[at + 4]!]! ^
          table[512 + bytes[at + 5]!]! ^
          table[256 + bytes[at + 6]!]! ^
          table[bytes[at + 7]!]!;
      }
      for (; at < length; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 255]!;
    },
    digest: () => base64(~crc),
  };
}

/** CRC-64/NVME, the checksum that S3 stores when a writer sends none. */
export function crc64Nvme(): RunningChecksum {
  const { high, low } = tablesOf(crc64NvmePolynomial);
  let top = -1;
  let bottom = -1;
  return {
    update(bytes) {
      const { length } = bytes;
      let at = 0;
      for (; at + 8 <= length; at += 8) {
        const first = bottom ^ word32(bytes, at);
        const second = top ^ word32(bytes, at + 4);
        const a = 1792 + (first & 255);
        const b = 1536 + ((first >>> 8) & 255);
        const c = 1280 + ((first >>> 16) & 255);
        const d = 1024 + (first >>> 24);
        const e = 768 + (second & 255);
        const f = 512 + ((second >>> 8) & 255);
        const g = 256 + ((second >>> 16) & 255);
        const h = second >>> 24;
        top = high[a]! ^ high[b]! ^ high[c]! ^ high[d]! ^ high[e]! ^ high[f]! ^ high[g]! ^ high[h]!;
        bottom = low[a]! ^ low[b]! ^ low[c]! ^ low[d]! ^ low[e]! ^ low[f]! ^ low[g]! ^ low[h]!;
      }
      for (; at < length; at++) {
        const index = (bottom ^ bytes[at]!) & 255;
        bottom = ((bottom >>> 8) | (top << 24)) ^ low[index]!;
        top = (top >>> 8) ^ high[index]!;
      }
    },
    digest: () => base64(~top, ~bottom),
  };
}

/** Four bytes as they stand, the first one lowest. */
function word32(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** Words in big-endian order, as base64. */
export function base64(...words: number[]): string {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) bytes.writeInt32BE(word | 0, index * 4);
  return bytes.toString('base64');
}
