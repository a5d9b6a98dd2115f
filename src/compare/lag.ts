import type { Finding } from '../model/index.ts';

/** Whether a finding stands between the two copies, and not in one of them by itself. */
export function standsBetween({ kind, side }: Finding): boolean {
  return kind === 'added' || kind === 'removed' || (kind === 'conflict' && side === 'across');
}

/** Whether deployment lag would excuse a finding: it counts, and nothing has forgiven it yet. */
export function mayBePending(finding: Finding): boolean {
  return standsBetween(finding) && (finding.severity === 'fail' || finding.severity === 'warn');
}

/** The same findings, those between the copies as what a deployment on its way leaves behind. */
export function markPending(findings: readonly Finding[]): readonly Finding[] {
  return findings.map((finding) =>
    mayBePending(finding) ? { ...finding, severity: 'pending' } : finding,
  );
}
