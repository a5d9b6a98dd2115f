import { toKeydriftError, type CommitAhead, type CommitStanding } from '../../model/index.ts';
import { commitOf, isAncestor } from './commit.ts';
import { gitFailure } from './failure.ts';
import { once } from './once.ts';
import { runGit } from './process.ts';
import type { Commit, OpenRepository } from './repository.ts';

/** How a commit, by its whole id, stands to that of a ref; once a run. Throws `GIT_UNKNOWN_REF` for the ref. */
export function standingOf(
  opened: OpenRepository,
  ref: string,
  commit: string,
): Promise<CommitStanding> {
  return once(opened.standings, `${commit} ${ref}`, () => findStanding(opened, ref, commit));
}

async function findStanding(
  opened: OpenRepository,
  ref: string,
  commit: string,
): Promise<CommitStanding> {
  const { repository } = opened;
  const here = await commitOf(opened, ref);
  const there = await commitOf(opened, commit).catch((thrown: unknown) => {
    if (toKeydriftError(thrown).code === 'GIT_UNKNOWN_REF') return null;
    throw thrown;
  });
  if (there === null) return repository.shallow ? 'cut off' : 'not at hand';
  if (here.id === there.id) return 'other';
  const between = ['--count', '--left-right', `${here.id}...${there.id}`];
  const counted = await runGit(repository, ['rev-list', ...between]);
  if (counted.code !== 0) throw gitFailure(repository, counted, 'counting commits');
  const [behind = 0, commits = 0] = counted.stdout.toString('latin1').split('\t').map(Number);
  if (behind > 0) return 'other';
  const checkout = await checkoutOf(opened);
  const by = await waysTo(opened, ref, there, checkout);
  const isMerged = by === 'pull' || (await mayBeMerged(opened, ref, there, checkout));
  return isMerged ? { commits, by } : 'unmerged';
}

/** Branches that work is merged into, as far as a clone tells: the remotes' own, or by their usual names. */
const mainLines =
  /^refs\/remotes\/.+\/HEAD$|^refs\/(?:heads|remotes\/[^/]+)\/(?:main|master|trunk)$/;

/**
 * Whether a commit is on a main line, or on that of the ref: what is on another branch alone waits for
 * its review. Where a clone knows no such line, nobody can tell.
 */
async function mayBeMerged(
  opened: OpenRepository,
  ref: string,
  { id }: Commit,
  { branch }: Checkout,
): Promise<boolean> {
  const own = withoutPlace((ref === 'HEAD' ? branch : null) ?? ref);
  const isMain = (name: string): boolean => mainLines.test(name) || withoutPlace(name) === own;
  if ((await branches(opened, [`--contains=${id}`])).some(isMain)) return true;
  return !(await branches(opened, [])).some(isMain);
}

/** `develop` of `refs/heads/develop` and of `refs/remotes/origin/develop`. */
function withoutPlace(name: string): string {
  return name.replace(/^refs\/(?:heads|remotes\/[^/]+)\//, '');
}

/** Whole names of the branches here, and of those of remotes. */
async function branches(
  { repository }: OpenRepository,
  which: readonly string[],
): Promise<readonly string[]> {
  const asked = ['for-each-ref', '--format=%(refname)', ...which, 'refs/heads', 'refs/remotes'];
  const found = await runGit(repository, asked);
  if (found.code !== 0) throw gitFailure(repository, found, 'listing the branches');
  return found.stdout.toString('utf8').split('\n');
}

/** What brings a commit ahead into what a ref names. */
async function waysTo(
  opened: OpenRepository,
  ref: string,
  commit: Commit,
  { branch, tracked }: Checkout,
): Promise<CommitAhead['by']> {
  const names = ['HEAD', branch, branch?.replace(/^refs\/heads\//, '')];
  if (!names.includes(ref)) return 'ref';
  if (tracked === null) return 'checkout';
  const tip = await commitOf(opened, tracked);
  return (await isAncestor(opened, commit, tip)) ? 'pull' : 'checkout';
}

/** What is checked out, by whole names. */
interface Checkout {
  /** `HEAD` where that is detached; null: git does not tell. */
  readonly branch: string | null;
  /** What the branch follows; null: nothing. */
  readonly tracked: string | null;
}

async function checkoutOf({ repository }: OpenRepository): Promise<Checkout> {
  const asked = ['rev-parse', '--symbolic-full-name', 'HEAD', '@{upstream}'];
  // Where nothing is tracked it fails, and has told the branch.
  const { code, stdout } = await runGit(repository, asked);
  const [branch = '', tracked = ''] = stdout.toString('utf8').split('\n');
  return { branch: branch || null, tracked: (code === 0 && tracked) || null };
}
