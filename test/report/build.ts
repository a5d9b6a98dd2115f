import {
  commitRevision,
  countsOf,
  objectRevision,
  type ArtifactReport,
  type Cells,
  type ChangeReport,
  type Finding,
  type FindingKind,
  type FindingSide,
  type Report,
  type ReportedRow,
  type ReportError,
  type Severity,
  type Side,
  type SideReport,
} from '../../src/model/index.ts';
import type { ReportOptions } from '../../src/report/index.ts';

export const options: ReportOptions = { width: 80, color: false, limit: 20, quiet: false };

export function report(artifacts: readonly ArtifactReport[], over: Partial<Report> = {}): Report {
  return {
    command: 'audit',
    version: '0.1.0',
    startedAt: '2026-11-22T17:00:00.000Z',
    durationMs: 12,
    verdict: 'drifted',
    exitCode: 1,
    enforced: true,
    error: null,
    artifacts,
    ...over,
  };
}

export function reviewedSide(over: Partial<SideReport> = {}): SideReport {
  const { location = 'git:HEAD:support/participants.csv' } = over;
  return {
    location,
    revision: commitRevision(
      {
        commit: '3f2a9c1d7be04c7a5d0b6e8f9a1c2d3e4f5a6b7c',
        committedAt: '2026-11-20T14:02:11.000Z',
        blob: '9d1e0c2b7be04c7a5d0b6e8f9a1c2d3e4f5a6b7c',
      },
      location.replace(/^git:[^:]*:/, 'git:3f2a9c1d7be04c7a5d0b6e8f9a1c2d3e4f5a6b7c:'),
    ),
    bytes: 241,
    sha256: 'a'.repeat(64),
    rows: 4,
    units: 4,
    redundant: 0,
    invalid: 0,
    digest: 'b'.repeat(64),
    ...over,
  };
}

export function runtimeSide(over: Partial<SideReport> = {}): SideReport {
  const { location = 's3://prod-runtime/support/participants.csv' } = over;
  return {
    ...reviewedSide(),
    location,
    revision: objectRevision(
      {
        versionId: '3HL4kqtJlcpXroDTDmJrmSpXd3dIbrHY',
        etag: '"9b2cf535f27731c974343645a3985328"',
        lastModified: '2026-11-22T16:58:09.000Z',
      },
      `${location}?versionId=3HL4kqtJlcpXroDTDmJrmSpXd3dIbrHY`,
    ),
    sha256: 'c'.repeat(64),
    digest: 'd'.repeat(64),
    claim: null,
    ...over,
  };
}

/** An artifact whose counts are those of its findings. */
export function artifact(over: Partial<ArtifactReport> = {}): ArtifactReport {
  const findings = over.findings ?? [];
  const of = (kind: FindingKind): number => findings.filter((one) => one.kind === kind).length;
  return {
    name: 'participants',
    copy: null,
    owner: 'data-platform@example.org',
    runbook: 'https://wiki.example.org/participants',
    labels: new Map(),
    verdict: 'drifted',
    state: 'drifted',
    reviewed: reviewedSide(),
    runtime: runtimeSide(),
    amplification: 1,
    counts: countsOf(of),
    severities: severitiesOf(findings),
    truncated: null,
    findings,
    respelled: 0,
    warnings: [],
    change: null,
    error: null,
    ...over,
  };
}

/** Findings by severity. */
export function severitiesOf(findings: readonly Finding[]): ArtifactReport['severities'] {
  const of = (severity: Severity): number =>
    findings.filter((one) => one.severity === severity).length;
  return {
    fail: of('fail'),
    warn: of('warn'),
    ignore: of('ignore'),
    accepted: of('accepted'),
    pending: of('pending'),
  };
}

export function inSync(name: string, over: Partial<ArtifactReport> = {}): ArtifactReport {
  return artifact({ name, verdict: 'in-sync', state: 'identical', ...over });
}

export function finding(
  kind: FindingKind,
  side: FindingSide,
  rows: readonly ReportedRow[],
  over: Partial<Finding> = {},
): Finding {
  const of = (wanted: Side): number => rows.filter((one) => one.side === wanted).length;
  return {
    kind,
    side,
    severity: 'fail',
    key: null,
    fields: [],
    reason: null,
    rowCount: { reviewed: of('reviewed'), runtime: of('runtime') },
    rows,
    respelled: null,
    ...over,
  };
}

/** A row on a line; its record is the one that a file with one line for each has there. */
export function row(side: Side, line: number, values: Cells): ReportedRow {
  return { side, record: line - 1, line, values };
}

export function key(id: string, region = 'EU'): Cells {
  return [
    ['participant_id', id],
    ['region', region],
  ];
}

/** Key and consumed cells of a participant. */
export function participant(
  id: string,
  over: { region?: string; prefix?: string; mode?: string; weight?: string } = {},
): Cells {
  return [
    ...key(id, over.region),
    ['partition_prefix', over.prefix ?? 's3://lake/sales/region=eu/p1'],
    ['run_mode', over.mode ?? 'full'],
    ['weight', over.weight ?? '1.10'],
  ];
}

export function fault(over: Partial<ReportError> = {}): ReportError {
  return {
    code: 'STORE_ACCESS_DENIED',
    message: 's3://prod-runtime/support/participants.csv cannot be read: access denied (403)',
    hint: 'The role needs s3:GetObject, and s3:ListBucket to tell a missing object from a forbidden one.',
    place: { side: 'runtime' },
    problems: [],
    ...over,
  };
}

export function change(over: Partial<ChangeReport> = {}): ChangeReport {
  return {
    base: reviewedSide(),
    baseRef: 'origin/main',
    added: 0,
    removed: 0,
    changed: 0,
    units: [],
    ...over,
  };
}
