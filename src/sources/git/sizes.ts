import { gitFailure } from './failure.ts';
import { runGit } from './process.ts';
import type { Repository } from './repository.ts';

/**
 * Sizes of objects, by how git is asked for them (an id, or `COMMIT:PATH`); what is not there is
 * left out, as what a partial clone lacks. One process for all. A question holds no line end.
 * Throws `GIT_FAILED`.
 */
export async function sizesOf(
  repository: Repository,
  questions: Iterable<string>,
): Promise<ReadonlyMap<string, number>> {
  const asked = [...questions];
  const sizes = new Map<string, number>();
  if (asked.length === 0) return sizes;
  const args = ['cat-file', '--batch-check=%(objectname) %(objectsize)'];
  const listed = await runGit(repository, args, `${asked.join('\n')}\n`);
  if (listed.code !== 0) throw gitFailure(repository, listed, 'looking for the sizes of objects');
  // One line for each question, in their order: `<id> <size>`, or `<question> missing`.
  const answers = listed.stdout.toString('utf8').split('\n');
  for (const [at, question] of asked.entries()) {
    const size = /^[0-9a-f]{40,64} (\d+)$/.exec(answers[at] ?? '')?.[1];
    if (size !== undefined) sizes.set(question, Number(size));
  }
  return sizes;
}
