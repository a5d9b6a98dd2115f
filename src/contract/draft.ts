import type {
  AcceptableKind,
  CannedAcl,
  Encryption,
  Limits,
  PolicyAction,
  PolicyKind,
} from '../model/index.ts';
import type { ContractFile, DataList, Path } from './file.ts';
import { copyWords } from './vocabulary.ts';

/**
 * The contract as data of the right shape, with holes where a problem was reported or nothing is
 * said: what is left of a file once every misshapen value is taken out.
 */
export interface ContractDraft {
  readonly engines?: Readonly<Record<string, EngineDraft | undefined>> | undefined;
  readonly include?: readonly (string | undefined)[] | undefined;
  readonly defaults?: Words | undefined;
  readonly artifacts?: Readonly<Record<string, ArtifactDraft | undefined>> | undefined;
}

/** An engine: one word, what drives it, and its settings. */
export type EngineDraft = Readonly<Record<string, EngineSettingsDraft | undefined>>;
export type EngineSettingsDraft = Readonly<Record<string, unknown>>;

/** What defaults, artifacts and copies say alike: the innermost counts. */
export interface Words {
  readonly owner?: string | undefined;
  readonly runbook?: string | undefined;
  readonly labels?: Readonly<Record<string, string | undefined>> | undefined;
  readonly key?: readonly (string | KeyColumnDraft | undefined)[] | undefined;
  readonly consumes?: readonly (string | undefined)[] | undefined;
  readonly descriptive?: readonly (string | undefined)[] | undefined;
  readonly normalize?: Readonly<Record<string, DataList | undefined>> | undefined;
  readonly policy?: PolicyAction | PolicyDraft | undefined;
  readonly enforceFrom?: string | undefined;
  readonly warnings?: Readonly<Record<string, 'ignore' | undefined>> | undefined;
  readonly maxAmplification?: number | undefined;
  readonly ordered?: boolean | undefined;
  readonly redact?: readonly (string | undefined)[] | undefined;
  readonly units?: { readonly min?: number | undefined; readonly max?: number | undefined };
  readonly csv?: CsvDraft | undefined;
  readonly format?: string | undefined;
  readonly encoding?: string | undefined;
  readonly compression?: string | undefined;
  readonly records?: string | undefined;
  readonly keyColumn?: string | undefined;
  readonly nulls?: 'distinct' | 'empty' | undefined;
  readonly parts?: string | undefined;
  readonly complete?: string | undefined;
  readonly reader?: ReaderDraft | readonly (ReaderDraft | undefined)[] | undefined;
  readonly engine?: string | undefined;
  readonly grace?: string | undefined;
  readonly evidence?: 'bytes' | 'sha256' | undefined;
  readonly limits?: Readonly<Partial<Record<keyof Limits, number | string | undefined>>>;
  readonly put?: PutDraft | undefined;
  readonly region?: string | undefined;
  readonly profile?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly expectedOwner?: string | undefined;
  readonly anonymous?: boolean | undefined;
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
}

export interface ArtifactDraft extends Words {
  readonly reviewed?: string | ReviewedDraft | undefined;
  readonly runtime?: string | CopyDraft | CopiesDraft | undefined;
  readonly accept?: readonly (AcceptDraft | undefined)[] | undefined;
  readonly cost?: { readonly scans?: string | undefined } | undefined;
  readonly from?: { readonly path?: string | undefined; readonly sha256?: string | undefined };
  /** Of a glob: words for one of its files, by what it is called after the entry's name. */
  readonly overrides?: Readonly<Record<string, OverrideDraft | undefined>> | undefined;
  readonly ignore?: IgnoreDraft | undefined;
}

export type OverrideDraft = Words & Pick<ArtifactDraft, 'accept'>;

/** Globs of paths that are no artifacts: of both sides, or of each. */
export type IgnoreDraft =
  | readonly (string | undefined)[]
  | Readonly<Partial<Record<'reviewed' | 'runtime', readonly (string | undefined)[] | undefined>>>;

export interface AcceptDraft {
  readonly key?: Readonly<Record<string, string | undefined>> | undefined;
  readonly kinds?: readonly (AcceptableKind | undefined)[] | undefined;
  readonly rows?: number | undefined;
  readonly variant?: string | readonly (string | undefined)[] | undefined;
  readonly until?: string | undefined;
  readonly reason?: string | undefined;
}

export interface KeyColumnDraft {
  readonly column?: string | undefined;
  readonly optional?: boolean | undefined;
}

/** What `reviewed` may say of how its copy is written. */
type WrittenDraft = Pick<
  Words,
  | 'csv'
  | 'format'
  | 'encoding'
  | 'compression'
  | 'records'
  | 'keyColumn'
  | 'nulls'
  | 'parts'
  | 'complete'
>;

export interface ReviewedDraft extends WrittenDraft {
  readonly repo?: string | undefined;
  readonly ref?: string | undefined;
  readonly path?: string | undefined;
  readonly table?: string | undefined;
  readonly engine?: string | undefined;
  readonly snapshot?: string | undefined;
}

export type CopiesDraft = Readonly<Record<string, string | CopyDraft | undefined>>;

export interface CopyDraft extends Words {
  readonly url?: string | undefined;
  readonly table?: string | undefined;
  readonly snapshot?: string | undefined;
  readonly ref?: string | undefined;
  readonly columns?: Readonly<Record<string, string | undefined>> | undefined;
}

export type PolicyDraft = Readonly<Partial<Record<PolicyKind, PolicyAction | undefined>>>;

/** A reader by its name, or with its options by name. */
export type ReaderDraft = string | Readonly<Record<string, ReaderOptionsDraft | null | undefined>>;
export type ReaderOptionsDraft = Readonly<Record<string, boolean | string | undefined>>;

export interface CsvDraft {
  readonly delimiter?: string | undefined;
  readonly quote?: string | false | null | undefined;
  readonly escape?: string | null | undefined;
  readonly comment?: string | null | undefined;
  readonly names?: readonly (string | undefined)[] | null | undefined;
}

export interface PutDraft {
  readonly sse?: Encryption | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly acl?: CannedAcl | undefined;
  readonly tags?: Readonly<Record<string, string | undefined>> | undefined;
  readonly order?: 'any' | 'forward' | undefined;
}

/**
 * Whether the value of `runtime` is one copy and not a map of copies: it has a `url` or a `table`, or
 * nothing but words of a copy (then its `url` was forgotten).
 */
export function isOneCopy(value: object): value is CopyDraft {
  return namesOneCopy(Object.keys(value));
}

/**
 * Whether it is a map of copies, by the names as they stand in the file: a draft has holes where a
 * problem was reported, and what is left of it may read as the other.
 */
export function isCopies(
  value: CopyDraft | CopiesDraft,
  names: readonly string[],
): value is CopiesDraft {
  return typeof value === 'object' && !namesOneCopy(names);
}

function namesOneCopy(names: readonly string[]): boolean {
  if (names.includes('url') || names.includes('table')) return true;
  return names.length > 0 && names.every((name) => copyWords.has(name));
}

/** One part of a contract that speaks: a copy, its artifact, the defaults of its file, of the file above. */
export interface Layer {
  readonly rank: 'copy' | 'artifact' | 'defaults';
  readonly file: ContractFile;
  readonly words: Words;
  readonly path: Path;
}

/** All that speak of a copy, the innermost first: what it says counts. */
export type Layers = readonly Layer[];

/** A word, by whom it is said. */
export interface Said<T> extends Omit<Layer, 'words'> {
  readonly value: T;
  /** Of the word. */
  readonly path: Path;
}

/** Who says a word, the innermost first. */
export function allSaid<W extends keyof Words>(
  layers: Layers,
  word: W,
): readonly Said<NonNullable<Words[W]>>[] {
  return layers.flatMap(({ rank, file, words, path }) => {
    const value = words[word];
    return value === undefined || value === null
      ? []
      : [{ rank, file, path: [...path, word], value }];
  });
}

/** Who says a word for the copy; null: nobody. */
export function said<W extends keyof Words>(
  layers: Layers,
  word: W,
): Said<NonNullable<Words[W]>> | null {
  for (const { rank, file, words, path } of layers) {
    const value = words[word];
    if (value !== undefined && value !== null) return { rank, file, path: [...path, word], value };
  }
  return null;
}

/** A map that each layer may add to, and the innermost overrides; names in the order of the files. */
export function merged<T, R>(
  sayings: readonly Said<Readonly<Record<string, T | undefined>>>[],
  read: (value: T, by: Said<unknown>, name: string) => R | null,
): ReadonlyMap<string, R> {
  const all = new Map<string, R>();
  for (const by of sayings.toReversed()) {
    for (const name of by.file.namesIn(by.path)) {
      const value = by.value[name];
      const result = value === undefined ? null : read(value, by, name);
      if (result !== null) all.set(name, result);
    }
  }
  return all;
}
