import type { ClaimReport, Revision, SideReport } from '../model/index.ts';
import { timeText } from '../model/revision.ts';
import { escapeTerminal } from './escape.ts';
import { boundedWidth } from './width.ts';

/** What pins a copy, short enough for a line: `3f2a9c1`, `3HL4kqtJ`, an ETag, or null for a file. */
export function shortRevision({ short }: Revision): string | null {
  return short === null ? null : escapeTerminal(short);
}

/** The revision in a sentence, the S3 version whole: `commit 3f2a9c1 of 2026-11-20 14:02:11Z`. */
export function describeRevision({ text }: Revision): string {
  return escapeTerminal(text);
}

/**
 * What pins a side: the commit that last changed it, where it is known, with its ref's beside it. A
 * commit without another word is both.
 */
export function describeSide({ revision, changedIn }: SideReport): string {
  const { commit } = revision.facts;
  if (commit === undefined || revision.against !== undefined || commit === changedIn?.commit) {
    return describeRevision(revision);
  }
  if (changedIn === undefined) return `the ref is at ${describeRevision(revision)}`;
  const { commit: last, committedAt } = changedIn;
  return `last changed in commit ${shortCommit(last)} of ${shortTime(committedAt)} (the ref is at commit ${shortCommit(commit)})`;
}

/**
 * Where a side is, escaped: where it does not fit into `room` columns, an object's version stands on a
 * line of its own, unless it is what pins it, and told by that. No id is broken.
 */
export function locationLines(
  { location, revision }: Pick<SideReport, 'location' | 'revision'>,
  room: number,
): readonly string[] {
  const told = escapeTerminal(location);
  const at = location.lastIndexOf('?versionId=');
  if (at < 0 || boundedWidth(told, room + 1) <= room) return [told];
  const [path, version] = [location.slice(0, at), location.slice(at)].map(escapeTerminal);
  const isPinned = version === `?versionId=${revision.facts.versionId ?? ''}`;
  return [path ?? '', ...(isPinned ? [] : [version ?? ''])];
}

/** What a publisher claims, clipped: `claims commit 3f2a9c1`. */
export function claimSentence({ commit, fits }: ClaimReport): string {
  const what = commit === null ? 'no commit' : `commit ${escapeTerminal(commit.slice(0, 12))}`;
  return fits === false ? `claims ${what}, but was overwritten since` : `claims ${what}`;
}

/**
 * One side of an artifact in a table: `3HL4kqtJ of 2026-11-22 16:58Z`. Of a reviewed copy that another
 * commit than the ref's last changed, both, each by what it is.
 */
export function briefSide({ revision, changedIn }: SideReport): string {
  const time = briefTime(revision.at);
  const short = shortRevision(revision);
  if (short === null) return time;
  const isOther = changedIn !== undefined && changedIn.commit !== revision.facts.commit;
  return isOther
    ? `last changed in ${shortCommit(changedIn.commit)} of ${briefTime(changedIn.committedAt)}, the ref is at ${short}`
    : `${short} of ${time}`;
}

/** `2026-11-22 16:58:09Z`; another form of time is shown as it stands. */
export function shortTime(iso: string): string {
  return escapeTerminal(timeText(iso));
}

/** The same to the minute: `2026-11-22 16:58Z`. */
export function briefTime(iso: string): string {
  return shortTime(iso).replace(/:\d\dZ$/, 'Z');
}

/** A commit's id, short enough for a line. */
export function shortCommit(commit: string): string {
  return escapeTerminal(commit.slice(0, 7));
}
