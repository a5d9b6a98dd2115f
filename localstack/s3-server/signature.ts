import { canonicalRequest, hmac, scopeText, sha256Hex, signingKey } from './canonical.ts';
import type { CredentialScope } from './canonical.ts';
import { algorithm, headerClaim, queryClaim } from './signature-claim.ts';
import { s3Error } from './errors.ts';
import type { RequestHead } from './request.ts';

/** The one key pair the server knows. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Who asks. The signed form holds what the signatures of a chunked body build on. */
export type Identity =
  | { readonly kind: 'anonymous' }
  | {
      readonly kind: 'signed';
      readonly via: 'header' | 'query';
      readonly scope: CredentialScope;
      readonly timestamp: string;
      readonly signature: string;
      readonly key: Buffer;
    };

/** Verifies Signature V4 in the Authorization header or the query; no signature is anonymous. */
export function identify(head: RequestHead, credentials: Credentials, now: Date): Identity {
  const authorization = head.headers['authorization'];
  const inQuery = head.query['X-Amz-Algorithm'] !== undefined;
  if (authorization !== undefined && inQuery) {
    throw s3Error('InvalidArgument', { message: 'Only one auth mechanism allowed' });
  }
  if (authorization === undefined && !inQuery) return { kind: 'anonymous' };
  const claim =
    authorization === undefined ? queryClaim(head, now) : headerClaim(head, authorization, now);
  const { scope, timestamp, signature, via } = claim;
  if (scope.accessKeyId !== credentials.accessKeyId) {
    throw s3Error('InvalidAccessKeyId', { details: { AWSAccessKeyId: scope.accessKeyId } });
  }
  const key = signingKey(credentials.secretAccessKey, scope);
  const canonical = canonicalRequest(head, claim.signedHeaders, claim.payloadHash);
  const stringToSign = [algorithm, timestamp, scopeText(scope), sha256Hex(canonical)].join('\n');
  if (hmac(key, stringToSign).toString('hex') !== signature) {
    throw s3Error('SignatureDoesNotMatch', {
      details: {
        AWSAccessKeyId: scope.accessKeyId,
        StringToSign: stringToSign,
        SignatureProvided: signature,
        CanonicalRequest: canonical,
      },
    });
  }
  return { kind: 'signed', via, scope, timestamp, signature, key };
}
