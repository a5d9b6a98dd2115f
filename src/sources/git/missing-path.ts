import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { KeydriftError, nearestNames, shellQuote, type HintText } from '../../model/index.ts';
import { resolveCommit } from './commit.ts';
import { runGit } from './process.ts';
import { askGit, committing } from './queries.ts';
import type { Commit, OpenRepository, Repository } from './repository.ts';
import { isInTree, type Absence } from './tree.ts';

/** A commit as one names it to a person. */
interface Mention {
  readonly id: string;
  readonly subject: string;
}

/** So many paths of a run are searched for: each walks the history, and a folder that moved takes all along. */
const mostSearched = 20;

/**
 * The error for a path that a commit does not have: where it was last, or what is near it, if that is
 * searched for; else what would tell it.
 */
export async function missingPath(
  opened: OpenRepository,
  commit: Commit,
  ref: string,
  path: string,
  absence: Absence,
): Promise<KeydriftError> {
  const { repository, searched } = opened;
  const short = commit.id.slice(0, 7);
  const lead = `${repository.name}: ${path} is not in ${ref}${ref.startsWith(short) ? '' : ` (${short})`}`;
  if (absence === 'not searched') return new KeydriftError('GIT_PATH_NOT_FOUND', lead);
  if (!mayBeSearched(searched, `${commit.id}:${path}`)) {
    const at = shellQuote(repository.directory);
    return notFound(lead, {
      text: `Where it was before is searched for ${mostSearched} files of a run. What became of it`,
      command: `git -C ${at} log --max-count=1 --diff-filter=D --summary ${commit.id.slice(0, 7)} -- ${shellQuote(path)}`,
    });
  }
  const removal = await removalOf(repository, commit.id, path);
  if (removal !== null) {
    const renamed = await renamedTo(repository, removal, path);
    const last = await resolveCommit(opened, `${removal.id}^1`).catch(() => null);
    const where = last === null ? '' : `last in ${named(last)}, `;
    const told = `${lead}: ${where}removed by ${removal.id.slice(0, 7)} ${JSON.stringify(removal.subject)}`;
    return renamed === null
      ? notFound(told, {
          text: 'See the change',
          command: `git -C ${shellQuote(repository.directory)} show ${removal.id.slice(0, 7)}`,
        })
      : new KeydriftError('GIT_PATH_NOT_FOUND', `${told}, renamed to ${renamed}`, {
          hint: `Name the new path: ${renamed}`,
          place: { renamedTo: renamed },
        });
  }
  return neverThere(opened, commit, ref, path, lead);
}

/** Whether what is near a path is searched for: of the first ones of a run. */
function mayBeSearched(searched: Set<string>, place: string): boolean {
  if (searched.size < mostSearched) searched.add(place);
  return searched.has(place);
}

async function neverThere(
  opened: OpenRepository,
  commit: Commit,
  ref: string,
  path: string,
  lead: string,
): Promise<KeydriftError> {
  const { repository } = opened;
  const listed = await runGit(repository, [
    'ls-tree',
    '-r',
    '-z',
    '--name-only',
    '--full-tree',
    commit.id,
  ]);
  const near = nearestNames(path, listed.stdout.toString().split('\0'));
  const at = `git -C ${shellQuote(repository.directory)}`;
  const here = await standingHere(opened, path);
  if (here !== 'nowhere') {
    return notFound(
      lead,
      here === 'in HEAD'
        ? `HEAD has it: bring it to ${ref}, or name another ref.`
        : {
            text: 'The working tree has it, and nobody reviewed what is not committed. Commit it first',
            command: committing([join(repository.directory, path)], repository.directory, null),
          },
    );
  }
  const hints: string[] = [];
  if (near.length > 0) hints.push(`Did you mean ${near.join(' or ')}?`);
  if (repository.shallow)
    hints.push('This clone is shallow: where the path was before cannot be said.');
  if (hints.length > 0) return notFound(lead, hints.join(' '));
  return notFound(lead, {
    text: 'See what there is',
    command: `${at} ls-tree -r --name-only ${commit.id.slice(0, 7)}`,
  });
}

/** The error for a file that the working tree does not have: what HEAD has of it, or what is near. */
export async function missingInWorkingTree(
  opened: OpenRepository,
  path: string,
  file: string,
  cause: KeydriftError,
): Promise<KeydriftError> {
  const { repository, searched } = opened;
  const at = `git -C ${shellQuote(repository.directory)}`;
  const fault = (hint: HintText): KeydriftError =>
    new KeydriftError('GIT_PATH_NOT_FOUND', `${file} is not in the working tree`, { cause, hint });
  const renamedFault = (renamed: string): KeydriftError =>
    new KeydriftError('GIT_PATH_NOT_FOUND', `${file} is not in the working tree`, {
      cause,
      hint: `Name the new path: ${renamed}`,
      place: { renamedTo: renamed },
    });
  const listing = { text: 'See what there is', command: `${at} ls-files --cached --others` };
  if (!mayBeSearched(searched, `:${path}`)) return fault(listing);
  if (await isInHead(opened, path)) {
    const staged = await renamedIn(repository, ['diff-index', '--cached'], ['HEAD'], path);
    if (staged !== null) return renamedFault(staged);
    return fault({
      text: 'HEAD has it. If it was deleted by mistake',
      command: `${at} restore -- ${shellQuote(path)}`,
    });
  }
  const removal = await removalOf(repository, 'HEAD', path);
  const renamed = removal && (await renamedTo(repository, removal, path));
  if (renamed !== null) return renamedFault(renamed);
  const listed = await askGit(repository, [...everyFile, '--']);
  const near = nearestNames(path, (listed ?? '').split('\0'));
  return fault(near.length > 0 ? `Did you mean ${near.join(' or ')}?` : listing);
}

const everyFile = ['ls-files', '-z', '--full-name', '--cached', '--others', '--exclude-standard'];

/** The commit that took the path away, where it arrived on the way to `commit`; null: none did. */
async function removalOf(
  repository: Repository,
  commit: string,
  path: string,
): Promise<Mention | null> {
  const only = ['--diff-filter=D', '--no-renames', commit, '--', path];
  const arrived = await mention(repository, ['-m', '--first-parent', ...only]);
  return arrived ?? mention(repository, ['--full-history', ...only]);
}

/** Where git thinks the content went in that commit, or null. */
async function renamedTo(
  repository: Repository,
  removal: Mention,
  path: string,
): Promise<string | null> {
  return renamedIn(repository, ['diff-tree', '-r'], [`${removal.id}^1`, removal.id], path);
}

/** What a path is called on the other side of a difference, where git sees it renamed; else null. */
async function renamedIn(
  repository: Repository,
  command: readonly string[],
  between: readonly string[],
  path: string,
): Promise<string | null> {
  const args = ['-z', '-M', '--diff-filter=R', '--name-status', '--no-ext-diff'];
  const changed = await runGit(repository, [...command, ...args, ...between, '--']);
  const fields = changed.stdout.toString().split('\0');
  for (let at = 0; at + 2 < fields.length; at += 3) {
    if (fields[at + 1] === path) return fields[at + 2] ?? null;
  }
  return null;
}

async function mention(repository: Repository, args: readonly string[]): Promise<Mention | null> {
  const format = '--format=%H%x00%s%x00';
  const fixed = ['--no-show-signature', '--encoding=UTF-8', '--no-ext-diff', '-s', '--max-count=1'];
  const log = await askGit(repository, ['log', ...fixed, format, ...args]);
  const [id, subject] = log?.split('\0') ?? [];
  return id === undefined || subject === undefined ? null : { id, subject };
}

function named({ id, committedAt }: Commit): string {
  return `${id.slice(0, 7)} of ${committedAt.slice(0, 10)}`;
}

/** Where else a path is that a commit lacks. */
async function standingHere(
  opened: OpenRepository,
  path: string,
): Promise<'in HEAD' | 'uncommitted' | 'nowhere'> {
  const { repository } = opened;
  if (repository.root === null) return 'nowhere';
  const found = await lstat(join(repository.root, path)).catch(() => null);
  if (found?.isFile() !== true) return 'nowhere';
  return (await isInHead(opened, path)) ? 'in HEAD' : 'uncommitted';
}

async function isInHead(opened: OpenRepository, path: string): Promise<boolean> {
  const head = await resolveCommit(opened, 'HEAD').catch(() => null);
  return head !== null && (await isInTree(opened, head.id, path).catch(() => false));
}

function notFound(message: string, hint: HintText): KeydriftError {
  return new KeydriftError('GIT_PATH_NOT_FOUND', message, { hint });
}
