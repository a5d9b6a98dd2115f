import type { TimeWindow } from '../../model/index.ts';
import { gitFailure } from './failure.ts';
import { once } from './once.ts';
import { runGit } from './process.ts';
import type { Chain, OpenRepository, Repository } from './repository.ts';

/** A commit of a first-parent chain, and when it arrived there, in milliseconds. */
export interface Arrival {
  readonly id: string;
  readonly at: number;
}

/**
 * The first-parent chain of a commit, the newest first, to its root or to where a clone is cut; git is
 * asked once a run. Throws `GIT_FAILED`.
 */
export async function arrivalsOf(
  opened: OpenRepository,
  tip: string,
  window: TimeWindow,
): Promise<readonly Arrival[]> {
  const chain = await once(opened.chains, tip, () => chainOf(opened.repository, tip));
  return datedArrivals(chain, window);
}

async function chainOf(repository: Repository, tip: string): Promise<Chain> {
  const args = ['rev-list', '--first-parent', '--timestamp', '--end-of-options', tip];
  const listed = await runGit(repository, args);
  if (listed.code !== 0) throw gitFailure(repository, listed, 'reading the history');
  return listed.stdout
    .toString('latin1')
    .split('\n')
    .flatMap((line) => {
      const [seconds, id] = line.split(' ');
      return id === undefined ? [] : [{ id, committedAt: Number(seconds) * 1000 }];
    });
}

/**
 * When the commits of a chain (newest first) arrived: by the committer's date of the commit that
 * brought a change to the chain, a merge or the change itself. Nothing arrives before its parent
 * did, whatever its clock said; nor later than now. A date further ahead than the window is long
 * is a broken clock: it is not believed, or its commit would count as just arrived for years.
 */
export function datedArrivals(chain: Chain, { since, now }: TimeWindow): readonly Arrival[] {
  const latest = 2 * now.getTime() - since.getTime();
  let at = 0;
  return chain
    .toReversed()
    .map(({ id, committedAt }) => {
      if (committedAt <= latest) at = Math.max(at, Math.min(committedAt, now.getTime()));
      return { id, at };
    })
    .toReversed();
}
