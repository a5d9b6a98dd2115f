import { count } from './names.ts';

/** What a revision is made of, as JSON has it beside a copy; times are ISO 8601 in UTC. */
export interface RevisionFacts {
  readonly [name: string]: string | null | undefined;
  /** A file of a commit has these three. */
  readonly commit?: string;
  readonly committedAt?: string;
  readonly blob?: string;
  /** A version of an object has these three: null in a bucket that was never versioned. */
  readonly versionId?: string | null;
  readonly etag?: string;
  readonly lastModified?: string;
}

/** What pins a copy (SPEC §1), described by the source that pinned it: nobody else asks for its kind. */
export interface Revision {
  /** In the order in which they are told. */
  readonly facts: RevisionFacts;
  /** Since when it is there, ISO 8601 in UTC. */
  readonly at: string;
  /** Short enough for a line: `3f2a9c1`, `3HL4kqtJ`; null: nothing but its time names it. */
  readonly short: string | null;
  /** In a sentence, whole: `commit 3f2a9c1 of 2026-11-20 14:02:11Z`. Text of a stranger. */
  readonly text: string;
  /** As `--at` takes it, `versionId:…`; null: only its bytes name it, `sha256:…`. */
  readonly word: string | null;
  /** Two revisions of one location with equal text here hold the same bytes. */
  readonly content: string;
  /** A location that names exactly this revision; left out: the copy's own does, or none can. */
  readonly exact?: string;
  /** What `--against` has to be for a command to find it again; left out: no such word. */
  readonly against?: string;
}

/** How the last commit is told: thousands of files are of one, and each report keeps its texts. */
let told = { commit: '', at: '', short: '', text: '', word: '' };

/** A file of a commit. */
export function commitRevision(
  facts: { readonly commit: string; readonly committedAt: string; readonly blob: string },
  exact?: string,
): Revision {
  const { commit, committedAt, blob } = facts;
  if (told.commit !== commit || told.at !== committedAt) {
    const short = commit.slice(0, 7);
    const text = `commit ${short} of ${timeText(committedAt)}`;
    told = { commit, at: committedAt, short, text, word: `commit:${commit}` };
  }
  return {
    facts: { commit: told.commit, committedAt: told.at, blob },
    at: told.at,
    short: told.short,
    text: told.text,
    word: told.word,
    content: `blob ${blob}`,
    ...(exact === undefined ? {} : { exact }),
  };
}

/** Ids that begin with the time when they were made, and how much of them tells two of one day apart. */
const timedIds: readonly (readonly [form: RegExp, shown: number])[] = [
  // ULID: ten characters of time, then chance.
  [/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/, 14],
  // UUID of version 7.
  [/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/i, 23],
  // A number, which counts with the time.
  [/^\d{9,24}$/, 24],
];

/** How a VersionId is shown short: as much as tells it apart from others, at its beginning. */
export function shortVersionId(id: string): string {
  return id.slice(0, timedIds.find(([form]) => form.test(id))?.[1] ?? 8);
}

/** A version of an object. A `null` version can change: only the ETag tells its contents apart. */
export function objectRevision(
  facts: {
    readonly versionId: string | null;
    readonly etag: string;
    readonly lastModified: string;
  },
  exact?: string,
): Revision {
  const { versionId, etag, lastModified } = facts;
  const time = timeText(lastModified);
  const tag = etag.replaceAll('"', '');
  const described =
    versionId === null || versionId === 'null'
      ? { short: `etag ${tag.slice(0, 8)}`, text: `etag ${tag} of ${time}`, word: `etag:${etag}` }
      : {
          short: shortVersionId(versionId),
          text: `version ${versionId} of ${time}`,
          word: `versionId:${versionId}`,
        };
  return {
    facts: { versionId, etag, lastModified },
    at: lastModified,
    ...described,
    content: JSON.stringify([versionId, etag, lastModified]),
    ...(exact === undefined ? {} : { exact }),
  };
}

/** A plain file: its time is all that it says of itself. `content`: what tells its contents apart. */
export function fileRevision(modifiedAt: string, content: string = modifiedAt): Revision {
  return {
    facts: { modifiedAt },
    at: modifiedAt,
    short: null,
    text: `modified ${timeText(modifiedAt)}`,
    word: null,
    content,
  };
}

/** A folder of files: `digest` is of the list of their names and contents, hex. */
export function folderRevision(parts: readonly Revision[], digest: string): Revision {
  const at = parts.reduce((latest, one) => (one.at > latest ? one.at : latest), '');
  const short = `parts ${digest.slice(0, 8)}`;
  return {
    facts: { partsDigest: digest, modifiedAt: at },
    at,
    short,
    text: `${count(parts.length, 'part')} (list ${digest.slice(0, 8)}), the newest of ${timeText(at)}`,
    word: `parts:${digest}`,
    content: digest,
  };
}

/** `2026-11-22 16:58:09Z`; another form of time is left as it stands. */
export function timeText(iso: string): string {
  return iso.replace(/^([\d-]{10})T([\d:]{8})(?:\.\d+)?Z$/, '$1 $2Z');
}

/**
 * A revision as `KEYDRIFT_<ARTIFACT>_REVISION` and logs say it, and as `--at` takes it:
 * `versionId:…`, `etag:…` where a version can change or there is none, `commit:…`, and `sha256:…`
 * of the bytes where nothing else names them.
 */
export function revisionWord({ word }: Revision, sha256: string): string {
  return word ?? `sha256:${sha256}`;
}

/** Whether somebody who wrote `at` means this revision; the word before the colon may be left out. */
export function namesRevision(at: string, revision: string): boolean {
  return at === revision || at === revision.slice(revision.indexOf(':') + 1);
}
