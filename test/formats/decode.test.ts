import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decode, type DecodeOptions } from '../../src/formats/decode/decode.ts';
import { KeydriftError, type ByteSource } from '../../src/model/index.ts';
import { sourceOf } from './memory.ts';
import { scaled } from '../runs.ts';

const options: DecodeOptions = {
  compression: null,
  encoding: null,
  expandedBytes: 1 << 30,
  expandedRatio: 1000,
};

async function bytesOf(
  source: ByteSource,
  range?: { start: number; end: number },
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.open(range)) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
}

/** Made by the reference program, with a checksum: `hello\n` three times. */
const frames = {
  short: Buffer.from('KLUv/QRYZQAAMGhlbGxvCgEA4UoR7wgS4Q==', 'base64'),
};

describe('what is neither compressed nor encoded otherwise', () => {
  test('goes through as it is, whole and in part', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 60 }),
        fc.nat(9),
        fc.nat(60),
        fc.nat(60),
        async (bytes, piece, a, b) => {
          // What looks compressed is another test's.
          const plain = Buffer.concat([Buffer.from('id,'), bytes]);
          const source = decode(sourceOf(plain, piece + 1), options);
          const range = {
            start: Math.min(a, b, plain.length),
            end: Math.min(Math.max(a, b), plain.length),
          };
          expect(await bytesOf(source, range)).toStrictEqual(
            plain.subarray(range.start, range.end),
          );
          expect(await bytesOf(source)).toStrictEqual(plain);
          expect(await bytesOf(source, range)).toStrictEqual(
            plain.subarray(range.start, range.end),
          );
        },
      ),
    );
  });
});

describe('gzip', () => {
  test('of one or several members is expanded, whole, in part and by ranges', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string(), { minLength: 1, maxLength: 4 }),
        fc.nat(30),
        async (parts, piece) => {
          const text = Buffer.from(parts.join(''));
          const source = decode(
            sourceOf(Buffer.concat(parts.map((part) => gzipSync(part))), piece + 1),
            options,
          );
          expect(await bytesOf(source)).toStrictEqual(text);
          const half = { start: text.length >> 1, end: text.length };
          expect(await bytesOf(source, half)).toStrictEqual(text.subarray(half.start));
        },
      ),
      { numRuns: scaled(60) },
    );
  });

  test('cut at any byte, flipped in any bit or followed by anything is refused or the same', async () => {
    const whole = gzipSync('id,mode\nP-1,full\nP-2,delta\n');
    const text = 'id,mode\nP-1,full\nP-2,delta\n';
    for (let cut = 3; cut < whole.length; cut += 1)
      expect(await expanded(whole.subarray(0, cut))).toEqual(refused);
    for (let at = 3; at < whole.length; at += 1) {
      const flipped = Buffer.from(whole);
      flipped[at] = flipped[at]! ^ (1 << (at % 8));
      expect(await expanded(flipped)).toMatch(new RegExp(`^(?:${text}|[A-Z_]+)$`));
    }
    expect(await expanded(Buffer.concat([whole, Buffer.from('P-3,full\n')]))).toEqual(refused);
  });

  test('that expands beyond its bounds is too large, and never held as a whole', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const limited = decode(sourceOf(bomb, 4096), { ...options, expandedBytes: 1 << 20 });
    await expect(bytesOf(limited)).rejects.toMatchObject({ code: 'TOO_LARGE' });
    const ratio = decode(sourceOf(bomb, 4096), { ...options, expandedRatio: 100 });
    await expect(bytesOf(ratio)).rejects.toMatchObject({ code: 'TOO_LARGE' });
  });

  test('is left alone where the contract says so', async () => {
    const whole = gzipSync('x');
    const source = decode(sourceOf(whole), { ...options, compression: 'none' });
    expect(await bytesOf(source)).toStrictEqual(whole);
  });
});

describe('zstd', () => {
  test('of one or several frames is expanded; a checksum that does not fit is refused', async () => {
    const source = decode(sourceOf(Buffer.concat([frames.short, frames.short]), 5), options);
    expect((await bytesOf(source)).toString()).toBe('hello\n'.repeat(6));
    for (let cut = 4; cut < frames.short.length; cut += 1) {
      expect(await expanded(frames.short.subarray(0, cut))).toEqual(refused);
    }
    for (let at = 4; at < frames.short.length; at += 1) {
      const flipped = Buffer.from(frames.short);
      flipped[at] = flipped[at]! ^ (1 << (at % 8));
      expect(await expanded(flipped)).toMatch(/^(?:(?:hello\n){3}|[A-Z_]+)$/);
    }
    expect(await expanded(Buffer.concat([frames.short, Buffer.from('more')]))).toEqual(refused);
  });

  test.each([
    [128 * 1024, true],
    [128 * 1024 + 1, false],
    [2 ** 21 - 1, false],
  ])('a block of %i bytes, repeated of one: %s', async (size, isFine) => {
    // No checksum, a window of 2 MiB; the last block, of the kind that repeats a byte.
    const head = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 11 << 3];
    const block = 1 | (1 << 1) | (size << 3);
    const bytes = Uint8Array.from([...head, block & 255, (block >> 8) & 255, block >> 16, 120]);
    const found = await expanded(bytes);
    expect(isFine ? found === 'x'.repeat(size) : found).toEqual(isFine || refused);
  });
});

test('a zstd block that says it copies more than a block holds is refused at once', async () => {
  const sequences = [0xff, 0xff, 0xff, 0x54, 0, 0, 52, 1];
  const block = [0, ...sequences];
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 11 << 3];
  const one = [(2 << 1) | (block.length << 3), 0, 0, ...block];
  // Each would copy 6 GB within a buffer of 128 KiB.
  const blocks = Array.from({ length: 1000 }, () => one).flat();
  expect(await expanded(Uint8Array.from([...head, ...blocks]))).toBe('COMPRESSION_INVALID');
});

test('a zstd block of a byte costs no more where its window is of 128 MiB', async () => {
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3];
  const blocks = Array.from({ length: 20_000 }, (_, at) => [
    at === 19_999 ? 9 : 8,
    0,
    0,
    65,
  ]).flat();
  expect(await expanded(Uint8Array.from([...head, ...blocks]))).toBe('A'.repeat(20_000));
});

test('zstd of many frames lets others have their turn', async () => {
  const empty = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 0, 1, 0, 0];
  const many = Uint8Array.from(Array.from({ length: 100 }, () => empty).flat());
  let turns = 0;
  let ended = false;
  const count = (): void => {
    turns += 1;
    if (!ended) setImmediate(count);
  };
  setImmediate(count);
  expect(await expanded(many)).toBe('');
  ended = true;
  expect(turns).toBeGreaterThan(10);
});

test('zstd that goes back before its start, or is one segment of 2 GB, is refused', async () => {
  // One literal, and a match of three bytes, 13 before it.
  const sequences = [8, 65, 1, 0x54, 1, 4, 0, 0b10000];
  const head = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 11 << 3];
  const block = [((sequences.length << 3) | 5) & 255, 0, 0, ...sequences];
  expect(await expanded(Uint8Array.from([...head, ...block]))).toBe('COMPRESSION_INVALID');
  const single = [0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0x7f, 9, 0, 0, 65];
  expect(await expanded(Uint8Array.from(single))).toBe('COMPRESSION_INVALID');
});

test('a compression that is only known by name is named', async () => {
  const bzip2 = decode(sourceOf(Buffer.from('BZh91AY&SY')), options);
  const thrown: unknown = await bytesOf(bzip2).catch((error: unknown) => error);
  expect(thrown).toMatchObject({
    code: 'CONTENT_OF_ANOTHER_KIND',
    message: expect.stringContaining('bzip2') as string,
  });
});

// Python's gzip passes over zeros and reads the member behind them; others refuse zeros too.
test('whatever stands behind the last member of gzip is refused, zeros as well', async () => {
  const [own, evil] = ['id\nP-1\n', 'EVIL\n'].map((text) => gzipSync(Buffer.from(text)));
  const read = async (piece: number, ...parts: readonly Uint8Array[]): Promise<string> => {
    const bytes = Buffer.concat(parts);
    const got = bytesOf(decode(sourceOf(bytes, piece), options));
    return got.then(String, (error: KeydriftError) => `${error.code}: ${error.message}`);
  };
  for (const piece of [1, own!.length, own!.length + 1, 4096]) {
    expect(await read(piece, own!, evil!)).toBe('id\nP-1\nEVIL\n');
    for (const behind of [[0], [0, 0, 0], [1], [0x1f], [0x1f, 0x8b]]) {
      for (const last of [Buffer.alloc(0), evil!]) {
        expect(await read(piece, own!, Buffer.from(behind), last)).toMatch(/^COMPRESSION_INVALID/);
      }
    }
  }
});

describe('encodings', () => {
  const text = 'id,näme\nP-1,Škoda 🚃\n';
  test('UTF-16 is known by its mark, and others by their name', async () => {
    const little = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big, gzipSync(little)]) {
      for (const piece of [1, 3, 64]) {
        expect((await bytesOf(decode(sourceOf(bytes, piece), options))).toString()).toBe(text);
      }
    }
    const latin = decode(sourceOf(Buffer.from('näme\x80', 'latin1')), {
      ...options,
      encoding: 'windows-1252',
    });
    expect((await bytesOf(latin)).toString()).toBe('näme€');
    const mark = decode(sourceOf('\uFEFFid'), { ...options, encoding: 'utf-8' });
    expect((await bytesOf(mark)).toString()).toBe('\uFEFFid');
  });

  test('every byte of windows-1252 is what its table says, however it comes', async () => {
    const table = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
    const bytes = Buffer.from(Array.from({ length: 32 }, (_, at) => 0x80 + at));
    for (const piece of [1, 64]) {
      const read = decode(sourceOf(bytes, piece), { ...options, encoding: 'windows-1252' });
      expect((await bytesOf(read)).toString()).toBe(table);
    }
  });

  // To a program that opens it as ISO-8859-1 they are controls: 0x85 ends a line of splitlines().
  test('what two encodings of one name take otherwise is refused', async () => {
    const read = (encoding: string, written: string): Promise<Buffer> =>
      bytesOf(decode(sourceOf(Buffer.from(written, 'latin1')), { ...options, encoding }));
    for (const encoding of ['latin1', 'ISO-8859-1', 'l1', 'iso-8859-9', 'iso-8859-11']) {
      await expect(read(encoding, 'a\nb\x85c')).rejects.toMatchObject({
        code: 'INVALID_ENCODING',
        place: { line: 2 },
        message: expect.stringContaining('0x85') as string,
      });
    }
    expect((await read('latin1', 'n\xe4me')).toString()).toBe('näme');
    await expect(read('us-ascii', 'n\xe4me')).rejects.toMatchObject({ code: 'INVALID_ENCODING' });
  });

  test('bytes that are no text of it are refused with their line', async () => {
    const odd = Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from('a\nb', 'utf16le'),
      Buffer.from([0x00]),
    ]);
    await expect(bytesOf(decode(sourceOf(odd), options))).rejects.toMatchObject({
      code: 'INVALID_ENCODING',
      place: { line: 2 },
    });
  });
});

/** What bytes expand to, or the code by which they are refused. */
async function expanded(bytes: Uint8Array): Promise<string> {
  const source = decode(sourceOf(bytes, 11), options);
  try {
    return (await bytesOf(source)).toString();
  } catch (error) {
    if (error instanceof KeydriftError) return error.code;
    throw error;
  }
}

const refused = expect.stringMatching(
  /^(?:COMPRESSION_INVALID|TOO_LARGE|CONTENT_OF_ANOTHER_KIND)$/,
);
