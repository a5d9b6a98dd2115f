import type { EffectOnReader, EnoughEffects } from '../../model/index.ts';

/** What was found of a copy's hazards so far, by hazard. */
type FoundEffects = ReadonlyMap<
  string,
  {
    readonly byReader: readonly Pick<EffectOnReader, 'count' | 'silent'>[];
    readonly groups: ReadonlyMap<number, { readonly records: number }>;
  }
>;

/**
 * Tries records, in parts, until what was found is enough; gives how many were left
 * untried. `tryPart` says how many of its records it looked at closely: it is they that are counted.
 */
export async function tryUntilEnough(
  records: Uint32Array,
  enough: EnoughEffects | undefined,
  found: FoundEffects,
  tryPart: (some: Uint32Array) => Promise<number>,
): Promise<number> {
  if (enough === undefined) {
    await tryPart(records);
    return 0;
  }
  let tried = 0;
  let from = 0;
  while (from < records.length && !(tried >= enough.tried && decides(found, enough))) {
    const some = records.subarray(from, from + enough.tried);
    tried += await tryPart(some);
    from += some.length;
  }
  return records.length - from;
}

/** The same one by one: whether no more records are tried, asked before each of them. */
export function createEnoughTest(
  enough: EnoughEffects | undefined,
  found: FoundEffects,
): () => boolean {
  let asked = 0;
  let next = enough?.tried ?? Infinity;
  let isEnough = false;
  return () => {
    if (asked >= next && !isEnough) {
      isEnough = decides(found, enough!);
      next *= 2;
    }
    asked += 1;
    return isEnough;
  };
}

/** Whether some reader is known to take the copy otherwise than the other copy, as far as that is known. */
function decides(found: FoundEffects, { beside, weight }: EnoughEffects): boolean {
  if (weight === 'in part' && (beside === null || (beside.untried ?? 0) > 0)) {
    return [...found.values()].some(({ groups }) =>
      [...groups.values()].some(({ records }) => records > 0),
    );
  }
  return [...found].some(([code, { byReader }]) => {
    const before = beside?.hazards.find(({ hazard }) => hazard === code)?.byReader;
    return byReader.some(
      ({ count, silent }, reader) =>
        count > (before?.[reader]?.count ?? 0) && (weight !== 'silent' || silent > 0),
    );
  });
}
