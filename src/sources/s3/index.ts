export { openS3Source, type PrefixLocation, type S3Source } from './s3.ts';
export { openS3Writer, type S3Write, type S3Writer } from './write.ts';
export type { S3SourceOptions } from './client.ts';
export { largestPut, type PutAnswer, type PutRequest } from './put.ts';
export {
  openS3Publisher,
  type ObjectState,
  type S3Publisher,
  type S3PublisherOptions,
} from './publisher.ts';
export { openS3Stage, type S3Stage, type StagedFile } from './stage.ts';
