const units: Readonly<Record<string, number>> = {
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
  const bytes = Number(count) * (units[unit] ?? 1);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
