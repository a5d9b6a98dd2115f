import { kindEntry, type FindingKind, type FindingSide, type Severity } from '../model/index.ts';

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
