import { parseLocation } from '../../contract/location.ts';
import { KeydriftError, type HandOver, type S3Access, type S3Location } from '../../model/index.ts';
import type { S3Stage } from '../../sources/s3/index.ts';
import type { AppContext } from '../../judge/context.ts';

/** Where handed-over bytes are staged for jobs that read elsewhere. */
export interface Stage {
  /** Stages the bytes of an artifact under their hash; resolves to where they are. */
  put(artifactName: string, file: HandOver): Promise<string>;
  close(): Promise<void>;
}

/**
 * `s3://BUCKET/PREFIX/`, which is reached by flags and environment. Throws `LOCATION_INVALID`
 * before anything is read.
 */
export function openStage(context: AppContext, url: string, access: S3Access): Stage {
  const prefix = stagePrefix(url, context.workingDirectory, access);
  const { environment } = context;
  const load = async (): Promise<S3Stage> => {
    const { openS3Stage } = await import('../../sources/s3/index.ts');
    return openS3Stage({ environment });
  };
  let stage: ReturnType<typeof load> | null = null;
  return {
    async put(artifactName, { path, bytes, sha256 }) {
      const location = { ...prefix, key: `${prefix.key}${artifactName}/${sha256}` };
      await (await (stage ??= load())).put(location, { path, bytes, sha256 });
      return `s3://${location.bucket}/${location.key}`;
    },
    close: async () => {
      await (await stage)?.close();
    },
  };
}

/** The location that names are appended to: its key is empty or ends with a slash. */
function stagePrefix(url: string, directory: string, access: S3Access): S3Location {
  const slashed = url.endsWith('/') ? url : `${url}/`;
  // A key of its own, so that a bucket alone is a location too.
  const parsed = parseLocation(`${slashed}x`, { side: 'runtime', directory, access });
  if (!url.startsWith('s3://') || parsed.kind !== 's3' || url.includes('?')) {
    throw new KeydriftError('LOCATION_INVALID', `--stage ${url}: expected s3://BUCKET/PREFIX/`);
  }
  return { ...parsed, key: parsed.key.slice(0, -1) };
}
