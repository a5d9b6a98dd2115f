import { createHash } from 'node:crypto';
import { type Variant, byCodeUnits, nullCell } from '../model/index.ts';

/**
 * The id of a variant, by which `accept` pins it: the same on every platform and in every run.
 * It is SHA-256, cut to 128 bits, of the consumed columns in the order of their names, each as its
 * name and its normalized value; every text as its length in UTF-8 bytes (32 bits, little-endian)
 * and then those bytes, no value as the largest length. So it does not depend on the order in which columns are listed.
 */
export function variantId(columns: readonly string[], values: readonly string[]): string {
  const order = columns.map((_, index) => index);
  order.sort((a, b) => byCodeUnits(columns[a]!, columns[b]!));
  const hash = createHash('sha256');
  const length = Buffer.alloc(4);
  for (const text of order.flatMap((index) => [columns[index]!, values[index] ?? ''])) {
    const bytes = Buffer.from(text === nullCell ? '' : text, 'utf8');
    length.writeUInt32LE(text === nullCell ? 0xffffffff : bytes.length);
    hash.update(length).update(bytes);
  }
  return hash.digest('hex').slice(0, hexDigits);
}

const hexDigits = 32;

/** The columns in which some of these variants differ, in contract order. */
export function differingColumns(
  columns: readonly string[],
  variants: readonly Variant[],
): readonly string[] {
  const [first, ...others] = variants;
  if (first === undefined) return [];
  return columns.filter((_, index) =>
    others.some(({ values }) => values[index] !== first.values[index]),
  );
}

export function sameValues(a: Variant, b: Variant): boolean {
  return a.values.every((value, index) => value === b.values[index]);
}
