import { resolve } from 'node:path';
import {
  KeydriftError,
  type BundlePlace,
  type Folder,
  schemeOfText,
  type S3Access,
  type Scheme,
} from '../model/index.ts';
import type { AppContext } from './context.ts';
import { registriesOf } from './registries.ts';

type PlaceContext = Pick<AppContext, 'workingDirectory' | 'registries'>;

/**
 * Where a bundle is or goes, as `--out` says it: a directory, or `s3://bucket/prefix`.
 * Throws `LOCATION_INVALID`.
 */
export function parsePlace(text: string, context: PlaceContext, access: S3Access): BundlePlace {
  if (text === '' || text.includes('\0')) throw invalid(text, 'it is empty, or holds NUL');
  const { schemes } = registriesOf(context);
  const scheme = schemeOfText(text, schemes);
  const folder = scheme?.folder?.(text, { access, fault: (why) => invalid(text, why) });
  if (scheme !== null && folder !== undefined) return placeOf(text, scheme, folder);
  const other = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/|s3:)/i.exec(text);
  if (other !== null) throw invalid(text, `${other[0]} is not supported`);
  const files = Object.values(schemes).find((one) => one.bare !== undefined && 'pathOf' in one);
  const root = files?.bare?.at(resolve(context.workingDirectory, text), null);
  if (root === undefined) throw invalid(text, 'no directory can be read here');
  const shown = text.length > 1 ? text.replace(/\/+$/, '') || '/' : text;
  return { folder: { root, prefix: '' }, shown };
}

function placeOf(text: string, scheme: Scheme, { root, prefix }: Folder): BundlePlace {
  if (prefix.startsWith('/')) throw invalid(text, 'expected s3://BUCKET/PREFIX');
  if (prefix.includes('?versionId=')) throw invalid(text, 'a bundle is no single object');
  const slashed = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  const folder: Folder = { root, prefix: slashed };
  const all = scheme.within?.(folder, '');
  return { folder, shown: all === undefined ? text : scheme.textOf(all).replace(/\/$/, '') };
}

/**
 * `--against`: a place with `bundle:` before it, and `#sha256=…` of its manifest behind it where
 * exactly that bundle is meant. Throws `LOCATION_INVALID`.
 */
export function parseAgainst(text: string, context: PlaceContext, access: S3Access): BundlePlace {
  if (!text.startsWith('bundle:')) {
    throw invalid(text, 'expected bundle:DIR or bundle:s3://BUCKET/PREFIX');
  }
  const [where = '', ...pins] = text.slice('bundle:'.length).split('#sha256=');
  const place = parsePlace(where, context, access);
  const [pin] = pins;
  if (pin === undefined) return place;
  if (pins.length === 1 && /^[0-9a-f]{64}$/i.test(pin)) {
    return { ...place, sha256: pin.toLowerCase() };
  }
  throw invalid(text, 'expected 64 hex digits after #sha256=');
}

function invalid(text: string, why: string): KeydriftError {
  return new KeydriftError('LOCATION_INVALID', `${JSON.stringify(text)}: ${why}`, {
    hint: 'A bundle is a directory (build/bundle) or a prefix (s3://BUCKET/PREFIX/); with --against it is written bundle:build/bundle.',
  });
}
