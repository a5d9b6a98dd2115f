import { posix, resolve } from 'node:path';
import {
  KeydriftError,
  type FileLocation,
  type GitLocation,
  type Location,
  type S3Access,
  type Side,
} from '../model/index.ts';
import { parseS3 } from './location-s3.ts';
import { refExpected, refPattern } from './patterns.ts';
import { quote } from './wording.ts';

export interface LocationOptions {
  readonly side: Side;
  /** Absolute; relative paths start here, and `git:REF:PATH` is of the repository around it. */
  readonly directory: string;
  /** How S3 is reached. */
  readonly access: S3Access;
}

/** Makes the error of a location; knows how the location may be shown. */
export type LocationFault = (
  message: string,
  hint?: string | null,
  code?: 'LOCATION_INVALID' | 'GIT_BAD_REF',
) => KeydriftError;

/**
 * A location as people write it (SPEC §3). A bare path is a file of git on the reviewed side and
 * a plain file on the runtime side; every other form is the same on both.
 * Throws `LOCATION_INVALID`, or `GIT_BAD_REF` for a ref that cannot be one.
 */
export function parseLocation(text: string, options: LocationOptions): Location {
  return parseShownLocation(text, text, options);
}

/** As `parseLocation`; errors show `shown` instead of the text, which may hold a secret. */
export function parseShownLocation(
  text: string,
  shown: string,
  options: LocationOptions,
): Location {
  const { side, directory, access } = options;
  const fault: LocationFault = (message, hint = null, code = 'LOCATION_INVALID') =>
    new KeydriftError(code, `${side} location ${quote(shown)}: ${message}`, {
      hint,
      place: { side },
    });
  checkText(text, fault);
  const scheme = schemeOf(text, fault);
  if (scheme === 's3') return parseS3(text, access, fault);
  if (scheme === 'git') return parseGit(text.slice('git:'.length), directory, fault);
  if (scheme === 'file') return parseFile(text.slice('file:'.length), directory, fault);
  const path = resolve(directory, filePath(text, fault));
  return side === 'reviewed'
    ? { kind: 'git', repository: null, path, ref: null }
    : { kind: 'file', path };
}

function checkText(text: string, fault: LocationFault): void {
  if (text.trim() === '') throw fault('is empty', forms);
  if (/^\s/.test(text)) throw fault('starts with a space', 'Remove the space.');
  if (text.includes('\0')) throw fault('holds a NUL character');
}

const forms = 'Write a path, s3://BUCKET/KEY, git:REF:PATH or file:PATH.';

/** Null: a bare path. */
function schemeOf(text: string, fault: LocationFault): 's3' | 'git' | 'file' | null {
  for (const scheme of ['git', 'file'] as const) {
    if (text.startsWith(`${scheme}:`)) return scheme;
  }
  if (text.startsWith('s3://')) return 's3';
  if (/^s3:/i.test(text))
    throw fault('expected s3://BUCKET/KEY', 'Check the slashes and the case.');
  const other = /^([A-Za-z][A-Za-z0-9+.-]*):(\/\/)?/.exec(text);
  const name = other?.[1]?.toLowerCase();
  if (name === 'git' || name === 'file') {
    throw fault(`expected ${name}: in small letters`, forms);
  }
  if (other?.[2] !== undefined) {
    throw fault(`${quote(`${other[1]}://`)} is not supported`, forms);
  }
  return null;
}

function parseGit(text: string, repository: string, fault: LocationFault): GitLocation {
  const colon = text.indexOf(':');
  if (colon === -1) {
    throw fault('expected git:REF:PATH', 'For the commit that is checked out: git:HEAD:PATH.');
  }
  const ref = text.slice(0, colon);
  if (!refPattern.test(ref)) {
    throw fault(`expected ${refExpected} after git:`, null, 'GIT_BAD_REF');
  }
  const written = text.slice(colon + 1);
  // To git, REF:./PATH starts at the working directory: a reader must not find another file.
  const path = /^\.\.?\//.test(written) ? null : repositoryPath(written);
  if (path === null) {
    const hint = 'The path of git:REF:PATH starts at the root of the repository.';
    throw fault('expected a path inside the repository', hint);
  }
  return { kind: 'git', repository, path, ref };
}

/** A path from a repository's root, without `.` and `..` parts; null where it is none. */
export function repositoryPath(path: string): string | null {
  if (path === '' || path.startsWith('/') || path.includes('\0')) return null;
  const normal = posix.normalize(path);
  const outside = normal === '..' || normal.startsWith('../');
  return outside || normal === '.' || normal.endsWith('/') ? null : normal;
}

function parseFile(text: string, directory: string, fault: LocationFault): FileLocation {
  // file:///a%20b is a URL to some and a path to others: only where both mean the same.
  if (text.startsWith('//') && (!text.startsWith('///') || /[%?#]/.test(text))) {
    throw fault('expected file:PATH', 'For an absolute path: file:/PATH.');
  }
  return { kind: 'file', path: resolve(directory, filePath(text.replace(/^\/\/+/, '/'), fault)) };
}

function filePath(path: string, fault: LocationFault): string {
  if (path === '') throw fault('no path', forms);
  if (path.endsWith('/')) throw fault('names a directory', 'Name a file.');
  return path;
}
