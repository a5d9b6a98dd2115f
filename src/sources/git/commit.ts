import { KeydriftError, type MergeBase } from '../../model/index.ts';
import { gitFailure } from './failure.ts';
import { once } from './once.ts';
import { runGit } from './process.ts';
import type { OpenRepository, Commit } from './repository.ts';

/**
 * The commit that a ref names; a tag is followed to its commit.
 * Throws `GIT_BAD_REF` for what cannot name one commit, `GIT_UNKNOWN_REF` for what names nothing.
 */
export async function resolveCommit(opened: OpenRepository, ref: string): Promise<Commit> {
  checkRef(ref);
  await requireOneMeaning(opened, ref);
  const name = `${ref}^{commit}`;
  const commit = await opened.batch.read(name).catch(() => null);
  if (commit !== null) return { id: commit.id, committedAt: committerDate(commit.bytes) };
  // Why it failed, rev-parse can say.
  const place = opened.repository;
  const found = await runGit(place, ['rev-parse', '--verify', '--end-of-options', name]);
  if (found.startError !== null) throw gitFailure(place, found, `resolving ${ref}`);
  const id = found.stdout.toString('latin1').trim();
  if (found.code !== 0 || !/^[0-9a-f]{40,64}$/.test(id)) {
    const { unknownRef } = await import('./unknown-ref.ts');
    throw await unknownRef(opened, ref, found);
  }
  const { bytes } = await opened.batch.read(id);
  return { id, committedAt: committerDate(bytes) };
}

/** No commit or tag is larger: what is, is not read for its id. */
const smallObject = 1024 * 1024;

/** Folders of refs that a short name may stand in, as git looks for it. */
const refFolders: readonly (readonly [folder: string, what: string])[] = [
  ['refs/tags/', 'a tag'],
  ['refs/heads/', 'a branch'],
  ['refs/remotes/', 'a remote-tracking branch'],
];

/**
 * Throws `GIT_AMBIGUOUS_REF` for a name that is both a branch and a tag, or one of them and the short
 * id of another commit: git would choose one.
 */
async function requireOneMeaning(
  { batch, repository }: OpenRepository,
  ref: string,
): Promise<void> {
  const [name = ''] = ref.split(/[~^]|@\{/, 1);
  if (name === '' || name === 'HEAD' || name === '@' || name.startsWith('refs/')) return;
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(name)) return;
  const meanings: string[] = [];
  const short = shortId.exec(name)?.[1];
  const real = await realRefs(repository, name);
  for (const [folder, what] of refFolders) {
    if (real !== null && !real.includes(`${folder}${name}`)) continue;
    const found = await batch.peek(`${folder}${name}`, smallObject).catch(() => null);
    if (found === null) continue;
    meanings.push(`${what} (${folder}${name}, ${found.id.slice(0, 12)})`);
    if (short === undefined) continue;
    const own = await batch.peek(`${folder}${name}^{commit}`, smallObject).catch(() => null);
    for (const id of await commitsOf({ batch, repository }, short)) {
      if (id !== own?.id) meanings.push(`a commit (${id.slice(0, 12)})`);
    }
  }
  if (meanings.length < 2) return;
  throw new KeydriftError(
    'GIT_AMBIGUOUS_REF',
    `${repository.name}: ${name} is ${meanings.join(' and ')}`,
    { hint: 'Write which one is meant: refs/heads/NAME or refs/tags/NAME.' },
  );
}

/** Refs of a name that git would take for what `git describe` prints, behind any folder; null: it is none. */
async function realRefs(
  repository: OpenRepository['repository'],
  name: string,
): Promise<readonly string[] | null> {
  if (!/-g[0-9a-f]{4,64}$/i.test(name)) return null;
  const names = refFolders.map(([folder]) => `${folder}${name}`);
  const found = await runGit(repository, ['for-each-ref', '--format=%(refname)', ...names]);
  return found.stdout.toString('utf8').split('\n');
}

/** A commit's id cut short, as git prints it: alone, or behind a tag by `git describe`. */
const shortId = /^(?:.*-\d+-g)?([0-9a-f]{7,63})$/i;

/** Ids of the commits that a short id could mean. */
async function commitsOf(
  { batch, repository }: Pick<OpenRepository, 'batch' | 'repository'>,
  short: string,
): Promise<readonly string[]> {
  const { stdout } = await runGit(repository, ['rev-parse', `--disambiguate=${short}`]);
  const ids = stdout.toString('latin1').split('\n').filter(Boolean).slice(0, 16);
  const seen = await Promise.all(ids.map((id) => batch.peek(id, 0).catch(() => null)));
  return seen.flatMap((one) => (one?.type === 'commit' ? [one.id] : []));
}

/** As `resolveCommit`, once for each ref of a run. */
export function commitOf(opened: OpenRepository, ref: string): Promise<Commit> {
  return once(opened.commits, ref, () => resolveCommit(opened, ref));
}

/** The best common ancestor of two commits, and whether that is another than `base`. Throws `GIT_NO_MERGE_BASE`. */
export async function mergeBaseOf(
  opened: OpenRepository,
  base: Commit,
  head: Commit,
  names: { readonly base: string; readonly head: string },
): Promise<MergeBase> {
  if (base.id === head.id) return { commit: base.id, isOther: false };
  const place = opened.repository;
  const found = await runGit(place, ['merge-base', '--end-of-options', base.id, head.id]);
  if (found.code === 0) {
    const commit = found.stdout.toString('latin1').trim();
    return { commit, isOther: commit !== base.id };
  }
  if (found.code !== 1) throw gitFailure(place, found, `finding the merge base of ${names.base}`);
  const cause = place.shallow ? ': this clone is shallow, its history is cut off' : '';
  throw new KeydriftError(
    'GIT_NO_MERGE_BASE',
    `${place.name}: ${names.base} and ${names.head} have no common commit${cause}`,
    {
      hint: place.shallow
        ? await (
            await import('./unknown-ref.ts')
          ).unshallowing(place, 'The history must be complete: ')
        : 'Name one whose history meets: nothing that could be fetched joins these two.',
    },
  );
}

/** Whether a commit is another one, or in its history; once a run. */
export function isAncestor(opened: OpenRepository, part: Commit, whole: Commit): Promise<boolean> {
  if (part.id === whole.id) return Promise.resolve(true);
  return once(opened.ancestries, `${part.id} ${whole.id}`, () => findAncestor(opened, part, whole));
}

async function findAncestor(
  { repository }: OpenRepository,
  part: Commit,
  whole: Commit,
): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', '--end-of-options', part.id, whole.id];
  const found = await runGit(repository, args);
  if (found.code === 0 || found.code === 1) return found.code === 0;
  throw gitFailure(repository, found, `looking for ${part.id.slice(0, 12)} in the history`);
}

/** Throws `GIT_BAD_REF` for a ref that git could take for an option, a range or a file. */
function checkRef(ref: string): void {
  const plain = ref.replaceAll(/\{[^{}]*\}/g, '');
  // oxlint-disable-next-line no-control-regex -- they are what no ref may hold
  const wrong = /^[-^]|[\u0000-\u0020\u007f?*[\\:{}]|\.\.|\0/.test(plain) || ref === '';
  // oxlint-disable-next-line no-control-regex -- NUL ends an argument
  if (!wrong && !/[\u0000-\u001f]/.test(ref)) return;
  throw new KeydriftError('GIT_BAD_REF', `${JSON.stringify(ref)} is not the name of one commit`, {
    hint: 'Name a branch, a tag, a commit id, or something like HEAD~1.',
  });
}

/** Out of a commit object's header: `committer Name <mail> 1767225600 +0000`. */
function committerDate(commit: Uint8Array): string {
  const header = Buffer.from(commit).toString('latin1').split('\n\n', 1)[0] ?? '';
  const seconds = /^committer .*> (-?\d+) [+-]\d+$/m.exec(header)?.[1];
  const date = new Date(Number(seconds) * 1000);
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString();
}
