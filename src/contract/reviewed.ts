import { resolve } from 'node:path';
import { KeydriftError, type Location } from '../model/index.ts';
import type { ReviewedDraft } from './draft.ts';
import type { ContractFile } from './file.ts';
import { parseShownLocation, type LocationOptions } from './location.ts';
import type { Path } from './path.ts';

/** A location of the contract; null where a problem of it was reported. */
export function readLocation(
  file: ContractFile,
  text: string | undefined,
  options: LocationOptions,
  path: Path,
): Location | null {
  if (text === undefined) return null;
  try {
    return parseShownLocation(text, file.written(path) ?? text, options);
  } catch (error) {
    if (!(error instanceof KeydriftError)) throw error;
    file.report(path, error.message, error.hint);
    return null;
  }
}

/** `reviewed`: a location, or a file of another repository; null where it was reported. */
export function readReviewed(
  file: ContractFile,
  draft: string | ReviewedDraft | undefined,
  options: LocationOptions,
  path: Path,
): Location | null {
  if (typeof draft !== 'object') return readLocation(file, draft, options, path);
  const repository = readRepository(file, draft.repo, options.directory, [...path, 'repo']);
  const scheme = Object.values(options.schemes).find((one) => one.inRepository !== undefined);
  if (draft.path === undefined) return null;
  const named = repository ?? options.directory;
  const place = { repository: named, path: draft.path, ref: draft.ref ?? null };
  const location = scheme?.inRepository?.(place) ?? null;
  if (location === null) {
    const hint = 'It starts at the root of that repository and stays inside.';
    file.report([...path, 'path'], 'expected a path inside the repository', hint);
  }
  return repository === null ? null : location;
}

/** A URL as it stands, or an absolute directory. */
function readRepository(
  file: ContractFile,
  repo: string | undefined,
  directory: string,
  path: Path,
): string | null {
  if (repo === undefined) return null;
  // git would take a leading "-" for an option, and PROGRAM::ADDRESS for a program to run.
  if (/^-|^[A-Za-z0-9+.-]+::|\0/.test(repo)) {
    const hint = 'Write https://HOST/PATH, ssh://HOST/PATH, USER@HOST:PATH or a directory.';
    file.report(path, 'expected a directory or the URL of a git repository', hint);
    return null;
  }
  const isUrl = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.test(repo) || /^[^\s/@:]+@[^\s/:]+:./.test(repo);
  return isUrl ? repo : resolve(directory, repo);
}
