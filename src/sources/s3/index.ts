export { openS3Source } from './s3.ts';
export type { S3SourceOptions } from './client.ts';
export { openS3Stage, type S3Stage, type StagedFile } from './stage.ts';
