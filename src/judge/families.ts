import { environmentName } from '../contract/index.ts';
import {
  KeydriftError,
  nearestHint,
  needsFetch,
  quote,
  toKeydriftError,
  type ArtifactContract,
  type ArtifactFamily,
  type Bundle,
  type Contract,
  type Location,
  type UnsetLocation,
  type Warning,
  retold,
} from '../model/index.ts';
import type { Sources } from './context.ts';

/** Tells the files of a family, by their paths under the folder of its `template.reviewed`. */
export type ListFamily = (family: ArtifactFamily) => Promise<readonly string[]>;

/** The files of the store that a family's reviewed files are in; of a working tree as it stands. */
export function listIn(
  sources: Sources,
  state: 'committed' | 'worktree',
  fetch: 'allowed' | 'never' = 'allowed',
): ListFamily {
  return ({ template: { reviewed } }) => {
    const worktree = sources.scheme(reviewed).inWorkingTree?.(reviewed);
    return listFolder(state === 'worktree' ? (worktree ?? reviewed) : reviewed, sources, fetch);
  };
}

/** Files under the folder of a location. Throws `NOT_SUPPORTED` where a store lists nothing. */
export async function listFolder(
  location: Location,
  sources: Sources,
  fetch: 'allowed' | 'never' = 'allowed',
): Promise<readonly string[]> {
  const scheme = sources.scheme(location);
  if (fetch === 'never' && scheme.isRemote?.(location) === true) {
    throw needsFetch(scheme.textOf(location));
  }
  const source = await sources.of(location);
  const folder = scheme.around?.(location);
  if (folder !== undefined && source.list !== undefined) {
    return (await source.list(folder)).map(({ name }) => name);
  }
  throw new KeydriftError(
    'NOT_SUPPORTED',
    `${scheme.textOf(location)}: nothing can be listed there`,
  );
}

/** The files of a family that a bundle carries: those that have the names of its artifacts. */
export function listInBundle({ manifest }: Bundle): ListFamily {
  return (family) => {
    const paths = manifest.artifacts.flatMap(({ artifact, path }) => {
      const parts = path.split('/');
      const inside = parts.map((_, at) => parts.slice(at).join('/'));
      return inside.find((one) => family.member(one)?.name === artifact) ?? [];
    });
    return Promise.resolve([...new Set(paths)].sort());
  };
}

/**
 * A contract with an artifact for each file of its families, where their entries stand. A family whose
 * files cannot be told, or that has none, is one artifact without a verdict. Throws `CONTRACT_INVALID`
 * where two artifacts would have one name.
 */
export async function expandFamilies(contract: Contract, list: ListFamily): Promise<Contract> {
  const { families = [] } = contract;
  if (families.length === 0) return contract;
  const members = await Promise.all(families.map((family) => membersOf(family, list)));
  const artifacts: ArtifactContract[] = [];
  const expanded: ArtifactFamily[] = [];
  let at = 0;
  for (const [index, family] of families.entries()) {
    const { after = 0 } = family;
    for (; at < after; at += 1) artifacts.push(contract.artifacts[at]!);
    for (const artifact of members[index]!.artifacts) artifacts.push(artifact);
    expanded.push({ ...family, files: members[index]!.paths, after: artifacts.length });
  }
  for (; at < contract.artifacts.length; at += 1) artifacts.push(contract.artifacts[at]!);
  requireNames({ families: expanded }, artifacts);
  return { ...contract, artifacts, families: expanded };
}

interface Members {
  readonly artifacts: readonly ArtifactContract[];
  readonly paths: readonly string[];
}

async function membersOf(family: ArtifactFamily, list: ListFamily): Promise<Members> {
  try {
    const paths = (await list(family)).filter((path) => family.labelOf(path) !== null);
    const found = paths.flatMap((path) => {
      const artifact = family.member(path);
      return artifact === null ? [] : [{ path, artifact }];
    });
    if (found.length === 0) throw noFiles(family);
    const labels = new Set(found.map(({ path }) => family.labelOf(path) ?? path));
    const names = new Set(found.map(({ artifact }) => artifact.name));
    const notes = [...family.overrides.keys()]
      .filter((said) => !labels.has(said) && !names.has(said))
      .map((label) => unusedOverride(family, label, labels));
    const [first, ...others] = found.map(({ artifact }) => artifact);
    const noted = first === undefined || notes.length === 0 ? first : { ...first, notes };
    return {
      artifacts: noted === undefined ? [] : [noted, ...others],
      paths: found.map(({ path }) => path),
    };
  } catch (thrown) {
    return { artifacts: [withoutFiles(family, toKeydriftError(thrown), 'reviewed')], paths: [] };
  }
}

function noFiles({ shown }: ArtifactFamily): KeydriftError {
  return new KeydriftError('LOCATION_INVALID', `the glob ${quote(shown)} names no reviewed file`, {
    hint: { text: 'Look for a typo, and whether the files are committed', command: 'git ls-files' },
    place: { side: 'reviewed' },
  });
}

/** The entry itself, in the place of artifacts that nobody knows. */
function withoutFiles(
  family: ArtifactFamily,
  fault: KeydriftError,
  side: 'reviewed' | 'runtime',
): ArtifactContract {
  const { template, name, shown, runtimes } = family;
  const nowhere: UnsetLocation = { kind: 'unset', shown, fault };
  const copies = template.copies.slice(0, 1).map((copy, at) => {
    const location: UnsetLocation = { kind: 'unset', shown: runtimes[at] ?? shown, fault };
    return { ...copy, name: null, location };
  });
  const reviewed = side === 'reviewed' ? nowhere : { ...nowhere, fault };
  return { ...template, name, reviewed, copies, accept: [] };
}

function unusedOverride(
  { name }: ArtifactFamily,
  label: string,
  labels: ReadonlySet<string>,
): Warning {
  const near = nearestHint(label, [...labels]);
  const message = `overrides of ${name} names ${quote(label)}, which is no file of the glob. ${near}`;
  return { code: 'OVERRIDE_UNUSED', message, side: null, line: null };
}

/** Names of globs come from files: what the contract refuses of names is refused of them. */
function requireNames(
  { families = [] }: Pick<Contract, 'families'>,
  artifacts: readonly ArtifactContract[],
): void {
  const taken = new Map<string, ArtifactContract>();
  for (const artifact of artifacts) {
    const variable = environmentName(artifact.name);
    const other = taken.get(variable);
    if (other === undefined) {
      taken.set(variable, artifact);
      continue;
    }
    const family = families.find((one) => filesCalled(one, artifact.name).length > 0);
    const isSame = other.name === artifact.name;
    const message = isSame
      ? `two files are ${quote(artifact.name)}${filesOf(family, artifact.name)}`
      : `${quote(artifact.name)} and ${quote(other.name)} are both ${variable} in the environment`;
    const hint = isSame && family !== undefined ? namingHint(family) : 'Rename one of the files.';
    const path = `artifacts.${family?.name ?? artifact.name}`;
    throw new KeydriftError('CONTRACT_INVALID', message, {
      hint,
      problems: [{ line: family?.line ?? null, path, message, hint: null }],
    });
  }
}

/** The paths of a family whose artifacts have a name. */
function filesCalled(family: ArtifactFamily, name: string): readonly string[] {
  return (family.files ?? []).filter((path) => family.member(path)?.name === name);
}

/** The first two files of a family that have one name. */
function filesOf(family: ArtifactFamily | undefined, name: string): string {
  const [first, second] = family === undefined ? [] : filesCalled(family, name);
  return first === undefined || second === undefined
    ? ''
    : `: ${quote(first)} and ${quote(second)}`;
}

/** What to write where captures do not tell the files of a glob apart. */
function namingHint({ shown }: ArtifactFamily): string {
  const told = 'The captures name the artifacts, and here they do not tell the files apart.';
  const star = /(?<!\*)\*(?!\*)/;
  if (!star.test(shown)) {
    return `${told} Leave the captures out: then the whole path is the name.`;
  }
  const free = ['name', 'file', 'table'].find((word) => !shown.includes(`{${word}}`)) ?? 'name2';
  return `${told} Write reviewed: ${quote(shown.replace(star, `{${free}}`))}`;
}

/**
 * The contract with an artifact for each object that lies where those of a family do, and that none of
 * its artifacts explains. A folder that cannot be listed is one artifact without a verdict.
 */
export async function withStrays(contract: Contract, sources: Sources): Promise<Contract> {
  const { families = [] } = contract;
  const textOf = (location: Location): string => sources.scheme(location).textOf(location);
  const explained = new Set(
    contract.artifacts.flatMap(({ copies }) => copies.map(({ location }) => textOf(location))),
  );
  const taken = new Set(contract.artifacts.map(({ name }) => name));
  const added = new Map<ArtifactFamily, ArtifactContract[]>();
  const freeName = namer(taken);
  for (const family of families) {
    // Where no reviewed file is known, every object would be one that none explains: the entry tells it.
    if (family.files?.length === 0) continue;
    const strays = new Map<string, ArtifactContract>();
    try {
      for (const place of family.places(family.files ?? [])) {
        for (const path of await listFolder(place.folder, sources)) {
          const location = place.at(path);
          if (location === null || explained.has(textOf(location))) continue;
          const stray = place.stray(path);
          const [copy] = stray?.copies ?? [];
          if (stray === null || copy === undefined) continue;
          const known = strays.get(stray.name);
          if (known !== undefined && known.copies.every(({ name }) => name !== copy.name)) {
            strays.set(stray.name, { ...known, copies: [...known.copies, copy] });
            continue;
          }
          const name = freeName(stray.name);
          strays.set(name, { ...stray, name });
        }
      }
      added.set(family, [...strays.values()]);
    } catch (thrown) {
      added.set(family, [withoutFiles(family, unlisted(family, thrown), 'runtime')]);
    }
  }
  return { ...contract, artifacts: inserted(contract, added) };
}

/** What was not explained stands behind the artifacts of its family. */
function inserted(
  { artifacts, families = [] }: Contract,
  added: ReadonlyMap<ArtifactFamily, readonly ArtifactContract[]>,
): readonly ArtifactContract[] {
  const all: ArtifactContract[] = [];
  let at = 0;
  for (const family of families) {
    for (; at < (family.after ?? 0); at += 1) all.push(artifacts[at]!);
    for (const stray of added.get(family) ?? []) all.push(stray);
  }
  for (; at < artifacts.length; at += 1) all.push(artifacts[at]!);
  return all;
}

/** An object's name is a stranger's: one that is taken, or too long, gets a number. */
function namer(taken: Set<string>): (wanted: string) => string {
  const numbers = new Map<string, number>();
  return (wanted) => {
    const start = wanted.slice(0, 200);
    let name = start;
    for (let number = numbers.get(start) ?? 2; taken.has(name); number += 1) {
      name = `${start}-${number}`;
      numbers.set(start, number + 1);
    }
    taken.add(name);
    return name;
  };
}

function unlisted({ runtimes }: ArtifactFamily, thrown: unknown): KeydriftError {
  const error = toKeydriftError(thrown);
  const without = 'To do without, let the contract say `policy: {unreviewed: ignore}`.';
  return retold(error, {
    message: `what else lies under ${runtimes.join(', ')} is not known: ${error.message}`,
    hint: `${error.hint ?? ''} ${without}`.trim(),
    place: { ...error.place, side: 'runtime' },
  });
}
