import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import {
  memberOf,
  type ObjectAttributes,
  type ObjectTag,
  type ObjectWrite,
} from '../../model/index.ts';
import { claimMetadata, claimNames } from './claim.ts';

/** Reads a HEAD's answer; tags are told by another request. */
export function attributesOf(
  output: HeadObjectCommandOutput,
  tags: readonly ObjectTag[] | null,
): ObjectAttributes {
  return {
    contentType: output.ContentType ?? null,
    cacheControl: output.CacheControl ?? null,
    contentDisposition: output.ContentDisposition ?? null,
    contentEncoding: output.ContentEncoding ?? null,
    contentLanguage: output.ContentLanguage ?? null,
    // As it stands: `0` is no date, and means "already expired" to every cache.
    expires: output.ExpiresString ?? null,
    websiteRedirect: output.WebsiteRedirectLocation ?? null,
    storageClass: output.StorageClass ?? null,
    sse: output.ServerSideEncryption ?? null,
    kmsKeyId: output.SSEKMSKeyId ?? null,
    bucketKey: output.BucketKeyEnabled ?? null,
    tags,
    otherMetadata: Object.keys(output.Metadata ?? {})
      .filter((name) => !claimNames.includes(name))
      .sort(),
  };
}

/** Request headers, as they go over the wire. */
export type Headers = ReadonlyMap<string, string>;

/** How an object is encrypted, and who may read it: what a bucket's policy may insist on. */
export function protectionHeaders(
  write: Pick<ObjectWrite, 'sse' | 'kmsKeyId' | 'bucketKey' | 'acl'>,
): Headers {
  const isKms = write.sse?.startsWith('aws:kms') === true;
  const bucketKey = write.bucketKey === null ? null : String(write.bucketKey);
  return headers([
    ['x-amz-server-side-encryption', write.sse],
    ['x-amz-server-side-encryption-aws-kms-key-id', isKms ? write.kmsKeyId : null],
    ['x-amz-server-side-encryption-bucket-key-enabled', isKms ? bucketKey : null],
    ['x-amz-acl', write.acl],
  ]);
}

/** Everything that a write says of its object. Raw: `Expires` need not be a date, as the SDK wants. */
export function writeHeaders(write: ObjectWrite): Headers {
  const claim = Object.entries(claimMetadata(write.claim));
  return headers([
    ...protectionHeaders(write),
    ['content-type', write.contentType],
    ['cache-control', write.cacheControl],
    ['content-disposition', write.contentDisposition],
    ['content-encoding', write.contentEncoding],
    ['content-language', write.contentLanguage],
    ['expires', write.expires],
    ['x-amz-website-redirect-location', write.websiteRedirect],
    ['x-amz-storage-class', write.storageClass],
    ['x-amz-tagging', write.tags.length === 0 ? null : taggingOf(write.tags)],
    ...claim.map(([name, value]) => [`x-amz-meta-${name}`, value] as const),
  ]);
}

function headers(all: readonly (readonly [name: string, value: string | null])[]): Headers {
  const given = new Map<string, string>();
  for (const [name, value] of all) if (value !== null) given.set(name, value);
  return given;
}

/** Tags as one header. */
function taggingOf(tags: readonly ObjectTag[]): string {
  return tags
    .map(({ name, value }) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
}

/** A command of the SDK, as far as its request is looked at. */
interface Extensible {
  readonly middlewareStack: {
    add(
      middleware: <T extends { request: unknown }, R>(
        next: (given: T) => Promise<R>,
        context: object,
      ) => (given: T) => Promise<R>,
      options: { readonly step: 'build'; readonly name: string; readonly priority: 'low' },
    ): void;
  };
}

/** Looks at a command's request before it is signed; `see` may change it. */
export function seeRequest(
  command: Extensible,
  name: string,
  see: (request: unknown, context: object) => void,
): void {
  command.middlewareStack.add(
    (next, context) => (given) => {
      see(given.request, context);
      return next(given);
    },
    { step: 'build', name, priority: 'low' },
  );
}

/** Adds headers to a command's request, before it is signed. */
export function addHeaders(command: Extensible, added: Headers): void {
  seeRequest(command, 'keydriftHeaders', (request) => {
    const own = memberOf(request, 'headers');
    if (typeof own !== 'object' || own === null) return;
    for (const [name, value] of added) Reflect.set(own, name, value);
  });
}
