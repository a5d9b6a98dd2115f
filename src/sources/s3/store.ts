import type { S3Location, Source, SourceContext } from '../../model/index.ts';
import { openS3Source } from './s3.ts';
import { openS3Stage, type S3Stage } from './stage.ts';
import { transportLimits, type TransportLimits } from './transport.ts';
import { openS3Writer, type S3Writer } from './writer.ts';

/** All that S3 is asked for in a run; what writes is opened when it is asked for. */
export function openS3Store(
  { environment, cacheDirectory }: Pick<SourceContext, 'environment' | 'cacheDirectory'>,
  limits: TransportLimits = transportLimits,
): Source<S3Location> {
  const source = openS3Source({ environment, limits });
  let writer: S3Writer | null = null;
  let stage: S3Stage | null = null;
  const write = (): S3Writer => (writer ??= openS3Writer({ environment, limits, cacheDirectory }));
  return {
    ...source,
    writer: write,
    putContent: (location, { contentType, ...content }, when) =>
      write().putContent(
        { location, ...content, headers: new Map([['content-type', contentType]]) },
        when,
      ),
    swap: (location, { contentType, ...content }, expected) => {
      const etag = expected?.facts.etag;
      return write().swap({
        location,
        ...content,
        condition: etag === undefined ? { ifNoneMatch: '*' } : { ifMatch: etag },
        headers: new Map([['content-type', contentType]]),
      });
    },
    stage: (location, file) => (stage ??= openS3Stage({ environment, limits })).put(location, file),
    async close() {
      await Promise.all([source.close(), writer?.close(), stage?.close()]);
    },
  };
}
