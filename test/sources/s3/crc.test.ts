import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { startChecksum, storedChecksum } from '../../../src/sources/s3/checksum.ts';
import { crc32c, crc64Nvme, type RunningChecksum } from '../../../src/sources/s3/crc.ts';

/** The textbook's definition, bit by bit. */
function oracle(bytes: Uint8Array, polynomial: bigint, width: 32 | 64): string {
  const ones = (1n << BigInt(width)) - 1n;
  let crc = ones;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n;
  }
  const hex = (crc ^ ones).toString(16).padStart(width / 4, '0');
  return Buffer.from(hex, 'hex').toString('base64');
}

function inPieces(running: RunningChecksum, bytes: Uint8Array, cuts: readonly number[]): string {
  const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length].sort((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    running.update(bytes.subarray(start, end));
    start = end;
  }
  return running.digest();
}

const pieces = [
  fc.uint8Array({ maxLength: 100 }),
  fc.array(fc.nat(100), { maxLength: 4 }),
] as const;

test('CRC32C and CRC64NVME are what their polynomials say, however the bytes are cut', () => {
  fc.assert(
    fc.property(...pieces, (bytes, cuts) => {
      expect(inPieces(crc32c(), bytes, cuts)).toBe(oracle(bytes, 0x82f63b78n, 32));
      expect(inPieces(crc64Nvme(), bytes, cuts)).toBe(oracle(bytes, 0x9a6c9329ac4bc9b5n, 64));
    }),
  );
});

test('CRC32 is zlib’s, however the bytes are cut', () => {
  fc.assert(
    fc.property(...pieces, (bytes, cuts) => {
      const expected = crc32(bytes).toString(16).padStart(8, '0');
      const found = inPieces(startChecksum('CRC32'), bytes, cuts);
      expect(Buffer.from(found, 'base64').toString('hex')).toBe(expected);
    }),
  );
});

test('the published check values', () => {
  const digits = Buffer.from('123456789');
  const hex = (running: RunningChecksum): string =>
    Buffer.from(inPieces(running, digits, []), 'base64').toString('hex');
  expect(hex(startChecksum('CRC32'))).toBe('cbf43926');
  expect(hex(startChecksum('CRC32C'))).toBe('e3069283');
  expect(hex(startChecksum('CRC64NVME'))).toBe('ae8b14860a799888');
});

test('a composite checksum, and one that is unknown here, are none', () => {
  expect(storedChecksum({})).toBeNull();
  expect(storedChecksum({ ChecksumCRC32: 'AAAAAA==', ChecksumType: 'COMPOSITE' })).toBeNull();
  expect(storedChecksum({ ChecksumSHA256: 'AAAA-2' })).toBeNull();
  const unknown = { ChecksumXXHASH64: 'AAAA', ChecksumType: 'FULL_OBJECT' } as const;
  expect(storedChecksum(unknown)).toBeNull();
  expect(storedChecksum({ ChecksumSHA1: 'a', ChecksumCRC32C: 'b' })).toEqual({
    algorithm: 'CRC32C',
    value: 'b',
  });
});

test('more bytes at once than are taken in one step are the same as their pieces', () => {
  const bytes = Buffer.alloc(200_003, 'a checksum of many bytes');
  const cuts = Array.from({ length: 200 }, (_, index) => index * 1001);
  for (const make of [crc32c, crc64Nvme]) {
    expect(inPieces(make(), bytes, [])).toBe(inPieces(make(), bytes, cuts));
  }
  const others = [crc64Nvme(), crc32c(), crc64Nvme()];
  for (let at = 0; at < bytes.length; at += 70_000) {
    for (const one of others) one.update(bytes.subarray(at, at + 70_000));
  }
  expect(others[0]!.digest()).toBe(inPieces(crc64Nvme(), bytes, []));
  expect(others[2]!.digest()).toBe(others[0]!.digest());
});
