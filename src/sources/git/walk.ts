import { gitFailure } from './failure.ts';
import { runGit, type GitPlace } from './process.ts';

/** A commit, as logs tell of it. */
export interface LoggedCommit {
  readonly id: string;
  /** As they are, whatever paths were asked for; none at a root and where a clone is cut off. */
  readonly parents: readonly string[];
  /** Committer's date, in milliseconds. */
  readonly committedAt: number;
  /** Text of a stranger, like the subject. */
  readonly author: string;
  readonly subject: string;
}

/** A commit of a history, as far as some paths are concerned. */
export interface WalkedCommit extends LoggedCommit {
  /** One for each path and each parent from which the commit differs there. */
  readonly diffs: readonly PathDiff[];
}

/** What a path held before and after. Null: no file, but nothing, a directory, a link or a submodule. */
export interface PathDiff {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What a commit left at a path. */
export interface HeldFile {
  readonly commit: WalkedCommit;
  readonly path: string;
  /** Null: no file. */
  readonly blob: string | null;
}

/** Which commits are walked. */
export interface WalkRange {
  readonly tips: readonly string[];
  /** Their histories are left out. */
  readonly without: readonly string[];
  /** `first`: merges are followed to, and compared with, their first parent only. */
  readonly parents: 'all' | 'first';
  /** No more than so many commits; left out: all. */
  readonly most?: number;
}

/**
 * `--full-history`: without it git leaves out the blobs of merged side branches. What the user's
 * configuration says of logs would change what is listed.
 */
const settings = ['log.showRoot=true', 'log.follow=false', 'log.diffMerges=separate'];
const log = [
  ...settings.flatMap((setting) => ['-c', setting]),
  'log',
  '--stdin',
  '--no-show-signature',
  '--no-color',
  '--encoding=UTF-8',
  '-z',
  '--format=%H%x00%P%x00%ct%x00%an%x00%s',
];
const changes = [
  '-m',
  '--full-history',
  '--topo-order',
  '--no-renames',
  '--no-ext-diff',
  '--raw',
  '--no-abbrev',
];

/**
 * Every commit of a history that differs from one of its parents at one of some paths, the newest
 * first: none stands before one that builds on it. Told is what it made of these paths, or of all
 * that is `below` them. Throws `GIT_FAILED`.
 */
export async function walkPaths(
  repository: GitPlace,
  { tips, without, parents, most }: WalkRange,
  paths: readonly string[],
  told: 'themselves' | 'below' = 'themselves',
): Promise<readonly WalkedCommit[]> {
  const chain = parents === 'first' ? ['--first-parent'] : [];
  const bound = most === undefined ? [] : [`--max-count=${most}`];
  const args = [...log, ...changes, ...chain, ...bound, '--', ...pathspecsOf(paths)];
  const listed = await runGit(repository, args, revisionLines(tips, without));
  if (listed.code !== 0) throw gitFailure(repository, listed, `reading the history of ${paths[0]}`);
  const asked = new Set(paths);
  const walked = readLog(listed.stdout, (path) =>
    told === 'below' ? paths.some((folder) => isAtOrBelow(path, folder)) : asked.has(path),
  );
  // Of so many it counts whether there were as many.
  return most === undefined ? walked.filter(({ diffs }) => diffs.length > 0) : walked;
}

/** Git holds every entry of every tree that it walks against each of its paths. */
const mostPathspecs = 100;

/** What git is asked for: some paths, or of more than it takes well the folders that they are in. */
export function pathspecsOf(paths: readonly string[]): readonly string[] {
  let asked = new Set(paths);
  while (asked.size > mostPathspecs) {
    const depths = [...asked].map(depthOf);
    const deepest = depths.reduce((most, depth) => Math.max(most, depth), 0);
    asked = new Set([...asked].map((path, at) => (depths[at] === deepest ? folderOf(path) : path)));
  }
  // Of the root's own files that is everything.
  return asked.has('') ? [] : [...asked];
}

function depthOf(path: string): number {
  return path === '' ? 0 : path.split('/').length;
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Whether a path is another one, or lies below it. */
export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Commits by their ids. Throws `GIT_FAILED`. */
export async function describeCommits(
  repository: GitPlace,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LoggedCommit>> {
  if (ids.length === 0) return new Map();
  const args = [...log, '--no-walk=unsorted', '--no-patch', '--'];
  const listed = await runGit(repository, args, revisionLines(ids, []));
  if (listed.code !== 0) throw gitFailure(repository, listed, 'reading commits');
  return new Map(readLog(listed.stdout, () => false).map((commit) => [commit.id, commit]));
}

/** What a commit left at a path, as far as its differences tell. */
export function heldAt({ diffs }: WalkedCommit, path: string): string | null {
  return diffs.find((diff) => diff.path === path)?.after ?? null;
}

/** Commits by id for git's `--stdin`: there may be more than arguments have room for. */
export function revisionLines(tips: readonly string[], without: readonly string[]): string {
  return [...tips, ...without.map((commit) => `^${commit}`), ''].join('\n');
}

/** A merge is listed once for each parent that it differs from. */
function readLog(output: Buffer, isTold: (path: string) => boolean): readonly WalkedCommit[] {
  const fields = output.toString('utf8').split('\0');
  const commits: (WalkedCommit & { readonly diffs: PathDiff[] })[] = [];
  let at = 0;
  while (at + 4 < fields.length) {
    const [id = '', parents = '', seconds = '', author = '', subject = ''] = fields.slice(at);
    at += 5;
    const known = commits.at(-1);
    const diffs = known?.id === id ? known.diffs : [];
    if (known?.id !== id) {
      commits.push({
        id,
        parents: parents.split(' ').filter(Boolean),
        committedAt: Number(seconds) * 1000 || 0,
        author,
        subject,
        diffs,
      });
    }
    for (; /^\n?:/.test(fields[at] ?? ''); at += 2) {
      const path = fields[at + 1] ?? '';
      // A folder of that name has files of its own.
      if (isTold(path)) diffs.push({ path, ...heldBeforeAndAfter(fields[at] ?? '') });
    }
  }
  return commits;
}

/** `:100644 100755 <id> <id> M` */
function heldBeforeAndAfter(raw: string): Omit<PathDiff, 'path'> {
  const [modeBefore = '', modeAfter = '', before = '', after = ''] = raw.split(' ');
  return {
    before: isFile(modeBefore) ? before : null,
    after: isFile(modeAfter) ? after : null,
  };
}

function isFile(mode: string): boolean {
  return /100\d{3}$/.test(mode);
}
