import type { Ending } from '../../model/index.ts';

/** A compression that is read, found by its magic bytes; or one that is known, and only named. */
export interface Compression {
  readonly name: string;
  readonly magic: readonly number[];
  /** Of names that tell it; none of what is not read. */
  readonly endings: Readonly<Record<string, Ending>>;
  /** Null: such a file is named, not read. */
  readonly expand: Expand | null;
}

type Expand = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** What expands is loaded when a copy is compressed so. */
function later(load: () => Promise<Expand>): Expand {
  return async function* (chunks) {
    yield* (await load())(chunks);
  };
}

const gzip: Ending = { contentType: 'application/gzip' };
const zstd: Ending = { contentType: 'application/zstd' };

/** Every compression that is known by its first bytes. */
export const compressions: readonly Compression[] = [
  {
    name: 'gzip',
    magic: [0x1f, 0x8b, 0x08],
    endings: { '.gz': gzip, '.gzip': gzip },
    expand: later(async () => (await import('./gzip.ts')).gunzip),
  },
  {
    name: 'zstd',
    magic: [0x28, 0xb5, 0x2f, 0xfd],
    endings: { '.zst': zstd, '.zstd': zstd },
    expand: later(async () => (await import('./zstd.ts')).unzstd),
  },
  { name: 'bzip2', magic: [0x42, 0x5a, 0x68], endings: {}, expand: null },
  { name: 'xz', magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a], endings: {}, expand: null },
  { name: 'LZ4', magic: [0x04, 0x22, 0x4d, 0x18], endings: {}, expand: null },
];

/** Names of those that are read. */
export const compressionNames: readonly string[] = compressions.flatMap(({ name, expand }) =>
  expand === null ? [] : [name],
);

/** Bytes that must be seen before a compression is known. */
export const magicBytes: number = Math.max(...compressions.map(({ magic }) => magic.length));

/** The compression that a file's first bytes tell; null: none that is known. */
export function compressionOf(head: Uint8Array): Compression | null {
  return compressions.find((one) => startsAs(one, head)) ?? null;
}

/** Whether a file's first bytes are those of a compression. */
export function startsAs({ magic }: Compression, head: Uint8Array): boolean {
  return magic.every((byte, index) => head[index] === byte);
}
