import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import {
  copyName,
  isUnset,
  KeydriftError,
  matchesGlob,
  matchesPathGlob,
  nearestHint,
  nearestNames,
  shellQuote,
  type ArtifactContract,
  type Contract,
  type Location,
  type RuntimeCopy,
} from '../model/index.ts';
import type { AppContext } from './context.ts';
import type { Selection } from './options.ts';
import { registriesOf } from './registries.ts';

/** One runtime copy of one artifact, chosen to be judged. */
export interface ChosenCopy {
  /** As this copy has it: a key of its own stands in the artifact's place. */
  readonly artifact: ArtifactContract;
  readonly copy: RuntimeCopy;
}

/** What is asked for: names, globs or locations, and what artifacts say of themselves. */
export interface Choice {
  readonly names: readonly string[];
  readonly select?: readonly Selection[];
}

/**
 * The copies that names choose (`participants`, `participants@eu`, `part*`, or the location of a
 * copy), in contract order; every one without names. Throws `UNKNOWN_ARTIFACT` for a name that is
 * none, with the nearest.
 */
export function chooseCopies(
  contract: Contract,
  { names, select = [] }: Choice,
  context: AppContext,
): ChosenCopy[] {
  const all = contract.artifacts.flatMap((artifact) =>
    artifact.copies.map((copy) => ({ artifact: viewOf(artifact, copy), copy })),
  );
  const fits = names.map((name) => ({ name, fit: namingOf(name, context) }));
  const ofCopy = ({ artifact, copy }: ChosenCopy): readonly string[] => [
    artifact.name,
    copyName(artifact.name, copy.name),
    ...namesOf(copy.location, context),
    ...namesOf(artifact.reviewed, context),
  ];
  const called = names.length === 0 ? [] : all.map(ofCopy);
  checkNames(fits, called, contract);
  const selected = selectedBy(contract, select);
  return all.filter(
    ({ artifact }, at) =>
      selected.has(artifact.name) &&
      (names.length === 0 || fits.some(({ fit }) => called[at]!.some(fit))),
  );
}

/** Whether a name is that of an artifact or a copy of the contract, or the location of one. */
export function isChosen(contract: Contract, name: string, context: AppContext): boolean {
  const fit = namingOf(name, context);
  return contract.artifacts.some(
    (artifact) =>
      artifactNames(artifact, context).some(fit) ||
      artifact.copies.some((copy) => fit(copyName(artifact.name, copy.name))),
  );
}

/** The artifacts that names choose, in contract order; every one without names. */
export function chooseArtifacts(
  contract: Contract,
  { names, select = [] }: Choice,
  context: AppContext,
): ArtifactContract[] {
  const fits = names.map((name) => ({ name, fit: namingOf(name, context) }));
  checkNames(
    fits,
    contract.artifacts.map((one) => artifactNames(one, context)),
    contract,
  );
  const selected = selectedBy(contract, select);
  return contract.artifacts.filter(
    (artifact) =>
      selected.has(artifact.name) &&
      (names.length === 0 || fits.some(({ fit }) => artifactNames(artifact, context).some(fit))),
  );
}

/**
 * One copy of each artifact that is named, or of every one.
 * Throws `USAGE` where an artifact has several copies and none, or more than one, is named.
 */
export function chooseOneEach(
  contract: Contract,
  choice: Choice,
  context: AppContext,
): ChosenCopy[] {
  const chosen = chooseCopies(contract, choice, context);
  for (const { artifact } of chosen) {
    const copies = chosen.filter((other) => other.artifact.name === artifact.name);
    if (copies.length === 1) continue;
    const all = artifact.copies.map(({ name }) => copyName(artifact.name, name));
    throw new KeydriftError('USAGE', `${artifact.name} has several copies: one must be named`, {
      hint: `Name the one that is read: ${all.join(', ')}.`,
    });
  }
  return chosen;
}

/** An artifact as one of its copies has it: with that copy's own key, while it is migrated. */
export function viewOf(artifact: ArtifactContract, copy: RuntimeCopy): ArtifactContract {
  const { own, limits } = copy;
  if (own === undefined && limits === undefined) return artifact;
  return { ...artifact, ...own, ...(limits === undefined ? {} : { limits }) };
}

function artifactNames(
  { name, reviewed, copies }: ArtifactContract,
  context: AppContext,
): readonly string[] {
  return [
    name,
    ...namesOf(reviewed, context),
    ...copies.flatMap((copy) => namesOf(copy.location, context)),
  ];
}

/** Whether a name or a location is one that is asked for, itself or by a glob. */
function namingOf(asked: string, { workingDirectory }: AppContext): (name: string) => boolean {
  const isGlob = /[*?]/.test(asked);
  if (isGlob && !/[:/]/.test(asked)) return (name) => matchesGlob(name, asked);
  const path = resolve(workingDirectory, asked.replace(/^file:/, ''));
  const isOneOf = (name: string): boolean =>
    !isName(name) && (matchesPathGlob(name, asked) || matchesPathGlob(name, path));
  return (name) => name === asked || name === path || (isGlob && isOneOf(name));
}

/** What a location is called: as it is written, and a file by its absolute path. */
function namesOf(location: Location, context: AppContext): readonly string[] {
  const scheme = registriesOf(context).schemes[location.kind];
  if (scheme === undefined) return [];
  const path = scheme.pathOf?.(location);
  const version = scheme.version?.of(location) ?? null;
  const text = scheme.textOf(location);
  const latest = version === null ? [] : [text.replace(`?versionId=${version}`, '')];
  return [text, ...latest, ...(path === undefined ? [] : [path])];
}

function checkNames(
  fits: readonly { readonly name: string; readonly fit: (name: string) => boolean }[],
  known: readonly (readonly string[])[],
  contract: Contract,
): void {
  const unknown = fits.find(({ fit }) => !known.some((names) => names.some(fit)));
  if (unknown === undefined) return;
  const { name } = unknown;
  const fault = faultOfEntry(name, contract);
  if (fault !== null) throw fault;
  const [, place, version] = /^(.+)\?versionId=([^&]+)$/.exec(name) ?? [];
  const of = known.find((names) => place !== undefined && names.includes(place));
  if (of !== undefined && version !== undefined) {
    const artifact = of.findLast(isName) ?? '';
    throw new KeydriftError(
      'UNKNOWN_ARTIFACT',
      `the runtime copy of ${artifact} is what ${place} holds now, not one version of it`,
      {
        hint: {
          text: 'Leave the version out, or look at that version',
          command: `keydrift investigate ${shellQuote(artifact)} --to ${shellQuote(version)}`,
        },
      },
    );
  }
  const isPlace = name.includes(':') || name.includes('/');
  const all = isPlace ? known.flat() : known.flatMap((names) => names.filter(isName));
  const what = isPlace ? 'artifact at' : 'artifact';
  throw new KeydriftError('UNKNOWN_ARTIFACT', `the contract has no ${what} ${name}`, {
    hint: contract.artifacts.length === 0 ? 'It has none.' : unknownHint(name, [...new Set(all)]),
  });
}

/** Why an entry that files of the asked name would be of has none; null: there is no such entry. */
function faultOfEntry(asked: string, { artifacts, families = [] }: Contract): KeydriftError | null {
  const empty = families.find(
    ({ name, files }) => files?.length === 0 && asked.startsWith(`${name}.`),
  );
  const entry = artifacts.find(({ name }) => name === empty?.name);
  return entry !== undefined && isUnset(entry.reviewed) ? entry.reviewed.fault : null;
}

/** The nearest names; of a glob that fits none the nearest of its form: `routing.*` for `rooting.*`. */
function unknownHint(asked: string, names: readonly string[]): string {
  const [stem = ''] = asked.split(/[*?]/, 1);
  if (stem === asked || stem === '' || /[:/]/.test(asked)) return nearestHint(asked, names);
  const whole = stem.replace(/\.$/, '');
  const { length } = whole.split('.');
  const starts = new Set(names.map((name) => name.split('.').slice(0, length).join('.')));
  const near = nearestNames(whole, [...starts]).map((start) => start + asked.slice(whole.length));
  return near.length === 0 ? nearestHint(asked, names) : `Did you mean ${near.join(' or ')}?`;
}

function isName(name: string): boolean {
  return !name.includes(':') && !name.includes('/');
}

/** Names of the artifacts that say of themselves what is asked. Throws where none does. */
function selectedBy(contract: Contract, select: readonly Selection[]): ReadonlySet<string> {
  const selected = contract.artifacts.filter((artifact) =>
    select.every(({ word, value }) => saidBy(artifact, word) === value),
  );
  if (selected.length > 0 || select.length === 0) return new Set(selected.map(({ name }) => name));
  const asked = select.map(
    ({ word, value }) => `${typeof word === 'string' ? word : `label.${word.label}`}=${value}`,
  );
  throw new KeydriftError('UNKNOWN_ARTIFACT', `no artifact has ${asked.join(' and ')}`, {
    hint: selectionHint(contract, select),
  });
}

/** What artifacts say instead of the first that none of them says. */
function selectionHint({ artifacts }: Contract, select: readonly Selection[]): string {
  const saidOf = ({ word }: Selection): readonly string[] => [
    ...new Set(artifacts.flatMap((one) => saidBy(one, word) ?? [])),
  ];
  const wrong = select.find((one) => !saidOf(one).includes(one.value));
  if (wrong === undefined) return 'Each is said of some artifacts, and all of them of none.';
  const { word, value } = wrong;
  const said = saidOf(wrong).toSorted();
  const what = typeof word === 'string' ? word : `label ${word.label}`;
  return said.length === 0 ? `The contract says ${what} of none.` : nearestHint(value, said);
}

function saidBy(artifact: ArtifactContract, word: Selection['word']): string | null {
  return (typeof word === 'string' ? artifact[word] : artifact.labels.get(word.label)) ?? null;
}

/** One of several parts of a fleet, `3/16`: `part` counts from 1. */
export interface Shard {
  readonly part: number;
  readonly of: number;
}

/**
 * Whether an artifact is of a shard: by a hash of its name alone, so that every machine says the same,
 * today and tomorrow, whatever else the contract holds.
 */
export function isInShard(name: string, { part, of }: Shard): boolean {
  const hash = createHash('sha256').update(name).digest().readUIntBE(0, 6);
  return hash % of === part - 1;
}
