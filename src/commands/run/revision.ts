import type { Revision } from '../../model/index.ts';

/**
 * A revision as `KEYDRIFT_<ARTIFACT>_REVISION` and logs say it, and as `--at` takes it:
 * `versionId:…` of an S3 object, `etag:…` where its version can change or it has none, `commit:…`
 * of a file in git, `sha256:…` of a plain file.
 */
export function revisionText(revision: Revision, sha256: string): string {
  switch (revision.kind) {
    case 'git':
    case 'bundle':
      return `commit:${revision.commit}`;
    case 's3':
      return revision.versionId === null || revision.versionId === 'null'
        ? `etag:${revision.etag}`
        : `versionId:${revision.versionId}`;
    case 'file':
      return `sha256:${sha256}`;
  }
}

/** Whether somebody who wrote `at` means this revision; the word before the colon may be left out. */
export function namesRevision(at: string, revision: string): boolean {
  return at === revision || at === revision.slice(revision.indexOf(':') + 1);
}
