import { KeydriftError, type ErrorPlace } from './errors.ts';

/** What a copy may be at most (SPEC §3). */
export interface Limits {
  readonly bytes: number;
  readonly recordBytes: number;
  readonly cellBytes: number;
  readonly columns: number;
  /** After decompression. */
  readonly expandedBytes: number;
  /** Bytes after decompression for each before it. */
  readonly expandedRatio: number;
  readonly memory: number;
  /** Findings of each kind and side that are listed: no error beyond it; 0: all. */
  readonly findings: number;
}

/** What is counted by each. */
export const limitUnits: Readonly<Record<keyof Limits, 'bytes' | 'number'>> = {
  bytes: 'bytes',
  recordBytes: 'bytes',
  cellBytes: 'bytes',
  columns: 'number',
  expandedBytes: 'bytes',
  expandedRatio: 'number',
  memory: 'bytes',
  findings: 'number',
};

export const defaultLimits: Limits = {
  bytes: 5 * 1024 ** 3,
  recordBytes: 16 * 1024 ** 2,
  cellBytes: 1024 ** 2,
  columns: 4096,
  expandedBytes: 20 * 1024 ** 3,
  expandedRatio: 1000,
  memory: 4 * 1024 ** 3,
  findings: 20_000,
};

/** What is held while records are read. */
export type ReadLimits = Pick<Limits, 'recordBytes' | 'cellBytes' | 'columns' | 'memory'>;

/** From this share of a limit on it is told that it is near. */
const nearShare = 0.8;

/** Whether a size is near a limit, or beyond it. */
function isNear(size: number, limit: number): boolean {
  return size > nearShare * limit;
}

/** The least size that is near a limit. */
export function nearFrom(limit: number): number {
  return Math.floor(nearShare * limit) + 1;
}

/** The error of what is beyond a limit (SPEC §3): no verdict. `what` is a sentence. */
export function tooLarge(
  key: keyof Limits,
  limit: number,
  what: string,
  place: ErrorPlace = {},
): KeydriftError {
  return new KeydriftError('TOO_LARGE', `${what}: ${told(key, limit)}`, {
    place,
    hint: `If that is right, \`limits: {${key}: …}\` in the contract raises it, as far as --limits and KEYDRIFT_LIMITS let it.`,
  });
}

/** What is said of a size near a limit; null: it is not near. Throws `TOO_LARGE` beyond it. */
export function heldTo(
  key: keyof Limits,
  limit: number,
  size: number,
  what: string,
  place: ErrorPlace = {},
): string | null {
  if (size > limit) throw tooLarge(key, limit, what, place);
  return isNear(size, limit) ? `${what}, and ${told(key, limit)}` : null;
}

function told(key: keyof Limits, limit: number): string {
  const by = limit === defaultLimits[key] ? 'the default' : `the default is ${defaultLimits[key]}`;
  return `the limit \`${key}\` is ${limit} (${by})`;
}

/** Holds what work takes against the limit. Throws `TOO_LARGE`. */
export function holdMemory(bytes: number, limit: number): void {
  if (bytes <= limit) return;
  throw tooLarge('memory', limit, `comparing it would take about ${bytes} bytes of memory`);
}
