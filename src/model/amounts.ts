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

const secondsOf: Readonly<Record<string, number>> = {
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
  return Number(text.slice(0, -1)) * (secondsOf[text.slice(-1)] ?? 0);
}

const bytesOf: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** A size as contracts and flags say it: a whole number of bytes, or of a unit. */
export const sizePattern: RegExp = /^[0-9]{1,15} ?(?:B|[kK]B|[MGT]B|[KMGT]iB)?$/;
export const sizeExpected = 'a number of bytes, or a size such as 512MiB or 2GiB';

/** A size in bytes; null: it is none. */
export function parseSize(text: string): number | null {
  if (!sizePattern.test(text)) return null;
  const [, count = '', unit = 'B'] = /^(\d+) ?(\w+)?$/.exec(text) ?? [];
  const bytes = Number(count) * (bytesOf[unit] ?? 1);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
