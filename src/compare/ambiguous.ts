import {
  addEffect,
  type Ambiguity,
  type EffectOnReader,
  type Finding,
  type HazardEffects,
  type PolicyAction,
  type ReaderEffects,
  type ReportedRow,
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
  const untried = untriedOf(runtime);
  // All is known of the reviewed copy, but where what is told here only warns.
  const untriedBefore = reviewed === null ? 0 : untriedOf(reviewed);
  const most = { ...runtime, untried: Math.max(untried, untriedBefore) };
  return runtime.hazards.flatMap((found) => {
    if (found.onlyBeside && reviewed === null) return [];
    const before = entryOf(reviewed, found.hazard);
    const counting = found.byReader.flatMap((effect, reader) =>
      (untriedBefore > 0 && isInRecords(found, reader)) ||
      counts(before?.byReader[reader], effect, untried)
        ? [reader]
        : [],
    );
    return counting.length === 0 ? [] : [ambiguityOf(found, counting, most)];
  });
}

/** Whether records have an effect on a reader, and not the file as a whole alone. */
function isInRecords({ groups }: HazardEffects, reader: number): boolean {
  return groups.some(({ readers, records }) => records > 0 && ((readers >> reader) & 1) === 1);
}

/** Whether an effect is none that the reviewed copy has just so. A part of one tells only by its number. */
function counts(
  before: EffectOnReader | undefined,
  effect: EffectOnReader,
  untried: number,
): boolean {
  if (effect.count === 0) return false;
  if (untried === 0) return !isSame(before, effect);
  return effect.count > (before?.count ?? 0) || effect.ofFile !== (before?.ofFile ?? 0n);
}

function untriedOf({ untried = 0 }: ReaderEffects): number {
  return untried;
}

/** The same hazards, with what is told of all records of the copy, or of the first ones, besides. */
export function withRecordsOf(
  ambiguities: readonly Ambiguity[],
  runtime: ReaderEffects,
): readonly Ambiguity[] {
  return ambiguities.map((ambiguity) => {
    const { hazard, readers, inSpelling, shown } = ambiguity;
    const entry = runtime.hazards.find(
      (one) => one.hazard === hazard && (one.inSpelling ?? false) === inSpelling,
    );
    if (entry === undefined) return ambiguity;
    const places = readers.map((reader) => runtime.readers.indexOf(reader));
    const all = ambiguityOf(entry, places, runtime);
    return {
      ...ambiguity,
      records: Math.max(ambiguity.records, all.records),
      untried: Math.max(ambiguity.untried, all.untried),
      shown: firstOf([...new Set([...shown, ...all.shown])]),
    };
  });
}

function firstOf(records: readonly number[]): readonly number[] {
  return records.toSorted((a, b) => a - b).slice(0, shownRecords);
}

function entryOf(effects: ReaderEffects | null, hazard: string): HazardEffects | undefined {
  return effects?.hazards.find((entry) => entry.hazard === hazard);
}

/** Whether a reader takes records of the reviewed copy otherwise, and nothing that was tried of the runtime. */
export function lacksEffects(reviewed: ReaderEffects, runtime: ReaderEffects): boolean {
  if (untriedOf(runtime) > 0) return false;
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
  // A part tells nothing by sums.
  if (untriedOf(runtime) > 0 || untriedOf(reviewed) > 0) return true;
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
    const byReader = entry.byReader.map((effect, reader) =>
      addEffect(effect, more.byReader[reader]!),
    );
    return { ...entry, byReader, groups: [...entry.groups, ...more.groups] };
  });
  return { ...one, hazards };
}

function isSame(before: EffectOnReader | undefined, effect: EffectOnReader): boolean {
  return before !== undefined && before.count === effect.count && before.sum === effect.sum;
}

function ambiguityOf(
  { hazard, words, isWarnedOf, inSpelling = false, byReader, groups }: HazardEffects,
  counting: readonly number[],
  { readers, untried = 0 }: ReaderEffects,
): Ambiguity {
  const bits = counting.reduce((all, reader) => all | (1 << reader), 0);
  const own = groups.filter((group) => (group.readers & bits) !== 0);
  return {
    hazard,
    words,
    ...(isWarnedOf === undefined ? {} : { isWarnedOf }),
    inSpelling,
    readers: counting.map((reader) => readers[reader]!),
    loud: counting.every((reader) => byReader[reader]!.silent === 0),
    records: own.reduce((sum, { records }) => sum + records, 0),
    untried,
    shown: firstOf(own.flatMap(({ shown }) => shown)),
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

/** What is said of records that were not tried; empty: of none. */
export function untriedWords(untried: number): string {
  if (untried === 0) return '';
  return `; ${untried} more ${untried === 1 ? 'record' : 'records'} with a hazard were not tried`;
}

/** An ambiguity with the first records that hold it. */
export interface AmbiguousRows {
  readonly ambiguity: Ambiguity;
  readonly rows: readonly ReportedRow[];
}

/** Whether a hazard is more than a warning: a reader that stops is no silent drift, unless it is named. */
export function failsFor(
  { loud, readers }: Pick<Ambiguity, 'loud' | 'readers'>,
  named: readonly string[],
): boolean {
  const isNamed = (reader: string): boolean =>
    named.some((name) => reader === name || reader.startsWith(`${name} (`));
  return !loud || readers.some(isNamed);
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
  const { words, readers, loud, records, untried } = ambiguity;
  const verb = loud ? (readers.length === 1 ? 'stops' : 'stop') : 'may read other units';
  return {
    kind: 'ambiguous',
    side: 'runtime',
    severity: action === 'fail' && !failsFor(ambiguity, named) ? 'warn' : action,
    key: null,
    fields: [],
    reason: `${words}: ${shownReaders(readers)} ${verb}${untriedWords(untried)}`,
    rowCount: { reviewed: 0, runtime: records },
    rows,
    respelled: null,
  };
}
