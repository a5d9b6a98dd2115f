import { resolve } from 'node:path';
import { KeydriftError, type BundlePlace, type S3Access } from '../model/index.ts';

const bucketUrl = /^s3:\/\/([A-Za-z0-9][A-Za-z0-9._-]*)(?:\/(.*))?$/s;

/**
 * Where a bundle is or goes, as `--out` says it: a directory, or `s3://bucket/prefix`.
 * Throws `LOCATION_INVALID`.
 */
export function parsePlace(text: string, workingDirectory: string, access: S3Access): BundlePlace {
  if (text === '' || text.includes('\0')) throw invalid(text, 'it is empty, or holds NUL');
  if (!/^s3:/i.test(text)) {
    const other = /^[A-Za-z][A-Za-z0-9+.-]*:\/\//.exec(text);
    if (other !== null) throw invalid(text, `${other[0]} is not supported`);
    const shown = text.length > 1 ? text.replace(/\/+$/, '') || '/' : text;
    return { kind: 'directory', path: resolve(workingDirectory, text), shown };
  }
  const [match, bucket = '', path = ''] = bucketUrl.exec(text) ?? [];
  if (match === undefined || path.startsWith('/'))
    throw invalid(text, 'expected s3://BUCKET/PREFIX');
  if (path.includes('?versionId=')) throw invalid(text, 'a bundle is no single object');
  const prefix = path === '' || path.endsWith('/') ? path : `${path}/`;
  return { kind: 's3', bucket, prefix, access };
}

/** `--against`: a place with `bundle:` before it. Throws `LOCATION_INVALID`. */
export function parseAgainst(
  text: string,
  workingDirectory: string,
  access: S3Access,
): BundlePlace {
  if (text.startsWith('bundle:')) {
    return parsePlace(text.slice('bundle:'.length), workingDirectory, access);
  }
  throw invalid(text, 'expected bundle:DIR or bundle:s3://BUCKET/PREFIX');
}

function invalid(text: string, why: string): KeydriftError {
  return new KeydriftError('LOCATION_INVALID', `${JSON.stringify(text)}: ${why}`, {
    hint: 'A bundle is a directory (build/bundle) or a prefix (s3://BUCKET/PREFIX/); with --against it is written bundle:build/bundle.',
  });
}
