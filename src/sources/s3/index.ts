export { openS3Source } from './s3.ts';
export type { S3SourceOptions } from './client.ts';
