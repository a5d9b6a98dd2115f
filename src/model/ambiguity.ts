/** What readers make of a copy otherwise than this page does, as far as the copy alone says it. */
export interface ReaderEffects {
  /** As messages call the readers, `spark (multiLine)`: what `byReader` is in the order of. */
  readonly readers: readonly string[];
  /** Each of the format's table of hazards, in its order; one of no effect too. First what counts. */
  readonly hazards: readonly HazardEffects[];
  /** The effects of which some records were only counted: sums leave them out. Readers as bits. */
  readonly counted?: { readonly hazard: string; readonly readers: number };
  /** Records with a hazard that were not tried, for what was found is enough; left out: none. */
  readonly untried?: number;
}

export interface HazardEffects {
  /** Its code, `BOM`. */
  readonly hazard: string;
  /** What stands in the copy, for a person. */
  readonly words: string;
  /** True: it is none in a copy by itself, only where another copy has not the same. */
  readonly onlyBeside: boolean;
  /** True: a warning of its own tells it, whoever reads the copy. */
  readonly isWarnedOf?: true;
  /** True: only in how the copy is stored, and not in what is handed over as canonical CSV. */
  readonly inSpelling?: boolean;
  readonly byReader: readonly EffectOnReader[];
  /** Records by the set of readers that take them otherwise, as bits of the readers' places. */
  readonly groups: readonly {
    readonly readers: number;
    readonly records: number;
    /** The first of them, ascending. */
    readonly shown: readonly number[];
  }[];
}

/** What one hazard does to one reader: how often, how often without stopping it, and what. */
export interface EffectOnReader {
  readonly count: number;
  readonly silent: number;
  /** A sum of hashes: equal where a reader makes the same of two copies. Of this process. */
  readonly sum: bigint;
  /** The same of the file as a whole and its header alone. */
  readonly ofFile: bigint;
}

/** A hazard that counts: some reader takes a copy otherwise than this page, and than the reviewed. */
export interface Ambiguity {
  readonly hazard: string;
  readonly words: string;
  /** True: a warning of its own tells it, whoever reads the copy. */
  readonly isWarnedOf?: true;
  /** For which readers. */
  readonly readers: readonly string[];
  /** True: gone where the copy is written as canonical CSV. */
  readonly inSpelling?: boolean;
  /** Whether each of them stops, and none reads other units. */
  readonly loud: boolean;
  /** How many records hold it; 0: the file as a whole does. */
  readonly records: number;
  /** Records that may hold it besides, and were not tried: see `ReaderEffects`. */
  readonly untried: number;
  /** The numbers of the first of them, ascending. */
  readonly shown: readonly number[];
}

/** One reader's effects in two parts of a copy, as those of both. */
export function addEffect(one: EffectOnReader, other: EffectOnReader): EffectOnReader {
  return {
    count: one.count + other.count,
    silent: one.silent + other.silent,
    sum: BigInt.asUintN(128, one.sum + other.sum),
    ofFile: BigInt.asUintN(128, one.ofFile + other.ofFile),
  };
}
