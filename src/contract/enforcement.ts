import {
  defaultLimits,
  type AcceptEntry,
  type ArtifactContract,
  type ArtifactFamily,
  type Contract,
  type EnforcementChange,
  type GitLocation,
  type Location,
  type NormalizationStep,
  type PartsLocation,
  type RuntimeCopy,
  type S3Access,
  type S3Location,
} from '../model/index.ts';
import { overrideOf } from './members.ts';

/**
 * A word of the contract that decides what fails, as it is told; `rank`: the higher the stricter, null
 * where two texts cannot be ordered, which counts as weaker.
 */
interface Fact {
  readonly text: string;
  readonly rank: number | null;
}

/** Facts of a copy by their words; a word that is left out has the rank of `absent`. */
interface Rule {
  facts(
    artifact: ArtifactContract,
    copy: RuntimeCopy | null,
    places: Places,
  ): Iterable<readonly [string, Fact]>;
  /** What a missing word means; null: it cannot be ordered. */
  readonly absent: number | null;
}

/** How locations are told. */
export type Places = (location: Location) => string;

const actions = { fail: 2, warn: 1, ignore: 0 } as const;

/** What decides, one entry for each word: a new word of the contract is one more. */
const rules: readonly Rule[] = [
  { absent: null, facts: (artifact, copy, places) => whereFacts(artifact, copy, places) },
  {
    absent: actions.fail,
    *facts(artifact, copy) {
      for (const [kind, action] of Object.entries((copy ?? artifact).policy)) {
        yield [`policy.${kind}`, { text: action, rank: actions[action] }];
      }
    },
  },
  {
    absent: Infinity,
    *facts({ enforceFrom }) {
      if (enforceFrom !== undefined) {
        yield ['enforceFrom', { text: enforceFrom, rank: -Date.parse(enforceFrom) }];
      }
    },
  },
  {
    absent: 1,
    *facts({ silenced = new Set() }) {
      for (const code of silenced) yield [`warnings.${code}`, { text: 'ignore', rank: 0 }];
    },
  },
  {
    absent: Infinity,
    *facts({ accept }) {
      for (const entry of accept) {
        const text = `until ${entry.until}`;
        yield [`accept ${acceptText(entry)}`, { text, rank: -Date.parse(entry.until) }];
      }
    },
  },
  {
    absent: 0,
    *facts(_artifact, copy) {
      if (copy !== null && copy.grace > 0) {
        yield ['grace', { text: `${copy.grace}s`, rank: -copy.grace }];
      }
    },
  },
  {
    absent: -Infinity,
    *facts({ units: { min, max }, maxAmplification }) {
      yield ['units.min', { text: String(min), rank: min }];
      if (max !== null) yield ['units.max', { text: String(max), rank: -max }];
      if (maxAmplification !== null) {
        const fact = { text: String(maxAmplification), rank: -maxAmplification };
        yield ['maxAmplification', fact];
      }
    },
  },
  {
    absent: null,
    *facts(artifact, copy) {
      const limits = { ...defaultLimits, ...artifact.limits, ...copy?.limits };
      for (const [name, value] of Object.entries(limits)) {
        // More findings listed hide less; any other limit that is raised lets more through.
        const rank = name === 'findings' ? value : -value;
        yield [`limits.${name}`, { text: String(value), rank }];
      }
    },
  },
  {
    absent: 1,
    *facts(_artifact, copy) {
      if (copy?.evidence === 'sha256') yield ['evidence', { text: 'sha256', rank: 0 }];
    },
  },
  {
    absent: 1,
    *facts(_artifact, copy) {
      if (copy?.put?.order === 'any') yield ['put.order', { text: 'any', rank: 0 }];
    },
  },
  {
    absent: 0,
    *facts(artifact, copy) {
      const said = copy?.readers ?? artifact.readers;
      for (const { name, options } of said?.readers ?? []) {
        const text =
          Object.keys(options).length === 0 ? name : `${name} ${JSON.stringify(options)}`;
        const isNamed = said?.named.includes(name) === true;
        const fact = isNamed
          ? { text: 'held', rank: 2 }
          : { text: 'held but where it stops', rank: 1 };
        yield [`reader.${text}`, fact];
      }
    },
  },
  {
    absent: 0,
    *facts({ redact = [] }) {
      for (const column of redact) yield [`redact.${column}`, { text: 'true', rank: 1 }];
    },
  },
  {
    absent: 0,
    *facts({ reviewed }, copy) {
      const owner = accessOf(copy?.location ?? reviewed).expectedOwner;
      if (typeof owner === 'string') yield [`expectedOwner.${owner}`, { text: 'held', rank: 1 }];
    },
  },
  {
    absent: 0,
    *facts({ ordered }) {
      if (ordered === true) yield ['ordered', { text: 'true', rank: 1 }];
    },
  },
  { absent: null, facts: (artifact) => keyFacts(artifact) },
  {
    absent: 1,
    *facts({ key }) {
      for (const { column, optional } of key) {
        if (optional) yield [`key.${column}.optional`, { text: 'true', rank: 0 }];
      }
    },
  },
  {
    absent: null,
    *facts({ normalize }) {
      for (const [column, steps] of normalize) {
        yield [`normalize.${column}`, { text: `[${steps.map(stepText).join(', ')}]`, rank: null }];
      }
    },
  },
];

function unordered(text: string): Fact {
  return { text, rank: null };
}

function* whereFacts(
  { reviewed, csv, written }: ArtifactContract,
  copy: RuntimeCopy | null,
  places: Places,
): Iterable<readonly [string, Fact]> {
  yield ['reviewed', unordered(places(reviewed))];
  const { repository }: Location & Partial<Pick<GitLocation, 'repository'>> = reviewed;
  if (typeof repository === 'string') {
    yield ['reviewed.repo', unordered(repository.replace(/\/\/[^/@]*@/, '//'))];
  }
  yield* storeFacts(reviewed, 'reviewed.');
  yield ['csv', unordered(JSON.stringify(copy?.csv ?? csv))];
  const form = copy?.written ?? written;
  if (form !== undefined) yield ['format', unordered(JSON.stringify(form))];
  if (copy === null) return;
  yield ['runtime', unordered(places(copy.location))];
  yield* storeFacts(copy.location, '');
  if ('engine' in copy.location) yield ['engine', unordered(JSON.stringify(copy.location.engine))];
  if (copy.ref !== null) yield ['ref', unordered(copy.ref)];
  if (copy.columns.size > 0) yield ['columns', unordered(JSON.stringify([...copy.columns]))];
}

/** Which store answers for a location. */
function* storeFacts(location: Location, before: string): Iterable<readonly [string, Fact]> {
  const access = accessOf(location);
  for (const word of ['endpoint', 'region', 'profile', 'roleArn'] as const) {
    const value = access[word];
    if (typeof value === 'string') yield [`${before}${word}`, unordered(value)];
  }
}

/** How the store of a location is reached, or of the folder that it is. */
function accessOf(location: Location): Partial<S3Access> {
  const at: Location & Partial<Pick<S3Location, 'access'> & Pick<PartsLocation, 'folder'>> =
    location;
  return at.access ?? (at.folder === undefined ? {} : accessOf(at.folder.root));
}

function* keyFacts({ key }: ArtifactContract): Iterable<readonly [string, Fact]> {
  yield ['key', { text: `[${key.map(({ column }) => column).join(', ')}]`, rank: null }];
}

function stepText({ step, parameter }: NormalizationStep): string {
  return parameter === null ? step : `{${step}: ${JSON.stringify(parameter)}}`;
}

function acceptText({ key, kinds, rows, variants }: AcceptEntry): string {
  const pinned = [kinds.join('+'), `${rows} rows`, variants.map((id) => id.slice(0, 8)).join('+')];
  return `${JSON.stringify(key)} (${pinned.join(', ')})`;
}

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
      ? [whole(artifact.name, null, 'stricter')]
      : compareArtifacts(was, artifact, places);
  });
  const gone = [...old.keys()].map((name) => whole(name, null, 'weaker'));
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
    if (was === undefined) return [whole(family.name, null, 'stricter')];
    const shown = shownPlaces([was, family], places);
    return [
      ...compareArtifacts(was.template, family.template, shown),
      ...ignoredChanges(was, family),
      ...overrideChanges(was, family, shown),
    ];
  });
  return [...changes, ...[...old.keys()].map((name) => whole(name, null, 'weaker'))];
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
    if (was === undefined) return [whole(after.name, copy.name, 'stricter')];
    const views = [
      { artifact: { ...before, ...was.own }, copy: was },
      { artifact: { ...after, ...copy.own }, copy },
    ] as const;
    // What an artifact says of all its copies is told once.
    return compareViews(...views, places).filter((change) => !known.has(textOf(change)));
  });
  const gone = [...old.keys()].map((name) => whole(after.name, name, 'weaker'));
  return [...own, ...ofCopies, ...gone];
}

function textOf({ word, before, after }: EnforcementChange): string {
  return JSON.stringify([word, before, after]);
}

/** An artifact or a copy that comes or goes. */
function whole(
  artifact: string,
  copy: string | null,
  effect: EnforcementChange['effect'],
): EnforcementChange {
  const [before, after] = effect === 'weaker' ? ['there', null] : [null, 'there'];
  return { artifact, copy, word: copy === null ? 'artifact' : 'copy', before, after, effect };
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
      return [{ ...of, word, before: a?.text ?? null, after: b?.text ?? null, effect }];
    });
  });
  return [
    ...changes,
    ...consumedChanges(before.artifact, after.artifact).map((change) => ({ ...of, ...change })),
  ];
}

function effectOf(before: number | null, after: number | null): EnforcementChange['effect'] | null {
  if (before === null || after === null) return 'weaker';
  if (before === after) return null;
  return after < before ? 'weaker' : 'stricter';
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
