import { expect, test } from 'vitest';
import type { GateDecision, GateEvent } from '../../src/model/index.ts';
import { gate } from '../../src/report/outputs/text.ts';
import { artifact, finding, key, options } from './build.ts';
import { unpaint } from './terminal-text.ts';

const command =
  'keydrift run participants --override REASON --at versionId:yM3eI6tmUbac9EaQC.PzQcKF_fgarimj -- COMMAND';
const safe = 'keydrift run participants --use reviewed -- COMMAND';
const decision: GateDecision = {
  report: artifact({
    whatToDo: [
      // What stands last in a line is told so, wherever it comes from.
      {
        kind: 'override',
        text: '',
        briefs: ['OVERRIDE, runs what was not reviewed'],
        commands: [command],
      },
      {
        kind: 'publish',
        text: '',
        briefs: ['to see what would be published', 'to publish it'],
        commands: ['keydrift publish participants --dry-run', 'keydrift publish participants'],
      },
      { kind: 'run', text: '', briefs: ['to run the reviewed copy instead'], commands: [safe] },
      { kind: 'restore', text: 'told in sentences alone', commands: ['aws s3api copy-object'] },
      { kind: 'override', text: '', commands: ['export X=y'] },
    ],
    owner: 'data-platform@example.org',
    runbook: 'https://wiki.example.org/runbooks/participants',
    findings: ['P-1', 'P-2'].map((id) => finding('duplicated', 'runtime', [], { key: key(id) })),
  }),
  outcome: 'refused',
  fromEnvironment: ['KEYDRIFT_REF'],
  observed: false,
  use: 'runtime',
  revision: 'versionId:yM3eI6tmUbac9EaQC.PzQcKF_fgarimj',
  enforced: true,
  override: null,
  scope: null,
  reason: null,
  handOver: null,
};

function tell(event: GateEvent, columns: number | null): string {
  const head = { time: '2026-11-26T00:00:00.000Z', version: '0', command: 'run' as const, columns };
  return gate(event, { ...options, width: columns ?? 80 }, head);
}

test('a log has a decision in one line, a terminal the same words with none of them broken', () => {
  const line = tell({ kind: 'artifact', decision }, null);
  expect(line.match(/\n/g)).toHaveLength(1);
  const ways = `to see what would be published: keydrift publish participants --dry-run; to publish it: keydrift publish participants; to run the reviewed copy instead: ${safe}; OVERRIDE, runs what was not reviewed: ${command}`; // prettier-ignore
  expect(line.trimEnd().endsWith(`; REFUSED; ${ways}`)).toBe(true);
  for (const columns of [40, 80, 120]) {
    const shown = tell({ kind: 'artifact', decision }, columns);
    expect(
      shown
        .replaceAll(/(?<! )\\\n/g, '')
        .replaceAll(/(?: \\)?\n */g, ' ')
        .trim(),
    ).toBe(line.replaceAll(/; (?=to |OV)/g, ' ').trim());
    for (const one of shown.split('\n')) {
      const isWhole = !one.trim().replace(/ \\$/, '').includes(' ');
      expect([one, one.length <= columns || isWhole]).toEqual([one, true]);
    }
  }
});

test('a terminal is told once what answers several refused copies, a log in each line', () => {
  const event = { kind: 'artifact', decision, follows: true } as const;
  expect(tell(event, null)).toContain(command);
  expect(tell(event, 80)).toContain('keydrift publish participants');
  expect(tell(event, 80)).not.toMatch(/--use|--override/);
});

test('what is only observed runs anyway: no way out is told', () => {
  const told = tell({ kind: 'artifact', decision: { ...decision, observed: true } }, null);
  expect(told.trimEnd().endsWith('NOT ENFORCED: observed only, would be refused')).toBe(true);
});

test('a warning that is counted is named', () => {
  const warning = (code: string) => ({ code, message: '', side: null, line: null });
  const told = (...codes: readonly string[]): string => {
    const report = artifact({
      verdict: 'in-sync',
      state: 'equivalent',
      findings: [],
      warnings: codes.map(warning),
    });
    return tell({ kind: 'artifact', decision: { ...decision, report, outcome: 'run' } }, null);
  };
  expect(told('SCOPED')).toContain('in sync (equivalent, 1 warning: SCOPED)');
  expect(told('A', 'A', 'B')).toContain('(equivalent, 3 warnings: A and B)');
  expect(told('A', 'B', 'C')).toContain('(equivalent, 3 warnings: A and B …)');
});

test('what is in sync and not enforced says so, also where only that is told', () => {
  const report = artifact({ verdict: 'in-sync', state: 'identical', findings: [] });
  const runs = { ...decision, report, outcome: 'run', observed: true } as const;
  const head = { time: '', version: '0', command: 'run' as const, columns: null };
  const quietly = (enforced: boolean): string =>
    gate({ kind: 'artifact', decision: { ...runs, enforced } }, { ...options, quiet: true }, head);
  expect(quietly(false)).toContain('; NOT ENFORCED');
  expect(quietly(true)).toBe('');
});

test('a label is painted, and counts for no columns', () => {
  const head = { time: '', version: '0', command: 'run' as const, columns: 80 };
  const painted = gate(
    { kind: 'artifact', decision },
    { ...options, color: true, width: 80 },
    head,
  );
  expect(painted).toContain('\u001b[1m\u001b[31mDRIFTED');
  expect(unpaint(painted)).toBe(tell({ kind: 'artifact', decision }, 80));
});

test('what warns of a copy that runs is told with its code, beside the decision', () => {
  const warning = (code: string, message: string) =>
    ({ code, message, side: 'runtime', line: null }) as const;
  const report = artifact({
    verdict: 'in-sync',
    state: 'equivalent',
    warnings: [
      warning('COMPRESSION_BY_CONTENT', 'it is compressed with gzip, which its name does not say'),
      warning('SCOPED', 'only a part was judged'),
    ],
  });
  const runs = { ...decision, report, outcome: 'run' } as const;
  const told = tell({ kind: 'artifact', decision: runs }, null);
  expect(told.trimEnd().split('\n').slice(1)).toEqual([
    'keydrift: warning: participants: runtime: it is compressed with gzip, which its name does not say (COMPRESSION_BY_CONTENT)',
  ]);
});

test('rows and units are those of the copy that is used', () => {
  const { runtime, ...report } = decision.report;
  const sizes = (side: typeof runtime, rows: number): typeof runtime =>
    side === null ? null : { ...side, rows, units: rows };
  const told = (use: GateDecision['use']): string => {
    const sides = { reviewed: sizes(report.reviewed, 29), runtime: sizes(runtime, 30) };
    return tell({ kind: 'artifact', decision: { ...decision, use, report: { ...report, ...sides } } }, null); // prettier-ignore
  };
  expect(told('runtime')).toContain('; runtime: 30 rows, 30 units');
  expect(told('reviewed')).toContain('; reviewed: 29 rows, 29 units');
});
