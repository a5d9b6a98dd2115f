import type { ArtifactReport, Cause, CauseKind, EditCounts } from '../model/index.ts';
import { count } from '../model/names.ts';
import { escapeTerminal } from './escape.ts';
import { briefTime, shortCommit } from './revision.ts';
import { clipWords } from './width.ts';
import { countsPhrase, duration } from './wording.ts';

/** How a form shows what strangers wrote: a word or a title, and a whole sentence. */
export interface Show {
  readonly title: (text: string) => string;
  readonly sentence: (text: string) => string;
}

/** On a terminal. */
export const onTerminal: Show = {
  title: (text) => clipWords(escapeTerminal(text), widestText),
  sentence: escapeTerminal,
};

const widestText = 60;

interface Telling {
  /** When the report was made, ISO 8601. */
  readonly now: string;
  readonly show: Show;
}

/** What each cause says of the runtime copy; `commit` is the one that it is or is nearest to. */
const causeWords: Readonly<
  Record<CauseKind, (cause: Cause, commit: string, telling: Telling) => string>
> = {
  stale: (cause, commit, telling) =>
    `stale: the runtime copy is the reviewed version of ${commit}` +
    `${cause.behind === null ? '' : `, ${count(cause.behind, 'change')} behind`}.` +
    replaced(cause, telling),
  unmerged: ({ branch }, commit, { show }) =>
    `unmerged: the runtime copy is ${commit}, which the reviewed ref does not contain` +
    `${branch === null ? '' : `: it is on ${branchText(branch, show.title)}`}.`,
  edited: ({ edits, commit: nearest, loose }, commit) =>
    nearest === null
      ? 'edited: no commit has this content, and none is near: they have hardly a unit in common.'
      : loose === undefined
        ? `edited: no commit has this content. The nearest is ${commit}${editsOnTop(edits)}.`
        : `edited: no commit is near; under loose reading (${looseWords[loose]}) it is ${commit}.`,
  ahead: (cause, commit, telling) =>
    cause.removed === undefined
      ? `ahead: the reviewed copy is ahead, by one change. The runtime copy is still ${commit}.` +
        `${replaced(cause, telling)} A deployment may be on its way.`
      : `ahead: the reviewed file is gone, the runtime copy is still ${commit}.${replaced(cause, telling)}`,
  unknown: ({ reason }, _commit, { show }) =>
    `unknown: ${reason === null ? 'history is not at hand' : show.sentence(reason)}`.replace(
      /\.?$/,
      '.',
    ),
};

const looseWords: Readonly<Record<NonNullable<Cause['loose']>, string>> = {
  'leading-zeros': 'leading zeros',
  spelling: 'leading zeros, letter case, blanks',
};

/** A branch by its name, as git finds commits by it: a tag, or what is checked out, may be one too. */
export function branchText(branch: string, title = (text: string): string => text): string {
  if (branch === 'HEAD') return 'what is checked out (HEAD)';
  return branch.startsWith('tags/')
    ? `tag ${title(branch.slice('tags/'.length))}`
    : `branch ${title(branch)}`;
}

/** Why a runtime copy differs, as one or two sentences; `show` makes safe what strangers wrote. */
export function causeSentence(cause: Cause, now: string, show: Show): string {
  const sentence = causeWords[cause.kind](cause, commitPhrase(cause, show), { now, show });
  const limit =
    cause.kind === 'unknown' || cause.reason === null ? '' : ` (${show.sentence(cause.reason)})`;
  return sentence + limit;
}

function commitPhrase({ commit, committedAt, author, subject }: Cause, show: Show): string {
  if (commit === null) return 'an unknown commit';
  const time = committedAt === null ? '' : ` of ${briefTime(committedAt)}`;
  const words = [author, subject].flatMap((text) => (text === null ? [] : [show.title(text)]));
  return `commit ${shortCommit(commit)}${time}${words.length === 0 ? '' : ` (${words.join(': ')})`}`;
}

function replaced({ kind, replacedAt, removed }: Cause, { now, show }: Telling): string {
  const gone =
    removed === undefined
      ? null
      : `${removed.renamedTo === null ? 'removed' : `renamed to ${show.title(removed.renamedTo)}`} by ${shortCommit(removed.commit)}`;
  if (replacedAt === null) return gone === null ? '' : ` In git it was ${gone}.`;
  const age = duration(Date.parse(now) - Date.parse(replacedAt));
  const when = `on ${briefTime(replacedAt)}, ${age} ago`;
  if (gone === null) return ` In git a newer one replaced it ${when}.`;
  if (kind === 'ahead') return ` In git it was ${gone} ${when}.`;
  return ` In git a newer one replaced it ${when}, and the file was ${gone}.`;
}

function editsOnTop(edits: EditCounts | null): string {
  if (edits === null) return '';
  if (edits.total === 0) return ', and no unit differs from it';
  return `, with ${count(edits.total, 'edit')} on top of it: ${countsPhrase(edits)}`;
}

/**
 * Since when a drifted copy is known to have drifted, ISO 8601: since what is there was written, or
 * since a newer reviewed version replaced it in git, the later of the two; or since an earlier run found
 * it, where that was before. It may have drifted longer. Null: it has not drifted, or nothing tells.
 */
export function driftedSince(artifact: ArtifactReport): string | null {
  const { verdict, cause, runtime, transition } = artifact;
  if (verdict !== 'drifted') return null;
  const there = byAge([cause?.replacedAt, runtime?.revision.at]).at(-1);
  return byAge([there, transition?.since])[0] ?? null;
}

/** Times that are known, the earliest first. */
function byAge(times: readonly (string | null | undefined)[]): readonly string[] {
  return times
    .filter((time) => time !== null && time !== undefined)
    .toSorted((a, b) => Date.parse(a) - Date.parse(b));
}
