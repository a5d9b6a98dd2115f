import {
  clipTo,
  copyName,
  KeydriftError,
  numberFingerprints,
  sha256Hex,
  type Location,
  type PlannedCopy,
  type PublishPlan,
} from '../../model/index.ts';
import type { SavedCopy, SavedPlan as WrittenPlan } from '../../model/schemas/publication.ts';
import type { Sources } from '../../judge/context.ts';
import type { ChosenCopy } from '../../judge/choose.ts';
import { reviewedLocation } from '../../judge/pair.ts';
import { placeOf } from '../../report/index.ts';
import type { PreparedCopy } from './plan/plan.ts';

/** What writes a plan. */
const planning = 'keydrift publish ARTIFACT --dry-run -o json:FILE';
const replan = { text: 'Make a new plan, and look at it', command: planning };

/** A plan that was written by an earlier run, of the right shape, and unchanged since. */
export interface SavedPlan extends WrittenPlan {
  readonly options: PublishPlan['options'];
  readonly contract: string;
}

/**
 * Reads the text of a plan. Throws `PLAN_UNREADABLE` for what is none, and `PLAN_TAMPERED` where
 * it is not as it was written.
 */
export async function readSavedPlan(text: string, file: string): Promise<SavedPlan> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw unreadable(file, 'it is not JSON', cause);
  }
  const { plan } = await import('../../model/schemas/publication.ts');
  const parsed = plan.safeParse(data, { jitless: true });
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw unreadable(file, `${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'wrong'}`, null);
  }
  const { options, contract, publications, integrity } = parsed.data;
  if (contract === null || publications.length === 0)
    throw unreadable(file, 'it is of no copy', null);
  // Over the text as it stands: what reading adds was not there when it was written.
  const rest = Object.entries(Object(data)).filter(([name]) => name !== 'integrity');
  if (integrityOf(Object.fromEntries(rest)) === integrity) {
    const { ref, unconditional, overwriteUnreviewed } = options;
    const { allowRollback = false, allowUnknownClaim = false } = options;
    return {
      ...parsed.data,
      contract,
      publications: publications.map((copy, at) => ({ ...copy, change: changeAt(data, at) })),
      options: { ref, unconditional, overwriteUnreviewed, allowRollback, allowUnknownClaim },
    };
  }
  throw new KeydriftError(
    'PLAN_TAMPERED',
    `${file} is not as keydrift wrote it: its digest does not fit`,
    {
      hint: { text: 'Nothing of it is applied. Make a new plan', command: planning },
    },
  );
}

/** The units of a copy as they stand: reading them by their schema loses a column `__proto__`. */
function changeAt(plan: unknown, at: number): unknown {
  const copies: unknown = Reflect.get(Object(plan), 'publications');
  return Array.isArray(copies) ? Reflect.get(Object(copies[at]), 'change') : undefined;
}

function unreadable(file: string, why: string, cause: unknown): KeydriftError {
  return new KeydriftError('PLAN_UNREADABLE', `${file} is no plan of keydrift publish (${why})`, {
    cause,
    hint: { text: 'A plan is written by', command: planning },
  });
}

/** The copies of a plan. Throws `USAGE` where others are named: it is applied as it is. */
export function namesOfPlan({ publications }: SavedPlan, asked: readonly string[]): string[] {
  const planned = publications.map(({ name, copy }) => [name, copyName(name, copy)]);
  const isOther = asked.some((name) => planned.every((names) => !names.includes(name)));
  const isPart = planned.some((names) => !asked.some((name) => names.includes(name)));
  const all = planned.map(([, name = '']) => name);
  if (asked.length === 0 || (!isOther && !isPart)) return all;
  throw new KeydriftError(
    'USAGE',
    `a plan is applied as it is: this one is of ${all.join(', ')}, not of ${asked.join(', ')}`,
    { hint: 'Leave the names out, or make a plan of these.' },
  );
}

/** Throws `PLAN_OTHER_REF` for a plan of another ref than the one that `--ref` asserts. */
export function requireRef({ options }: SavedPlan, asserted: string | null): void {
  if (asserted === null || asserted === options.ref) return;
  throw new KeydriftError(
    'PLAN_OTHER_REF',
    `the plan is of the ref ${options.ref}, not of ${asserted}, as --ref says`,
    { hint: replan },
  );
}

/** Throws `PLAN_CONTRACT_CHANGED` unless the contract's file is the one of the plan. */
export function requireContract(plan: SavedPlan, contract: string): void {
  if (plan.contract === contract) return;
  throw new KeydriftError(
    'PLAN_CONTRACT_CHANGED',
    `the contract changed since the plan: its sha256 was ${clipTo(plan.contract, 12)}, now it is ${clipTo(contract, 12)}`,
    { hint: replan },
  );
}

/** The copy with the plan's commit, which must still be in the history of its ref. */
export async function atPlannedCommit(
  chosen: ChosenCopy,
  saved: SavedCopy,
  ref: string,
  sources: Sources,
): Promise<ChosenCopy> {
  const commit = saved.reviewed?.commit;
  const location = reviewedLocation(chosen.artifact, chosen.copy, sources);
  if (commit === undefined) return chosen;
  await requireCommit(location, commit, ref, sources);
  return { ...chosen, copy: { ...chosen.copy, ref: commit } };
}

async function requireCommit(
  location: Location,
  commit: string,
  ref: string,
  sources: Sources,
): Promise<void> {
  const short = commit.slice(0, 12);
  const hint = {
    text: 'A shallow clone may lack it: "fetch-depth: 0" in a CI checkout. If it was taken back, make a new plan',
    command: planning,
  };
  try {
    const found = await (await sources.of(location)).isInHistory?.(location, commit);
    if (found !== false) return;
  } catch (cause) {
    if (!(cause instanceof KeydriftError) || cause.code !== 'GIT_UNKNOWN_REF') throw cause;
    throw new KeydriftError(
      'PLAN_COMMIT_GONE',
      `the plan's commit ${short} is not there: ${cause.message}`,
      { cause, hint },
    );
  }
  throw new KeydriftError(
    'PLAN_COMMIT_GONE',
    `the plan's commit ${short} is no longer in the history of ${ref}`,
    { hint },
  );
}

/**
 * Throws unless a copy, planned anew at the plan's commit, is what the plan says, or holds already
 * what the plan wrote: `PLAN_…_CHANGED`
 * for what may honestly change, `PLAN_TAMPERED` for what cannot.
 */
export function requireSame(saved: SavedCopy, prepared: PreparedCopy): Standing {
  const fresh = prepared.planned;
  const name = copyName(fresh.name, fresh.copy);
  // What cannot be established, or is refused now, is told as such, and nothing is written.
  if (fresh.action === 'unknown' || fresh.action === 'refuse') return 'as-planned';
  if (!same(saved.target, fresh.target)) {
    throw new KeydriftError(
      'PLAN_CONTRACT_CHANGED',
      `${name}: the plan writes to ${placeOf(saved.target)}, contract and environment now say ${placeOf(fresh.target)}`,
      { hint: replan },
    );
  }
  if (!same(reviewedFacts(saved.reviewed), reviewedFacts(fresh.reviewed))) {
    throw new KeydriftError(
      'PLAN_TAMPERED',
      `${name}: what the plan says of commit ${saved.reviewed?.commit.slice(0, 12) ?? '(none)'} is not true of it`,
      { hint: replan },
    );
  }
  if (!same(objectFacts(saved.runtime), objectFacts(fresh.runtime))) {
    if (isApplied(saved, prepared)) return 'applied';
    throw stateChanged(saved, fresh);
  }
  if (saved.change !== undefined && !sameUnits(saved.change, fresh.change)) {
    throw new KeydriftError(
      'PLAN_TAMPERED',
      `${name}: the units that the plan shows are not those that it would change`,
      { hint: replan },
    );
  }
  if (saved.action !== fresh.action || !same(saved.write, fresh.write)) {
    throw new KeydriftError(
      'PLAN_STATE_CHANGED',
      `${name}: the plan would ${saved.action} ${saved.target.location}, and it would be written differently now (${fresh.action}): tags, headers or encryption changed`,
      { hint: replan },
    );
  }
  return 'as-planned';
}

/** Whether an object is what the plan found, or what the plan wrote. */
export type Standing = 'as-planned' | 'applied';

/** An object that is another one than the plan saw. */
export function stateChanged(saved: SavedCopy, fresh: PlannedCopy): KeydriftError {
  const name = copyName(fresh.name, fresh.copy);
  const done = fresh.action === 'none' ? ' It holds now what the plan would write.' : '';
  return new KeydriftError(
    'PLAN_STATE_CHANGED',
    `${name}: ${saved.target.location} changed since the plan: it was ${objectText(saved.runtime)}, now it is ${objectText(fresh.runtime)}.${done}`,
    { hint: replan },
  );
}

/** What a store chooses by itself where a write does not say it. */
const storesOwn = ['sse', 'kmsKeyId', 'bucketKey', 'storageClass'] as const;

/** What an object has as it was written, and only so. */
const headers = [
  'contentType',
  'cacheControl',
  'contentDisposition',
  'contentEncoding',
  'contentLanguage',
  'expires',
  'websiteRedirect',
] as const;

/**
 * Whether the object holds exactly what the plan wrote: the bytes, all that it claims, and the headers
 * and tags that it was to have, as it has them: a write would mend some, which proves nothing of what
 * is there. What nobody published claims nothing.
 */
function isApplied({ write }: SavedCopy, { planned, wanted, held }: PreparedCopy): boolean {
  const { action, runtime } = planned;
  if (action !== 'none' || write === null || wanted === undefined || held === undefined) {
    return false;
  }
  const { fits, ...claim } = runtime?.claim ?? { fits: null };
  if (fits !== true || runtime?.sha256 !== wanted.claim.sha256) return false;
  if (!same(claim, wanted.claim) || held.otherMetadata.length > 0) return false;
  if (headers.some((name) => held[name] !== Reflect.get(write, name))) return false;
  const chosen = storesOwn.filter((name) => Reflect.get(write, name) === null);
  const left = Object.fromEntries(chosen.map((name) => [name, null]));
  return same({ ...write, condition: null }, { ...wanted, condition: null, ...left });
}

function same(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

/** Redacted values are told by fingerprints of one run. */
function sameUnits(a: unknown, b: unknown): boolean {
  return numberFingerprints(canonical(a)) === numberFingerprints(canonical(b));
}

/** All but how the ref was called. */
function reviewedFacts(source: object | null): unknown {
  return source === null ? null : { ...source, location: undefined, branch: undefined };
}

function objectFacts(object: SavedCopy['runtime']): unknown {
  if (object === null) return null;
  const { versionId, etag, sha256 } = object;
  return { versionId, etag, sha256 };
}

function objectText(object: SavedCopy['runtime']): string {
  if (object === null) return 'no object';
  const { versionId, etag, sha256 } = object;
  const revision =
    versionId === null || versionId === 'null' ? `ETag ${etag}` : `version ${versionId}`;
  return `${revision} (sha256 ${clipTo(sha256, 12)})`;
}

/** The plan's own digest, over everything but itself. */
export function sealPlan(plan: Omit<PublishPlan, 'integrity'>): PublishPlan {
  return { ...plan, integrity: integrityOf(plan) };
}

/** SHA-256, hex, of plain data: the same whatever the order of its members and its white space. */
export function integrityOf(data: unknown): string {
  return sha256Hex(canonical(data));
}

/** Plain data as one text: members sorted by code units, undefined ones left out. */
export function canonical(data: unknown): string {
  if (Array.isArray(data)) return `[${data.map(canonical).join(',')}]`;
  if (typeof data !== 'object' || data === null) return JSON.stringify(data) ?? 'null';
  const members = Object.entries(data)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${JSON.stringify(name)}:${canonical(value)}`);
  return `{${members.join(',')}}`;
}
