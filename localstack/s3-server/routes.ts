import { s3Error } from './errors.ts';
import type { RequestHead } from './request.ts';

/** Every operation the server has, by where it is asked for: level, method, sub-resource. */
const routes = {
  'service GET': 'ListBuckets',
  'bucket PUT': 'CreateBucket',
  'bucket HEAD': 'HeadBucket',
  'bucket DELETE': 'DeleteBucket',
  'bucket GET': 'ListObjects',
  'bucket GET versions': 'ListObjectVersions',
  'bucket GET location': 'GetBucketLocation',
  'bucket GET versioning': 'GetBucketVersioning',
  'bucket PUT versioning': 'PutBucketVersioning',
  'bucket GET uploads': 'ListMultipartUploads',
  'bucket POST delete': 'DeleteObjects',
  'object GET': 'GetObject',
  'object HEAD': 'HeadObject',
  'object PUT': 'PutObject',
  'object DELETE': 'DeleteObject',
  'object GET attributes': 'GetObjectAttributes',
  'object GET tagging': 'GetObjectTagging',
  'object PUT tagging': 'PutObjectTagging',
  'object DELETE tagging': 'DeleteObjectTagging',
  'object POST uploads': 'CreateMultipartUpload',
  'object PUT uploadId': 'UploadPart',
  'object POST uploadId': 'CompleteMultipartUpload',
  'object DELETE uploadId': 'AbortMultipartUpload',
  'object GET uploadId': 'ListParts',
} as const;

/** The name of an operation, as the SDK's commands have it. */
export type Operation = (typeof routes)[keyof typeof routes] | 'ListObjectsV2' | 'CopyObject';

/** Query parameters that turn a request into another operation; most are not implemented. */
const subresources = new Set(
  `accelerate acl analytics attributes cors delete encryption intelligent-tiering inventory
  legal-hold lifecycle location logging metrics notification object-lock ownershipControls policy
  policyStatus publicAccessBlock replication requestPayment restore retention select session
  tagging torrent uploadId uploads versioning versions website`.split(/\s+/),
);

/** The operation a request asks for, or MethodNotAllowed / NotImplemented. */
export function operationOf(head: RequestHead): Operation {
  const level = levelOf(head);
  const subresource = head.queryPairs.map(([name]) => name).find((name) => subresources.has(name));
  const route = [level, head.method, subresource ?? ''].join(' ').trimEnd();
  if (!isRoute(route)) {
    if (subresource !== undefined)
      throw s3Error('NotImplemented', { details: { Header: subresource } });
    throw s3Error('MethodNotAllowed', { details: { Method: head.method } });
  }
  const operation = routes[route];
  if (operation === 'ListObjects' && head.query['list-type'] === '2') return 'ListObjectsV2';
  const copies = head.headers['x-amz-copy-source'] !== undefined;
  if (operation === 'PutObject' && copies) return 'CopyObject';
  if (operation === 'UploadPart' && copies) throw s3Error('NotImplemented');
  return operation;
}

function isRoute(route: string): route is keyof typeof routes {
  return Object.hasOwn(routes, route);
}

function levelOf(head: RequestHead): 'service' | 'bucket' | 'object' {
  if (head.bucket === undefined) return 'service';
  return head.key === undefined ? 'bucket' : 'object';
}

const actions: Readonly<Record<Operation, string>> = {
  ListBuckets: 's3:ListAllMyBuckets',
  CreateBucket: 's3:CreateBucket',
  HeadBucket: 's3:ListBucket',
  DeleteBucket: 's3:DeleteBucket',
  ListObjects: 's3:ListBucket',
  ListObjectsV2: 's3:ListBucket',
  ListObjectVersions: 's3:ListBucketVersions',
  GetBucketLocation: 's3:GetBucketLocation',
  GetBucketVersioning: 's3:GetBucketVersioning',
  PutBucketVersioning: 's3:PutBucketVersioning',
  ListMultipartUploads: 's3:ListBucketMultipartUploads',
  DeleteObjects: 's3:DeleteObject',
  GetObject: 's3:GetObject',
  HeadObject: 's3:GetObject',
  PutObject: 's3:PutObject',
  CopyObject: 's3:PutObject',
  DeleteObject: 's3:DeleteObject',
  GetObjectAttributes: 's3:GetObjectAttributes',
  GetObjectTagging: 's3:GetObjectTagging',
  PutObjectTagging: 's3:PutObjectTagging',
  DeleteObjectTagging: 's3:DeleteObjectTagging',
  CreateMultipartUpload: 's3:PutObject',
  UploadPart: 's3:PutObject',
  CompleteMultipartUpload: 's3:PutObject',
  AbortMultipartUpload: 's3:AbortMultipartUpload',
  ListParts: 's3:ListMultipartUploadParts',
};

/** The permission an operation needs before all others; a version id asks for another one. */
export function actionOf(operation: Operation, versionId: string | undefined): string {
  const action = actions[operation];
  if (versionId === undefined) return action;
  return action.replace(/^(s3:(?:Get|Put|Delete)Object)/, '$1Version');
}

const publicActions = new Set([
  's3:GetObject',
  's3:GetObjectVersion',
  's3:ListBucket',
  's3:ListBucketVersions',
]);

/** Whether a public-read bucket grants that permission to anybody. */
export function isPublicAction(action: string): boolean {
  return publicActions.has(action);
}
