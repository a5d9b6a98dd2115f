import { quote, type PutOptions } from '../model/index.ts';
import { allSaid, type Layers, type PutDraft, type Said } from './draft.ts';
import type { ContractFile, Path } from './file.ts';

/** S3's limits of an object's tags. */
const tagLimits = { tags: 10, name: 128, value: 256 } as const;

/**
 * How an object is written, word by word; null where nobody says anything. Reports a KMS key beside
 * another encryption, and tags that S3 refuses.
 */
export function readPut(layers: Layers): PutOptions | null {
  return allSaid(layers, 'put').reduceRight<PutOptions | null>(overridePut, null);
}

function overridePut(
  base: PutOptions | null,
  { value: draft, file, path }: Said<PutDraft>,
): PutOptions {
  const nothing: PutOptions = { sse: null, kmsKeyId: null, acl: null, tags: null, order: null };
  const before = base ?? nothing;
  const order = draft.order === undefined ? before.order : draft.order === 'any' ? 'any' : null;
  // A key of the artifact's is no key for an encryption that the copy chooses itself.
  const inherited = draft.sse === undefined || isKms(draft.sse) ? before.kmsKeyId : null;
  const kmsKeyId = draft.kmsKeyId ?? inherited;
  const sse = draft.sse ?? (draft.kmsKeyId === undefined || isKms(before.sse) ? before.sse : null);
  if (draft.kmsKeyId !== undefined && draft.sse !== undefined && !isKms(draft.sse)) {
    const hint = 'Remove it, or write `sse: aws:kms`.';
    file.report([...path, 'kmsKeyId'], `a KMS key without meaning: "sse" is ${draft.sse}`, hint);
  }
  return {
    sse: sse ?? (kmsKeyId === null ? null : 'aws:kms'),
    kmsKeyId,
    acl: draft.acl ?? before.acl,
    tags: draft.tags === undefined ? before.tags : readTags(file, draft.tags, [...path, 'tags']),
    order,
  };
}

function isKms(sse: PutOptions['sse']): boolean {
  return sse?.startsWith('aws:kms') === true;
}

function readTags(
  file: ContractFile,
  draft: NonNullable<PutDraft['tags']>,
  path: Path,
): ReadonlyMap<string, string> {
  const tags = new Map<string, string>();
  for (const name of file.namesIn(path)) {
    const value = draft[name];
    if (value === undefined) continue;
    const at = [...path, name];
    if (name === '' || name.length > tagLimits.name || value.length > tagLimits.value) {
      const most = `a name of 1 to ${tagLimits.name} characters and a value of at most ${tagLimits.value}`;
      file.report(at, `the tag ${quote(name)} is refused by S3: expected ${most}`);
    } else if (/^aws:/i.test(name)) {
      file.report(at, `the tag ${quote(name)} is refused by S3: "aws:" is its own`);
    }
    tags.set(name, value);
  }
  if (tags.size > tagLimits.tags) {
    file.report(path, `${tags.size} tags: S3 takes at most ${tagLimits.tags} of an object`);
  }
  return tags;
}
