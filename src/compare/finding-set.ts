import {
  inSlices,
  withFacts,
  type Finding,
  type FindingKind,
  type FindingSide,
  type KindCount,
  type Severity,
  type Verdict,
} from '../model/index.ts';
import { findFindings } from './findings.ts';
import type { Comparison } from './input.ts';
import { keyId } from './pin.ts';
import { mayBePending, type Weighed, noFindings } from './state.ts';

/**
 * All findings of a judgement: those at hand, and those that were only counted because they are
 * beyond what is listed (SPEC §2, "Bounded"). Both weigh alike.
 */
export interface FindingSet {
  /** Confirmed, in the order of reports: listed, or named by `accept`. */
  readonly findings: readonly Finding[];
  /** Of those the ids of what is beyond the bound. */
  readonly beyond: ReadonlySet<string>;
  readonly counted: readonly (Weighed & { readonly count: number })[];
}

export const noFindingSet: FindingSet = { findings: [], beyond: new Set(), counted: [] };

/** Every fact of drift; `counts` are of all keys, whether or not they were confirmed. */
export async function collectFindings(
  comparison: Comparison,
  counts: readonly KindCount[],
): Promise<FindingSet> {
  const findings = await findFindings(comparison);
  const { keys } = comparison;
  const isNothing = findings.length + keys.length === 0 && counts.every(({ count }) => count === 0);
  if (isNothing) return noFindingSet;
  const beyond = new Set<string>();
  await inSlices(keys.length, (from, to) => {
    for (let at = from; at < to; at += 1) {
      const { key, unlisted } = keys[at]!;
      for (const what of unlisted ?? []) beyond.add(`${what} ${JSON.stringify(key)}`);
    }
  });
  const confirmed = new Map<FindingKind, Map<FindingSide, number>>();
  await inSlices(findings.length, (from, to) => {
    for (let at = from; at < to; at += 1) {
      const { kind, side } = findings[at]!;
      const sides = confirmed.get(kind) ?? new Map<FindingSide, number>();
      confirmed.set(kind, sides.set(side, (sides.get(side) ?? 0) + 1));
    }
  });
  const counted = counts.flatMap(({ kind, side, count }) => {
    const left = count - (confirmed.get(kind)?.get(side) ?? 0);
    return left > 0 ? [{ kind, side, severity: comparison.policy[kind], count: left }] : [];
  });
  return { findings, beyond, counted };
}

/** The same findings with other severities. */
export function reweigh(set: FindingSet, weigh: (one: Weighed) => Severity): FindingSet {
  return {
    ...set,
    findings: set.findings.map((one) => {
      const severity = weigh(one);
      return severity === one.severity ? one : withFacts(one, { severity });
    }),
    counted: set.counted.map((one) => ({ ...one, severity: weigh(one) })),
  };
}

/** Those of the findings, listed or not, that are so. */
export function onlyFindings(set: FindingSet, is: (one: Weighed) => boolean): FindingSet {
  return { ...set, findings: set.findings.filter(is), counted: set.counted.filter(is) };
}

/** Whether some finding, listed or not, is so. */
export function someFinding(
  { findings, counted }: FindingSet,
  is: (one: Weighed) => boolean,
): boolean {
  return findings.some(is) || counted.some(is);
}

/** The same findings, those between the copies as what a deployment on its way leaves behind. */
export function markPending(set: FindingSet): FindingSet {
  return reweigh(set, (one) => (mayBePending(one) ? 'pending' : one.severity));
}

/** The verdict that findings give: one that fails is drift. */
export function findingsVerdict(set: FindingSet): Verdict {
  return someFinding(set, ({ severity }) => severity === 'fail') ? 'drifted' : 'in-sync';
}

/** All findings by kind. */
export function countFindings({ findings, counted }: FindingSet): Record<FindingKind, number> {
  const counts = noFindings();
  for (const { kind } of findings) counts[kind] += 1;
  for (const { kind, count } of counted) counts[kind] += count;
  return counts;
}

/** All findings by severity. */
export function countSeverities({ findings, counted }: FindingSet): Record<Severity, number> {
  const counts = { fail: 0, warn: 0, ignore: 0, accepted: 0, pending: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  for (const { severity, count } of counted) counts[severity] += count;
  return counts;
}

/** The findings that reports list. */
export function listedFindings({ findings, beyond }: FindingSet): readonly Finding[] {
  return beyond.size === 0 ? findings : findings.filter((one) => !isBeyond(one, beyond));
}

function isBeyond(finding: Finding, beyond: ReadonlySet<string>): boolean {
  return beyond.has(`${finding.kind} ${finding.side} ${keyId(finding)}`);
}

/** How many findings of each kind are not listed; null: all are. */
export function truncatedFindings(
  set: FindingSet,
): Readonly<Partial<Record<FindingKind, number>>> | null {
  const counts = noFindings();
  for (const { kind, count } of set.counted) counts[kind] += count;
  for (const one of set.beyond.size === 0 ? [] : set.findings) {
    if (isBeyond(one, set.beyond)) counts[one.kind] += 1;
  }
  const left = Object.entries(counts).filter(([, count]) => count > 0);
  return left.length === 0 ? null : Object.fromEntries(left);
}
