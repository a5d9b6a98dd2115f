import { dayMs, type AcceptEntry, type UnusedEntry, type Warning } from '../model/index.ts';

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
