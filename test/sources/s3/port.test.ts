import { startS3Server } from '../../../localstack/s3-server/index.ts';
import { openS3Source } from '../../../src/sources/s3/s3.ts';
import { describeSource } from '../port-suite.ts';
import { at, bucket, environmentOf } from './fixture.ts';

describeSource('S3', async (bytes) => {
  const server = await startS3Server();
  server.createBucket(bucket, { versioning: 'Enabled' });
  server.putObject({ bucket, key: 'support/copy.csv', body: Buffer.from(bytes) });
  return {
    source: openS3Source({ environment: environmentOf(server) }),
    location: at('support/copy.csv'),
    absent: at('support/other.csv'),
    remove: () => server.close(),
  };
});
