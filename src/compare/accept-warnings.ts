import type { AcceptEntry, UnusedEntry, Warning } from '../model/index.ts';

/** An entry warns on this many days, its last one included (SPEC §3). */
const warningDays = 7;

/** The warning of an entry that ends soon, or none. */
export function soonWarning(entry: AcceptEntry, today: string): Warning[] {
  const days = Math.round((Date.parse(entry.until) - Date.parse(today)) / 86_400_000);
  if (days < 0 || days >= warningDays) return [];
  const when = days === 0 ? 'today' : days === 1 ? 'tomorrow' : `in ${days} days`;
  return [warning('ACCEPT_ENDS_SOON', `${entryName(entry)} ends ${when}, after ${entry.until}`)];
}

/** The warning of an entry that would cover a finding, had it not ended. */
export function endedWarning(entry: AcceptEntry): Warning {
  return warning(
    'ACCEPT_EXPIRED',
    `${entryName(entry)} ended after ${entry.until}: it is drift again`,
  );
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
