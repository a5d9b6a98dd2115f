import type { PublishedClaim } from '../../model/index.ts';

/** User metadata, by lower-case name without `x-amz-meta-`. */
export type Metadata = Readonly<Record<string, string>>;

/** The words of a claim, and what they are called in metadata. */
const names = {
  commit: 'keydrift-commit',
  committedAt: 'keydrift-committed-at',
  path: 'keydrift-path',
  blob: 'keydrift-blob',
  sha256: 'keydrift-sha256',
  digest: 'keydrift-digest',
  contract: 'keydrift-contract',
} as const;
const words = ['commit', 'committedAt', 'path', 'blob', 'sha256', 'digest', 'contract'] as const;

/** Metadata names that are keydrift's own. */
export const claimNames: readonly string[] = Object.values(names);

/** S3 keeps 2 KB of metadata: what is longer was not written by a publisher. */
const longest = 2048;

/** Leaves room for the other words, and for the names of all. */
const longestPath = 1500;

/**
 * A claim as metadata: ASCII whatever the path, which is percent-encoded; left out where it would
 * not fit.
 */
export function claimMetadata(claim: Readonly<Record<keyof PublishedClaim, string>>): Metadata {
  const path = encodePath(claim.path);
  return Object.fromEntries(
    words.flatMap((word): readonly (readonly [string, string])[] => {
      if (word !== 'path') return [[names[word], claim[word]]];
      return path.length > longestPath ? [] : [[names.path, path]];
    }),
  );
}

/** The claim that metadata carries; null where there is none of it. */
export function claimOf(metadata: Metadata | undefined): PublishedClaim | null {
  const word = (name: keyof PublishedClaim): string | null => {
    const value = metadata?.[names[name]];
    return value === undefined || value === '' ? null : value.slice(0, longest);
  };
  const path = word('path');
  const committedAt = word('committedAt');
  const claim = {
    commit: word('commit'),
    ...(committedAt === null ? {} : { committedAt }),
    path: path === null ? null : decodePath(path),
    blob: word('blob'),
    sha256: word('sha256')?.toLowerCase() ?? null,
    digest: word('digest'),
    contract: word('contract'),
  };
  return words.every((name) => (claim[name] ?? null) === null) ? null : claim;
}

/** Visible ASCII but `%` stays; every other byte of its UTF-8 becomes `%XX`. */
function encodePath(path: string): string {
  return Array.from(Buffer.from(path, 'utf8'), (byte) =>
    byte > 0x20 && byte < 0x7f && byte !== 0x25
      ? String.fromCharCode(byte)
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
  ).join('');
}

/** What is no encoding of a path is shown as it stands. */
function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
