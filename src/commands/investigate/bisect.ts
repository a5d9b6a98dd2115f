import { driftOf, type DriftKind } from '../../history/index.ts';
import type { Policy } from '../../model/index.ts';
import type { Contents } from '../../judge/explain/contents.ts';
import {
  relateMoment,
  standMoments,
  type Histories,
  type Moment,
} from '../../judge/explain/moments.ts';

/** Moments of which only some were compared, and which. */
export interface SearchedMoments {
  /** The oldest first. */
  readonly moments: readonly Moment[];
  /** Places of those that were compared. */
  readonly read: ReadonlySet<number>;
}

type Drift = ReadonlySet<DriftKind> | null;

/**
 * The moments of a table's snapshots, compared where a search by halves for the begin of the present
 * drift, and of each of its kinds, needs it: each comparison is a pass of an engine over the table. It
 * takes it that a drift lasts once it began; of the moments that it does not read nothing is known.
 */
export async function searchMoments(
  histories: Histories,
  contents: Contents,
  policy: Policy,
  progress: (done: number, total: number) => void,
): Promise<SearchedMoments> {
  const moments = [...(await standMoments(histories, contents))];
  const read = new Set<number>();
  const drifts = async (at: number): Promise<Drift> => {
    if (!read.has(at)) {
      moments[at] = await relateMoment(moments[at]!, histories, contents, 'reviewed');
      read.add(at);
      progress(read.size, moments.length);
    }
    const { relation, counts } = moments[at]!;
    return driftOf(relation, counts, policy);
  };
  const last = moments.length - 1;
  const present = last < 0 ? null : await drifts(last);
  const first = moments.findIndex(({ version }) => version !== null);
  const begin = await firstOf(first, last, async (at) => ((await drifts(at))?.size ?? 0) > 0);
  for (const kind of present ?? []) {
    await firstOf(begin, last, async (at) => (await drifts(at))?.has(kind) === true);
  }
  return { moments, read };
}

/** The first place from which on something is true up to `last`, where it is; found by halves. */
async function firstOf(
  from: number,
  last: number,
  isTrue: (at: number) => Promise<boolean>,
): Promise<number> {
  if (last < 0 || !(await isTrue(last))) return last;
  let [before, known] = [from - 1, last];
  while (known - before > 1) {
    const middle = Math.floor((before + known) / 2);
    if (await isTrue(middle)) known = middle;
    else before = middle;
  }
  return known;
}

/** What stood at each moment: of one that was not read, what stood at the last one before it that was. */
export function filledDrifts(
  drifts: readonly Drift[],
  { read }: Pick<SearchedMoments, 'read'>,
): readonly Drift[] {
  let known: Drift = null;
  return drifts.map((drift, at) => (known = read.has(at) ? drift : known));
}

/** What a search by halves may have missed; null: it read every moment that a copy is known of. */
export function searchReason({ moments, read }: SearchedMoments): string | null {
  const known = moments.filter(({ version }) => version !== null).length;
  if (read.size >= known) return null;
  return `${read.size} of ${known} moments were compared, as each is a pass over the table: the begin was searched by halves, which takes it that a drift lasts once it began; an earlier drift that was mended again, or a break in the present one, would not be seen (--from and --to compare any two)`;
}
