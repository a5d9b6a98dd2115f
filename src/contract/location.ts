import { resolve } from 'node:path';
import {
  KeydriftError,
  quote,
  schemeOfText,
  type Location,
  type LocationFault,
  type PartsLocation,
  type S3Access,
  type Schemes,
  type Side,
  type WrittenWords,
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
  /** What makes one copy of a location with a `/` at its end; left out: nothing is said of it. */
  readonly folder?: Pick<WrittenWords, 'parts' | 'complete'> | null;
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
  const { side, directory, namedBy, access, schemes, folder } = options;
  const fault = faultOf(side, shown);
  checkText(text, schemes, fault);
  if (folder?.parts !== undefined && text.endsWith('/')) {
    const at = parseShownLocation(text.replace(/\/+$/, ''), shown, { ...options, folder: null });
    return asParts(at, shown, options);
  }
  const scheme = schemeOfText(text, schemes);
  if (scheme?.written !== undefined)
    return scheme.written.parse(text, { directory, access, fault });
  refuseOther(text, schemes, fault);
  const bare = Object.values(schemes).find((one) => one.bare?.side === side)?.bare;
  if (bare === undefined) throw fault('is of no known form', formsOf(schemes));
  if (text.endsWith('/')) throw fault('names a directory', folderHint);
  return bare.at(resolve(directory, text), namedBy === 'contract' ? directory : null);
}

const folderHint = 'Name a file; for a folder whose files are one copy say `parts: "*.csv"`.';

/** The files below a location as one copy. Throws `LOCATION_INVALID` where none can be listed. */
export function asParts(
  at: Location,
  shown: string,
  { side, schemes, folder: words }: Pick<LocationOptions, 'side' | 'schemes' | 'folder'>,
): PartsLocation {
  const scheme = schemes[at.kind];
  const folder = scheme?.asFolder?.(at) ?? null;
  if (scheme === undefined || folder === null) {
    throw faultOf(side, shown)('cannot be read as a folder');
  }
  return {
    kind: 'parts',
    folder,
    shown: `${scheme.textOf(at).replace(/\/+$/, '')}/`,
    parts: words?.parts ?? '*',
    complete: words?.complete ?? null,
  };
}

function faultOf(side: Side, shown: string): LocationFault {
  return (message, hint = null, code = 'LOCATION_INVALID') =>
    new KeydriftError(code, `${side} location ${quote(shown)}: ${message}`, {
      hint,
      place: { side },
    });
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
