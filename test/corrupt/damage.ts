/** Bytes that were cut off or flipped. */
export interface Damaged {
  /** `cut 12`, `flip 40.3`. */
  readonly how: string;
  readonly bytes: Uint8Array;
}

/** Cut at every `step`th byte, and with so many single bits flipped, the same for a seed. */
export function* damage(
  bytes: Uint8Array,
  { step, flips, seed }: { readonly step: number; readonly flips: number; readonly seed: number },
): Generator<Damaged> {
  for (let end = 0; end < bytes.length; end += step) {
    yield { how: `cut ${end}`, bytes: bytes.slice(0, end) };
  }
  let state = seed;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let flip = 0; flip < flips; flip += 1) {
    const at = next(bytes.length);
    const bit = next(8);
    const flipped = Uint8Array.from(bytes);
    flipped[at] = flipped[at]! ^ (1 << bit);
    yield { how: `flip ${at}.${bit}`, bytes: flipped };
  }
}
