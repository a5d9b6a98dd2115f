export { openS3Source, type S3Source } from './s3.ts';
export type { S3SourceOptions } from './client.ts';
export { openS3Writer, type S3Writer, type S3WriterOptions } from './writer.ts';
