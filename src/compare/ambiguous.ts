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
    const before = reviewed?.hazards.find(({ hazard }) => hazard === found.hazard);
    const counting = found.byReader.flatMap((effect, reader) =>
      effect.count > 0 && !isSame(before?.byReader[reader], effect) ? [reader] : [],
    );
    return counting.length === 0 ? [] : [ambiguityOf(found, counting, runtime.readers)];
  });
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
