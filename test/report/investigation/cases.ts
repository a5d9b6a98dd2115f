import type { Investigation, TimelineEntry } from '../../../src/model/index.ts';
import type { ReportOptions } from '../../../src/report/index.ts';
import {
  artifact,
  fault,
  finding,
  inSync,
  key,
  participant,
  reviewedSide,
  row,
  runtimeSide,
} from '../build.ts';
import { hostile as hostileArtifact } from '../hostile.ts';
import {
  cause,
  commit,
  commitId,
  cost,
  drifted,
  duplicate,
  investigation,
  none,
  onset,
  repeated,
  sliceRow,
  version,
} from './build.ts';

/** An investigation that has goldens under golden/<name>.*, told with these options. */
export interface InvestigationCase {
  readonly investigation: Investigation;
  readonly options?: Partial<ReportOptions>;
}

const history: readonly TimelineEntry[] = [
  drifted('3HL4kqtJlcpXroDT', '2026-11-22T16:58', { current: true }),
  drifted('Wz8Qm2nRtYuIoP01', '2026-11-21T03:00'),
  commit('3f2a9c1', '2026-11-20T14:02', {
    current: true,
    relation: 'drifted',
    counts: { ...none, duplicated: 1 },
  }),
  drifted('kd93Jdm2LsPq7xYa', '2026-11-18T03:00', { evidence: 'etag' }),
  drifted('aB3dE6gHiJ', '2026-11-12T03:00', {
    claim: {
      commit: commitId('77c01de'),
      path: 'support/participants.csv',
      blob: null,
      sha256: null,
      digest: null,
      contract: null,
    },
  }),
  version('Qq1Ww2Ee3Rr4Tt5Y', '2026-11-02T03:00'),
  commit('77c01de', '2026-11-01T10:00', { subject: 'Add P-4', author: 'Bo Lind' }),
];

const change = {
  counts: { ...none, duplicated: 1 },
  findings: [
    finding('duplicated', 'runtime', duplicate, {
      key: key('P-1'),
      rowCount: { reviewed: 1, runtime: 3 },
    }),
  ],
};

const edited = investigation({ timeline: history, onset: onset({ change }), cost: cost() });

const stale = investigation({
  artifact: artifact({
    runtime: runtimeSide({ rows: 3, units: 3 }),
    findings: [
      finding('removed', 'reviewed', [row('reviewed', 5, participant('P-4'))], { key: key('P-4') }),
      finding(
        'conflict',
        'across',
        [
          row('reviewed', 3, participant('P-2')),
          row('runtime', 3, participant('P-2', { mode: 'incremental' })),
        ],
        { key: key('P-2'), fields: ['run_mode'] },
      ),
    ],
    cause: cause({ kind: 'stale', behind: 3, replacedAt: '2026-11-02T10:00:00.000Z' }),
  }),
  timeline: [
    commit('9e01aa2', '2026-11-20T14:02', {
      current: true,
      relation: 'drifted',
      counts: { ...none, removed: 1, conflict: 1 },
      subject: 'Run P-2 in full again, and add P-4 as agreed with the participants',
      author: 'Maximiliane von Hohenberg',
    }),
    commit('b4c5d6e', '2026-11-10T09:30', { inForce: false, relation: null, counts: null }),
    commit('77c01de', '2026-11-02T10:00', { relation: 'drifted', counts: { ...none, removed: 1 } }),
    version('Qq1Ww2Ee3Rr4Tt5Y', '2026-11-01T10:04', { current: true, rows: 3, units: 3 }),
    commit('3f2a9c1', '2026-11-01T10:00', { rows: 3, units: 3 }),
  ],
  onset: onset({
    side: 'reviewed',
    id: commitId('77c01de'),
    at: '2026-11-02T10:00:00.000Z',
    versions: 1,
    lastedMs: 20.3 * 86_400_000,
    change: {
      counts: { ...none, added: 1 },
      findings: [
        finding('added', 'runtime', [row('runtime', 5, participant('P-4'))], { key: key('P-4') }),
      ],
    },
    byKind: {
      removed: { side: 'reviewed', id: commitId('77c01de'), at: '2026-11-02T10:00:00.000Z' },
      conflict: { side: 'reviewed', id: commitId('9e01aa2'), at: '2026-11-20T14:02:00.000Z' },
    },
  }),
});

const unmerged = investigation({
  artifact: repeated({
    cause: cause({ kind: 'unmerged', branch: 'origin/fix-regions', reason: null }),
  }),
  timeline: history.slice(0, 3),
  onset: onset({ began: 'earlier', at: '2026-11-21T03:00:00.000Z', id: 'Wz8Qm2nRtYuIoP01' }),
  history: { reviewed: 'shallow', runtime: 'cut-off', reasons: [] },
});

const ahead = investigation({
  artifact: repeated({
    cause: cause({ kind: 'ahead', behind: 1, replacedAt: '2026-11-22T16:31:00.000Z' }),
  }),
  timeline: history.slice(2),
});

const unversioned = investigation({
  artifact: repeated({
    cause: cause({
      kind: 'unknown',
      commit: null,
      subject: null,
      author: null,
      committedAt: null,
      reason:
        'the history of 12 commits could not be compared within 5 s: run keydrift investigate participants',
    }),
  }),
  timeline: [
    drifted('', '2026-11-22T16:58', { versionId: null, current: true }),
    commit('3f2a9c1', '2026-11-20T14:02', { current: true }),
  ],
  onset: onset({
    id: null,
    at: '2026-11-22T16:58:00.000Z',
    versions: 1,
    began: 'earlier',
    lastedMs: 121_000,
  }),
  history: { reviewed: 'complete', runtime: 'unversioned', reasons: [] },
});

const deleted = investigation({
  artifact: artifact({
    state: 'missing',
    runtime: null,
    amplification: null,
    error: fault({
      code: 'STORE_NO_SUCH_KEY',
      message: 's3://prod-runtime/support/participants.csv does not exist',
      hint: 'Deploy the reviewed copy, or correct the runtime location in keydrift.yaml.',
    }),
    cause: null,
  }),
  timeline: [
    version('deadbeefdead', '2026-11-22T02:00', {
      deleted: true,
      bytes: null,
      rows: null,
      units: null,
      redundant: null,
      invalid: null,
      amplification: null,
      sha256: null,
      relation: 'missing',
      counts: null,
      evidence: null,
      current: true,
    }),
    version('Qq1Ww2Ee3Rr4Tt5Y', '2026-11-20T14:10'),
    version('brokenbroken', '2026-11-20T14:05', {
      rows: null,
      units: null,
      redundant: null,
      invalid: null,
      amplification: null,
      relation: 'unreadable',
      counts: null,
      error: fault({ code: 'CSV_UNCLOSED_QUOTE', message: 'an unclosed quote', hint: null }),
    }),
    version('glacierglacier', '2026-11-20T14:03', {
      rows: null,
      units: null,
      redundant: null,
      invalid: null,
      amplification: null,
      sha256: null,
      relation: null,
      counts: null,
      evidence: null,
      error: fault({ code: 'STORE_ARCHIVED', message: 'archived', hint: null }),
    }),
    commit('3f2a9c1', '2026-11-20T14:02', { current: true }),
  ],
  onset: onset({ id: 'deadbeefdead', at: '2026-11-22T02:00:00.000Z', lastedMs: 54_000_000 }),
});

/** 40 nightly versions of the same drift, and the versions before. */
const long = investigation({
  artifact: repeated(),
  timeline: [
    ...Array.from({ length: 14 }, (_, at) =>
      drifted(`night-${String(14 - at).padStart(3, '0')}`, day(40 - at)),
    ),
    ...Array.from({ length: 26 }, (_, at) =>
      version(`ok-${26 - at}`, day(26 - at), {
        units: 4 + (at % 2),
        rows: 4 + (at % 2),
        relation: at % 2 === 0 ? 'identical' : 'equivalent',
      }),
    ),
  ],
  onset: onset({ id: 'night-001', at: `${day(27)}:00.000Z`, versions: 14, change }),
});

function day(number: number): string {
  return new Date(Date.UTC(2026, 9, 10 + number, 3)).toISOString().slice(0, 16);
}

const slice = investigation({
  timeline: history,
  onset: onset({ change }),
  slice: {
    scope: [
      ['participant_id', ['P-1']],
      ['region', ['EU', '']],
    ],
    points: [
      {
        side: 'runtime',
        id: 'aB3dE6gHiJ',
        at: '2026-11-12T03:00:00.000Z',
        change: 'changed',
        rowCount: 3,
        rows: [
          sliceRow(3, [...words('P-1'), ['comment', '']]),
          sliceRow(9, [...words('P-1'), ['comment', 'again, for the reload of 2026-11-11']]),
          sliceRow(12, [...words('P-1'), ['comment', '']]),
        ],
      },
      {
        side: 'runtime',
        id: 'Qq1Ww2Ee3Rr4Tt5Y',
        at: '2026-11-02T03:00:00.000Z',
        change: 'appeared',
        rowCount: 1,
        rows: [sliceRow(3, [...words('P-1'), ['comment', '']])],
      },
      {
        side: 'reviewed',
        id: commitId('77c01de'),
        at: '2026-11-01T10:00:00.000Z',
        change: 'appeared',
        rowCount: 1,
        rows: [sliceRow(3, [...words('P-1'), ['comment', '']])],
      },
    ],
    rowCount: { reviewed: 1, runtime: 3 },
    blame: [
      {
        line: 3,
        commit: commitId('77c01de'),
        author: 'Bo Lind',
        subject: 'Add P-4',
        at: '2026-11-01T10:00:00.000Z',
      },
    ],
    diff: [
      '--- git:HEAD:support/participants.csv',
      '+++ s3://prod-runtime/support/participants.csv',
      '@@ -1,1 +1,3 @@',
      ' P-1,EU,s3://lake/sales/region=eu/p1,full,1.10,',
      '+P-1,EU,s3://lake/sales/region=eu/p1,full,1.10,"again, for the reload of 2026-11-11"',
      '+P-1,EU,s3://lake/sales/region=eu/p1,full,1.10,',
      '',
    ].join('\n'),
  },
});

function words(id: string): readonly (readonly [string, string])[] {
  return participant(id).map(([column, value]) => [column, value ?? '']);
}

const compared = investigation({
  timeline: history,
  onset: onset(),
  comparison: {
    from: { side: 'reviewed', id: commitId('77c01de'), at: '2026-11-01T10:00:00.000Z' },
    to: { side: 'runtime', id: 'aB3dE6gHiJ', at: '2026-11-12T03:00:00.000Z' },
    artifact: artifact({
      reviewed: reviewedSide({ rows: 3, units: 3 }),
      runtime: runtimeSide({ rows: 6, redundant: 2 }),
      findings: [
        finding('added', 'runtime', [row('runtime', 6, participant('42'))], {
          key: key('42'),
          respelled: key('00042'),
        }),
        finding('removed', 'reviewed', [row('reviewed', 4, participant('00042'))], {
          key: key('00042'),
          respelled: key('42'),
        }),
        ...change.findings,
        finding('invalid', 'runtime', [row('runtime', 15, [['participant_id', 'P-8']])], {
          reason: '2 cells, the header has 9',
        }),
      ],
      respelled: 1,
    }),
  },
});

const costly = investigation({
  timeline: history.slice(0, 1),
  cost: cost({
    known: 'part',
    redundantRows: 4,
    units: [
      ...cost().units,
      {
        key: key('P-7', 'US'),
        rows: 3,
        prefix: 's3://lake/events/participant=P-7/region=US/',
        objects: null,
        bytes: null,
        redundantBytes: null,
        reason: 'STORE_ACCESS_DENIED: s3://lake/events/participant=P-7/region=US/ cannot be listed',
      },
    ],
  }),
  history: {
    reviewed: null,
    runtime: 'versioned',
    reasons: ['The reviewed copy is in no repository: it has no history.'],
  },
});

const evil = '\u001b[31mred\u202e\r\n2026-11-22 \u0007<script>\u0000';
const hostile = investigation({
  artifact: {
    ...hostileArtifact,
    error: null,
    cause: cause({ kind: 'unmerged', author: evil, subject: evil, branch: evil, reason: evil }),
  },
  timeline: [
    drifted(evil, '2026-11-22T16:58', {
      claim: {
        commit: evil,
        path: evil,
        blob: evil,
        sha256: evil,
        digest: evil,
        contract: evil,
      },
    }),
    commit('3f2a9c1', '2026-11-20T14:02', { author: evil, subject: evil, path: evil }),
  ],
  onset: onset({
    id: evil,
    at: '2026-11-22T16:58:00.000Z',
    change: { counts: none, findings: hostileArtifact.findings },
  }),
  slice: {
    scope: [
      ['__proto__', [evil, ...hostileArtifact.findings.map((one) => one.key?.[0]?.[1] ?? '')]],
    ],
    points: [
      {
        side: 'runtime',
        id: evil,
        at: '2026-11-22T16:58:00.000Z',
        change: 'appeared',
        rowCount: 1,
        rows: [sliceRow(3, [['__proto__', evil], ['2', evil], ['wide', 'w'.repeat(500)]])], // prettier-ignore
      },
    ],
    rowCount: { reviewed: 0, runtime: 1 },
    blame: [{ line: 3, commit: evil, author: evil, subject: evil, at: '2026-11-01T10:00:00.000Z' }],
    diff: `--- a\n+++ b\n@@ -0,0 +1,1 @@\n+${evil.replaceAll('\n', '')},${'w'.repeat(2000)}\n`,
  },
  comparison: {
    from: { side: 'reviewed', id: evil, at: evil },
    to: { side: 'runtime', id: evil, at: evil },
    artifact: hostileArtifact,
  },
  cost: cost({
    scans: evil,
    units: [{ ...cost().units[0]!, key: [['__proto__', evil]], prefix: evil, reason: evil }],
  }),
  history: { reviewed: 'complete', runtime: 'versioned', reasons: [evil] },
});

/** Every case by the name of its goldens. */
export const investigationCases: Readonly<Record<string, InvestigationCase>> = {
  edited: { investigation: edited },
  stale: { investigation: stale },
  'stale-wide': { investigation: stale, options: { width: 120 } },
  'stale-narrow': { investigation: stale, options: { width: 50 } },
  unmerged: { investigation: unmerged },
  ahead: { investigation: ahead },
  unversioned: { investigation: unversioned },
  deleted: { investigation: deleted },
  long: { investigation: long, options: { limit: 5 } },
  slice: { investigation: slice },
  compared: { investigation: compared },
  costly: { investigation: costly },
  hostile: { investigation: hostile },
  'not-enforced': { investigation: { ...edited, enforced: false, exitCode: 0 } },
  quiet: { investigation: { ...edited, enforced: false, exitCode: 0 }, options: { quiet: true } },
  'in-sync': {
    investigation: investigation({
      artifact: inSync('participants'),
      timeline: [
        version('3HL4kqtJlcpXroDT', '2026-11-20T14:05', { current: true }),
        commit('3f2a9c1', '2026-11-20T14:02', { current: true }),
      ],
      cost: cost({ redundantRows: 0, amplification: 1, redundantBytes: null, units: [] }),
    }),
  },
  error: {
    investigation: investigation({
      artifact: null,
      error: fault({ code: 'UNKNOWN_ARTIFACT', message: 'no artifact partcipants', place: {} }),
      history: { reviewed: null, runtime: null, reasons: [] },
    }),
  },
  'error-later': {
    investigation: investigation({
      artifact: repeated(),
      verdict: 'indeterminate',
      error: fault(),
      timeline: history.slice(2, 3),
      history: { reviewed: 'complete', runtime: null, reasons: [] },
    }),
  },
};
