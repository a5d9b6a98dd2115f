import { hash } from 'node:crypto';
import { nullCell } from '../../model/index.ts';

/*
 * What engines and keydrift hash alike: tuples of normalized cells, each ended by a NUL, which none of
 * them holds. Where one that is none differs from an empty one, the places of those stand behind the
 * last. No two tuples of as many cells give one text.
 */

export function tupleText(cells: readonly string[]): string {
  let text = '';
  let none = '';
  for (let at = 0; at < cells.length; at += 1) {
    const cell = cells[at]!;
    if (cell === nullCell) none += placeOfNull(at);
    else text += cell;
    text += '\0';
  }
  return text + none;
}

/** Stands behind a tuple for its cell there that is none. */
export function placeOfNull(at: number): string {
  return `${at},`;
}

/** 32 hex digits. */
export function md5(text: string): string {
  return hash('md5', text, 'hex');
}

/** 64 hex digits: by it keys are chosen where not all are listed, alike in every run (SPEC §2). */
export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

/** Words of a variant's hash that are summed: 48, 48 and 32 bits. */
export const wordPlaces: readonly (readonly [from: number, digits: number])[] = [
  [1, 12],
  [13, 12],
  [25, 8],
];

/** One of these words. */
export function wordOf(hex: string, word: number): bigint {
  const [from, digits] = wordPlaces[word]!;
  return BigInt(`0x${hex.slice(from - 1, from - 1 + digits)}`);
}

/** What such sums are told modulo: the first is that of a short digest of many rows. */
export const moduli: readonly [bigint, bigint, bigint] = [1n << 48n, 1n << 48n, 1n << 32n];

/** Sums of the words of many hashes: nothing differs in rows of equal sums. */
export type Sums = [bigint, bigint, bigint];

/** All three words of one hash. */
export function wordsOf(hex: string): Sums {
  return [wordOf(hex, 0), wordOf(hex, 1), wordOf(hex, 2)];
}

/** Adds a hash's words so many times. */
export function addWords(sums: Sums, words: readonly (bigint | number)[], times: bigint): void {
  for (const word of [0, 1, 2] as const) {
    const modulus = moduli[word];
    const sum = (sums[word] + BigInt(words[word]!) * times) % modulus;
    sums[word] = sum < 0n ? sum + modulus : sum;
  }
}

/** A digest's value, from the sums of its two words. */
export function digestValue(sums: readonly [bigint, bigint]): string {
  return sums.map((sum) => BigInt.asUintN(64, sum).toString(16).padStart(16, '0')).join('');
}
