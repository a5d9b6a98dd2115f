import {
  kindEntry,
  type SideNames,
  findingKinds,
  type ArtifactReport,
  type Finding,
  type FindingKind,
  type Severity,
} from '../model/index.ts';

/** The findings of one kind that a person is shown, and how many there are. */
export interface FindingGroup {
  readonly kind: FindingKind;
  readonly total: number;
  /** How many of them the report does not list. */
  readonly unlisted: number;
  readonly bySeverity: ReadonlyMap<Severity, number>;
  /** In the report's order. */
  readonly shown: readonly Finding[];
}

/**
 * Findings by kind, those that policy ignores left out, at most `limit` of them shown: every kind
 * has a fair share, so that many of one kind never hide all of another; of one kind what is new since
 * the earlier run is chosen before what was known, and what fails before what is let pass. Of each kind `truncated` more
 * are not at hand: they weigh what those that are weigh after policy.
 */
export function groupFindings(
  findings: readonly Finding[],
  limit: number,
  truncated: ArtifactReport['truncated'] = null,
): readonly FindingGroup[] {
  const groups = findingKinds.map((kind) => ({
    kind,
    total: 0,
    unlisted: 0,
    bySeverity: new Map<Severity, number>(),
    first: weights.map((): (readonly [at: number, finding: Finding])[] => []),
  }));
  const byKind = new Map(groups.map((group) => [group.kind, group]));
  for (const [at, finding] of findings.entries()) {
    const group = byKind.get(finding.kind);
    if (group === undefined || finding.severity === 'ignore') continue;
    group.total += 1;
    group.bySeverity.set(finding.severity, (group.bySeverity.get(finding.severity) ?? 0) + 1);
    const first = group.first[weightOf(finding)]!;
    if (first.length < limit) first.push([at, finding]);
  }
  for (const group of groups) {
    const left = truncated?.[group.kind] ?? 0;
    const severity = uncovered.find((one) => group.bySeverity.has(one));
    if (left === 0 || severity === undefined) continue;
    group.unlisted = left;
    group.total += left;
    group.bySeverity.set(severity, group.bySeverity.get(severity)! + left);
  }
  const present = groups.filter((group) => group.total > 0);
  const shares = fairShares(
    present.map((group) => group.total),
    limit,
  );
  return present.map(({ kind, total, unlisted, bySeverity, first }, at) => ({
    kind,
    total,
    unlisted,
    bySeverity,
    shown: first
      .flat()
      .slice(0, shares[at])
      .toSorted(([a], [b]) => a - b)
      .map(([, finding]) => finding),
  }));
}

/** What is shown first, where not all is. */
const weights = ['new', 'fail', 'warn', 'pending', 'accepted'] as const;

function weightOf({ severity, transition }: Finding): number {
  const isNew = severity === 'fail' && transition?.change === 'new';
  return weights.findIndex((one) => one === (isNew ? 'new' : severity));
}

/** What a finding weighs that no entry of `accept` covers, the heaviest first. */
const uncovered: readonly Severity[] = ['fail', 'warn', 'pending', 'accepted'];

/** Findings of all groups. */
export function totalOf(groups: readonly FindingGroup[]): number {
  return groups.reduce((sum, group) => sum + group.total, 0);
}

/** Findings of all groups that are not shown. */
export function hiddenIn(groups: readonly FindingGroup[]): number {
  return groups.reduce((sum, group) => sum + group.total - group.shown.length, 0);
}

/** Parts of `limit` for each total: one of each as far as it reaches, then what small ones leave. */
function fairShares(totals: readonly number[], limit: number): readonly number[] {
  const shares = totals.map((_, at) => Number(at < limit));
  let left = limit - shares.reduce((sum, share) => sum + share, 0);
  const ascending = [...totals.entries()].sort(([at, a], [bt, b]) => a - b || at - bt);
  for (const [turn, [at, total]] of ascending.entries()) {
    const own = shares[at] ?? 0;
    const more = Math.min(total - own, Math.floor(left / (ascending.length - turn)));
    if (own === 0 || more <= 0) continue;
    shares[at] = own + more;
    left -= more;
  }
  return shares;
}

/** What findings of a kind mean. */
export function kindText(kind: string, sides: SideNames): string {
  return kindEntry(kind)?.words(sides) ?? 'of a kind that this version does not know';
}

/** Whether a finding of a kind must say on which side it stands. */
export function standsOnSides(kind: string): boolean {
  return kindEntry(kind)?.sides.length !== 1;
}
