import { inSlices, markWords } from '../model/index.ts';

/** For the marks of two copies, 1 where the other copy has an equal one, each for one. */
export interface MatchedMarks {
  readonly reviewed: Uint8Array;
  readonly runtime: Uint8Array;
}

/**
 * Finds the marks that two copies share, one to one; `markWords` words are a mark. In slices: there may
 * be one for each of millions of rows.
 */
export async function matchMarks(
  reviewed: Uint32Array,
  runtime: Uint32Array,
): Promise<MatchedMarks> {
  const count = reviewed.length / markWords;
  const size = 1 << (32 - Math.clz32(2 * count));
  // For each slot 1 + a mark that has its hash, and 1 + the first of those without a partner.
  const named = new Uint32Array(size);
  const waiting = new Uint32Array(size);
  const next = new Uint32Array(count);
  const matched = {
    reviewed: new Uint8Array(count),
    runtime: new Uint8Array(runtime.length / markWords),
  };
  const slotOf = (hashes: Uint32Array, mark: number): number => {
    let slot = hashes[mark * markWords]! & (size - 1);
    while (named[slot] !== 0 && !isEqual(reviewed, named[slot]! - 1, hashes, mark)) {
      slot = (slot + 1) & (size - 1);
    }
    return slot;
  };
  await inSlices(count, (from, to) => {
    for (let mark = from; mark < to; mark += 1) {
      const slot = slotOf(reviewed, mark);
      next[mark] = waiting[slot]!;
      waiting[slot] = mark + 1;
      named[slot] = mark + 1;
    }
  });
  await inSlices(matched.runtime.length, (from, to) => {
    for (let mark = from; mark < to; mark += 1) {
      const slot = slotOf(runtime, mark);
      const partner = waiting[slot]! - 1;
      if (partner < 0) continue;
      waiting[slot] = next[partner]!;
      matched.reviewed[partner] = 1;
      matched.runtime[mark] = 1;
    }
  });
  return matched;
}

function isEqual(a: Uint32Array, one: number, b: Uint32Array, other: number): boolean {
  const [from, to] = [one * markWords, other * markWords];
  return (
    a[from] === b[to] &&
    a[from + 1] === b[to + 1] &&
    a[from + 2] === b[to + 2] &&
    a[from + 3] === b[to + 3]
  );
}
