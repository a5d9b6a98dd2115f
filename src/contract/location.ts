import { resolve } from 'node:path';
import {
  KeydriftError,
  quote,
  schemeOfText,
  type Location,
  type LocationFault,
  type S3Access,
  type Schemes,
  type Side,
} from '../model/index.ts';

export interface LocationOptions {
  readonly side: Side;
  /** Absolute; relative paths start here, and `git:REF:PATH` is of the repository around it. */
  readonly directory: string;
  /** Who names it: a contract's paths stay in its repository. */
  readonly namedBy: 'contract' | 'person';
  /** How objects are reached. */
  readonly access: S3Access;
  /** The stores that a location may be in. */
  readonly schemes: Schemes;
}

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
  const { side, directory, namedBy, access, schemes } = options;
  const fault: LocationFault = (message, hint = null, code = 'LOCATION_INVALID') =>
    new KeydriftError(code, `${side} location ${quote(shown)}: ${message}`, {
      hint,
      place: { side },
    });
  checkText(text, schemes, fault);
  const scheme = schemeOfText(text, schemes);
  if (scheme?.written !== undefined)
    return scheme.written.parse(text, { directory, access, fault });
  refuseOther(text, schemes, fault);
  const bare = Object.values(schemes).find((one) => one.bare?.side === side)?.bare;
  if (bare === undefined) throw fault('is of no known form', formsOf(schemes));
  if (text.endsWith('/')) throw fault('names a directory', 'Name a file.');
  return bare.at(resolve(directory, text), namedBy === 'contract' ? directory : null);
}

/** What people may write, for hints: `a path, git:REF:PATH, file:PATH or s3://BUCKET/KEY`. */
function formsOf(schemes: Schemes): string {
  const forms = Object.values(schemes).flatMap(({ written }) => written?.form ?? []);
  return `Write a path, ${forms.slice(0, -1).join(', ')} or ${forms.at(-1)}.`;
}

function checkText(text: string, schemes: Schemes, fault: LocationFault): void {
  if (text.trim() === '') throw fault('is empty', formsOf(schemes));
  if (/^\s/.test(text)) throw fault('starts with a space', 'Remove the space.');
  if (text.includes('\0')) throw fault('holds a NUL character');
}

/** What looks like a location of a store, and is none: never a path. */
function refuseOther(text: string, schemes: Schemes, fault: LocationFault): void {
  const other = /^([A-Za-z][A-Za-z0-9+.-]*):(\/\/)?/.exec(text);
  const name = other?.[1]?.toLowerCase();
  const meant = Object.values(schemes).find(
    ({ written }) => name !== undefined && written?.prefix.startsWith(`${name}:`),
  );
  if (meant?.written !== undefined) {
    throw fault(`expected ${meant.written.form}`, 'Check the slashes and the case.');
  }
  if (name === 'arn') {
    throw fault(
      'an ARN is no location',
      'Write s3://BUCKET/KEY, or s3://ARN-OF-AN-ACCESS-POINT/KEY.',
    );
  }
  if (other?.[2] !== undefined) {
    throw fault(`${quote(`${other[1]}://`)} is not supported`, formsOf(schemes));
  }
  if (text === '-') throw fault('stdin is no copy here', formsOf(schemes));
  if (text.includes('//')) {
    throw fault('holds "//"', 'A path has one slash between its parts; s3://BUCKET/KEY a colon.');
  }
  if (text.includes(':')) {
    throw fault(
      'holds a colon and is of no known form',
      `${formsOf(schemes)} A path with a colon: file:PATH.`,
    );
  }
}
