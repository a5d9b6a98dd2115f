import {
  dayMs,
  type AcceptEntry,
  type UnusedEntry,
  type Warning,
  withFacts,
  type Finding,
  type KeyGroup,
} from '../model/index.ts';
import { covers, groupsByKey, keyId, misfit, namesKind, pinOf } from './pin.ts';

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

/** An entry warns on this many days, its last one included (SPEC §3). */
const warningDays = 7;

/** The warning of an entry that ends soon, or none. */
export function soonWarning(entry: AcceptEntry, today: string): Warning[] {
  const days = Math.round((Date.parse(entry.until) - Date.parse(today)) / dayMs);
  if (days < 0 || days >= warningDays) return [];
  const when = days === 0 ? 'today' : days === 1 ? 'tomorrow' : `in ${days} days`;
  return [warning('ACCEPT_ENDS_SOON', `${entryName(entry)} ends ${when}, after ${entry.until}`)];
}

/** The warning of an entry that would cover a finding, had it not ended; `last`: still honoured until. */
export function endedWarning(entry: AcceptEntry, today: string, last: string): Warning {
  const what = last >= today ? `it is honoured until ${last} and no longer` : 'it is drift again';
  return warning('ACCEPT_EXPIRED', `${entryName(entry)} ended after ${entry.until}: ${what}`);
}

/** The day so many days after another, both `2026-12-31`. */
export function daysLater(day: string, days: number): string {
  return new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);
}

/** The warning of an entry that covers nothing, in no copy of its artifact. */
export function unusedWarning({ entry, found }: UnusedEntry): Warning {
  const why = found === null ? 'there is no such finding' : found;
  return warning('ACCEPT_UNUSED', `${entryName(entry)} matches nothing: ${why}`);
}

function entryName({ key, line }: AcceptEntry): string {
  const values = key.map((value) => JSON.stringify(value)).join(', ');
  return `the accept entry of ${values} (line ${line} of the contract)`;
}

function warning(code: string, message: string): Warning {
  return { code, message, side: null, line: null };
}
