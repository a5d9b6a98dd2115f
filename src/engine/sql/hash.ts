import { hash } from 'node:crypto';
import { nullCell } from '../../model/index.ts';

/*
 * What engines and keydrift hash alike: tuples of normalized cells, each as its number of characters
 * (code points), a colon, and itself; one that is none, where that differs from an empty one, as a
 * word. No two tuples of as many cells give one text.
 */

/** Stands for a cell that is none: no length is written so. */
export const nullText = 'n:';

export function tupleText(cells: readonly string[]): string {
  let text = '';
  for (const cell of cells) text += cell === nullCell ? nullText : `${characters(cell)}:${cell}`;
  return text;
}

function characters(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit <= 0xdbff) count -= 1;
  }
  return count;
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

/** What a short digest of many rows is told by: a sum modulo this. */
export const shortModulus: bigint = 1n << 48n;

/** The name of the digest that engines give (SPEC §5, `engineDigest`). */
export const digestAlgorithm = 'keydrift-md5-sum/1';

/** Its value, from the sums of its two words. */
export function digestValue(sums: readonly [bigint, bigint]): string {
  return sums.map((sum) => BigInt.asUintN(64, sum).toString(16).padStart(16, '0')).join('');
}
