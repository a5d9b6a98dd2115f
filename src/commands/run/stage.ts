import { basename } from 'node:path';
import {
  KeydriftError,
  schemeOfText,
  type Folder,
  type HandOver,
  type Location,
  type Revision,
  type S3Access,
  type Scheme,
} from '../../model/index.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import { registriesOf } from '../../judge/registries.ts';

/** Bytes that are staged. */
export interface Staged {
  readonly url: string;
  readonly location: Location;
  readonly revision: Revision;
}

/** Where handed-over bytes are staged for jobs that read elsewhere. */
export interface Stage {
  /** Stages the bytes of an artifact under their hash. */
  put(artifactName: string, file: HandOver): Promise<Staged>;
}

/**
 * `s3://BUCKET/PREFIX/`, which is reached by flags and environment. Throws `LOCATION_INVALID`
 * before anything is read.
 */
export function openStage(
  context: AppContext,
  url: string,
  access: S3Access,
  sources: Sources,
): Stage {
  const fault = (why: string): KeydriftError =>
    new KeydriftError('LOCATION_INVALID', `--stage ${url}: ${why}`);
  const scheme = schemeOfText(url, registriesOf(context).schemes);
  if (scheme?.folder === undefined || url.includes('?'))
    throw fault('expected s3://BUCKET/PREFIX/');
  const { root, prefix } = scheme.folder(url, { access, fault });
  const slashed = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
  return {
    put: (artifactName, file) =>
      putUnder({ root, prefix: slashed }, artifactName, file, scheme, sources),
  };
}

async function putUnder(
  folder: Folder,
  artifactName: string,
  { path, bytes, sha256, parts }: HandOver,
  scheme: Scheme,
  sources: Sources,
): Promise<Staged> {
  if (parts !== undefined) {
    throw new KeydriftError('NOT_SUPPORTED', 'a folder of parts cannot be staged as it is stored', {
      hint: 'Stage it as one CSV file: --as canonical',
    });
  }
  // The local file ends with what readers go by.
  const extensions = basename(path).slice(artifactName.length);
  const location = scheme.within?.(folder, `${artifactName}/${sha256}${extensions}`);
  const source = await sources.of(folder.root);
  if (location === undefined || source.stage === undefined) {
    throw new KeydriftError('NOT_SUPPORTED', 'nothing can be staged there');
  }
  const revision = await source.stage(location, { path, bytes, sha256 });
  return { url: scheme.textOf(location), location, revision };
}
