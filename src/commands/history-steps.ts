import { reviewedLocation } from '../judge/pair.ts';
import { count, shellQuote, type CommitAhead, type Step } from '../model/index.ts';
import { nameOf, repeated } from '../report/index.ts';
import type { Situation } from './situation.ts';

/** Whether older commits may tell more, which a shallow clone lacks. */
export function isCutOff({
  report,
  reach,
  released,
}: Pick<Situation, 'report' | 'reach' | 'released'>): boolean {
  const isKnown = report.cause?.cutOff === true || reach === 'shallow';
  return isLateCut(report) || isKnown || released?.ahead === 'cut off';
}

function isLateCut({ warnings }: Situation['report']): boolean {
  return warnings.some(({ code }) => code === 'GRACE_HISTORY_CUT_OFF');
}

/** History that may tell more, and is not at hand. */
export function historySteps(situation: Situation): readonly Step[] {
  const { artifact, copy, report, sources, given, workingDirectory, released } = situation;
  const { reviewed } = report;
  const isLate = isLateCut(report);
  const bundle = reviewed?.revision.against;
  if (isLate && bundle !== undefined) {
    const place = shellQuote(bundle.replace(/^bundle:/, ''));
    const text = 'make the bundle anew, where its clone is, with as much history as grace needs';
    return [
      {
        kind: 'fetch',
        text,
        commands: [`keydrift bundle --out ${place} --history ${copy.grace}s`],
      },
    ];
  }
  const isClaimed =
    released !== null && typeof released.ahead === 'string' && !isUnmerged(situation);
  const isCut = isCutOff(situation);
  if (!isClaimed && !isCut) return [];
  if (isClaimed && !released.isFetchable) {
    const text = `look where it was published from: the runtime copy says that it is commit ${short(released.commit)}, which this repository does not have, nor a remote that could have it`;
    return [{ kind: 'fetch', text, commands: [] }];
  }
  const location = reviewedLocation(artifact, copy, sources);
  if (situation.isAlone === true) {
    const text =
      'look again in a clone with the older commits: this one is shallow, and has no remote to fetch them from';
    return [{ kind: 'fetch', text, commands: [] }];
  }
  const what = isCut ? 'older' : 'newer';
  const fetch = sources.scheme(location).fetching?.(location, workingDirectory, what) ?? null;
  if (fetch === null) return [];
  const text = isClaimed
    ? `fetch what this clone may lack, which may be behind what was released: the runtime copy says that it is commit ${short(released.commit)}, which is not at hand; then look again`
    : 'fetch the older commits, which this shallow clone lacks, and look again';
  const again = `keydrift investigate ${nameOf(report)}${repeated(given, 'investigate')}`;
  const briefs = isClaimed ? { briefs: ['to fetch what this checkout lacks, first'] } : {};
  return [{ kind: 'fetch', text, ...briefs, commands: [fetch, again] }];
}

/** What was released is newer than what it is judged by: the checkout is what is to be mended. */
export function behindSteps(situation: Situation): readonly Step[] {
  const { artifact, copy, report, sources, given, workingDirectory, released } = situation;
  const ahead = aheadOf(situation);
  if (released === null || ahead === null || report.verdict !== 'drifted') return [];
  const location = reviewedLocation(artifact, copy, sources);
  const { commit } = released;
  const behind = `is ${count(ahead.commits, 'commit')} behind what was released, commit ${short(commit)}`;
  const audit = `keydrift audit ${nameOf(report)}`;
  if (ahead.by === 'ref') {
    const text = `judge by a newer commit: the one that it is judged by ${behind}`;
    const isAsked = given.some(([name]) => name === 'ref');
    const again = `${audit}${repeated(given, 'auditAtRef')} --ref ${commit}`;
    const briefs = ['to judge by what was released, first'];
    return [{ kind: 'fetch', text, briefs, commands: isAsked ? [again] : [] }];
  }
  const by = ahead.by === 'pull' ? 'pull' : 'id';
  const bring =
    sources.scheme(location).checkingOut?.(location, workingDirectory, commit, by) ?? null;
  if (bring === null) return [];
  const how = by === 'pull' ? 'pull' : 'check that commit out';
  const text = `this checkout ${behind}: ${how}, then look again`;
  const briefs = ['to bring this checkout up to what was released, first'];
  return [{ kind: 'fetch', text, briefs, commands: [bring, audit + repeated(given, 'audit')] }];
}

/** How far what was released is ahead; null: it is not, or nobody can tell. */
export function aheadOf({ released }: Pick<Situation, 'released'>): CommitAhead | null {
  return released === null || typeof released.ahead === 'string' ? null : released.ahead;
}

/** Whether the runtime copy claims a commit that is not merged. */
export function isUnmerged({ released }: Pick<Situation, 'released'>): boolean {
  return released?.ahead === 'unmerged';
}

/** What is to be said of a way that hands or writes an older copy; empty: of none it is known. */
export function backWords({ released }: Pick<Situation, 'released'>): string {
  if (released === null || isUnmerged({ released })) return '';
  const ahead = aheadOf({ released });
  return ahead === null
    ? `; it may go back from commit ${short(released.commit)}${released.isFetchable ? ': fetch first' : ''}`
    : `; it goes back, by ${count(ahead.commits, 'commit')}`;
}

/** The same in few words, for a line of a log. */
export function backBrief(situation: Pick<Situation, 'released'>): string {
  if (situation.released === null || isUnmerged(situation)) return '';
  return aheadOf(situation) === null ? ', which may go back' : ', which goes back';
}

/** A commit's id as people read it. */
export function short(commit: string | null): string {
  return commit === null ? 'unknown' : commit.slice(0, 12);
}
