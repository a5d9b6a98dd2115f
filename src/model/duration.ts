/** Lengths in seconds, the longest first. */
export const unitSeconds = {
  week: 604_800,
  day: 86_400,
  hour: 3600,
  minute: 60,
  second: 1,
} as const;

/** A day in milliseconds. */
export const dayMs: number = 1000 * unitSeconds.day;

const units: Readonly<Record<string, number>> = {
  s: unitSeconds.second,
  m: unitSeconds.minute,
  h: unitSeconds.hour,
  d: unitSeconds.day,
};

/** A duration as contracts and flags say it: a whole number and its unit. */
export const durationPattern: RegExp = /^[0-9]{1,6}[smhd]$/;
export const durationExpected = 'a duration such as 90s, 30m, 2h or 1d';

/** A duration in seconds; null: it is none. */
export function parseDuration(text: string): number | null {
  if (!durationPattern.test(text)) return null;
  return Number(text.slice(0, -1)) * (units[text.slice(-1)] ?? 0);
}
