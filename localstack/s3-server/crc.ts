import { crc32 as zlibCrc32 } from 'node:zlib';

/** CRC-32 (ISO-HDLC), big-endian. */
export function crc32(body: Buffer): Buffer {
  return uint32(zlibCrc32(body));
}

/** CRC-32C (Castagnoli), big-endian. */
export function crc32c(body: Buffer): Buffer {
  const table = castagnoli;
  let crc = 0xffffffff;
  // Counted loops: an iterator over bytes takes more than twice as long.
  for (let at = 0; at < body.length; at += 1) {
    crc = (table[(crc ^ (body[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return uint32(~crc >>> 0);
}

/** CRC-64/NVME, big-endian. */
export function crc64nvme(body: Buffer): Buffer {
  const [highs, lows] = [nvmeHigh, nvmeLow];
  // Two 32-bit halves: BigInt arithmetic would be a hundred times slower.
  let high = 0xffffffff;
  let low = 0xffffffff;
  for (let at = 0; at < body.length; at += 1) {
    const index = (low ^ (body[at] ?? 0)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (lows[index] ?? 0);
    high = (high >>> 8) ^ (highs[index] ?? 0);
  }
  return Buffer.concat([uint32(~high >>> 0), uint32(~low >>> 0)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const castagnoli: Uint32Array = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

const nvme: readonly bigint[] = Array.from({ length: 256 }, (_, index) => {
  let crc = BigInt(index);
  for (let bit = 0; bit < 8; bit += 1) {
    crc = (crc & 1n) === 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n;
  }
  return crc;
});
const nvmeHigh: Uint32Array = Uint32Array.from(nvme, (entry) => Number(entry >> 32n));
const nvmeLow: Uint32Array = Uint32Array.from(nvme, (entry) => Number(entry & 0xffffffffn));
