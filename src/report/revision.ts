import type { ClaimReport, Revision, SideReport } from '../model/index.ts';
import { escapeTerminal } from './escape.ts';

/** What pins a copy, short enough for a line: `3f2a9c1`, `3HL4kqtJ`, an ETag, or null for a file. */
export function shortRevision(revision: Revision): string | null {
  if (revision.kind === 'file') return null;
  if (revision.kind === 'git' || revision.kind === 'bundle') {
    return shortCommit(revision.commit);
  }
  return isVersioned(revision)
    ? escapeTerminal(revision.versionId.slice(0, 8))
    : `etag ${escapeTerminal(bareEtag(revision.etag).slice(0, 8))}`;
}

/** The revision in a sentence, the S3 version whole: `commit 3f2a9c1 of 2026-11-20 14:02:11Z`. */
export function describeRevision(revision: Revision): string {
  const time = shortTime(timeOf(revision));
  if (revision.kind === 'file') return `modified ${time}`;
  if (revision.kind === 'git') return `commit ${shortRevision(revision)} of ${time}`;
  if (revision.kind === 'bundle') {
    const bundle = escapeTerminal(revision.manifest.slice(0, 7));
    return `commit ${shortRevision(revision)} of ${time}, bundle ${bundle}`;
  }
  return isVersioned(revision)
    ? `version ${escapeTerminal(revision.versionId)} of ${time}`
    : `etag ${escapeTerminal(bareEtag(revision.etag))} of ${time}`;
}

/** What a publisher claims, clipped: `claims commit 3f2a9c1`. */
export function claimSentence({ commit, fits }: ClaimReport): string {
  const what = commit === null ? 'no commit' : `commit ${escapeTerminal(commit.slice(0, 12))}`;
  return fits === false ? `claims ${what}, but was overwritten since` : `claims ${what}`;
}

/** One side of an artifact in a table: `3HL4kqtJ of 2026-11-22 16:58Z`. */
export function briefSide(side: SideReport): string {
  const time = briefTime(timeOf(side.revision));
  const revision = shortRevision(side.revision);
  return revision === null ? time : `${revision} of ${time}`;
}

/** `2026-11-22 16:58:09Z`; another form of time is shown as it stands. */
export function shortTime(iso: string): string {
  return escapeTerminal(iso.replace(/^([\d-]{10})T([\d:]{8})(?:\.\d+)?Z$/, '$1 $2Z'));
}

/** The same to the minute: `2026-11-22 16:58Z`. */
export function briefTime(iso: string): string {
  return shortTime(iso).replace(/:\d\dZ$/, 'Z');
}

/** A commit's id, short enough for a line. */
export function shortCommit(commit: string): string {
  return escapeTerminal(commit.slice(0, 7));
}

function timeOf(revision: Revision): string {
  if (revision.kind === 'git' || revision.kind === 'bundle') return revision.committedAt;
  return revision.kind === 's3' ? revision.lastModified : revision.modifiedAt;
}

function bareEtag(etag: string): string {
  return etag.replaceAll('"', '');
}

/** A `null` version can change: only the ETag tells one content of it from the next. */
function isVersioned<R extends Revision & { kind: 's3' }>(
  revision: R,
): revision is R & { versionId: string } {
  return revision.versionId !== null && revision.versionId !== 'null';
}
