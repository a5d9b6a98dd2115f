import {
  kindEntry,
  type FindingKind,
  type FindingSide,
  type Severity,
  countsOf,
  type State,
} from '../model/index.ts';

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

/** What a severity is decided by. */
export interface Weighed {
  readonly kind: FindingKind;
  readonly side: FindingSide;
  readonly severity: Severity;
}

/** Whether a finding stands between the two copies, and not in one of them by itself. */
export function standsBetween({ kind, side }: Pick<Weighed, 'kind' | 'side'>): boolean {
  return kindEntry(kind)?.between.includes(side) ?? false;
}

/** Whether deployment lag would excuse a finding: it counts, and nothing has forgiven it yet. */
export function mayBePending(finding: Weighed): boolean {
  return standsBetween(finding) && (finding.severity === 'fail' || finding.severity === 'warn');
}
