export { openS3Source, type PrefixLocation, type S3Source } from './s3.ts';
export type { S3SourceOptions } from './client.ts';
export { largestPut, type PutAnswer } from './put.ts';
export {
  openS3Writer,
  type ObjectState,
  type PlannedPut,
  type S3Writer,
  type S3WriterOptions,
} from './writer.ts';
export { openS3Stage, type S3Stage, type StagedFile } from './stage.ts';
