import type {
  EditCounts,
  ErrorCode,
  FindingCounts,
  Severity,
  State,
  Verdict,
} from '../model/index.ts';
import { count } from '../model/names.ts';

/** The words of a verdict: as a label, in a sentence, and where only a contract was judged. */
export interface VerdictWords {
  readonly label: string;
  readonly summary: string;
  readonly contractLabel: string;
  /** Of one artifact, and of several. */
  readonly contractSummary: readonly [one: string, several: string];
}

/** Labels of what needs a person are in capitals. */
export const verdictWords: Readonly<Record<Verdict, VerdictWords>> = {
  'in-sync': {
    label: 'in sync',
    summary: 'in sync',
    contractLabel: 'contract holds',
    contractSummary: ['contract holds', 'contracts hold'],
  },
  drifted: {
    label: 'DRIFTED',
    summary: 'drifted',
    contractLabel: 'CONTRACT BROKEN',
    contractSummary: ['contract broken', 'contracts broken'],
  },
  indeterminate: {
    label: 'NO VERDICT',
    summary: 'without a verdict',
    contractLabel: 'NO VERDICT',
    contractSummary: ['without a verdict', 'without a verdict'],
  },
};

/** What each state says of a runtime copy. */
export const stateWords: Readonly<Record<State, string>> = {
  identical: 'identical',
  equivalent: 'equivalent',
  drifted: 'drifted',
  missing: 'no runtime object',
  unreviewed: 'no reviewed file',
  unreadable: 'unreadable content',
  indeterminate: 'not established',
};

/** What is missing where it is no object, by what says so. */
const missingWords: Readonly<Partial<Record<ErrorCode, string>>> = {
  FILE_NOT_FOUND: 'no runtime file',
  GIT_PATH_NOT_FOUND: 'no runtime file',
  PARTS_NOT_FOUND: 'no runtime files',
  ENGINE_NO_SUCH_TABLE: 'no runtime table',
};

/** What the state of a copy says, of one that is missing by what it would be. */
export function stateText(
  state: State,
  error: { readonly code: ErrorCode } | null | undefined,
): string {
  const missing = state === 'missing' && error ? missingWords[error.code] : undefined;
  return missing ?? stateWords[state];
}

/** How each severity is marked; a failing finding needs no mark. */
export const severityWords: Readonly<Record<Severity, string>> = {
  fail: '',
  warn: 'warn',
  ignore: 'ignored',
  accepted: 'accepted',
  pending: 'pending',
};

/** What `--no-fail` makes every summary say. */
export const notEnforced = 'NOT ENFORCED';

/** `2 duplicated`, `1 conflict`, `2 conflicts`: the one kind that is a thing and no property. */
export function countKind(number: number, kind: string): string {
  return kind === 'conflict' ? count(number, kind) : `${number} ${kind}`;
}

/** `2 duplicated, 1 conflict`, in the counts' order, which is that of the kinds; empty without any. */
export function countsPhrase(counts: FindingCounts | EditCounts): string {
  return Object.entries(counts)
    .flatMap(([kind, number]) =>
      kind === 'total' || number === 0 ? [] : [countKind(number, kind)],
    )
    .join(', ');
}

/** `1.50×, with more digits where two would hide that work is repeated; `none` without units. */
export function times(amplification: number | null): string {
  if (amplification === null) return 'none';
  const digits = [2, 3, 4, 5].find((places) => Number(amplification.toFixed(places)) !== 1);
  return `${amplification.toFixed(amplification === 1 ? 2 : (digits ?? 6))}×`;
}

/** How long: `40 seconds`, `25 minutes`, `47 hours`, `10 days`; whole units, the largest of two or more. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  for (const [unit, length] of lengths) {
    if (seconds >= 2 * length) return count(Math.floor(seconds / length), unit);
  }
  return count(seconds, 'second');
}

/** Units of time in seconds, the longest first. */
export const lengths = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** How much: `812 B`, `1.2 KiB`, `12.4 GiB`. */
export function byteSize(bytes: number): string {
  const power = Math.min(byteUnits.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const number = bytes / 1024 ** power;
  // 1023.96 KiB would round to 1024.0 KiB.
  const [shown, unit] =
    power < byteUnits.length - 1 && Number(number.toFixed(1)) >= 1024
      ? [number / 1024, power + 1]
      : [number, power];
  return `${unit === 0 ? shown : shown.toFixed(1)} ${byteUnits[unit]}`;
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A sentence that starts where nothing stands before it. */
export function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** What was left out: `+3 more`. */
export function more(number: number): string {
  return `+${number} more`;
}

/** Of whom no details are told: `12 more have details, left out to keep this to one screen.` */
export function leftOut(left: number, detailed: number): string {
  const those = `${left}${left === detailed ? '' : ' more'} ${left === 1 ? 'has' : 'have'} details`;
  return `${those}, left out to keep this to one screen.`;
}

/** What is counted, and not listed anywhere (SPEC §2, "Bounded"). */
export function notListed(number: number): string {
  return `+${number} more not listed (--max-findings)`;
}

/** What is told of a warning, and its code. */
export function withCode(message: string, code: string): string {
  return `${message} (${code})`;
}
