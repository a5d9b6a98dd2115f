import {
  errorCodes,
  isRetryable,
  type ErrorCode,
  type Report,
  type Verdict,
} from '../model/index.ts';

/** Exit codes of the judging commands (SPEC §4); `toDo`: of a plan, asked for by `--exit-code`. */
export const exitCodes = { inSync: 0, drift: 1, noVerdict: 2, both: 3, toDo: 4 } as const;

/**
 * Exit codes that are `run`'s and `gate`'s own (SPEC §4): drift and a fault that lasts are final, a
 * retry gives the same.
 */
export const gateCodes = { refused: 121, final: 122, retry: 125 } as const;

/** The gate's code where a fault kept it from a verdict; a fault of content is a fact. */
export function gateCodeOf(code: ErrorCode): number {
  if (errorCodes[code] === 'content') return gateCodes.refused;
  return isRetryable(code) ? gateCodes.retry : gateCodes.final;
}

/**
 * The exit code of a run. Drift that is not enforced (`--no-fail`) is 0; a missing verdict never is.
 */
export function exitCodeOf(verdicts: readonly Verdict[], enforced: Report['enforced']): number {
  const drift = enforced && verdicts.includes('drifted');
  if (verdicts.includes('indeterminate')) return drift ? exitCodes.both : exitCodes.noVerdict;
  return drift ? exitCodes.drift : exitCodes.inSync;
}

/** The code where what should have told of a verdict cannot be written: drift stays a fact. */
export function unwrittenCode(code: number): number {
  const isDrift = code === exitCodes.drift || code === exitCodes.both;
  return isDrift ? exitCodes.both : exitCodes.noVerdict;
}

/** The gate's code where what should have told of its decision cannot be written. */
export function unwrittenGateCode(code: number | null): number {
  return code === gateCodes.refused ? code : gateCodeOf('OUTPUT_NOT_WRITABLE');
}

/** The verdict over several: drift is a fact, whatever else could not be established. */
export function overallVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('drifted')) return 'drifted';
  return verdicts.includes('indeterminate') ? 'indeterminate' : 'in-sync';
}
