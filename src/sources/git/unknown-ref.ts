import { KeydriftError, nearestNames, shellQuote, type HintText } from '../../model/index.ts';
import type { Batch } from './cat-file.ts';
import { gitFailure } from './failure.ts';
import { runGit, type GitExit, type GitPlace } from './process.ts';
import { askGit, hasRemote } from './queries.ts';
import type { OpenRepository, Repository } from './repository.ts';

/** The error for a ref that does not resolve to a commit, with what was probably meant. */
export async function unknownRef(
  { repository, batch }: OpenRepository,
  ref: string,
  exit: GitExit,
): Promise<KeydriftError> {
  if (/dubious ownership|promisor remote/.test(exit.stderr)) {
    return gitFailure(repository, exit, `resolving ${ref}`);
  }
  const type = await typeOf(batch, ref);
  if (type !== null) {
    return new KeydriftError('GIT_BAD_REF', `${repository.name}: ${ref} names ${type}, no commit`, {
      hint: 'Name a branch, a tag of a commit, or a commit id; the file is named by its path.',
    });
  }
  const names = await refNames(repository);
  if (names.length === 0 && !(await hasCommits(repository))) {
    return new KeydriftError('GIT_UNKNOWN_REF', `${repository.name} has no commits yet`, {
      hint: 'Commit the contract and the reviewed file first.',
    });
  }
  return new KeydriftError('GIT_UNKNOWN_REF', `${repository.name} has no ref ${ref}`, {
    hint: await hintFor(repository, ref, names),
  });
}

/** Refs that are named where none is near. */
const mostNamed = 5;

/** What was probably meant; a fetch only where there is somewhere to fetch from, and no misspelling. */
async function hintFor(
  repository: Repository,
  ref: string,
  names: readonly string[],
): Promise<HintText | null> {
  const nearest = nearestNames(ref, names);
  const more = names.length > mostNamed ? ', …' : '';
  const lead =
    nearest.length > 0
      ? `Did you mean ${nearest.join(' or ')}?`
      : names.length === 0
        ? ''
        : `It has ${names.slice(0, mostNamed).join(', ')}${more}.`;
  if (repository.url !== null) {
    return `${lead} Only branches and tags of the remote are fetched.`.trim();
  }
  const at = shellQuote(repository.directory);
  if (repository.shallow) {
    const why = `${lead} This clone is shallow and may lack it: `.trimStart();
    return unshallowing(repository, why, ' --tags');
  }
  const isMisspelt = nearest.length > 0 && !nearest.some((name) => isOtherNumber(ref, name));
  if (isMisspelt || !(await hasRemote(repository))) return lead === '' ? null : lead;
  return { text: `${lead} If it is on the remote`.trim(), command: `git -C ${at} fetch --tags` };
}

/** The next one of a series (`v2.1.0` beside `v2.0.0`), which a clone may well lack. */
function isOtherNumber(ref: string, name: string): boolean {
  return /\d/.test(ref) && ref.replaceAll(/\d+/g, '') === name.replaceAll(/\d+/g, '');
}

/** What a ref names that is no commit (`a tree`); null: nothing. */
async function typeOf(batch: Batch, ref: string): Promise<string | null> {
  const found = await batch.peek(ref, 0).catch(() => null);
  if (found === null) return null;
  return found.type === 'tag' ? 'a tag of a tree or blob' : `a ${found.type}`;
}

async function refNames(repository: Repository): Promise<string[]> {
  const refs = await askGit(repository, [
    'for-each-ref',
    '--format=%(refname:lstrip=2)',
    'refs/heads',
    'refs/tags',
    'refs/remotes',
  ]);
  return (refs ?? '').split('\n').filter((name) => name !== '');
}

async function hasCommits(repository: Repository): Promise<boolean> {
  const any = await runGit(repository, ['rev-list', '--max-count=1', '--all', '--']);
  if (any.code !== 0) throw gitFailure(repository, any, 'looking');
  return any.stdout.length > 0;
}

/**
 * What brings the older commits into a shallow clone, after a `lead`: from its remote, where it has one.
 * `more`: options of the fetch.
 */
export async function unshallowing(place: GitPlace, lead: string, more = ''): Promise<HintText> {
  const from = '"fetch-depth: 0" in a CI checkout';
  return (await hasRemote(place))
    ? {
        text: `${lead}${from}, or`,
        command: `git -C ${shellQuote(place.directory)} fetch --unshallow${more}`,
      }
    : `${lead}${from}, or a clone that has them: this one has no remote to fetch from.`;
}
