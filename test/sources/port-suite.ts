import { assert, asyncProperty, integer } from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  faultClass,
  KeydriftError,
  type ByteRange,
  type Location,
  type PinnedCopy,
  type Source,
} from '../../src/model/index.ts';
import { scaled } from '../runs.ts';

/** A source with one copy that holds the bytes that the suite asked for. */
export interface SourceFixture<L extends Location> {
  readonly source: Source<L>;
  /** Where `bytes` are. */
  readonly location: L;
  /** A place of the same store where nothing is. */
  readonly absent: L;
  /** Removes what the fixture made; the suite has closed the source by then. */
  remove(): Promise<void>;
}

/**
 * What every implementation of the `Source` port promises. `makeFixture` is called once for each
 * group of tests, with the bytes that the copy must hold (none, a few, many).
 */
export function describeSource<L extends Location>(
  name: string,
  makeFixture: (bytes: Uint8Array) => Promise<SourceFixture<L>>,
  /** More than one chunk of the source, and than it holds in memory. */
  large: number = 1024 * 1024 + 17,
): void {
  describe.each([
    ['an empty copy', 0],
    ['a small copy', 1000],
    ['a copy of several chunks', large],
  ])(`${name} keeps the port's promises: %s`, (_title, size) => {
    const bytes = binaryBytes(size);
    let fixture: SourceFixture<L>;
    let copy: PinnedCopy;
    beforeAll(async () => {
      fixture = await makeFixture(bytes);
      copy = await fixture.source.pin(fixture.location);
    });
    afterAll(async () => {
      await fixture.source.close();
      await fixture.remove();
    });

    test('it says how long the copy is, and gives the same bytes on each open', async () => {
      expect(copy.bytes).toBe(size);
      expect(copy.location).not.toBe('');
      expectSameBytes(await readAll(copy), bytes);
      expectSameBytes(await readAll(copy), bytes);
    });

    test('pinned again, an unchanged copy has the same revision', async () => {
      const pins = await Promise.all([1, 2, 3].map(() => fixture.source.pin(fixture.location)));
      for (const pin of pins) expect(pin).toMatchObject(facts(copy));
    });

    test('a range is half-open, may be empty, and ends at the end of the copy', async () => {
      const offset = integer({ min: 0, max: size + 10 });
      await assert(
        asyncProperty(offset, offset, async (a, b) => {
          const range = { start: Math.min(a, b), end: Math.max(a, b) };
          expectSameBytes(await readAll(copy, range), bytes.subarray(range.start, range.end));
        }),
        {
          numRuns: scaled(12),
          examples: [
            [0, size],
            [0, 0],
            [Math.max(0, size - 1), size],
          ],
        },
      );
    });

    test('twenty opens advance in lockstep, whichever is read first', async () => {
      const readers = Array.from({ length: 20 }, () => chunksOf(copy.open()));
      const parts: Uint8Array[][] = readers.map(() => []);
      let live = readers.map((_reader, index) => index).reverse();
      while (live.length > 0) {
        const still: number[] = [];
        for (const index of live) {
          const next = await readers[index]!.next();
          if (next.done === true) continue;
          parts[index]!.push(next.value);
          still.push(index);
        }
        live = still;
      }
      for (const part of parts) expectSameBytes(Buffer.concat(part), bytes);
    });

    test('a reader that pauses does not hold up another', async () => {
      const paused = chunksOf(copy.open());
      await paused.next();
      expectSameBytes(await readAll(copy), bytes);
      await paused.return?.(undefined);
    });

    test('an abandoned iterator does not block the next', async () => {
      copy.open();
      for (let turn = 0; turn < 3; turn++) {
        for await (const chunk of copy.open()) {
          expect(chunk.length).toBeGreaterThan(0);
          break;
        }
      }
      const thrown = new Error('the reader gave up');
      const failing = async (): Promise<void> => {
        for await (const _chunk of copy.open()) throw thrown;
      };
      if (size > 0) await expect(failing()).rejects.toBe(thrown);
      expectSameBytes(await readAll(copy), bytes);
    });

    test('a chunk is the reader’s to keep, and to overwrite', async () => {
      const kept: Uint8Array[] = [];
      const asTheyCame: Uint8Array[] = [];
      for await (const chunk of copy.open()) {
        kept.push(chunk);
        asTheyCame.push(chunk.slice());
      }
      expectSameBytes(Buffer.concat(kept), Buffer.concat(asTheyCame));
      for (const chunk of kept) chunk.fill(0);
      expectSameBytes(await readAll(copy), bytes);
    });

    test('an absent copy is an error of class absent', async () => {
      const error = await failureOf(fixture.source.pin(fixture.absent));
      expect(faultClass(error)).toBe('absent');
    });
  });

  test(`${name}: a source closes under a paused reader; then its copies cannot be opened`, async () => {
    const fixture = await makeFixture(binaryBytes(large));
    const copy = await fixture.source.pin(fixture.location);
    await chunksOf(copy.open()).next();
    await fixture.source.close();
    await fixture.source.close();
    await expect(readAll(copy)).rejects.toThrow();
    await fixture.remove();
  });
}

/** All bytes of a copy, or of a range of it. */
export async function readAll(copy: PinnedCopy, range?: ByteRange): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of copy.open(range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The KeydriftError with which a promise is rejected; anything else fails the test. */
export async function failureOf(promise: Promise<unknown>): Promise<KeydriftError> {
  const outcome = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome instanceof KeydriftError) return outcome;
  throw new Error(`expected a KeydriftError, got ${String(outcome)}`, { cause: outcome });
}

/** The same bytes for the same length: every byte value, CRLF, NUL, no valid UTF-8. */
export function binaryBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = 0x2545_f491;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  bytes.set(Uint8Array.of(0x0d, 0x0a, 0x00, 0xff, 0x0d, 0x0a).subarray(0, length));
  return bytes;
}

/** Equal bytes; a difference is told by its offset, not by megabytes of diff. */
export function expectSameBytes(found: Uint8Array, expected: Uint8Array): void {
  expect(found.length).toBe(expected.length);
  if (Buffer.compare(found, expected) === 0) return;
  expect(found.findIndex((byte, index) => byte !== expected[index])).toBe(-1);
}

function chunksOf(copy: AsyncIterable<Uint8Array>): AsyncIterator<Uint8Array> {
  return copy[Symbol.asyncIterator]();
}

function facts(copy: PinnedCopy): Omit<PinnedCopy, 'open'> {
  return { location: copy.location, revision: copy.revision, bytes: copy.bytes };
}
