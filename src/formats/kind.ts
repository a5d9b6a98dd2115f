import { faultClass, KeydriftError, type HintText } from '../model/index.ts';
import { compressionOf } from './decode/compression.ts';

/** Bytes of a copy's start that tell what it is. */
export const kindBytes = 512;

interface Kind {
  readonly what: string;
  /** Of the start of its bytes, as Latin-1. */
  readonly is: RegExp;
  readonly hint: HintText;
  /** Formats that read it. */
  readonly of?: readonly string[];
  /** Whether a CSV may begin like it: then it is only told where the copy cannot be read. */
  readonly doubtful?: true;
}

const asCsv = 'Save the sheet as CSV (UTF-8), and publish that.';
const unframed =
  'A store that does not decode it kept it as it was sent: turn off chunked signing or trailing checksums in the client that writes it (AWS_REQUEST_CHECKSUM_CALCULATION=when_required).';
const exported = 'Export its rows as CSV (UTF-8) or Parquet, and publish that.';

/** What may stand before the first tag of a page or a document. */
const prolog = String.raw`^(?:\xef\xbb\xbf)?\s{0,64}(?:<\?xml[^>]{0,100}\?>\s{0,64})?(?:<!--(?:(?!-->)[^]){0,300}-->\s{0,64}){0,4}`;

/* oxlint-disable no-control-regex -- magic bytes */
/** What is found in a bucket in place of a table. */
const kinds: readonly Kind[] = [
  {
    what: 'a ZIP archive, as XLSX files are',
    is: /^PK(?:\x03\x04|\x05\x06|\x07\x08)/,
    hint: asCsv,
  },
  { what: 'an XLS file of Excel', is: /^\xd0\xcf\x11\xe0/, hint: asCsv },
  {
    what: 'a Parquet file',
    is: /^PAR1/,
    hint: 'Say `format: parquet` for this copy, or give its name the ending .parquet.',
    of: ['parquet'],
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
    is: /^\0GITCRYPT\0/,
    hint: {
      text: 'It was published from a checkout that is locked. Publish again after',
      command: 'git-crypt unlock',
    },
  },
  {
    what: 'an encrypted file, and not what was encrypted',
    is: /^(?:age-encryption\.org\/v|-----BEGIN (?:AGE ENCRYPTED FILE|PGP MESSAGE)-----|\$ANSIBLE_VAULT;)/,
    hint: 'Decrypt it (age, PGP, Ansible Vault), and publish that.',
  },
  {
    what: 'an HTML page',
    is: new RegExp(String.raw`${prolog}<(?:!doctype html|html|head|body)[\s>]`, 'i'),
    hint: 'A sign-in page or an error of a proxy was stored in its place: fetch it again, and look at the status.',
  },
  {
    what: 'an S3 error document',
    is: new RegExp(String.raw`${prolog}<Error(?:\s[^>]{0,200})?>`),
    hint: 'The answer to a refused request was stored in its place: fetch the object again, and look at the status.',
  },
  {
    what: 'an XML document',
    is: /^(?:\xef\xbb\xbf)?\s{0,64}<\?xml\s/,
    hint: 'What answered in place of the file was stored, or another export of it: fetch it again, as CSV, JSON, YAML or Parquet.',
  },
  {
    what: 'a body in aws-chunked framing',
    is: /^[0-9a-f]{1,8};chunk-signature=[0-9a-f*]{16,160}\r\n/i,
    hint: unframed,
  },
  { what: 'an Avro file', is: /^Obj\x01/, hint: exported },
  { what: 'an ORC file', is: /^ORC[\0-\x1f]/, hint: exported },
  { what: 'an Arrow file', is: /^(?:ARROW1\0\0|FEA1)/, hint: exported },
  { what: 'an SQLite database', is: /^SQLite format 3\0/, hint: exported },
  { what: 'a PDF', is: /^%PDF-\d/, hint: exported },
  {
    what: 'a 7z archive',
    is: /^7z\xbc\xaf\x27\x1c/,
    hint: 'Unpack it, and publish the file in it.',
  },
  {
    what: 'a tar archive',
    is: /^[^]{257}ustar/,
    hint: 'Unpack it, and publish the file in it.',
  },
  {
    what: 'a body in aws-chunked framing',
    is: /^[0-9a-f]{1,8}\r\n(?:[[{]|- |---|PAR1|PK\x03\x04|\x1f\x8b\x08)/i,
    hint: unframed,
    doubtful: true,
  },
  {
    what: 'UTF-32 text',
    is: /^(?:\xff\xfe\0\0|\0\0\xfe\xff|(?:[^\0]\0\0\0){3}|(?:\0\0\0[^\0]){3})/,
    hint: { text: 'Save it as UTF-8, for example', command: 'iconv -f UTF-32 -t UTF-8 FILE' },
    doubtful: true,
  },
  {
    what: 'UTF-16 text without a byte order mark',
    is: /^(?:[^\0]\0){4}/,
    hint: 'Say `encoding: utf-16le` for this copy, if that is how the job reads it, or save it as UTF-8: iconv -f UTF-16LE -t UTF-8 FILE',
    doubtful: true,
  },
  {
    what: 'UTF-16 text without a byte order mark',
    is: /^(?:\0[^\0]){4}/,
    hint: 'Say `encoding: utf-16be` for this copy, if that is how the job reads it, or save it as UTF-8: iconv -f UTF-16BE -t UTF-8 FILE',
    doubtful: true,
  },
  {
    what: 'JSON',
    is: /^(?:\xef\xbb\xbf)?\s{0,64}(?:\[\s{0,64})?\{\s{0,64}"/,
    hint: 'Say `format: json` for this copy (`format: ndjson` where each line is an object), or give its name that ending.',
    of: ['json', 'ndjson', 'yaml'],
    doubtful: true,
  },
];
/* oxlint-enable no-control-regex */

/** Throws `CONTENT_OF_ANOTHER_KIND` for bytes that begin as no CSV does. */
export function refuseOtherKinds(head: Uint8Array): void {
  const kind = kindOf(head, 'csv');
  if (kind !== undefined && kind.doubtful !== true) throw otherKind(kind);
}

/**
 * An error of content as what the copy's first bytes, expanded, make of it: where they are of another
 * kind that is known, `CONTENT_OF_ANOTHER_KIND` with what to do; else the error itself.
 */
export function namedByKind(
  error: unknown,
  head: Uint8Array,
  format: string,
  said: string | null,
): unknown {
  if (!(error instanceof KeydriftError) || faultClass(error) !== 'content') return error;
  if (error.code === 'CONTENT_OF_ANOTHER_KIND') return error;
  return otherKindOf(head, format, said, error) ?? error;
}

/**
 * `CONTENT_OF_ANOTHER_KIND` for the first bytes of a copy, expanded, by what they are; null: nobody
 * knows. `said`: what the contract says of its compression.
 */
export function otherKindOf(
  head: Uint8Array,
  format: string,
  said: string | null,
  cause?: unknown,
): KeydriftError | null {
  const packed = compressionOf(head);
  if (packed !== null && said === 'none') {
    const hint = `Write it uncompressed; or, if the job expands it, say \`compression: ${packed.name}\` for this copy.`;
    const what = `compressed with ${packed.name}, and the contract says \`compression: none\``;
    return otherKind({ what, hint }, cause);
  }
  if (packed !== null) {
    const hint = `What is in it is compressed with ${packed.name} once more: write it compressed once.`;
    return otherKind({ what: 'a file that was compressed twice', hint }, cause);
  }
  const kind = kindOf(head, format);
  return kind === undefined ? null : otherKind(kind, cause);
}

function kindOf(head: Uint8Array, format: string): Kind | undefined {
  const start = Buffer.from(head.subarray(0, kindBytes)).toString('latin1');
  return kinds.find(({ is, of }) => of?.includes(format) !== true && is.test(start));
}

function otherKind({ what, hint }: Pick<Kind, 'what' | 'hint'>, cause?: unknown): KeydriftError {
  return new KeydriftError('CONTENT_OF_ANOTHER_KIND', `it is ${what}`, {
    place: { line: 1, byte: 0 },
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
