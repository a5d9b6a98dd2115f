import type { Bucket } from './bucket.ts';
import type { Checksum } from './checksums.ts';
import { s3Error } from './errors.ts';
import type { RequestHead } from './request.ts';
import type { Operation } from './routes.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store.ts';
import { render } from './xml.ts';
import type { XmlElement } from './xml.ts';

/** An answer. A HEAD request is sent the length of the body and not the body. */
export interface S3Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What an operation works with. */
export interface Context {
  readonly operation: Operation;
  readonly head: RequestHead;
  /** The body out of its transfer form. */
  readonly body: Buffer;
  /** The verified checksum of the body, when the request carried one. */
  readonly checksum: Checksum | undefined;
  readonly store: Store;
  readonly settings: Settings;
  /** The time of a write. */
  readonly now: () => Date;
  /** Throws AccessDenied when the caller lacks that permission. */
  readonly permit: (action: string) => void;
}

/** An operation: synchronous, so that nothing comes between its check and its write. */
export type Handler = (context: Context) => S3Response;

/** The bucket that the request names. */
export function bucketOf(context: Context): Bucket {
  return context.store.get(context.head.bucket ?? '');
}

/** The key that the request names. */
export function keyOf(context: Context): string {
  const { key } = context.head;
  if (key === undefined) throw s3Error('InvalidURI');
  if (Buffer.byteLength(key) > 1024) throw s3Error('KeyTooLongError');
  return key;
}

/** The version id that the request names; one that no version could have is InvalidArgument. */
export function versionIdOf(context: Context): string | undefined {
  const { versionId } = context.head.query;
  if (versionId === undefined || /^(?:null|[\w.-]{32})$/.test(versionId)) return versionId;
  // Version ids that a test chose itself need not look like S3's.
  if (bucketOf(context).find(keyOf(context), versionId) !== undefined) return versionId;
  throw s3Error('InvalidArgument', {
    message: 'Invalid version id specified',
    details: { ArgumentName: 'versionId', ArgumentValue: versionId },
  });
}

/** An answer with an XML document. */
export function xmlResponse(root: XmlElement, headers: S3Response['headers'] = {}): S3Response {
  return {
    status: 200,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: render(root),
  };
}

/** An answer without a body. */
export function emptyResponse(status: number, headers: S3Response['headers'] = {}): S3Response {
  return { status, headers, body: Buffer.alloc(0) };
}

/** A whole-number query parameter within bounds, or InvalidArgument. */
export function numberParameter(
  context: Context,
  name: string,
  bounds: { readonly least: number; readonly fallback: number },
): number {
  const text = context.head.query[name];
  if (text === undefined || text === '') return bounds.fallback;
  const value = Number(text);
  if (!/^\d{1,10}$/.test(text) || value < bounds.least) {
    throw s3Error('InvalidArgument', {
      message: `Provided ${name} not an integer or within integer range`,
      details: { ArgumentName: name, ArgumentValue: text },
    });
  }
  return value;
}
