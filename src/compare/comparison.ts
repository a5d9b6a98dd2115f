import type { Variant } from '../model/index.ts';

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
