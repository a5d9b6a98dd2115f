import { countsOf, type FindingKind, type State } from '../model/index.ts';

/**
 * The fact about a runtime copy that was compared (SPEC §2). `equivalent`: other bytes, but the
 * same units with the same variants and row counts, and no record that could not be read; what
 * either copy repeats is then a finding, yet nothing that keeps the two apart.
 */
export function comparedState(bytes: 'same' | 'other', rows: 'same' | 'other'): State {
  if (bytes === 'same') return 'identical';
  return rows === 'same' ? 'equivalent' : 'drifted';
}

/** Zero of every kind. */
export function noFindings(): Record<FindingKind, number> {
  return countsOf(() => 0);
}
