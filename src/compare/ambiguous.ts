import type {
  Ambiguity,
  EffectOnReader,
  Finding,
  HazardEffects,
  PolicyAction,
  ReaderEffects,
  ReportedRow,
} from '../model/index.ts';

/** Records of a hazard that are named. */
const shownRecords = 20;

/**
 * The hazards of a copy that count: for some reader they do what they do not do, just so, to the
 * reviewed copy (SPEC §2). Without one, every hazard that a copy has by itself counts.
 */
export function findAmbiguities(
  reviewed: ReaderEffects | null,
  runtime: ReaderEffects,
): readonly Ambiguity[] {
  return runtime.hazards.flatMap((found) => {
    if (found.onlyBeside && reviewed === null) return [];
    const before = entryOf(reviewed, found.hazard);
    const counting = found.byReader.flatMap((effect, reader) =>
      effect.count > 0 && !isSame(before?.byReader[reader], effect) ? [reader] : [],
    );
    return counting.length === 0 ? [] : [ambiguityOf(found, counting, runtime.readers)];
  });
}

function entryOf(effects: ReaderEffects | null, hazard: string): HazardEffects | undefined {
  return effects?.hazards.find((entry) => entry.hazard === hazard);
}

/** Whether a reader takes records of the reviewed copy otherwise, and nothing that was tried of the runtime. */
export function lacksEffects(reviewed: ReaderEffects, runtime: ReaderEffects): boolean {
  return reviewed.hazards.some(({ hazard, groups }) => {
    const bits = groups.reduce((all, { readers, records }) => all | (records > 0 ? readers : 0), 0);
    const own = entryOf(runtime, hazard)?.byReader ?? [];
    return own.some(({ count }, reader) => count === 0 && ((bits >> reader) & 1) === 1);
  });
}

/**
 * Whether effects that were only counted do without sums: the copies have not as many of them, so
 * that they are not the same.
 */
export function countsTell(reviewed: ReaderEffects, runtime: ReaderEffects): boolean {
  return [reviewed.counted, runtime.counted].every((counted) => {
    if (counted === undefined) return true;
    const [one, other] = [reviewed, runtime].map((side) => entryOf(side, counted.hazard)!.byReader);
    return one!.every(
      ({ count }, reader) =>
        ((counted.readers >> reader) & 1) === 0 || count !== other![reader]!.count,
    );
  });
}

/** Effects of two parts of a copy, which have no record in common, as those of both. */
export function addEffects(one: ReaderEffects, other: ReaderEffects): ReaderEffects {
  const hazards = one.hazards.map((entry): HazardEffects => {
    const more = entryOf(other, entry.hazard);
    if (more === undefined) return entry;
    const byReader = entry.byReader.map(({ count, silent, sum }, reader) => {
      const added = more.byReader[reader]!;
      return {
        count: count + added.count,
        silent: silent + added.silent,
        sum: BigInt.asUintN(128, sum + added.sum),
      };
    });
    return { ...entry, byReader, groups: [...entry.groups, ...more.groups] };
  });
  return { ...one, hazards };
}

function isSame(before: EffectOnReader | undefined, effect: EffectOnReader): boolean {
  return before !== undefined && before.count === effect.count && before.sum === effect.sum;
}

function ambiguityOf(
  { hazard, words, inSpelling = false, byReader, groups }: HazardEffects,
  counting: readonly number[],
  readers: readonly string[],
): Ambiguity {
  const bits = counting.reduce((all, reader) => all | (1 << reader), 0);
  const own = groups.filter((group) => (group.readers & bits) !== 0);
  return {
    hazard,
    words,
    inSpelling,
    readers: counting.map((reader) => readers[reader]!),
    loud: counting.every((reader) => byReader[reader]!.silent === 0),
    records: own.reduce((sum, { records }) => sum + records, 0),
    shown: own
      .flatMap(({ shown }) => shown)
      .sort((a, b) => a - b)
      .slice(0, shownRecords),
  };
}

/** Readers by name; of one that reads so in any way, no ways. */
export function shownReaders(readers: readonly string[]): string {
  const shown = readers.filter((reader) => {
    const [name = reader] = reader.split(' (');
    return reader === name || !readers.includes(name);
  });
  return shown.join(', ');
}

/** An ambiguity with the first records that hold it. */
export interface AmbiguousRows {
  readonly ambiguity: Ambiguity;
  readonly rows: readonly ReportedRow[];
}

/**
 * One finding for each hazard that counts. A loud one is no silent drift: it warns where no reader of
 * its own name was said, but `all`.
 */
export function ambiguousFinding(
  { ambiguity, rows }: AmbiguousRows,
  named: readonly string[],
  action: PolicyAction,
): Finding {
  const { words, readers, loud, records } = ambiguity;
  const isNamed = readers.some((reader) =>
    named.some((name) => reader === name || reader.startsWith(`${name} (`)),
  );
  const verb = loud ? (readers.length === 1 ? 'stops' : 'stop') : 'may read other units';
  return {
    kind: 'ambiguous',
    side: 'runtime',
    severity: loud && !isNamed && action === 'fail' ? 'warn' : action,
    key: null,
    fields: [],
    reason: `${words}: ${shownReaders(readers)} ${verb}`,
    rowCount: { reviewed: 0, runtime: records },
    rows,
    respelled: null,
  };
}
