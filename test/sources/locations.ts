import type { FileLocation, GitLocation, S3Access, S3Location } from '../../src/model/index.ts';

/** Nothing said by flags or the environment. */
export const noAccess: S3Access = {
  endpoint: null,
  region: null,
  profile: null,
  expectedOwner: null,
  anonymous: false,
};

export function fileAt(path: string): FileLocation {
  return { kind: 'file', path };
}

/** A path of the repository around it, or of a named one. */
export function gitAt(
  path: string,
  repository: string | null = null,
  ref: string | null = null,
): GitLocation {
  return { kind: 'git', repository, path, ref };
}

export function objectAt(
  bucket: string,
  key: string,
  over: Partial<Omit<S3Location, 'kind'>> = {},
): S3Location {
  return { kind: 's3', bucket, key, versionId: null, access: noAccess, ...over };
}
