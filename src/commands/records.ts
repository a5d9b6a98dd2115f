import { posix } from 'node:path';
import type { AppContext } from '../judge/context.ts';
import { registriesOf } from '../judge/registries.ts';
import { dayMs, KeydriftError, schemeOfText, type Folder, type S3Access } from '../model/index.ts';

/**
 * `s3://BUCKET/PREFIX/` of `--record` and `--runs`, which is reached by flags and environment. Throws
 * `LOCATION_INVALID` before anything is read.
 */
export function recordFolder(
  context: AppContext,
  { flag, url }: { readonly flag: string; readonly url: string },
  access: S3Access,
): Folder {
  const fault = (why: string): KeydriftError =>
    new KeydriftError('LOCATION_INVALID', `${flag} ${url}: ${why}`);
  const scheme = schemeOfText(url, registriesOf(context).schemes);
  if (scheme?.folder === undefined || scheme.within === undefined || url.includes('?')) {
    throw fault('expected s3://BUCKET/PREFIX/');
  }
  const { root, prefix } = scheme.folder(url, { access, fault });
  return { root, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/` };
}

/** The name of a record: by its day, so that a while can be listed, then by its time. */
export function recordName(startedAt: string, id: string): string {
  const [day = '', time = ''] = startedAt.split('T');
  return posix.join(day, `${time.replaceAll(':', '')}-${id}.json`);
}

/** The days from one time to another, newest first, as names of records begin. */
export function daysBetween(from: Date, to: Date, most: number): readonly string[] {
  const days: string[] = [];
  const first = from.toISOString().slice(0, 10);
  for (let at = to.getTime(); days.length < most; at -= dayMs) {
    const day = new Date(at).toISOString().slice(0, 10);
    if (day < first) break;
    days.push(day);
  }
  return days;
}
