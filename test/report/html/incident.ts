import {
  countsOf,
  type Cause,
  type Cells,
  type CommitEntry,
  type Finding,
  type FindingCounts,
  type Investigation,
  type SliceStory,
  type VersionEntry,
} from '../../../src/model/index.ts';
import { artifact, finding, key, participant, reviewedSide, row, runtimeSide } from '../build.ts';

const hour = 3_600_000;
const start = Date.parse('2026-08-03T08:00:00.000Z');

export function counts(over: Partial<FindingCounts> = {}): FindingCounts {
  return { ...countsOf(() => 0), ...over };
}

/** A time some hours after the first commit. */
export function at(hours: number): string {
  return new Date(start + hours * hour).toISOString();
}

export function commit(
  number: number,
  hours: number,
  over: Partial<CommitEntry> = {},
): CommitEntry {
  return {
    side: 'reviewed',
    at: at(hours),
    commit: `${number.toString(16).padStart(4, 'c')}9d7be04c7a5d0b6e8f9a1c2d3e4f5a6b7c0f1`.slice(
      0,
      40,
    ),
    author: 'Ada Lovelace',
    subject: `Add participant P-${number}`,
    path: 'support/participants.csv',
    rows: 40 + number,
    units: 40 + number,
    redundant: 0,
    invalid: 0,
    amplification: 1,
    sha256: 'a'.repeat(64),
    relation: 'drifted',
    counts: counts({ removed: 1 }),
    current: false,
    error: null,
    deleted: false,
    inForce: true,
    ...over,
  };
}

export function version(
  number: number,
  hours: number,
  over: Partial<VersionEntry> = {},
): VersionEntry {
  return {
    side: 'runtime',
    at: at(hours),
    versionId: `${number}HL4kqtJlcpXroDTDmJrmSpXd3dIbrHY`,
    rows: 40 + number,
    units: 40 + number,
    redundant: 0,
    invalid: 0,
    amplification: 1,
    sha256: 'a'.repeat(64),
    relation: 'identical',
    counts: counts(),
    current: false,
    error: null,
    deleted: false,
    bytes: 5210 + 90 * number,
    claim: {
      commit: commit(number, 0).commit,
      path: 'support/participants.csv',
      blob: null,
      sha256: 'a'.repeat(64),
      digest: null,
      contract: null,
    },
    evidence: 'read',
    reviewedCommit: commit(number, 0).commit,
    ...over,
  };
}

const edit = version(7, 1690, {
  rows: 53,
  units: 48,
  redundant: 5,
  amplification: 53 / 48,
  relation: 'drifted',
  counts: counts({ duplicated: 2, conflict: 1, added: 1 }),
  claim: null,
  reviewedCommit: commit(6, 0).commit,
});

/** Newest first: five calm deployments, a late one, a removal, a hand edit, and one on top of it. */
const timeline = [
  version(8, 1730, {
    rows: 79,
    units: 49,
    redundant: 29,
    invalid: 1,
    amplification: 78 / 49,
    relation: 'drifted',
    counts: counts({ added: 2, removed: 1, duplicated: 3, conflict: 2, invalid: 1 }),
    claim: null,
    current: true,
    reviewedCommit: commit(7, 0).commit,
  }),
  commit(7, 1702, {
    current: true,
    relation: 'drifted',
    counts: counts({ duplicated: 2, conflict: 1 }),
  }),
  edit,
  version(6, 1520.4),
  version(5, 1520, {
    deleted: true,
    rows: null,
    units: null,
    redundant: null,
    amplification: null,
    bytes: null,
    claim: null,
    evidence: null,
    relation: 'missing',
    counts: null,
  }),
  commit(6, 1180, { subject: 'Route the Nordics through region EU', author: 'Grace Hopper' }),
  version(4, 1141, { relation: 'equivalent', evidence: 'etag' }),
  commit(5, 1140),
  commit(12, 900, {
    inForce: false,
    relation: null,
    counts: null,
    subject: 'Try weights by region',
  }),
  version(3, 702),
  commit(4, 700),
  version(2, 240.5),
  commit(3, 240),
  version(1, 26),
  commit(2, 24.5),
  commit(1, 0, { relation: null, counts: null }),
];

export const cause: Cause = {
  kind: 'edited',
  commit: commit(6, 0).commit,
  subject: 'Route the Nordics through region EU',
  author: 'Grace Hopper',
  committedAt: at(1180),
  behind: null,
  replacedAt: null,
  branch: null,
  edits: { added: 2, removed: 0, duplicated: 3, conflict: 2, invalid: 1, total: 8 },
  reason: null,
};

const findings: readonly Finding[] = [
  finding('added', 'runtime', [row('runtime', 41, participant('P-51'))], { key: key('P-51') }),
  finding('added', 'runtime', [row('runtime', 42, participant('P-52', { mode: 'incremental' }))], {
    key: key('P-52', 'US'),
  }),
  finding('removed', 'reviewed', [row('reviewed', 47, participant('P-7'))], { key: key('P-7') }),
  finding(
    'duplicated',
    'runtime',
    [
      row('reviewed', 12, participant('P-11')),
      ...[12, 33, 54, 55].map((line) => row('runtime', line, participant('P-11'))),
    ],
    { key: key('P-11'), rowCount: { reviewed: 1, runtime: 26 } },
  ),
  finding(
    'duplicated',
    'runtime',
    [
      row('reviewed', 14, participant('P-13', { region: 'US' })),
      ...[14, 60].map((line) => row('runtime', line, participant('P-13', { region: 'US' }))),
    ],
    { key: key('P-13', 'US'), severity: 'warn' },
  ),
  finding(
    'conflict',
    'runtime',
    [
      row('reviewed', 3, participant('P-1')),
      row('runtime', 3, participant('P-1')),
      row('runtime', 61, participant('P-1', { mode: 'incremental', weight: '1.20' })),
    ],
    { key: key('P-1'), fields: ['run_mode', 'weight'] },
  ),
  finding(
    'conflict',
    'across',
    [
      row('reviewed', 20, participant('P-19')),
      row('runtime', 20, participant('P-19', { weight: '11.00' })),
    ],
    { key: key('P-19'), fields: ['weight'] },
  ),
  finding('invalid', 'runtime', [row('runtime', 62, participant(''))], {
    reason: 'participant_id is empty',
  }),
];

export const slice: SliceStory = {
  scope: [
    ['participant_id', ['P-1']],
    ['region', ['EU']],
  ],
  points: [
    {
      side: 'runtime',
      id: edit.versionId,
      at: edit.at,
      change: 'changed',
      rowCount: 2,
      rows: [
        { record: 2, line: 3, values: participant('P-1') },
        {
          record: 60,
          line: 61,
          values: participant('P-1', { mode: 'incremental', weight: '1.20' }),
        },
      ],
    },
    {
      side: 'reviewed',
      id: commit(1, 0).commit,
      at: at(0),
      change: 'appeared',
      rowCount: 1,
      rows: [{ record: 2, line: 3, values: participant('P-1') }],
    },
  ],
  rowCount: { reviewed: 1, runtime: 2 },
  blame: [
    {
      line: 3,
      commit: commit(1, 0).commit,
      author: 'Ada Lovelace',
      subject: 'Add participant P-1',
      at: at(0),
    },
  ],
  diff: '--- reviewed\n+++ runtime\n@@ -1,1 +1,2 @@\n P-1,EU,s3://lake/p1,full,1.10\n+P-1,EU,s3://lake/p1,incremental,1.20\n',
};

/** An incident as a real one reads: a hand edit of the object that repeats and changes units. */
export function investigation(over: Partial<Investigation> = {}): Investigation {
  const present = artifact({
    findings,
    reviewed: reviewedSide({ rows: 47, units: 47 }),
    runtime: runtimeSide({ rows: 79, units: 49, redundant: 29, invalid: 1, bytes: 9120 }),
    amplification: 78 / 49,
    labels: new Map([['tier', '1']]),
    cause,
    whatToDo: [
      {
        kind: 'publish',
        text: 'Publish the reviewed copy. Look at the plan first, then apply exactly it:',
        commands: [
          'keydrift publish participants --dry-run -o json:plan.json',
          'keydrift publish --apply plan.json',
        ],
      },
      {
        kind: 'run',
        text: 'Let the next run start with the rows that were reviewed:',
        commands: ['keydrift run participants --use reviewed -- COMMAND'],
      },
    ],
  });
  return {
    version: '0.1.0',
    startedAt: at(1752),
    durationMs: 4180,
    verdict: 'drifted',
    exitCode: 1,
    enforced: true,
    error: null,
    artifact: present,
    history: { reviewed: 'complete', runtime: 'cut-off', reasons: [] },
    timeline,
    onset: {
      side: 'runtime',
      id: edit.versionId,
      at: edit.at,
      versions: 2,
      began: 'here',
      lastedMs: 62 * hour,
      reviewedCommit: commit(6, 0).commit,
      change: {
        counts: counts({ duplicated: 2, conflict: 1, added: 1 }),
        findings: findings.slice(0, 1),
      },
      byKind: {
        added: { side: 'runtime', id: edit.versionId, at: edit.at },
        removed: { side: 'reviewed', id: commit(7, 0).commit, at: at(1702) },
        duplicated: { side: 'runtime', id: edit.versionId, at: edit.at },
        invalid: { side: 'runtime', id: '8HL4kqtJlcpXroDTDmJrmSpXd3dIbrHY', at: at(1730) },
      },
      later: [],
    },
    slice,
    comparison: null,
    cost: {
      scans: 's3://lake/events/participant={participant_id}/',
      redundantRows: 29,
      amplification: 78 / 49,
      redundantBytes: 25 * 7_340_032_000 + 1_900_000_000,
      known: 'part',
      units: [
        unit('P-11', 26, 1204, 7_340_032_000),
        unit('P-13', 2, 310, 1_900_000_000),
        { ...unit('P-1', 2, null, null), reason: 'the prefix could not be listed (AccessDenied)' },
      ],
    },
    ...over,
  };
}

/** The same incident with `--from` and `--to`. */
export function compared(): Investigation {
  return investigation({
    comparison: {
      from: { side: 'reviewed', id: commit(6, 0).commit, at: at(1180) },
      to: { side: 'runtime', id: edit.versionId, at: edit.at },
      artifact: artifact({ findings: findings.slice(3, 6) }),
    },
  });
}

function unit(
  id: string,
  rows: number,
  objects: number | null,
  bytes: number | null,
): NonNullable<Investigation['cost']>['units'][number] {
  return {
    key: key(id),
    rows,
    prefix: `s3://lake/events/participant=${id}/`,
    objects,
    bytes,
    redundantBytes: bytes === null ? null : (rows - 1) * bytes,
    reason: null,
  };
}

/** Many findings of several kinds, as after a wrong export. */
export function manyFindings(number: number): readonly Finding[] {
  return Array.from({ length: number }, (_, index) => {
    const id = `P-${String((index * 7919) % number).padStart(5, '0')}`;
    const values = (weight: string): Cells => participant(id, { weight });
    if (index < number / 2) {
      return finding('added', 'runtime', [row('runtime', index + 2, values('1.00'))], {
        key: key(id),
      });
    }
    const rows = [
      row('reviewed', index + 2, values('1.00')),
      row('runtime', index + 2, values('2.00')),
    ];
    return finding('conflict', 'across', rows, { key: key(id), fields: ['weight'] });
  });
}
