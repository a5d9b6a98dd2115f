import { compareKeys, findChanges } from '../../compare/index.ts';
import { compareReading } from '../../contract/index.ts';
import { confirmChosen, groupAll, joinKeySets } from '../../engine/index.ts';
import {
  faultClass,
  KeydriftError,
  toKeydriftError,
  type ArtifactContract,
  type ChangeReport,
  type KeyGroup,
  type Location,
  type Warning,
} from '../../model/index.ts';
import { columnsOf, confirmedSides, findingsLimit } from '../../judge/confirm.ts';
import type { Sources } from '../../judge/context.ts';
import { redactionOf } from '../../judge/contract.ts';
import { pinOrAbsent, scanNamed } from '../../judge/copies.ts';
import type { ContractChoice } from '../../judge/options.ts';
import { redactThrown } from '../../judge/redact.ts';
import { reviewedRequest, type ScanRequest, type ScannedCopy } from '../../judge/request.ts';
import { asPartner, comparableWith, scanCopy, sideReport } from '../../judge/scan.ts';

/** What a change does, and what kept it from being told. */
export interface Change {
  readonly report: ChangeReport | null;
  readonly warnings: readonly Warning[];
}

/**
 * What the reviewed copy's change since the merge base with `base` does to the work. A base that
 * cannot be read as its contract has it is told as a warning: it is no fault of the change.
 */
export async function describeChange(
  { artifact, before: declared, base }: ChangeRequest,
  after: ScannedCopy,
  location: Location,
  sources: Sources,
): Promise<Change> {
  const { at, isOther } = await baseLocation(location, base, sources);
  const against = { baseRef: base, ...(isOther ? { mergeBase: true } : {}) };
  const before = await scanBase(declared, after, at, sources);
  if (before === 'absent') {
    return { report: await compareWithBase(artifact, null, after, against), warnings: [] };
  }
  if ('message' in before) return { report: null, warnings: [before] };
  const reading = compareReading(declared, artifact).filter(({ word }) =>
    isOfCounted(word, [before, after]),
  );
  const isNamed = reading.some(({ word }) => isOfKey(word, [before, after]));
  const named = isNamed ? await namedAsNow(before, after) : null;
  const from = named ?? before;
  const comparable = await comparableWith(after, from);
  const change = await compareWithBase(artifact, from, comparable, against);
  const told = {
    ...change,
    base: sideReport(before),
    ...(reading.length === 0 ? {} : { reading }),
    ...(isNamed ? { renamed: named && (await renamedUnits(before, named)) } : {}),
  };
  return { report: told, warnings: [] };
}

/** The base by the key of now; null: it lacks a column of that, or has no key in it. */
async function namedAsNow(before: ScannedCopy, after: ScannedCopy): Promise<ScannedCopy | null> {
  const { key, normalize } = after.request;
  const request = { ...before.request, key, normalize };
  try {
    return await scanCopy(before.copy, request, { scope: null, partner: after });
  } catch (thrown) {
    if (faultClass(toKeydriftError(thrown)) !== 'content') throw thrown;
    return null;
  }
}

/** How many units of a copy have no such name by another key. */
async function renamedUnits(before: ScannedCopy, named: ScannedCopy): Promise<number> {
  const { units } = before.keyset.table;
  const [was, is] = [before, named].map((one) => columnsOf(one).keyColumns.join('\0'));
  if (was !== is) return units;
  // Keysets are comparable in pairs: these two are one of their own.
  const partner = await asPartner(named);
  const { copy, request } = before;
  const { keyset } = await scanCopy(copy, request, { scope: null, partner });
  const groups = await joinKeySets(keyset, partner.keyset);
  const { removed } = await groups.changes();
  partner.keyset.release();
  return removed;
}

/** Whether a word of the contract decides what units are called, in one of two copies. */
function isOfKey(word: string, copies: readonly ScannedCopy[]): boolean {
  if (word === 'key' || word.startsWith('key.')) return true;
  return copies.some(({ plan }) => plan.key.some(({ name }) => word === `normalize.${name}`));
}

/** Whether a word of the contract is of a column that counts in one of two copies, or of all of them. */
function isOfCounted(word: string, copies: readonly ScannedCopy[]): boolean {
  const before = 'normalize.';
  if (!word.startsWith(before)) return true;
  return copies.some(({ plan: { key, consumed } }) =>
    [...key, ...consumed].some(({ name }) => name === word.slice(before.length)),
  );
}

/** What a change is told of. */
export interface ChangeRequest {
  readonly artifact: ArtifactContract;
  /** As the base's contract has it: a change of the key shows what it does. */
  readonly before: ArtifactContract;
  /** What was asked for, `origin/main`. */
  readonly base: string;
}

/** The same file at the commit where it and the base came apart: what `git diff BASE...` shows. */
export async function baseLocation(
  location: Location,
  base: string,
  sources: Sources,
): Promise<{ readonly at: Location; readonly isOther: boolean }> {
  const found = await (await sources.of(location)).mergeBase?.(location, base);
  if (found === undefined) {
    throw new KeydriftError('USAGE', 'only a reviewed copy in git has a base to compare with');
  }
  const { commit: ref, isOther } = found;
  return {
    at: sources.scheme(location).forCopy?.(location, { name: null, ref }) ?? location,
    isOther,
  };
}

async function scanBase(
  artifact: ArtifactContract,
  after: ScannedCopy,
  location: Location,
  sources: Sources,
): Promise<ScannedCopy | 'absent' | Warning> {
  const copy = await pinOrAbsent(location, 'reviewed', sources);
  if (copy instanceof Error) return 'absent';
  try {
    return await scanNamed(copy, baseRequest(artifact, after), { scope: null, partner: after });
  } catch (thrown) {
    const error = redactThrown(thrown, artifact);
    if (faultClass(error) !== 'content') throw error;
    const message = `the copy before this change cannot be compared: ${error.message}`;
    return { code: 'BASE_UNREADABLE', message, side: 'reviewed', line: error.place.line ?? null };
  }
}

/**
 * An artifact that hides what it hid before, too: nobody makes seen what another hides, and a key that
 * was renamed is hidden by both of its names.
 */
export function hidingAlike(
  artifact: ArtifactContract,
  before: ArtifactContract,
  by: ContractChoice['redact'],
): ArtifactContract {
  const { redact = [] } = artifact;
  const hidden = new Set([...redact, ...(before.redact ?? []), ...(by?.columns ?? [])]);
  const [now, was] = [artifact, before].map(({ key }) => key.map(({ column }) => column));
  const renamed = [...now!, ...was!].filter((one) => !(now!.includes(one) && was!.includes(one)));
  const isKeyHidden = renamed.some((column) => hidden.has(column));
  const told = redactionOf({ redact: [...hidden, ...(isKeyHidden ? renamed : [])] }, by).redaction;
  if (told === undefined) return artifact;
  return { ...artifact, redaction: { ...told, named: new Set(redact) } };
}

/**
 * The base is read by its own contract, and compared on the columns that count now, as their values
 * are read now: a value that nobody touched is no change. What is hidden of one is hidden of both.
 */
function baseRequest(artifact: ArtifactContract, after: ScannedCopy): ScanRequest {
  const { request, plan } = after;
  const base = reviewedRequest(artifact);
  const ofKey = new Set(artifact.key.map(({ column }) => column));
  const { redact } = request;
  return {
    ...base,
    consumes: plan.consumed.map(({ name }) => name),
    normalize: new Map([
      ...[...request.normalize].filter(([column]) => !ofKey.has(column)),
      ...[...base.normalize].filter(([column]) => ofKey.has(column)),
    ]),
    nulls: request.nulls ?? 'empty',
    ...(redact === undefined ? {} : { redact: { ...redact, named: new Set() } }),
  };
}

async function compareWithBase(
  artifact: ArtifactContract,
  before: ScannedCopy | null,
  after: ScannedCopy,
  against: Pick<ChangeReport, 'baseRef' | 'mergeBase'>,
): Promise<ChangeReport> {
  const { keyColumns, consumedColumns } = columnsOf(after);
  const keyBefore = before === null ? keyColumns : columnsOf(before).keyColumns;
  const groups = await (before === null
    ? groupAll(after.keyset)
    : joinKeySets(before.keyset, after.keyset));
  const { choose, ...counts } = await groups.changes();
  const chosen = await choose(findingsLimit(artifact));
  const sides = before === null ? { runtime: after } : { reviewed: before, runtime: after };
  const { keys } = await confirmChosen(groups, chosen, confirmedSides(sides));
  return {
    base: before === null ? null : sideReport(before),
    ...against,
    ...counts,
    units: [
      ...findChanges(keyBefore, consumedColumns, keys.filter(isGone)),
      ...findChanges(
        keyColumns,
        consumedColumns,
        keys.filter((group) => !isGone(group)),
      ),
    ].sort((a, b) => compareKeys(a.key, b.key)),
  };
}

/** A unit of the base alone has the names of its key. */
function isGone({ runtime }: KeyGroup): boolean {
  return runtime.count === 0;
}
