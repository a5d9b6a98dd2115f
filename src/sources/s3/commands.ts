// What of the SDK is used: the rest stays out of the bundle.
export {
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
export { externalDataInterceptor, loadSharedConfigFiles } from '@smithy/core/config';
