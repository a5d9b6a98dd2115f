import { KeydriftError, type HintText } from '../../model/index.ts';

/** Bytes of a copy's start that are looked at to tell what it is. */
export const kindBytes = 4096;

interface Kind {
  readonly what: string;
  readonly is: RegExp;
  readonly hint: HintText;
}

/** What is found in a bucket in place of CSV, by the start of its bytes, as Latin-1. */
const kinds: readonly Kind[] = [
  {
    what: 'a ZIP archive, as XLSX files are',
    // oxlint-disable-next-line no-control-regex -- its magic bytes
    is: /^PK\x03\x04/,
    hint: 'Save the sheet as CSV (UTF-8), and publish that.',
  },
  {
    what: 'an XLS file of Excel',
    // oxlint-disable-next-line no-control-regex -- its magic bytes
    is: /^\xd0\xcf\x11\xe0/,
    hint: 'Save the sheet as CSV (UTF-8), and publish that.',
  },
  {
    what: 'a Parquet file',
    is: /^PAR1/,
    hint: 'Say `format: parquet` for this copy, or give its name the ending .parquet.',
  },
  {
    what: 'a Git LFS pointer, and not the file that it stands for',
    is: /^version https:\/\/git-lfs\.github\.com\/spec\//,
    hint: {
      text: 'It was published from a checkout without Git LFS. Publish again after',
      command: 'git lfs pull',
    },
  },
  {
    what: 'what git-crypt encrypted, and not the file that it stands for',
    // oxlint-disable-next-line no-control-regex -- its magic bytes
    is: /^\0GITCRYPT\0/,
    hint: {
      text: 'It was published from a checkout that is locked. Publish again after',
      command: 'git-crypt unlock',
    },
  },
  {
    what: 'an HTML page',
    is: /^\s{0,64}<(?:!doctype html|html|head|body)[\s>]/i,
    hint: 'A sign-in page or an error of a proxy was stored in its place: fetch it again, and look at the status.',
  },
  {
    what: 'an S3 error document',
    is: /^\s{0,64}(?:<\?xml[^>]{0,100}\?>\s{0,64})?<Error>/,
    hint: 'The answer to a refused request was stored in its place: fetch the object again, and look at the status.',
  },
  {
    what: 'a body in aws-chunked framing',
    is: /^[0-9a-f]{1,8};chunk-signature=[0-9a-f]{64}\r\n/i,
    hint: 'A store that does not decode it kept it as it was sent: turn off chunked signing or trailing checksums in the client that writes it.',
  },
];

/** Throws `CONTENT_OF_ANOTHER_KIND` for bytes that begin as no CSV does. */
export function refuseOtherKinds(head: Uint8Array): void {
  const start = Buffer.from(head.subarray(0, 512)).toString('latin1');
  const kind = kinds.find(({ is }) => is.test(start));
  if (kind === undefined) return;
  throw new KeydriftError('CONTENT_OF_ANOTHER_KIND', `it is ${kind.what}`, {
    place: { line: 1, byte: 0 },
    hint: kind.hint,
  });
}
