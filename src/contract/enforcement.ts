import type {
  ArtifactContract,
  ArtifactFamily,
  Contract,
  EnforcementChange,
  Location,
  RuntimeCopy,
} from '../model/index.ts';
import { rules, type Places } from './enforced.ts';
import { overrideOf } from './members.ts';

/**
 * What a change of the contract does to what is enforced, in the order of the new contract and then
 * of what is gone: weaker or stricter, and weaker where nobody can tell (SPEC §4).
 */
export function compareEnforcement(
  before: Contract,
  after: Contract,
  places: Places,
): readonly EnforcementChange[] {
  const old = new Map(before.artifacts.map((artifact) => [artifact.name, artifact]));
  const changes = after.artifacts.flatMap((artifact) => {
    const was = old.get(artifact.name);
    old.delete(artifact.name);
    return was === undefined
      ? [addedWhole(artifact.name, null)]
      : compareArtifacts(was, artifact, places);
  });
  const gone = [...old.keys()].map((name) => removedWhole(name, null));
  return [...changes, ...gone, ...compareFamilies(before, after, places)];
}

/** Globs by their entries: which files they name is no matter of the contract. */
function compareFamilies(
  before: Contract,
  after: Contract,
  places: Places,
): readonly EnforcementChange[] {
  const old = new Map((before.families ?? []).map((family) => [family.name, family]));
  const changes = (after.families ?? []).flatMap((family) => {
    const was = old.get(family.name);
    old.delete(family.name);
    if (was === undefined) return [addedWhole(family.name, null)];
    const shown = shownPlaces([was, family], places);
    return [
      ...compareArtifacts(was.template, family.template, shown),
      ...ignoredChanges(was, family),
      ...overrideChanges(was, family, shown),
    ];
  });
  return [...changes, ...[...old.keys()].map((name) => removedWhole(name, null))];
}

/** The places of globs as the contract has them: their templates name no file. */
function shownPlaces(families: readonly ArtifactFamily[], places: Places): Places {
  const shown = new Map<Location, string>();
  for (const { template, overrides, shown: glob, runtimes } of families) {
    for (const { reviewed, copies } of [template, ...overrides.values()]) {
      shown.set(reviewed, glob);
      for (const [at, { location }] of copies.entries()) shown.set(location, runtimes[at] ?? '');
    }
  }
  return (location) => shown.get(location) ?? places(location);
}

function ignoredChanges(
  before: ArtifactFamily,
  after: ArtifactFamily,
): readonly EnforcementChange[] {
  return (['reviewed', 'runtime'] as const).flatMap((side) => {
    const [was, is] = [before.ignore[side], after.ignore[side]];
    const change = (glob: string, effect: EnforcementChange['effect']): EnforcementChange => ({
      artifact: after.name,
      copy: null,
      word: `ignore.${side}`,
      before: effect === 'weaker' ? null : glob,
      after: effect === 'weaker' ? glob : null,
      effect,
    });
    return [
      ...is.filter((glob) => !was.includes(glob)).map((glob) => change(glob, 'weaker')),
      ...was.filter((glob) => !is.includes(glob)).map((glob) => change(glob, 'stricter')),
    ];
  });
}

/** What is said of single files; who said nothing had the entry's words. */
function overrideChanges(
  before: ArtifactFamily,
  after: ArtifactFamily,
  places: Places,
): readonly EnforcementChange[] {
  const shortened = [before, after].flatMap(({ name, overrides }) =>
    [...overrides.keys()].map((said) =>
      said.startsWith(`${name}.`) ? said.slice(name.length + 1) : said,
    ),
  );
  return [...new Set(shortened)].flatMap((label) => {
    const [was, is] = [before, after].map((family) => overrideOf(family, label) ?? family.template);
    if (was === undefined || is === undefined) return [];
    const name = `${after.name}.${label}`;
    return compareArtifacts({ ...was, name }, { ...is, name }, places);
  });
}

/** Words by which rows are read: what units are called, and which values are one. */
const readingWords = /^(?:key|csv|format)$|^(?:key|normalize)\./;

/** How rows of the reviewed copy are read otherwise than before, word by word. */
export function compareReading(
  before: ArtifactContract,
  after: ArtifactContract,
): readonly Pick<EnforcementChange, 'word' | 'before' | 'after'>[] {
  const views = [before, after].map((artifact) => ({ artifact, copy: null }));
  return compareViews(views[0]!, views[1]!, () => '')
    .filter(({ word }) => readingWords.test(word))
    .map(({ word, before: was, after: is }) => ({ word, before: was, after: is }));
}

function compareArtifacts(
  before: ArtifactContract,
  after: ArtifactContract,
  places: Places,
): readonly EnforcementChange[] {
  const old = new Map(before.copies.map((copy) => [copy.name, copy]));
  const own = compareViews(
    { artifact: before, copy: null },
    { artifact: after, copy: null },
    places,
  );
  const known = new Set(own.map(textOf));
  const ofCopies = after.copies.flatMap((copy) => {
    const was = old.get(copy.name);
    old.delete(copy.name);
    if (was === undefined) return [addedWhole(after.name, copy.name)];
    const views = [
      { artifact: { ...before, ...was.own }, copy: was },
      { artifact: { ...after, ...copy.own }, copy },
    ] as const;
    // What an artifact says of all its copies is told once.
    return compareViews(...views, places).filter((change) => !known.has(textOf(change)));
  });
  const gone = [...old.keys()].map((name) => removedWhole(after.name, name));
  return [...own, ...ofCopies, ...gone];
}

function textOf({ word, before, after }: EnforcementChange): string {
  return JSON.stringify([word, before, after]);
}

/** An artifact, or a copy of it, that comes. */
function addedWhole(artifact: string, copy: string | null): EnforcementChange {
  const word = copy === null ? 'artifact' : 'copy';
  return { artifact, copy, word, before: null, after: 'there', effect: 'stricter' };
}

/** An artifact, or a copy of it, that goes: nothing checks it any more. */
export function removedWhole(artifact: string, copy: string | null): EnforcementChange {
  const word = copy === null ? 'artifact' : 'copy';
  return { artifact, copy, word, before: 'there', after: null, effect: 'weaker' };
}

/** One copy as its contract has it; null: the artifact alone. */
interface View {
  readonly artifact: ArtifactContract;
  readonly copy: RuntimeCopy | null;
}

function compareViews(before: View, after: View, places: Places): readonly EnforcementChange[] {
  const of = { artifact: after.artifact.name, copy: after.copy?.name ?? null };
  const changes = rules.flatMap((rule) => {
    const was = new Map(rule.facts(before.artifact, before.copy, places));
    const is = new Map(rule.facts(after.artifact, after.copy, places));
    return [...new Set([...was.keys(), ...is.keys()])].flatMap((word) => {
      const [a, b] = [was.get(word), is.get(word)];
      if (a?.text === b?.text) return [];
      const effect = effectOf(a?.rank ?? rule.absent, b?.rank ?? rule.absent);
      if (effect === null) return [];
      return [{ ...of, word, before: a?.text ?? null, after: b?.text ?? null, ...effect }];
    });
  });
  return [
    ...changes,
    ...consumedChanges(before.artifact, after.artifact).map((change) => ({ ...of, ...change })),
  ];
}

function effectOf(
  before: number | null,
  after: number | null,
): Pick<EnforcementChange, 'effect' | 'unordered'> | null {
  if (before === null || after === null) return { effect: 'weaker', unordered: true };
  if (before === after) return null;
  return { effect: after < before ? 'weaker' : 'stricter' };
}

type ColumnChange = Omit<EnforcementChange, 'artifact' | 'copy'>;

/** Columns that count no longer, or now; without a list all do that are not descriptive. */
function consumedChanges(
  before: ArtifactContract,
  after: ArtifactContract,
): readonly ColumnChange[] {
  const [was, is] = [before.consumes, after.consumes];
  if ((was === null) !== (is === null)) {
    const [from, to] = [before, after].map((artifact) => consumedText(artifact));
    const isLess = was === null || after.descriptive.some((column) => was.includes(column));
    const effect = isLess ? 'weaker' : 'stricter';
    return [{ word: 'consumes', before: from ?? null, after: to ?? null, effect }];
  }
  const [word, gone, come] =
    was === null || is === null
      ? (['descriptive', 'stricter', 'weaker'] as const)
      : (['consumes', 'weaker', 'stricter'] as const);
  const [old, now] = [was ?? before.descriptive, is ?? after.descriptive];
  const effects = [
    ...(old.some((column) => !now.includes(column)) ? [gone] : []),
    ...(now.some((column) => !old.includes(column)) ? [come] : []),
  ];
  if (effects.length === 0) return [];
  const effect = effects.includes('weaker') ? 'weaker' : 'stricter';
  return [{ word, before: listText(old), after: listText(now), effect }];
}

function consumedText({ consumes, descriptive }: ArtifactContract): string | null {
  if (consumes !== null) return listText(consumes);
  const rest = listText(descriptive);
  return rest === null ? 'every column' : `every column but ${rest}`;
}

function listText(list: readonly string[]): string | null {
  return list.length === 0 ? null : `[${list.join(', ')}]`;
}
