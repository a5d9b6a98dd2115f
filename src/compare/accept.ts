import {
  withFacts,
  type AcceptEntry,
  type Finding,
  type KeyGroup,
  type UnusedEntry,
  type Warning,
} from '../model/index.ts';
import { daysLater, endedWarning, soonWarning } from './accept-warnings.ts';
import { covers, groupsByKey, keyId, misfit, namesKind } from './entry.ts';
import { pinOf } from './pin.ts';

/** Findings after policy, with what `accept` is held against. */
export interface Accepting {
  readonly findings: readonly Finding[];
  /** The confirmed keys that the findings come from. */
  readonly keys: readonly KeyGroup[];
  /** Names in contract order. */
  readonly consumedColumns: readonly string[];
  readonly accept: readonly AcceptEntry[];
  readonly now: Date;
  /** Days for which an entry that has ended still covers: a forgotten date must stop no production. */
  readonly honouredDays?: number;
}

export interface Accepted {
  /** The same findings in the same order; covered ones have severity `accepted`. */
  readonly findings: readonly Finding[];
  /** Of entries that end soon, and of ended ones that would cover a finding. */
  readonly warnings: readonly Warning[];
  readonly unused: readonly UnusedEntry[];
}

/**
 * Gives severity `accepted` to the findings that an entry covers: same key, a kind that it names,
 * exactly its rows and variants. What policy ignores stays ignored.
 */
export function acceptFindings(accepting: Accepting): Accepted {
  const { findings, accept, now, honouredDays = 0 } = accepting;
  if (accept.length === 0) return { findings, warnings: [], unused: [] };
  const byKey = new Map<string, AcceptEntry[]>();
  for (const entry of accept) {
    const id = JSON.stringify(entry.key);
    byKey.set(id, [...(byKey.get(id) ?? []), entry]);
  }
  const groups = groupsByKey(accepting.keys);
  const today = now.toISOString().slice(0, 10);
  const used = new Set<AcceptEntry>();
  const ended = new Set<AcceptEntry>();
  const near = new Map<AcceptEntry, string>();
  const judged = findings.map((finding) => {
    const id = keyId(finding);
    const entries = (byKey.get(id) ?? []).filter(({ kinds }) => namesKind(kinds, finding));
    if (entries.length === 0) return finding;
    const pin = pinOf(finding, groups.get(id), accepting.consumedColumns);
    const covering = entries.filter((entry) => covers(entry, pin));
    for (const entry of entries) if (!covers(entry, pin)) near.set(entry, misfit(entry, pin));
    for (const entry of covering) used.add(entry);
    if (finding.severity === 'ignore' || covering.length === 0) return finding;
    const holding = covering.find(({ until }) => until >= today);
    if (holding !== undefined) {
      const { until, reason } = holding;
      return withFacts(finding, { severity: 'accepted', accepted: { until, reason } });
    }
    for (const entry of covering) ended.add(entry);
    return covering.some(({ until }) => daysLater(until, honouredDays) >= today)
      ? withFacts(finding, { severity: 'accepted' })
      : finding;
  });
  const unused = accept.filter((entry) => !used.has(entry));
  return {
    findings: judged,
    warnings: accept.flatMap((entry) =>
      ended.has(entry)
        ? [endedWarning(entry, today, daysLater(entry.until, honouredDays))]
        : used.has(entry)
          ? soonWarning(entry, today)
          : [],
    ),
    unused: unused.map((entry) => ({ entry, found: near.get(entry) ?? null })),
  };
}
