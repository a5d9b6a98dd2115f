import { isAbsolute, relative, resolve } from 'node:path';
import {
  KeydriftError,
  quote,
  schemeOfText,
  type EngineSettings,
  type Limits,
  type Location,
  type S3Access,
  type Scheme,
  type Schemes,
  type Side,
  type StepShape,
  type UnsetLocation,
  type WrittenWords,
} from '../model/index.ts';
import type { ReviewedDraft } from './draft.ts';
import type { ContractFile, Path } from './file.ts';
import { asParts, parseShownLocation } from './location.ts';
import { fillIn, malformedFault, type Variables } from './variables.ts';
import type { Reach } from './access.ts';

/** Where a contract lies that was read from a commit (`--config git:REF:PATH`). */
export interface CommittedPlace {
  /** Absolute: the working tree's root, or a bare repository. */
  readonly repository: string;
  readonly kind: 'working tree' | 'bare';
  /** What relative reviewed paths are read at; null: the run's `--ref`. */
  readonly ref: string | null;
}

/** What the parts of a file are read with. */
export interface Reading {
  /** Absolute: where relative paths start. */
  readonly directory: string;
  /** Null: the contract is a file. */
  readonly committed: CommittedPlace | null;
  readonly variables: Variables;
  /** The stores that locations may be in. */
  readonly schemes: Schemes;
  /** The table of normalization steps. */
  readonly steps: readonly StepShape[];
  /** From flags and KEYDRIFT_ variables: what it names wins over a copy's own words. */
  readonly access: S3Access;
  /** What the limits of a contract are capped by. */
  readonly caps: Partial<Limits>;
  /** What copies may be written as. */
  readonly forms: KnownForms;
  /** The engines that the contract configures, by name. */
  readonly engines: ReadonlyMap<string, EngineSettings>;
}

/** Names that `format`, `compression` and `encoding` may say. */
export interface KnownForms {
  readonly formats: readonly string[];
  readonly compressions: readonly string[];
  isEncoding(name: string): boolean;
}

/** Where a location stands, and how it is reached. */
export interface LocationPlace {
  readonly side: Side;
  readonly reach: Reach;
  readonly path: Path;
  /** What makes one copy of a folder; null: nothing is said of it. */
  readonly folder?: WrittenWords | null;
}

/** A location of the contract; null where a problem of it was reported. */
export function readLocation(
  file: ContractFile,
  text: string,
  { side, reach, path, folder = null }: LocationPlace,
  reading: Reading,
): Location | null {
  const filled = fillIn(text, reading.variables);
  if (filled.malformed) {
    file.report(path, malformedFault.message, malformedFault.hint);
    return null;
  }
  if (filled.unset.length + reach.unset.length > 0) {
    return unsetLocation(side, text, [...new Set([...filled.unset, ...reach.unset])]);
  }
  try {
    const options = {
      side,
      directory: directoryOf(filled.text, reading),
      namedBy: 'contract',
      access: reach.access,
      schemes: reading.schemes,
      folder,
    } as const;
    const isFolder = folder?.parts !== undefined && filled.text.endsWith('/');
    const bare = isFolder ? filled.text.replace(/\/+$/, '') : filled.text;
    const committed = inCommit(file, { side, text: bare, path }, reading);
    if (committed !== 'as ever') {
      return isFolder && committed !== null ? asParts(committed, text, options) : committed;
    }
    return parseShownLocation(filled.text, text, options);
  } catch (error) {
    if (!(error instanceof KeydriftError)) throw error;
    file.report(path, error.message, error.hint);
    return null;
  }
}

/** Where a text starts; `git:REF:PATH` is of the repository, whose folder may be gone from the tree. */
function directoryOf(text: string, { committed, directory, schemes }: Reading): string {
  if (committed === null) return directory;
  const ofGit = schemeOfText(text, schemes)?.inRepository !== undefined;
  return ofGit ? committed.repository : directory;
}

/** What cannot be reached, and how its variables are set. */
function unsetLocation(side: Side, shown: string, names: readonly string[]): UnsetLocation {
  return { kind: 'unset', shown, fault: unsetFault(`${side} location`, shown, names, side) };
}

/** The error of a text with variables that nobody set. */
export function unsetFault(
  what: string,
  shown: string,
  names: readonly string[],
  side?: Side,
): KeydriftError {
  const [first = ''] = names;
  const message = `${what} ${quote(shown)}: ${names.length === 1 ? 'variable' : 'variables'} ${names.join(', ')} not set`;
  const flags = names.map((name) => `--var ${name}=VALUE`).join(' ');
  return new KeydriftError('VARIABLE_UNSET', message, {
    hint: `Add ${flags} (--var ${first} takes it from the environment), or set KEYDRIFT_VAR_${first}.`,
    ...(side === undefined ? {} : { place: { side } }),
  });
}

/** Where a contract of a commit has its relative paths: reviewed ones in that commit. */
function inCommit(
  file: ContractFile,
  { side, text, path }: { side: Side; text: string; path: Path },
  { committed, directory, schemes }: Reading,
): Location | 'as ever' | null {
  if (committed === null) return 'as ever';
  const scheme = schemeOfText(text, schemes);
  const local = scheme === null || scheme.pathOf !== undefined;
  const written = text.slice(scheme?.written?.prefix.length ?? 0);
  if (!local || isAbsolute(written) || isOtherForm(text, scheme)) return 'as ever';
  const git = repositoryScheme(schemes);
  if (scheme !== null || side === 'runtime') {
    return committed.kind === 'bare' ? noWorkingTree(file, text, path) : 'as ever';
  }
  const { repository, ref } = committed;
  const inside = relative(repository, resolve(directory, text));
  const location = git?.inRepository?.({ repository, path: inside, ref }) ?? null;
  if (location === null) {
    file.report(path, `${side} location ${quote(text)}: expected a path inside the repository`);
  }
  return location;
}

/** What looks like a location of some store is none of a path: reading it says so. */
function isOtherForm(text: string, scheme: Scheme | null): boolean {
  return scheme === null && /^$|^\s|^-$|:|\/\/|\0|\/$/.test(text);
}

function repositoryScheme(schemes: Schemes): Scheme | undefined {
  return Object.values(schemes).find((one) => one.inRepository !== undefined);
}

/** Whether a reviewed copy may be asked for at a ref, and so as it was before; true of what is not known yet. */
export function hasRefs(location: Location | null, schemes: Schemes): boolean {
  if (location === null || location.kind === 'unset') return true;
  return schemes[location.kind]?.forCopy !== undefined;
}

function noWorkingTree(file: ContractFile, text: string, path: Path): null {
  const message = `a relative path in a bare repository, which has no working tree: ${quote(text)}`;
  file.report(path, message, 'Write an absolute path.');
  return null;
}

/** `reviewed`: a location, or a file of another repository; null where it was reported. */
export function readReviewed(
  file: ContractFile,
  draft: string | ReviewedDraft | undefined,
  at: Omit<LocationPlace, 'side'>,
  reading: Reading,
): Location | null {
  if (draft === undefined) return null;
  const { path } = at;
  if (typeof draft === 'string') {
    return readLocation(file, draft, { ...at, side: 'reviewed' }, reading);
  }
  const parts = [draft.repo ?? '', draft.ref ?? '', draft.path ?? ''].map((part) =>
    fillIn(part, reading.variables),
  );
  if (parts.some(({ malformed }) => malformed)) {
    file.report(path, malformedFault.message, malformedFault.hint);
    return null;
  }
  const unset = [...new Set(parts.flatMap((part) => part.unset))];
  if (unset.length > 0) return unsetLocation('reviewed', draft.path ?? '', unset);
  const [repo = '', ref = '', text = ''] = parts.map((part) => part.text);
  const repository =
    draft.repo === undefined ? null : readRepository(file, repo, reading, [...path, 'repo']);
  if (draft.path === undefined) return null;
  if (draft.repo === undefined) {
    const place = { ...at, side: 'reviewed', path: [...path, 'path'] } as const;
    const beside = readLocation(file, draft.path, place, reading);
    if (beside === null || draft.ref === undefined) return beside;
    const scheme = reading.schemes[beside.kind];
    if (scheme?.forCopy !== undefined) return scheme.forCopy(beside, { name: null, ref });
    file.report([...path, 'ref'], 'a ref without meaning: the reviewed copy is not in git');
    return null;
  }
  const named = repository ?? reading.directory;
  const isFolder = at.folder?.parts !== undefined && text.endsWith('/');
  const inside = isFolder ? text.replace(/\/+$/, '') : text;
  const wanted = { repository: named, path: inside, ref: draft.ref === undefined ? null : ref };
  const location = repositoryScheme(reading.schemes)?.inRepository?.(wanted) ?? null;
  if (location === null) {
    const hint = 'It starts at the root of that repository and stays inside.';
    file.report([...path, 'path'], 'expected a path inside the repository', hint);
  }
  if (repository === null || location === null || !isFolder)
    return repository === null ? null : location;
  const { schemes } = reading;
  return asParts(location, text, { side: 'reviewed', schemes, folder: at.folder });
}

/** A URL as it stands, or an absolute directory. */
function readRepository(
  file: ContractFile,
  repo: string,
  { directory, committed }: Reading,
  path: Path,
): string | null {
  // git would take a leading "-" for an option, and PROGRAM::ADDRESS for a program to run.
  if (/^-|^[A-Za-z0-9+.-]+::|\0/.test(repo)) {
    const hint = 'Write https://HOST/PATH, ssh://HOST/PATH, USER@HOST:PATH or a directory.';
    file.report(path, 'expected a directory or the URL of a git repository', hint);
    return null;
  }
  const isUrl = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(repo) || /^[^\s/@:]+@[^\s/:]+:./.test(repo);
  if (isUrl || isAbsolute(repo)) return repo;
  return committed?.kind === 'bare' ? noWorkingTree(file, repo, path) : resolve(directory, repo);
}
