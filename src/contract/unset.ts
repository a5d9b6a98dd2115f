import { isCopyWord } from './draft.ts';
import type { Path } from './path.ts';

/** What stands for a value whose variable is not set; `undefined` leaves the value out. */
export interface Filling {
  readonly value: string | undefined;
}

/** Where an unset variable is no error, because nothing there is going to be used. */
export type Unset = 'refused' | 'open in runtime' | 'open in reviewed';

/**
 * What stands for the value at a path when its variable is unset; null: it is an error. A bundle is
 * made where nobody knows the buckets, and read where nobody knows the repositories. A copy's `ref`
 * belongs to its reviewed side.
 */
export function fillingOf(path: Path, unset: Unset): Filling | null {
  const [root, , side] = path;
  const last = path.at(-1);
  const isRef = last === 'ref';
  if (root !== 'artifacts' || unset === 'refused') return null;
  // Only `investigate` asks for it, which reads no bundle.
  if (side === 'cost') return { value: 's3://unset/' };
  if (unset === 'open in reviewed') {
    if (side === 'runtime' && path.length > 3 && isRef) return { value: undefined };
    if (side !== 'reviewed') return null;
    return { value: isRef ? undefined : 'unset' };
  }
  if (side !== 'runtime' || isRef) return null;
  const isLocation =
    path.length === 3 || last === 'url' || (path.length === 4 && !isCopyWord(last));
  return { value: isLocation ? 's3://unset/unset' : undefined };
}
