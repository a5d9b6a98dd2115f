import { unitSeconds } from '../../model/index.ts';

const lengths: Readonly<Record<string, number>> = unitSeconds;

/**
 * A time as people write one, in UTC: `now`, `yesterday`, `2 weeks ago`, `2026-11-01`,
 * `2026-11-01T03:00Z`. A day alone is its beginning. Null: it is none of these.
 */
export function parseTime(text: string, now: Date): Date | null {
  const words = text.trim().toLowerCase();
  if (words === 'now') return now;
  if (words === 'yesterday') return ago(now, 1, 'day');
  const [, count, unit] =
    /^(\d{1,6}) (second|minute|hour|day|week|month|year)s? ago$/.exec(words) ?? [];
  if (count !== undefined && unit !== undefined) return ago(now, Number(count), unit);
  return parseIso(text.trim());
}

/** A calendar's month and year are as long as they are; on a shorter month's last day at most. */
function ago(now: Date, count: number, unit: string): Date {
  const length = lengths[unit];
  if (length !== undefined) return new Date(now.getTime() - count * length * 1000);
  const months = unit === 'year' ? 12 * count : count;
  const then = new Date(now);
  then.setUTCDate(1);
  then.setUTCMonth(then.getUTCMonth() - months);
  const last = new Date(Date.UTC(then.getUTCFullYear(), then.getUTCMonth() + 1, 0)).getUTCDate();
  then.setUTCDate(Math.min(now.getUTCDate(), last));
  return then;
}

/** A date, or a date and time that is in UTC where it names no other offset. */
function parseIso(text: string): Date | null {
  const [, day, hours, seconds = ':00', zone = 'Z'] =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/i.exec(
      text,
    ) ?? [];
  if (day === undefined) return null;
  // 30 February is no day; Date would take it for one of March.
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(day)) return null;
  if (hours === undefined) return midnight;
  const time = new Date(`${day}T${hours}${seconds}${zone.toUpperCase()}`);
  return Number.isNaN(time.getTime()) ? null : time;
}
