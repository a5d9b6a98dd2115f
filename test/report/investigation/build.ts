import {
  countsOf,
  type ArtifactReport,
  type Cause,
  type CommitEntry,
  type Cost,
  type FindingCounts,
  type Investigation,
  type Onset,
  type ReportedRow,
  type SliceRow,
  type VersionEntry,
} from '../../../src/model/index.ts';
import { artifact, finding, key, participant, row, runtimeSide } from '../build.ts';

export const none: FindingCounts = countsOf(() => 0);

/** A commit's id that begins with these digits. */
export function commitId(digits: string): string {
  return digits.padEnd(40, '0123456789abcdef0123456789abcdef01234567');
}

export function investigation(over: Partial<Investigation> = {}): Investigation {
  const told = over.artifact === undefined ? repeated() : over.artifact;
  const verdict = over.verdict ?? told?.verdict ?? 'indeterminate';
  return {
    version: '0.1.0',
    startedAt: '2026-11-22T17:00:00.000Z',
    durationMs: 812,
    verdict,
    exitCode: { 'in-sync': 0, drifted: 1, indeterminate: 2 }[verdict],
    enforced: true,
    error: null,
    history: { reviewed: 'complete', runtime: 'versioned', reasons: [] },
    timeline: [],
    onset: null,
    slice: null,
    comparison: null,
    cost: null,
    ...over,
    artifact: told,
  };
}

export function commit(digits: string, at: string, over: Partial<CommitEntry> = {}): CommitEntry {
  return {
    side: 'reviewed',
    at: `${at}:00.000Z`,
    commit: commitId(digits),
    author: 'Ana Ito',
    subject: 'Correct the regions',
    path: 'support/participants.csv',
    deleted: false,
    inForce: true,
    rows: 4,
    units: 4,
    redundant: 0,
    invalid: 0,
    amplification: 1,
    sha256: digits.padEnd(64, 'a'),
    relation: 'identical',
    counts: none,
    current: false,
    error: null,
    ...over,
  };
}

export function version(id: string, at: string, over: Partial<VersionEntry> = {}): VersionEntry {
  return {
    side: 'runtime',
    at: `${at}:00.000Z`,
    versionId: id,
    deleted: false,
    bytes: 1236,
    claim: null,
    evidence: 'read',
    reviewedCommit: commitId('3f2a9c1'),
    rows: 4,
    units: 4,
    redundant: 0,
    invalid: 0,
    amplification: 1,
    sha256: 'c'.repeat(64),
    relation: 'identical',
    counts: none,
    current: false,
    error: null,
    ...over,
  };
}

/** A version that repeats a unit twice. */
export function drifted(id: string, at: string, over: Partial<VersionEntry> = {}): VersionEntry {
  return version(id, at, {
    rows: 6,
    redundant: 2,
    amplification: 1.5,
    relation: 'drifted',
    counts: { ...none, duplicated: 1 },
    ...over,
  });
}

export function cause(over: Partial<Cause> = {}): Cause {
  return {
    kind: 'unknown',
    commit: commitId('3f2a9c1'),
    subject: 'Correct the regions',
    author: 'Ana Ito',
    committedAt: '2026-11-01T10:00:00.000Z',
    behind: null,
    replacedAt: null,
    branch: null,
    edits: null,
    reason: null,
    ...over,
  };
}

export function onset(over: Partial<Onset> = {}): Onset {
  return {
    side: 'runtime',
    id: 'aB3dE6gHiJ',
    at: '2026-11-12T03:00:00.000Z',
    versions: 4,
    began: 'here',
    lastedMs: 10.6 * 86_400_000,
    reviewedCommit: commitId('3f2a9c1'),
    change: null,
    byKind: {},
    later: [],
    ...over,
  };
}

export const duplicate: readonly ReportedRow[] = [3, 9, 12].map((line) =>
  row('runtime', line, participant('P-1')),
);

/** An artifact whose runtime copy holds one unit three times. */
export function repeated(over: Partial<ArtifactReport> = {}): ArtifactReport {
  return artifact({
    runtime: runtimeSide({ rows: 6, redundant: 2 }),
    amplification: 1.5,
    findings: [
      finding('duplicated', 'runtime', duplicate, {
        key: key('P-1'),
        rowCount: { reviewed: 1, runtime: 3 },
      }),
    ],
    cause: cause({
      kind: 'edited',
      edits: { added: 0, removed: 0, duplicated: 1, conflict: 0, invalid: 0, total: 1 },
    }),
    ...over,
  });
}

export function sliceRow(line: number, values: readonly (readonly [string, string])[]): SliceRow {
  return { record: line - 1, line, values };
}

export function cost(over: Partial<Cost> = {}): Cost {
  return {
    scans: 's3://lake/events/participant={participant_id}/region={region}/',
    redundantRows: 2,
    amplification: 1.5,
    redundantBytes: 2 * 6_657_199_308,
    known: 'all',
    units: [
      {
        key: key('P-1'),
        rows: 3,
        prefix: 's3://lake/events/participant=P-1/region=EU/',
        objects: 1204,
        bytes: 6_657_199_308,
        redundantBytes: 2 * 6_657_199_308,
        reason: null,
      },
    ],
    ...over,
  };
}
