import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isWithin } from '../sources/index.ts';
import { readIncluded } from '../contract/index.ts';
import {
  KeydriftError,
  toKeydriftError,
  type ArtifactContract,
  type Contract,
  type GitLocation,
} from '../model/index.ts';
import type { AppContext, Sources } from './context.ts';
import type { ChosenCopy } from './choose.ts';
import { declaredContract, type LoadedContract } from './contract.ts';
import { commitStore, contractPaths } from './contract-files.ts';
import { expandFamilies, listFolder } from './families.ts';
import type { ContractChoice } from './options.ts';
import { reviewedLocation } from './pair.ts';

/** What a contract of another commit is read with. */
export interface ContractRequest {
  readonly context: AppContext;
  readonly choice: ContractChoice;
  readonly sources: Sources;
}

/** A contract as a commit has it; globs as they are, and with what they name there. */
export interface ContractAt {
  readonly declared: Contract;
  readonly expanded: Contract;
}

/** The contract as another commit has it; null: that has none. Throws what reading it throws. */
export async function contractAt(
  { file }: Pick<LoadedContract, 'file'>,
  commit: string,
  { context, choice, sources }: ContractRequest,
): Promise<ContractAt | null> {
  const repository = file.committed?.repository ?? null;
  const at = (path: string): GitLocation => ({ kind: 'git', repository, path, ref: commit });
  const store = commitStore(sources, at);
  const isSought = file.committed === null && choice.config === null;
  const found = isSought
    ? await nearestIn(store, at(file.path), { context, sources })
    : { path: file.path, bytes: await store.read(file.path) };
  if (found === null || found.bytes === null) return null;
  const { path, bytes } = found;
  const text = await readIncluded({ path, bytes }, store);
  const declared = await declaredContract(file, text, context, choice);
  const expanded = await expandFamilies(declared, ({ template: { reviewed } }) => {
    const there = sources.scheme(reviewed).forCopy?.(reviewed, { name: null, ref: commit });
    return listFolder(there ?? reviewed, sources, 'never');
  });
  return { declared, expanded };
}

/**
 * The contract that the commit had for this working directory: a file that stands nearer now, or under
 * another name, does not hide it.
 */
async function nearestIn(
  store: ReturnType<typeof commitStore>,
  own: GitLocation,
  { context, sources }: Pick<ContractRequest, 'context' | 'sources'>,
): Promise<{ readonly path: string; readonly bytes: Uint8Array } | null> {
  const root = (await (await sources.of(own)).repositoryOf?.(own))?.directory;
  for (const path of contractPaths(context.workingDirectory, null)) {
    // Above the repository, its commits have nothing.
    const directory = await realpath(dirname(path));
    if (root === undefined || !isWithin(root, directory)) break;
    const bytes = await store.read(path).catch((thrown: unknown) => {
      // In a repository within this one, there is nothing of its commits either.
      if (path !== own.path && toKeydriftError(thrown).code.startsWith('GIT_')) return null;
      throw thrown;
    });
    if (bytes !== null) return { path, bytes };
  }
  return null;
}

/**
 * Of chosen copies those whose reviewed file, or whose artifact's entry in the contract, is another than
 * at a ref; what the ref does not have is one. Throws where the ref is not known.
 */
export async function changedSince(
  ref: string,
  chosen: readonly ChosenCopy[],
  loaded: LoadedContract,
  request: ContractRequest,
): Promise<readonly ChosenCopy[]> {
  const { sources } = request;
  const { file } = loaded;
  // A ref that names nothing is no change of everything.
  const repository = file.committed?.repository ?? null;
  const tip: GitLocation = { kind: 'git', repository, path: file.path, ref };
  const source = await sources.of(tip);
  if ((await source.isInHistory?.(tip, ref)) === undefined) {
    throw new KeydriftError('NOT_SUPPORTED', `--changed-since ${ref}: the contract is not in git`);
  }
  const before = await contractAt(loaded, ref, request).catch((thrown: unknown) => {
    const { code } = toKeydriftError(thrown);
    // One that was no contract then says nothing of what is the same now.
    if (code === 'CONTRACT_INVALID' || code === 'NOT_SUPPORTED') return null;
    throw thrown;
  });
  const [was, is] = [before?.expanded, loaded.expanded].map(entriesOf);
  const changed = await Promise.all(
    chosen.map(async (one) => {
      const { name, unexplained } = one.artifact;
      // What nobody reviewed is new where it was reviewed then, or where its glob is another.
      const entry = unexplained === undefined ? name : globOf(name, loaded.expanded);
      if (was?.get(entry) === undefined || was.get(entry) !== is?.get(entry)) return true;
      return hasOtherContent(one, ref, sources);
    }),
  );
  return chosen.filter((_, at) => changed[at]);
}

/** What `entriesOf` calls the glob that an object lies under which no reviewed file explains. */
function globOf(name: string, { families = [] }: Pick<Contract, 'families'>): string {
  const lying = families.map((one) => one.name).filter((glob) => name.startsWith(`${glob}.`));
  const longest = lying.reduce((most, glob) => (glob.length > most.length ? glob : most), '');
  return `${longest}.*`;
}

/**
 * All that a contract says of each artifact; of those of a glob also what it says of all of them, and
 * that by the glob's own name and `.*`.
 */
function entriesOf({ artifacts, families = [] }: Partial<Contract> = {}): ReadonlyMap<
  string,
  string
> {
  const entries = new Map(artifacts?.map((one) => [one.name, entryText(one)]));
  for (const { name: glob, template, shown, runtimes, after = 0, files = [], ignore } of families) {
    entries.set(`${glob}.*`, JSON.stringify([entryText(template), shown, runtimes, ignore]));
    for (const { name } of artifacts?.slice(after - files.length, after) ?? []) {
      entries.set(name, `${entries.get(name)} ${JSON.stringify(ignore)}`);
    }
  }
  return entries;
}

/** All that a contract says of an artifact. */
function entryText({ notes: _notes, ...artifact }: ArtifactContract): string {
  return JSON.stringify(artifact, (_name, value: unknown) => {
    if (value instanceof Map) return [...value];
    return value instanceof Set ? [...value] : value;
  });
}

async function hasOtherContent(
  { artifact, copy }: ChosenCopy,
  ref: string,
  sources: Sources,
): Promise<boolean> {
  const now = reviewedLocation(artifact, copy, sources);
  const scheme = sources.scheme(now);
  const isPinned = 'ref' in now && now.ref !== null;
  // What the contract pins to a ref of its own changes with the contract alone.
  const then = scheme.forCopy?.(now, { name: null, ref });
  if (then === undefined || isPinned) return false;
  const contentOf = async (at: typeof now): Promise<string | null> => {
    const copyAt = await sources.pin(at, 'bytes if any').catch((thrown: unknown) => {
      if (toKeydriftError(thrown).code === 'GIT_PATH_NOT_FOUND') return null;
      throw thrown;
    });
    await copyAt?.release?.();
    return copyAt?.revision.content ?? null;
  };
  const [old, current] = await Promise.all([contentOf(then), contentOf(now)]);
  return old !== current;
}
