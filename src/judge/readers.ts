import {
  addEffects,
  countsTell,
  findAmbiguities,
  lacksEffects,
  matchMarks,
  shownReaders,
  untriedWords,
  withRecordsOf,
  type AmbiguousRows,
  type MatchedMarks,
} from '../compare/index.ts';
import { createRowJudge, isPlannedAlike } from '../engine/index.ts';
import { effectsOnWritten } from '../formats/index.ts';
import {
  allReaders,
  count,
  createRowReporter,
  type Ambiguity,
  type CanonicalColumns,
  type EffectsPart,
  type EffectsRequest,
  type EnoughEffects,
  type ReaderEffects,
  type ReportedRow,
  type SaidReaders,
  type Warning,
} from '../model/index.ts';
import { compileSteps } from '../normalize/index.ts';
import { canonicalColumns } from './canonical.ts';
import type { ConfirmOptions } from './confirm.ts';
import { createScopeJudge } from './scope.ts';
import type { ScannedCopy } from './request.ts';
import { readJustSo } from './twin.ts';

/**
 * What readers of a runtime copy take otherwise than this page, and not just so in the reviewed copy
 * (SPEC §2, "Ambiguous"). Of copies with equal bytes that are read alike it is nothing. Only while
 * the keysets of both are held.
 */
export async function ambiguitiesOf(
  reviewed: ScannedCopy | null,
  runtime: ScannedCopy,
  said: SaidReaders | undefined,
): Promise<readonly Ambiguity[]> {
  const isStored = said?.form !== 'canonical';
  if (isStored && reviewed !== null && isReadAlike(reviewed, runtime)) return [];
  const form = isStored ? 'stored' : writtenAs(reviewed, runtime);
  const asked: Asked = { readers: said?.readers ?? allReaders, form, ...enoughOf(said) };
  const tried = await tryBoth(reviewed, runtime, asked);
  if (tried === null) return [];
  const found = findAmbiguities(tried.reviewed, tried.runtime);
  if (said === undefined) return found.filter(({ isWarnedOf }) => isWarnedOf !== true);
  if (tried.all || found.length === 0) return found;
  // A finding tells the records that hold a hazard: those that the reviewed copy holds too.
  const known = runtime.scope === null ? 'counted' : 'tried';
  const enough = { tried: asked.tried, beside: null, weight: 'any' } as const;
  const all = await effectsOn(runtime, { ...asked, known, enough });
  return all === null ? [] : withRecordsOf(found, all);
}

/**
 * Records with a hazard of which it is looked at closely what readers make of them, where that decides:
 * each takes 15 to 40 µs, and who writes a copy may make millions.
 */
const enoughTried = 1 << 16;

/** What is enough to know. A reader that stops only warns where it is one of all. */
function enoughOf(said: SaidReaders | undefined): Pick<Asked, 'tried' | 'weight'> {
  const tried = enoughTried;
  if (said === undefined) return { tried, weight: 'in part' };
  const isNamed = said.readers.every(({ name }) => said.named.includes(name));
  return { tried, weight: isNamed ? 'any' : 'silent' };
}

/** What is enough to know of the reviewed copy: all of it, but where that is told in part. */
function enoughBefore({ tried, weight }: Asked): Pick<EffectsRequest, 'enough'> {
  return weight === 'in part' ? { enough: { tried, weight, beside: null } } : {};
}

/** The columns of a runtime copy that is written anew. */
function writtenAs(reviewed: ScannedCopy | null, runtime: ScannedCopy): CanonicalColumns {
  return canonicalColumns(runtime, (reviewed ?? runtime).table.columns);
}

type Asked = Pick<EffectsRequest, 'readers' | 'form'> & Pick<EnoughEffects, 'tried' | 'weight'>;

/** What readers make of a runtime copy, and of the reviewed one. */
interface TriedCopies {
  readonly reviewed: ReaderEffects | null;
  readonly runtime: ReaderEffects;
  /** False: effects that both copies hold alike may be left out on either side. */
  readonly all: boolean;
}

/** What readers make of both copies. */
export async function tryAll(
  reviewed: ScannedCopy | null,
  runtime: ScannedCopy,
  asked: Asked,
): Promise<TriedCopies | null> {
  const { tried, weight } = asked;
  if (reviewed === null) {
    const own = await effectsOn(runtime, { ...asked, enough: { tried, weight, beside: null } });
    return own === null ? null : { reviewed: null, runtime: own, all: true };
  }
  // The reviewed copy is read as it stands, whatever is handed over; as CSV, where it is none.
  const isCsv = reviewed.table.effects !== undefined;
  const form = asked.form === 'stored' || isCsv ? 'stored' : writtenAs(reviewed, reviewed);
  const before = await effectsOn(reviewed, { ...asked, form, ...enoughBefore(asked) });
  const own = await effectsOn(runtime, { ...asked, enough: { tried, weight, beside: before } });
  return own === null ? null : { reviewed: before, runtime: own, all: true };
}

/** So many of the records that both copies hold are tried at first, then so many times as many. */
const firstShared = 256;
const moreShared = 16;

/** What readers make of the records that one copy holds and the other does not. */
interface TriedPair {
  readonly before: ReaderEffects;
  readonly after: ReaderEffects;
}

/** The same, where most records stand in both copies: of those, as few as tell which effects there are. */
export async function tryBoth(
  reviewed: ScannedCopy | null,
  runtime: ScannedCopy,
  asked: Asked,
): Promise<TriedCopies | null> {
  const shared = reviewed === null ? null : await sharedMarks(reviewed, runtime, asked);
  if (reviewed === null || shared === null) return tryAll(reviewed, runtime, asked);
  const unshared = {
    reviewed: withoutShared(shared.reviewed),
    runtime: withoutShared(shared.runtime),
  };
  const tryUnshared = async (known: 'tried' | 'counted'): Promise<TriedPair | null> => {
    const part = unshared.reviewed;
    const before = await effectsOn(reviewed, { ...asked, known, part, ...enoughBefore(asked) });
    const { tried: least, weight } = asked;
    const enough = { tried: least, weight, beside: before };
    const after = await effectsOn(runtime, { ...asked, known, enough, part: unshared.runtime });
    return before === null || after === null ? null : { before, after };
  };
  // With a scope, what is known of a record may not count.
  const counted = reviewed.scope === null ? await tryUnshared('counted') : null;
  const isTold = counted !== null && countsTell(counted.before, counted.after);
  const tried = isTold ? counted : await tryUnshared('tried');
  if (tried === null) return null;
  let { before, after } = tried;
  for (let from = 0, most = firstShared; lacksEffects(before, after); most *= moreShared) {
    if (asked.weight === 'in part' && from >= asked.tried) break;
    const part = partOf(shared.runtime, from, from + most);
    if (part === null) break;
    from += most;
    const both = await effectsOn(runtime, { ...asked, part });
    if (both === null) return null;
    [before, after] = [addEffects(before, both), addEffects(after, both)];
  }
  return { reviewed: before, runtime: after, all: false };
}

function withoutShared(matched: Uint8Array): EffectsPart {
  return { marked: matched.map((one) => 1 - one), rest: 'tried' };
}

/** The marked ones of a number on, counted among themselves; null: there are none. */
function partOf(matched: Uint8Array, from: number, to: number): EffectsPart | null {
  let seen = 0;
  const marked = matched.map((one) => {
    seen += one;
    return one === 1 && seen > from && seen <= to ? 1 : 0;
  });
  return seen <= from ? null : { marked, rest: 'left out' };
}

/** The marks that two copies share, which are read alike; null: they are not, or none is told. */
async function sharedMarks(
  reviewed: ScannedCopy,
  runtime: ScannedCopy,
  asked: Asked,
): Promise<MatchedMarks | null> {
  const stored = effectsRequest(reviewed, { ...asked, form: 'stored' });
  const before = await reviewed.table.marks?.(stored);
  const after = await runtime.table.marks?.(effectsRequest(runtime, asked));
  if (before === undefined || after === undefined || before.read !== after.read) return null;
  const isAlike = isPlannedAlike(reviewed.plan, runtime.plan);
  if (!isAlike || reviewed.scope !== runtime.scope) return null;
  return matchMarks(before.hashes, after.hashes);
}

/** Whether two copies are the same bytes, and are read alike. */
export function isReadAlike(one: ScannedCopy, other: ScannedCopy): boolean {
  // A twin was found to be so.
  if (one.keyset === other.keyset) return true;
  return one.sha256 === other.sha256 && readJustSo(one, other);
}

/** What readers make of one copy, or a part; null: all read its format alike. */
async function effectsOn(
  scanned: ScannedCopy,
  asked: Pick<EffectsRequest, 'readers' | 'form' | 'part' | 'known' | 'enough'>,
): Promise<ReaderEffects | null> {
  const { table, copy } = scanned;
  const request = effectsRequest(scanned, asked);
  if (table.effects !== undefined) return table.effects(request);
  // All readers of its format read it alike; what is written of it is CSV.
  const { form } = asked;
  return form === 'stored' ? null : effectsOnWritten(table, copy.bytes, form, request);
}

/** What effects on readers are asked of a copy. */
function effectsRequest<A extends Pick<EffectsRequest, 'readers' | 'form'>>(
  { table, plan, scope }: ScannedCopy,
  asked: A,
): A & EffectsRequest {
  const judge = scope === null ? null : createScopeJudge(plan, scope);
  const read = createRowJudge(plan, compileSteps);
  const planned = [...plan.key, ...plan.consumed];
  return {
    ...asked,
    needed: planned.map(({ name, index }) => ({
      name,
      index,
      nameInFile: table.columns[index] ?? name,
    })),
    say(record) {
      if (judge !== null && !judge(record).inScope) return null;
      const row = read(record);
      // What is no unit to this page, a reader may still take for one: as it stands.
      const said = row.valid
        ? [row.key, row.consumed]
        : planned.map(({ index }) => record.shown(index));
      return JSON.stringify(said);
    },
  };
}

/** Whether hazards are told of a copy whose readers the contract does not name. */
export type UnsaidReaders = 'told of' | 'left alone';

/** What readers make of a runtime copy: for findings where they are named, else for a warning. */
export async function askReaders(
  reviewed: ScannedCopy | null,
  runtime: ScannedCopy,
  said: SaidReaders | undefined,
  unsaid: UnsaidReaders,
): Promise<{
  readonly options: Pick<ConfirmOptions, 'ambiguous'>;
  readonly warnings: readonly Warning[];
  /** Nothing of it is left where the copy is written anew; left out: something is, or nobody asked. */
  readonly spelling?: true;
}> {
  if (said === undefined && unsaid === 'left alone') return { options: {}, warnings: [] };
  const ambiguities = await ambiguitiesOf(reviewed, runtime, said);
  if (said === undefined) return { options: {}, warnings: readerUnknown(ambiguities) };
  // What is only spelling is gone where the copy is written anew.
  const left = ambiguities.filter(({ inSpelling }) => inSpelling !== true);
  const hazards = await ambiguousRows(runtime, left);
  const isLeft = (hazard: string): boolean => left.some((one) => one.hazard === hazard);
  const gone = ambiguities.filter((one) => one.inSpelling === true && !isLeft(one.hazard));
  const warnings = gone.map(({ hazard, words, readers }) => {
    const message = `${words} (${shownReaders(readers)}): written anew as canonical CSV`;
    return { code: hazard, message, side: 'runtime', line: null } as const;
  });
  const asked = { options: { ambiguous: { hazards, named: said.named } }, warnings };
  // A run that hands the copy over as it is stored may be advised of the other form.
  if (said.form !== 'stored' || left.length === 0) return asked;
  const anew = await ambiguitiesOf(reviewed, runtime, { ...said, form: 'canonical' });
  return anew.every(({ inSpelling }) => inSpelling === true) ? { ...asked, spelling: true } : asked;
}

/** Ambiguities with the first records of each, as findings tell them. */
async function ambiguousRows(
  { table, plan }: ScannedCopy,
  ambiguities: readonly Ambiguity[],
): Promise<readonly AmbiguousRows[]> {
  const rows = new Map<number, ReportedRow>();
  const wanted = [...new Set(ambiguities.flatMap(({ shown }) => shown))].sort((a, b) => a - b);
  const columns = [...plan.key, ...plan.consumed];
  const report = createRowReporter(columns);
  await table.reread(Uint32Array.from(wanted), (record) => {
    rows.set(record.record, report(record, 'runtime'));
  });
  return ambiguities.map((ambiguity) => ({
    ambiguity,
    rows: ambiguity.shown.map((record) => rows.get(record)!),
  }));
}

/** The one warning of a copy whose readers nobody names: how many hazards, and for which readers. */
function readerUnknown(ambiguities: readonly Ambiguity[]): readonly Warning[] {
  if (ambiguities.length === 0) return [];
  const told = ambiguities.map(({ hazard, readers }) => `${hazard} for ${shownReaders(readers)}`);
  const message = `${count(ambiguities.length, 'hazard')} for readers that the contract does not name (\`reader:\`): ${told.join('; ')}${untriedWords(ambiguities[0]!.untried)}`;
  return [{ code: 'READER_UNKNOWN', message, side: 'runtime', line: null }];
}

/** A copy's own hazards, one warning each: what `lint` tells. */
export async function hazardWarnings(
  scanned: ScannedCopy,
  said: SaidReaders | undefined,
): Promise<readonly Warning[]> {
  const { table, request } = scanned;
  const { side } = request;
  return (await ambiguitiesOf(null, scanned, said)).map(
    ({ hazard, words, readers, shown: [first] }) => ({
      code: hazard,
      message: `${words} (${shownReaders(readers)})`,
      side,
      line: first === undefined ? null : table.place(first).line,
    }),
  );
}
