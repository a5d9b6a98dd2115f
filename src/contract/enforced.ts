import {
  count,
  defaultLimits,
  type AcceptEntry,
  type ArtifactContract,
  type GitLocation,
  type Location,
  type NormalizationStep,
  type PartsLocation,
  type RuntimeCopy,
  type S3Access,
  type S3Location,
} from '../model/index.ts';

/**
 * A word of the contract that decides what fails, as it is told; `rank`: the higher the stricter, null
 * where two texts cannot be ordered, which counts as weaker.
 */
export interface Fact {
  readonly text: string;
  readonly rank: number | null;
}

/** Facts of a copy by their words; a word that is left out has the rank of `absent`. */
export interface Rule {
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
export const rules: readonly Rule[] = [
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
  const pinned = [
    kinds.join('+'),
    count(rows, 'row'),
    variants.map((id) => id.slice(0, 8)).join('+'),
  ];
  return `${JSON.stringify(key)} (${pinned.join(', ')})`;
}
