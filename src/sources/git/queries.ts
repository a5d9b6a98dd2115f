import { lstat, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { shellQuote } from '../../model/index.ts';
import { runGit, type GitPlace } from './process.ts';
import type { Repository } from './repository.ts';

/**
 * The text of a question about refs or history; null when git fails. Options must be closed by `--`
 * or `--end-of-options`.
 */
export async function askGit(place: GitPlace, question: readonly string[]): Promise<string | null> {
  const answer = await runGit(place, question);
  return answer.code === 0 ? answer.stdout.toString('utf8') : null;
}

/** Whether a repository has anything to be fetched from. */
export async function hasRemote(place: GitPlace): Promise<boolean> {
  return ((await askGit(place, ['remote'])) ?? '').trim() !== '';
}

/** The branch that HEAD is; null: it is detached. */
export async function branchOfHead(repository: Repository): Promise<string | null> {
  const name = await refOfHead(repository);
  return name?.replace(/^refs\/heads\//, '') ?? null;
}

async function refOfHead(repository: Repository): Promise<string | null> {
  const { head, gitDirectory } = repository;
  const [, name] = /^ref: (refs\/heads\/(?!\.).+)\n$/.exec(head ?? '') ?? [];
  // A branch may stand for another one, by a file of its own.
  if (name !== undefined && (await isId(join(gitDirectory, name)))) return name;
  return (await askGit(repository, ['symbolic-ref', '--quiet', 'HEAD']))?.trim() ?? null;
}

/** Whether a file says what a ref names by its id. */
async function isId(file: string): Promise<boolean> {
  const found = await lstat(file).catch(() => null);
  return found?.isFile() === true && /^[0-9a-f]{40,64}\n$/.test(await readFile(file, 'latin1'));
}

/** Whether a path is a directory, or lies in it; both are absolute. */
export function isWithin(directory: string, path: string): boolean {
  return !/^\.\.(?:\/|$)/.test(relative(directory, path));
}

/**
 * The command that commits files of a repository: `files` and `root` are absolute, and no name is a
 * pattern. `directory`: where it is typed; null: anywhere.
 */
export function committing(
  files: readonly string[],
  root: string,
  directory: string | null,
): string {
  const isInside = directory !== null && isWithin(root, directory);
  const place = directory === null ? root : relative(directory, root);
  const git = isInside ? 'git' : `git -C ${shellQuote(place)}`;
  const names = files.map((file) => relative(isInside ? directory : root, file));
  const literal = names.some((name) => /^:|[*?[\\]/.test(name)) ? ' --literal-pathspecs' : '';
  return `${git}${literal} add -- ${names.map(shellQuote).join(' ')} && ${git} commit`;
}
