import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import xxhash from 'xxhash-wasm';
import { stringify } from 'yaml';

/* One hostile table, as every format of the registry and every compression writes it. */

/** Quotes, line breaks, 20 digits, decimals, dates, empty and null, nested: as text. */
export function tableOf(mode: string): readonly Readonly<Record<string, string>>[] {
  return [
    {
      id: '00012345678901234567',
      mode: 'full',
      weight: '0.10',
      day: '2026-01-31',
      'at.zone': 'EU',
    },
    { id: '2', mode, weight: '-2.50', day: '', 'at.zone': '' },
    { id: 'ü-"3"', mode: "it's", weight: '0.00', day: '1969-12-31', 'at.zone': '' },
    { id: 'a,b', mode: ' padded ', weight: '', day: '2000-02-29', 'at.zone': 'US;EU' },
    { id: 'x\ny', mode: '', weight: '99999999.99', day: '0001-01-01', 'at.zone': '\\' },
  ];
}
const columns = ['id', 'mode', 'weight', 'day', 'at.zone'];

/** Nested members where a format has them; empty ones as null, absent or empty, in turn. */
function nested(mode: string): readonly unknown[] {
  return tableOf(mode).map(({ 'at.zone': zone = '', ...flat }, row) => {
    const members = Object.entries(flat).flatMap(([name, text]) =>
      text === '' && row % 2 === 1 ? [] : [[name, text === '' ? null : text]],
    );
    return { ...Object.fromEntries(members), at: zone === '' ? null : { zone } };
  });
}

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** How each format of the registry writes the table. */
export const writers: Readonly<Record<string, (mode: string) => Buffer>> = {
  csv: (mode) => {
    const rows = tableOf(mode).map((row) => columns.map((column) => quoted(row[column] ?? '')));
    return Buffer.from([columns, ...rows].map((cells) => `${cells.join(',')}\r\n`).join(''));
  },
  json: (mode) => Buffer.from(JSON.stringify(nested(mode), null, 2)),
  ndjson: (mode) =>
    Buffer.from(
      nested(mode)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    ),
  yaml: (mode) => Buffer.from(stringify(nested(mode))),
  parquet: (mode) => {
    const name = mode === 'delta' ? 'hostile' : 'hostile-changed';
    return readFileSync(join('test/formats/parquet', `${name}.parquet`));
  },
};

const hashes = await xxhash();

/** A zstd frame of raw blocks: what is compressed by another program is the decoder's own test. */
function zstd(bytes: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32LE(0xfd2fb528);
  header[4] = 0xe4;
  header.writeBigUInt64LE(BigInt(bytes.length), 5);
  const block = Buffer.alloc(3);
  block.writeUIntLE((bytes.length << 3) | 1, 0, 3);
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(Number(hashes.h64Raw(bytes) & 0xffffffffn));
  return Buffer.concat([header, block, bytes, sum]);
}

export const compressions: readonly (readonly [
  ending: string,
  write: (bytes: Buffer) => Buffer,
])[] = [
  ['', (bytes) => bytes],
  ['.gz', (bytes) => gzipSync(bytes)],
  ['.zst', zstd],
];
