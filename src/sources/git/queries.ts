import { runGit, type GitPlace } from './process.ts';

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
