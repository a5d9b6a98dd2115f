import { countsOf, type Report } from '../../src/model/index.ts';
import type { ReportOptions } from '../../src/report/index.ts';
import {
  artifact,
  change,
  fault,
  finding,
  inSync,
  key,
  participant,
  report,
  reviewedSide,
  row,
  runtimeSide,
} from './build.ts';
import { hostile } from './hostile.ts';

const causeKinds = ['stale', 'unmerged', 'edited', 'ahead', 'unknown'] as const;

/** A report that has goldens under golden/<name>.*, told with these options. */
export interface GoldenCase {
  readonly report: Report;
  readonly options?: Partial<ReportOptions>;
}

const everyKind = artifact({
  reviewed: reviewedSide({ rows: 12, units: 11, redundant: 1 }),
  runtime: runtimeSide({ rows: 17, units: 12, redundant: 4, invalid: 1 }),
  amplification: 16 / 12,
  respelled: 1,
  findings: [
    finding('added', 'runtime', [row('runtime', 4, participant('42'))], {
      key: key('42'),
      respelled: key('00042'),
    }),
    finding('added', 'runtime', [row('runtime', 17, participant('P-9'))], { key: key('P-9') }),
    finding('removed', 'reviewed', [row('reviewed', 4, participant('00042'))], {
      key: key('00042'),
      respelled: key('42'),
    }),
    finding(
      'duplicated',
      'reviewed',
      [row('reviewed', 7, participant('P-7')), row('reviewed', 8, participant('P-7'))],
      { key: key('P-7'), severity: 'accepted' },
    ),
    finding(
      'duplicated',
      'runtime',
      [3, 9, 12].map((line) => row('runtime', line, participant('P-1'))),
      { key: key('P-1'), rowCount: { reviewed: 1, runtime: 3 } },
    ),
    finding(
      'conflict',
      'runtime',
      [
        row('runtime', 5, participant('P-3')),
        row('runtime', 11, participant('P-3', { weight: '2.10' })),
        row('runtime', 13, participant('P-3', { weight: '3.00' })),
      ],
      { key: key('P-3'), fields: ['weight'], rowCount: { reviewed: 1, runtime: 3 } },
    ),
    finding(
      'conflict',
      'across',
      [
        row('reviewed', 3, participant('P-2')),
        row(
          'runtime',
          6,
          participant('P-2', {
            prefix: 's3://lake/sales/region=us/p1',
            mode: 'incremental',
            weight: '1.20',
          }),
        ),
      ],
      { key: key('P-2'), fields: ['partition_prefix', 'run_mode', 'weight'] },
    ),
    finding('invalid', 'runtime', [row('runtime', 15, [['participant_id', 'P-8']])], {
      reason: '2 cells, the header has 9',
    }),
    finding('bounds', 'runtime', [], {
      reason: 'amplification 1.33, the contract allows at most 1.2',
    }),
  ],
  warnings: [
    {
      code: 'MIXED_LINE_ENDS',
      message: 'this line ends with CRLF, the lines before it with LF',
      side: 'runtime',
      line: 9,
    },
  ],
});

const many = artifact({
  copy: 'eu',
  owner: null,
  runbook: null,
  findings: [
    ...Array.from({ length: 40 }, (_, at) =>
      finding('added', 'runtime', [row('runtime', at + 2, participant(`A-${at}`))], {
        key: key(`A-${at}`),
      }),
    ),
    finding(
      'duplicated',
      'runtime',
      Array.from({ length: 20 }, (_, at) => row('runtime', at + 50, participant('P-1'))),
      { key: key('P-1'), rowCount: { reviewed: 1, runtime: 36 } },
    ),
    finding('removed', 'reviewed', [row('reviewed', 9, participant('gone'))], {
      key: key('gone'),
      severity: 'ignore',
    }),
  ],
});

const unreadable = artifact({
  name: 'routes',
  state: 'unreadable',
  runtime: null,
  unread: runtimeSide({ location: 's3://prod-runtime/support/routes.csv' }),
  amplification: null,
  error: fault({
    code: 'CSV_UNCLOSED_QUOTE',
    message:
      's3://prod-runtime/support/routes.csv line 12: a quoted cell opens and is never closed',
    hint: 'Look at line 12 of the runtime copy: a quote in a cell is written twice ("").',
    place: { side: 'runtime', line: 12, record: 11 },
  }),
});

const indeterminate = artifact({
  name: 'limits',
  verdict: 'indeterminate',
  state: 'indeterminate',
  runtime: null,
  amplification: null,
  error: fault(),
});

const missing = artifact({
  name: 'calendar',
  copy: 'us',
  state: 'missing',
  runtime: null,
  amplification: null,
  error: fault({
    code: 'STORE_NO_SUCH_KEY',
    message: 's3://prod-us/support/cal.csv does not exist',
    hint: 'Deploy the reviewed copy, or correct the runtime location in keydrift.yaml.',
  }),
});

const unreviewed = artifact({
  name: 'holidays',
  state: 'unreviewed',
  reviewed: null,
  error: fault({
    code: 'GIT_PATH_NOT_FOUND',
    message: 'support/holidays.csv does not exist at HEAD (3f2a9c1)',
    hint: 'Commit the file, or name another ref with --ref.',
    place: { side: 'reviewed' },
  }),
});

const warned = inSync('weights', {
  state: 'drifted',
  runtime: runtimeSide({ rows: 5, redundant: 1 }),
  amplification: 1.25,
  findings: [
    finding(
      'duplicated',
      'runtime',
      [2, 5].map((line) => row('runtime', line, participant('P-1'))),
      { key: key('P-1'), severity: 'warn' },
    ),
    finding('added', 'runtime', [row('runtime', 9, participant('P-5'))], {
      key: key('P-5'),
      severity: 'pending',
    }),
  ],
});

const identicalDuplicates = artifact({
  state: 'identical',
  reviewed: reviewedSide({ rows: 6, units: 4, redundant: 2 }),
  runtime: runtimeSide({ rows: 6, units: 4, redundant: 2 }),
  amplification: 1.5,
  findings: (['reviewed', 'runtime'] as const).map((side) =>
    finding(
      'duplicated',
      side,
      (['reviewed', 'runtime'] as const).flatMap((of) =>
        [3, 9, 12].map((line) => row(of, line, participant('P-1'))),
      ),
      { key: key('P-1') },
    ),
  ),
});

const linted = artifact({ verdict: 'in-sync', state: null, runtime: null });

const form = (quote: string): string =>
  JSON.stringify({ delimiter: ',', quote: '"', escape: quote, comment: null, names: null });

/** Longer than a line has room for, and other in its midst. */
const enforced = [
  {
    artifact: 'participants',
    copy: null,
    word: 'csv',
    before: form('"'),
    after: form('\\'),
    effect: 'weaker',
    unordered: true,
  },
  {
    artifact: 'participants',
    copy: 'eu',
    word: 'policy.added',
    before: 'fail',
    after: 'warn',
    effect: 'weaker',
  },
  {
    artifact: 'participants',
    copy: null,
    word: 'ordered',
    before: null,
    after: 'true',
    effect: 'stricter',
  },
] as const;

const lintChange = {
  ...linted,
  verdict: 'drifted',
  reviewed: reviewedSide({ location: 'support/participants.csv', rows: 7, units: 5, redundant: 2 }),
  amplification: 1.4,
  findings: [
    finding(
      'duplicated',
      'reviewed',
      [3, 5, 6].map((line) => row('reviewed', line, participant('P-2'))),
      { key: key('P-2') },
    ),
  ],
  counts: { ...countsOf(() => 0), duplicated: 1 },
  change: change({
    added: 1,
    removed: 1,
    changed: 1,
    reading: [{ word: 'normalize.weight', before: null, after: '[number]' }],
    units: [
      {
        change: 'added',
        key: key('P-8'),
        fields: [],
        rowCount: { before: 0, after: 1 },
        before: null,
        after: row('reviewed', 7, participant('P-8')),
      },
      {
        change: 'changed',
        key: key('P-2'),
        fields: ['run_mode', 'weight'],
        rowCount: { before: 1, after: 3 },
        before: row('reviewed', 3, participant('P-2')),
        after: row('reviewed', 3, participant('P-2', { mode: 'incremental', weight: '1.20' })),
        rows: {
          before: [row('reviewed', 3, participant('P-2'))],
          after: [
            row('reviewed', 3, participant('P-2', { mode: 'incremental', weight: '1.20' })),
            row('reviewed', 5, participant('P-2', { mode: 'incremental', weight: '1.20' })),
            row('reviewed', 6, participant('P-2')),
          ],
        },
      },
      {
        change: 'removed',
        key: key('P-4'),
        fields: [],
        rowCount: { before: 1, after: 0 },
        before: row('reviewed', 5, participant('P-4')),
        after: null,
      },
    ],
  }),
} as const;

const causes = causeKinds.map((kind) =>
  artifact({
    name: kind,
    findings: [
      finding('added', 'runtime', [row('runtime', 4, participant('42'))], { key: key('42') }),
    ],
    cause: {
      kind,
      commit: kind === 'unknown' ? null : '77c01de0123456789abcdef0123456789abcdef0',
      subject: 'Correct <the> `regions`\u001b[2J',
      author: 'Ana |Ito|',
      committedAt: '2026-11-01T10:00:00.000Z',
      behind: kind === 'stale' ? 3 : 1,
      replacedAt: kind === 'unmerged' ? null : '2026-11-22T16:30:00.000Z',
      branch: kind === 'unmerged' ? 'origin/fix-regions' : null,
      edits:
        kind === 'edited'
          ? { added: 1, removed: 0, duplicated: 0, conflict: 2, invalid: 0, total: 3 }
          : null,
      reason: kind === 'unknown' ? 'the clone is shallow: keydrift investigate unknown' : null,
    },
  }),
);

/** Every case by the name of its goldens. */
export const cases: Readonly<Record<string, GoldenCase>> = {
  'every-kind': { report: report([everyKind]) },
  'many-artifacts': {
    report: report(
      [
        everyKind,
        inSync('currencies', { copy: 'eu' }),
        inSync('currencies', { copy: 'us', state: 'equivalent' }),
        warned,
        missing,
        unreviewed,
        unreadable,
        indeterminate,
      ],
      { exitCode: 3 },
    ),
  },
  quiet: {
    report: report([everyKind, inSync('currencies'), missing, indeterminate], { exitCode: 3 }),
    options: { quiet: true },
  },
  causes: { report: report(causes) },
  limit: { report: report([many]), options: { limit: 5 } },
  'limit-zero': { report: report([many]), options: { limit: 0 } },
  'identical-duplicates': { report: report([identicalDuplicates]) },
  'not-enforced': {
    report: report([many], { enforced: false, exitCode: 0 }),
    options: { limit: 2 },
  },
  'in-sync': { report: report([inSync('participants')], { verdict: 'in-sync', exitCode: 0 }) },
  'contract-error': {
    report: report([], {
      verdict: 'indeterminate',
      exitCode: 2,
      error: fault({
        code: 'CONTRACT_INVALID',
        message: 'keydrift.yaml has 2 problems',
        hint: 'Correct them all, then run keydrift audit again.',
        place: {},
        problems: [
          {
            line: 4,
            path: 'artifacts.participants.keys',
            message: 'is not a known field',
            hint: 'did you mean "key"?',
          },
          {
            line: null,
            path: 'artifacts.calendar.runtime',
            message: 'is required: where the job reads this file, such as s3://bucket/key',
            hint: null,
          },
        ],
      }),
    }),
  },
  diff: {
    report: report([{ ...everyKind, name: 'participants.csv', owner: null, runbook: null }], {
      command: 'diff',
    }),
  },
  'lint-holds': {
    report: report([linted, { ...linted, name: 'calendar' }], {
      command: 'lint',
      verdict: 'in-sync',
      exitCode: 0,
    }),
  },
  'lint-change': {
    report: report([lintChange], {
      command: 'lint',
      enforcement: { baseRef: 'origin/main', fault: null, changes: enforced },
    }),
  },
  hostile: { report: report([hostile]) },
  'hostile-narrow': { report: report([hostile]), options: { width: 50 } },
};
