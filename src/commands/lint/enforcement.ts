import { dirname, isAbsolute, relative } from 'node:path';
import { isWithin } from '../../sources/index.ts';
import {
  compareEnforcement,
  placesOfWords,
  removedWhole,
  type SaidWord,
} from '../../contract/index.ts';
import { contractAt, type ContractAt } from '../../judge/changed-since.ts';
import { pathOf, redactionOf, type LoadedContract } from '../../judge/contract.ts';
import { mapConcurrently } from '../../judge/concurrency.ts';
import { redactEntry } from '../../judge/redact.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import type { ContractChoice } from '../../judge/options.ts';
import {
  count,
  KeydriftError,
  toKeydriftError,
  type ArtifactContract,
  type Contract,
  type ContractPlace,
  type EnforcementChange,
  type EnforcementReport,
  type GitLocation,
  type Location,
} from '../../model/index.ts';
import { whatRan } from './removed.ts';
import { rootOf } from './uncommitted.ts';

/** Removed copies that are read at once. */
const mostAtOnce = 4;

/** The contract of the base, and what the change does to it. */
export interface BaseContract {
  /** As the base declares it; null: it has none, or it cannot be read. */
  readonly contract: Contract | null;
  readonly report: EnforcementReport;
}

/**
 * Reads the contract where the change and its base came apart, and tells what is enforced no longer,
 * or now. A base whose contract cannot be read tells nothing, and says so.
 */
export async function readBaseContract(
  loaded: LoadedContract,
  chosen: readonly ArtifactContract[],
  { context, choice, sources, baseRef }: BaseRequest,
): Promise<BaseContract> {
  const { file } = loaded;
  const at = (path: string, ref: string | null): GitLocation => ({
    kind: 'git',
    repository: file.committed?.repository ?? null,
    path,
    ref,
  });
  const none = { baseRef, changes: [] };
  const tip = at(file.path, file.commit);
  const { commit } = (await (await sources.of(tip)).mergeBase?.(tip, baseRef)) ?? {};
  if (commit === undefined) return { contract: null, report: { ...none, fault: 'no base' } };
  let before: ContractAt | null;
  try {
    before = await contractAt(loaded, commit, { context, choice, sources });
    if (before === null) return { contract: null, report: { ...none, fault: null } };
    // A commit without the contract, which only lies here, enforces nothing of it.
    if (choice.ref !== null && file.commit === null) {
      throw new KeydriftError('CONTRACT_NOT_FOUND', `${choice.ref} has no contract any more`);
    }
  } catch (thrown) {
    const { message, problems } = toKeydriftError(thrown);
    const [first] = problems;
    const why = first === undefined ? message : `${message}, line ${first.line}: ${first.message}`;
    return { contract: null, report: { ...none, fault: why } };
  }
  const root = await rootOf(file, sources);
  // As the contract has it: where a checkout lies is nothing of a change.
  const textOf = (location: { readonly kind: string }): string => {
    const text = sources.scheme(location).textOf(location);
    const isInside = root !== null && isAbsolute(text) && isWithin(root, text);
    return isInside ? relative(dirname(file.path), text) : text;
  };
  const names = new Set(chosen.map(({ name }) => name));
  const both = [before.declared, loaded.declared] as const;
  const [was, is] = both.map((one) => hidingKeys(one, both, choice.redact));
  const changes = [
    ...compareEnforcement(was!, is!, textOf),
    ...goneFiles(before.expanded, loaded),
  ].filter(
    ({ artifact }) =>
      choice.names.length + (choice.select?.length ?? 0) === 0 ||
      names.has(artifact) ||
      chosen.some(({ name }) => name.startsWith(`${artifact}.`)),
  );
  const ran = await withWhatRan(changes, before.expanded, { sources, baseRef }, textOf);
  const placed = await withPlaces(ran, loaded, sources);
  return { contract: before.expanded, report: { baseRef, changes: placed, fault: null } };
}

/** What an entry that is still there named, and names no longer: with its file an artifact goes. */
function goneFiles(
  { families = [] }: Contract,
  { declared, expanded }: Pick<LoadedContract, 'declared' | 'expanded'>,
): readonly EnforcementChange[] {
  const entries = new Set((declared.families ?? []).map(({ name }) => name));
  const names = new Set(expanded.artifacts.map(({ name }) => name));
  return families
    .filter(({ name }) => entries.has(name))
    .flatMap((family) => (family.files ?? []).flatMap((path) => family.member(path) ?? []))
    .filter(({ name }) => !names.has(name))
    .map(({ name }) => removedWhole(name, null));
}

/** Removed artifacts with what they had: `3 units of lookups/eu.csv`, `12 files of lookups/*.csv`. */
function withWhatRan(
  changes: readonly EnforcementChange[],
  { artifacts, families = [] }: Contract,
  { sources, baseRef }: Pick<BaseRequest, 'sources' | 'baseRef'>,
  textOf: (location: Location) => string,
): Promise<readonly EnforcementChange[]> {
  const known = new Map(artifacts.map((artifact) => [artifact.name, artifact]));
  const globs = new Map(families.map((family) => [family.name, family]));
  return mapConcurrently(changes, mostAtOnce, async (change) => {
    if (change.word !== 'artifact' || change.after !== null) return change;
    const glob = globs.get(change.artifact);
    if (glob !== undefined) {
      return { ...change, before: `${count(glob.files?.length ?? 0, 'file')} of ${glob.shown}` };
    }
    const artifact = known.get(change.artifact);
    if (artifact === undefined) return change;
    const ran = await whatRan(artifact, baseRef, sources);
    return { ...change, before: ran ?? textOf(artifact.reviewed) };
  });
}

/** Changes with where the contract says what it says now. */
async function withPlaces(
  changes: readonly EnforcementChange[],
  loaded: LoadedContract,
  sources: Sources,
): Promise<readonly EnforcementChange[]> {
  const placeOf = placesIn(loaded, sources);
  const placed: EnforcementChange[] = [];
  for (const change of changes) {
    const place = await placeOf(change);
    placed.push(place === null ? change : { ...change, place });
  }
  return placed;
}

/** Finds where the files of a contract say words; of files that are in no repository null. */
export function placesIn(
  { file, text }: Pick<LoadedContract, 'file' | 'text'>,
  sources: Sources,
): (said: SaidWord) => Promise<ContractPlace | null> {
  const paths = new Map<string, Promise<string | null>>();
  let placeOf: ReturnType<typeof placesOfWords> | null = null;
  return async (word) => {
    placeOf ??= placesOfWords(text);
    const { path, line } = (await placeOf)(word);
    const known = paths.get(path) ?? pathOf(path, file, sources);
    paths.set(path, known);
    const inRepository = await known;
    return inRepository === null ? null : { file: inRepository, line };
  };
}

/** A contract whose entries of `accept` tell no key that either of both hides. */
function hidingKeys(
  contract: Contract,
  both: readonly Contract[],
  by: ContractChoice['redact'],
): Contract {
  const all = both.flatMap(({ artifacts, families = [] }) => [
    ...artifacts,
    ...families.flatMap(({ template, overrides }) => [template, ...overrides.values()]),
  ]);
  const hide = (artifact: ArtifactContract): ArtifactContract => {
    const same = all.filter(({ name }) => name === artifact.name);
    const { redaction } = redactionOf({ redact: same.flatMap(({ redact = [] }) => redact) }, by);
    const columns = artifact.key.map(({ column }) => column);
    const accept = artifact.accept.map((entry) => redactEntry(entry, columns, redaction));
    return { ...artifact, accept };
  };
  const { artifacts, families } = contract;
  return {
    ...contract,
    artifacts: artifacts.map(hide),
    ...(families && {
      families: families.map(({ template, overrides, ...family }) => ({
        ...family,
        template: hide(template),
        overrides: new Map([...overrides].map(([name, one]) => [name, hide(one)])),
      })),
    }),
  };
}

/** What the base is read with. */
export interface BaseRequest {
  readonly context: AppContext;
  readonly choice: ContractChoice & {
    readonly names: readonly string[];
    /** `--ref`; null: the working tree. */
    readonly ref: string | null;
    readonly select?: readonly unknown[];
  };
  readonly sources: Sources;
  readonly baseRef: string;
}

/** Whether less is enforced now, or nobody can tell. */
export function isWeaker({ changes, fault }: EnforcementReport): boolean {
  return fault !== null || changes.some(({ effect }) => effect === 'weaker');
}
