import type {
  ObjectState,
  ObjectTag,
  ObjectWrite,
  PublishReason,
  PutOptions,
  Warning,
} from '../../../model/index.ts';

/** The write of a copy, and what of the object that is there it does not keep. */
export interface WantedWrite {
  readonly write: ObjectWrite;
  readonly warnings: readonly Warning[];
}

export interface WriteRequest {
  /** Null: there is no object. */
  readonly object: ObjectState | null;
  /** Null: the contract says nothing. */
  readonly put: PutOptions | null;
  /** What the bytes and the name of the object say that it is. */
  readonly contentType: string;
  readonly claim: ObjectWrite['claim'];
  readonly conditional: 'conditional' | 'unconditional';
  /** The first bytes of what is to be written. */
  readonly head: Uint8Array;
}

/** What the object has, unless the contract's `put` says otherwise. */
export function wantedWrite(request: WriteRequest): WantedWrite {
  const { object, put, contentType, claim, conditional, head } = request;
  const kept = object?.attributes ?? null;
  const encoding = kept?.contentEncoding ?? null;
  const contradicted = encoding !== null && contradicts(encoding, head);
  const condition =
    object === null ? ({ ifNoneMatch: '*' } as const) : ({ ifMatch: object.etag } as const);
  return {
    write: {
      condition: conditional === 'unconditional' ? null : condition,
      contentType: keptType(kept?.contentType ?? null, head) ?? contentType,
      cacheControl: kept?.cacheControl ?? null,
      contentDisposition: kept?.contentDisposition ?? null,
      contentEncoding: contradicted ? null : encoding,
      contentLanguage: kept?.contentLanguage ?? null,
      expires: kept?.expires ?? null,
      websiteRedirect: kept?.websiteRedirect ?? null,
      storageClass: kept?.storageClass ?? null,
      ...encryptionOf(kept, put),
      acl: put?.acl ?? null,
      tags: put?.tags === undefined || put.tags === null ? (kept?.tags ?? []) : tagList(put.tags),
      claim,
    },
    warnings: [
      ...(contradicted ? [encodingWarning(encoding)] : []),
      ...(kept === null || kept.otherMetadata.length === 0
        ? []
        : [metadataWarning(kept.otherMetadata)]),
    ],
  };
}

/** Why an object of the right bytes is to be written all the same. */
export function attributeReasons(
  { attributes }: ObjectState,
  put: PutOptions | null,
): readonly PublishReason[] {
  if (put === null) return [];
  const reasons: PublishReason[] = [];
  const { sse, kmsKeyId, tags } = put;
  const otherKey = kmsKeyId !== null && !namesKey(kmsKeyId, attributes.kmsKeyId);
  if ((sse !== null && sse !== attributes.sse) || otherKey) reasons.push('encryption');
  const found = attributes.tags;
  if (tags !== null && found !== null) {
    const same =
      found.length === tags.size && found.every(({ name, value }) => tags.get(name) === value);
    if (!same) reasons.push('tags');
  }
  return reasons;
}

/** S3 tells a key by its ARN; which key an alias stands for only KMS knows. */
function namesKey(said: string, found: string | null): boolean {
  if (found === null) return false;
  return said === found || /(^|:)alias\//.test(said) || found.endsWith(`:key/${said}`);
}

function encryptionOf(
  kept: ObjectState['attributes'] | null,
  put: PutOptions | null,
): Pick<ObjectWrite, 'sse' | 'kmsKeyId' | 'bucketKey'> {
  const sse = put?.sse ?? kept?.sse ?? null;
  if (sse?.startsWith('aws:kms') !== true) return { sse, kmsKeyId: null, bucketKey: null };
  const kmsKeyId = put?.kmsKeyId ?? kept?.kmsKeyId ?? null;
  return { sse, kmsKeyId, bucketKey: kept?.bucketKey ?? null };
}

function tagList(tags: ReadonlyMap<string, string>): readonly ObjectTag[] {
  return [...tags].map(([name, value]) => ({ name, value }));
}

/**
 * What an object has, but for what stores say of one whose writer said nothing, and for the type of a
 * compression that the reviewed bytes do not have.
 */
function keptType(type: string | null, head: Uint8Array): string | null {
  if (type === null || /^(?:binary|application)\/octet-stream$/i.test(type)) return null;
  const [, packed] = /^application\/(?:x-)?(gzip|zstd)$/i.exec(type) ?? [];
  return packed !== undefined && contradicts(packed, head) ? null : type;
}

/** A header that would make readers decompress plain text. */
function contradicts(encoding: string, head: Uint8Array): boolean {
  if (/^(x-)?gzip$/i.test(encoding)) return !(head[0] === 0x1f && head[1] === 0x8b);
  return /^(br|deflate|zstd|compress|x-compress)$/i.test(encoding) && isText(head);
}

function isText(head: Uint8Array): boolean {
  return head.every((byte) => (byte >= 0x20 && byte < 0x7f) || (byte >= 0x09 && byte <= 0x0d));
}

function encodingWarning(encoding: string): Warning {
  const message = `its Content-Encoding ${encoding} is not kept: the reviewed bytes are not encoded so`;
  return { code: 'ENCODING_NOT_KEPT', message, side: 'runtime', line: null };
}

function metadataWarning(names: readonly string[]): Warning {
  const message = `its own metadata speak of the bytes that are there now, and are not kept: ${names.join(', ')}`;
  return { code: 'METADATA_NOT_KEPT', message, side: 'runtime', line: null };
}
