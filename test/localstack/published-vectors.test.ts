// The examples of AWS's own documentation ("Authenticating Requests (AWS Signature Version 4)"),
// with the example key pair it publishes.
import { describe, expect, it } from 'vitest';
import { chainVerifier, decodeChunked } from '../../localstack/s3-server/chunked.ts';
import { crc32, crc32c, crc64nvme } from '../../localstack/s3-server/crc.ts';
import { readHead } from '../../localstack/s3-server/request.ts';
import type { RequestHead } from '../../localstack/s3-server/request.ts';
import { identify } from '../../localstack/s3-server/signature.ts';
import { chunk, presign, sign } from './signer.ts';

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const date = new Date('2013-05-24T00:00:00Z');
const host = 'examplebucket.s3.amazonaws.com';
const scope = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request';
const emptyHash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function headOf(method: string, url: string, headers: Record<string, string>): RequestHead {
  return readHead({ method, url, rawHeaders: Object.entries(headers).flat() });
}

function authorization(signedHeaders: string, signature: string): string {
  return `AWS4-HMAC-SHA256 Credential=${scope},SignedHeaders=${signedHeaders},Signature=${signature}`;
}

const examples = [
  {
    name: 'GET object',
    method: 'GET',
    path: '/test.txt',
    headers: { range: 'bytes=0-9', 'x-amz-content-sha256': emptyHash },
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'PUT object',
    method: 'PUT',
    path: '/test$file.text',
    headers: {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      'x-amz-content-sha256': '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    },
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'GET bucket lifecycle',
    method: 'GET',
    path: '/?lifecycle',
    headers: { 'x-amz-content-sha256': emptyHash },
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'list objects',
    method: 'GET',
    path: '/?max-keys=2&prefix=J',
    headers: { 'x-amz-content-sha256': emptyHash },
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
];

describe('the published signatures', () => {
  it.each(examples)('$name', ({ method, path, headers, signature }) => {
    const all: Record<string, string> = { host, 'x-amz-date': '20130524T000000Z', ...headers };
    const names = Object.keys(all).toSorted().join(';');
    const signed = { ...all, authorization: authorization(names, signature) };
    expect(identify(headOf(method, path, signed), credentials, date)).toMatchObject({
      kind: 'signed',
      signature,
    });
    const forged = { ...all, authorization: authorization(names, `0${signature.slice(1)}`) };
    expect(() => identify(headOf(method, path, forged), credentials, date)).toThrow(
      expect.objectContaining({ code: 'SignatureDoesNotMatch' }),
    );
  });

  it('presigned GET, by the server and by the signer of these tests', () => {
    const signature = 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
    const url = new URL(`https://${host}/test.txt`);
    const signed = presign({ method: 'GET', url, credentials, date, expires: 86_400 });
    expect(signed).toContain(`X-Amz-Signature=${signature}`);
    const target = signed.slice(url.origin.length);
    expect(identify(headOf('GET', target, { host }), credentials, date)).toMatchObject({
      via: 'query',
      signature,
    });
  });
});

const streamed = {
  'content-encoding': 'aws-chunked',
  'x-amz-decoded-content-length': '66560',
  'x-amz-storage-class': 'REDUCED_REDUNDANCY',
};
const chunks = [Buffer.alloc(65_536, 'a'), Buffer.alloc(1024, 'a')];
const url = new URL('https://s3.amazonaws.com/examplebucket/chunkObject.txt');

function decode(
  headers: Record<string, string>,
  body: Buffer,
  trailers: 'with-trailers' | 'no-trailers',
): ReturnType<typeof decodeChunked> {
  const identity = identify(headOf('PUT', url.pathname, headers), credentials, date);
  if (identity.kind === 'anonymous') throw new Error('not signed');
  return decodeChunked(body, chainVerifier(identity), trailers);
}

describe('the published chunk signatures', () => {
  it('STREAMING-AWS4-HMAC-SHA256-PAYLOAD', () => {
    const payloadHash = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD';
    const headers = { ...streamed, 'content-length': '66824' };
    const signed = sign({ method: 'PUT', url, headers, payloadHash, credentials, date });
    expect(signed.signature).toBe(
      '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    );
    const body = chunk(chunks, { signed });
    expect(body.length).toBe(66_824);
    expect(body.toString('latin1').match(/(?<=chunk-signature=)\w+/g)).toEqual([
      'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
      '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
      'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
    ]);
    const decoded = decode(signed.headers, body, 'no-trailers');
    expect(decoded.body.equals(Buffer.concat(chunks))).toBe(true);
  });

  it('STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER', () => {
    const payloadHash = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER';
    const headers = { ...streamed, 'x-amz-trailer': 'x-amz-checksum-crc32c' };
    const signed = sign({ method: 'PUT', url, headers, payloadHash, credentials, date });
    expect(signed.signature).toBe(
      '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
    );
    const body = chunk(chunks, { signed, trailers: ['x-amz-checksum-crc32c:sOO8/Q=='] });
    expect(body.toString('latin1').match(/(?<=signature[=:])\w+/g)).toEqual([
      'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
      '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
      '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
      'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435',
    ]);
    const decoded = decode(signed.headers, body, 'with-trailers');
    expect(decoded.trailers).toEqual({ 'x-amz-checksum-crc32c': 'sOO8/Q==' });
    expect(crc32c(decoded.body).toString('base64')).toBe('sOO8/Q==');
  });
});

it('the check values of the CRC catalogue', () => {
  const check = Buffer.from('123456789');
  expect(crc32(check).toString('hex')).toBe('cbf43926');
  expect(crc32c(check).toString('hex')).toBe('e3069283');
  expect(crc64nvme(check).toString('hex')).toBe('ae8b14860a799888');
});
