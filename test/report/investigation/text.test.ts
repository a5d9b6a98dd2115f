import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  findingKinds,
  type CommitEntry,
  type Finding,
  type Investigation,
  type RunOfCopy,
  type SliceStory,
  type TimelineEntry,
} from '../../../src/model/index.ts';
import type { ReportOptions } from '../../../src/report/index.ts';
import { investigationReporters } from '../outputs.ts';
import { text as anyText } from '../arbitrary.ts';
import { fault, finding, inSync, key, options } from '../build.ts';
import {
  cause,
  commit,
  commitId,
  cost,
  drifted,
  investigation,
  none,
  onset,
  repeated,
  sliceRow,
  version,
} from './build.ts';
import { investigationCases } from './cases.ts';
import { runSentence, runsSentence } from '../../../src/report/investigation/runs.ts';
import { describeTerminal, unpaint } from '../terminal-text.ts';

const escape = '\u001b';
/** Lines that are to be copied, and so are whole however long. */
const whole =
  /^ {2,6}(reviewed|runtime|owner|runbook|next|--from|--to) {2,}|^ {8,}(git|keydrift) |^ {4}[-+ @]|^(DRIFTED|NO VERDICT) /;

/** Texts of a stranger wherever an investigation has one. */
const anyInvestigation: fc.Arbitrary<Investigation> = fc
  .record({ evil: anyText, other: anyText, many: fc.nat(30) })
  .map(({ evil, other, many }) => {
    const point = { side: 'runtime', id: evil, at: '2026-11-12T03:00:00.000Z' } as const;
    return investigation({
      artifact: repeated({
        cause: cause({
          kind: 'unmerged',
          author: evil,
          subject: other,
          branch: evil,
          reason: other,
        }),
      }),
      timeline: [
        drifted(evil, '2026-11-12T03:00'),
        ...Array.from({ length: many }, (_, at) => version(`${evil}${at}`, '2026-11-11T03:00')),
        commit('3f2a9c1', '2026-11-01T10:00', { author: evil, subject: other }),
      ],
      onset: onset({ ...point, change: { counts: none, findings: [] } }),
      slice: {
        scope: [[other, [evil]]],
        points: [
          {
            ...point,
            change: 'changed',
            rowCount: 3,
            rows: [{ ...sliceRow(2, []), values: [[evil, other], [other, evil]] }], // prettier-ignore
          },
        ],
        rowCount: { reviewed: 1, runtime: 3 },
        blame: [{ line: 1, commit: commitId('abc'), author: evil, subject: other, at: point.at }],
        diff: `--- ${evil}\n+++ ${other}\n@@ -1 +1 @@\n-${evil}\n+${other}\n`,
      },
      cost: cost({ scans: other, units: [{ ...cost().units[0]!, key: [[evil, other]], reason: evil }] }), // prettier-ignore
      history: { reviewed: 'shallow', runtime: 'cut-off', reasons: [evil] },
    });
  });

describeTerminal('whatever strangers wrote', anyInvestigation, tell, whole);

test('what was asked for and could not be told stands last, where the eye is', () => {
  const error = fault({ code: 'USAGE', message: '2020-01-01 is before the first version' });
  const lines = tell(investigation({ error })).trimEnd().split('\n');
  expect(lines.slice(-2)).toEqual([
    'NOT ANSWERED: USAGE: 2020-01-01 is before the first version',
    'keydrift: drifted (exit code 1)',
  ]);
  expect(tell(investigation())).not.toContain('NOT ANSWERED');
});

test('the slice that is looked at next is that of the worst finding', () => {
  const next = (...findings: readonly Finding[]): string | undefined =>
    /--scope participant_id=(\S+)/.exec(tell(investigation({ artifact: repeated({ findings }) })))?.[1]; // prettier-ignore
  const of = (id: string, kind: 'added' | 'duplicated', runtime: number, severity: 'fail' | 'warn' = 'fail'): Finding => // prettier-ignore
    finding(kind, 'runtime', [], { key: key(id), severity, rowCount: { reviewed: kind === 'added' ? 0 : 1, runtime } }); // prettier-ignore
  expect(next(of('A', 'added', 1), of('B', 'duplicated', 4))).toBe('B');
  expect(next(of('A', 'added', 9, 'warn'), of('B', 'duplicated', 2))).toBe('B');
  expect(next(of('A', 'added', 1), of('B', 'added', 1))).toBe('A');
});

describe('the timeline', () => {
  const nights = Array.from({ length: 50 }, (_, at) =>
    version(`n${50 - at}-`, `2026-10-${String(30 - (at % 30)).padStart(2, '0')}T03:00`, {
      relation: at % 2 === 0 ? 'identical' : 'equivalent',
    }),
  );

  test.each([0, 1, 5, 49, 50, 1000])(
    'of limit %i shows so many, and counts the others',
    (limit) => {
      const told = tell(investigation({ artifact: inSync('a'), timeline: nights }), { limit });
      const hidden = [...told.matchAll(/… (\d+) more/g)].map(([, number]) => Number(number));
      expect(shownIn(told)).toHaveLength(Math.min(limit, 50));
      expect(hidden.reduce((sum, one) => sum + one, 0)).toBe(50 - Math.min(limit, 50));
    },
  );

  test('tells moments of one minute apart by their seconds, and no others', () => {
    const at = (time: string, id: string): TimelineEntry => ({
      ...version(id, '2026-10-01T12:00', { relation: 'identical' }),
      at: `2026-10-01T${time}.000Z`,
    });
    const timeline = [at('12:00:01', 'c-'), at('12:00:01', 'b-'), at('11:59:59', 'a-')];
    const told = tell(investigation({ artifact: inSync('a'), timeline }));
    expect(told).not.toContain(':01 ');
    const more = [at('12:00:09', 'd-'), ...timeline];
    const apart = tell(investigation({ artifact: inSync('a'), timeline: more }));
    for (const time of ['12:00:09', '11:59:59']) expect(apart).toContain(`${time} `);
  });

  test('of 80 columns when, which and how it stood stay, whatever they need', () => {
    const counts = { ...none, duplicated: 1, conflict: 1 };
    const timeline = ['01', '02', '03'].map((second) => ({
      ...drifted(`ver${second}zzz`, '2026-10-02T03:00', { counts }),
      at: `2026-10-02T03:00:${second}.000Z`,
    }));
    for (const width of [80, 72, 64]) {
      const told = tell(investigation({ timeline }), { width });
      for (const { at, versionId } of timeline) {
        const line = told.split('\n').find((one) => one.includes(versionId!)) ?? '';
        expect([width, line]).toEqual([width, expect.stringContaining(at.slice(11, 19))]);
        expect([width, line]).toEqual([width, expect.stringContaining('1 duplicated')]);
        expect(line.length).toBeLessThanOrEqual(width);
      }
    }
  });

  test('a unit that was repeated already, and now disagrees with itself, is told as that', () => {
    const [now, before] = [
      drifted('later-', '2026-10-02T03:00', { counts: { ...none, conflict: 1 } }),
      drifted('earlier-', '2026-10-01T03:00', { counts: { ...none, duplicated: 1 } }),
    ];
    const since = onset({
      id: before.versionId,
      at: before.at,
      byKind: { conflict: { side: 'runtime', id: now.versionId, at: now.at } },
    });
    const told = tell(investigation({ timeline: [now, before], onset: since }));
    expect(told).toContain('conflict: since 2026-10-02 03:00Z, with version later-; before it: 1');
  });

  test('a kind that only then could be compared did not begin with what made it comparable', () => {
    const gone = { relation: 'unreviewed', counts: null } as const;
    const timeline = [
      commit('d75454e', '2026-11-27T09:41', { relation: 'drifted', current: true }),
      version('first-', '2026-11-27T09:40', { ...gone, versionId: null, reviewedCommit: null }),
    ];
    const { side, at, commit: id } = timeline[0]! as CommitEntry;
    const own = { byKind: { duplicated: { side, id, at } }, reviewedCommit: null };
    const since = onset({ ...own, began: 'earlier', id: null, at: timeline[1]!.at, versions: 0 });
    for (const format of ['text', 'html'] as const) {
      const reported = investigation({ timeline, onset: since });
      const told = [...investigationReporters[format](reported, options)].join('');
      const plain = told.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ');
      expect(plain).toContain('The runtime copy was written then and had drifted already; no older one is known.'); // prettier-ignore
      expect(plain).not.toContain('with commit d75454e');
      expect(plain).toContain('known since 2026-11-27 09:41Z: before commit d75454e the copies could not be compared'); // prettier-ignore
    }
  });

  test('of a slice its own findings are told, and of the others how many there are', () => {
    const [own, other] = ['P-1', 'P-2'].map((id) =>
      finding('duplicated', 'runtime', [], { key: key(id) }),
    );
    const lost = finding('invalid', 'runtime', [], { reason: '2 cells, the header has 9' });
    const story = (id: string): SliceStory => ({
      scope: [['participant_id', [id]]],
      points: [],
      rowCount: { reviewed: 1, runtime: 2 },
      blame: [],
      diff: '-P-1\n+P-1,EU\n',
    });
    const told = (id: string, ...findings: readonly Finding[]): string =>
      tell(
        investigation({
          artifact: repeated({ findings, truncated: { duplicated: 7 } }),
          onset: onset({ change: { counts: { ...none, duplicated: 2 }, findings } }),
          slice: story(id),
        }),
      );
    const one = told('P-1', own!, other!, lost);
    expect(one).toContain('its rows now, as canonical CSV\n');
    expect(one).toMatch(/ {2}duplicated \(1\) [^]*P-1[^]*invalid \(1\)/);
    expect(one).not.toContain('P-2');
    expect(one).toContain('in other slices: 8 duplicated (told without --scope)');
    expect(told('P-9', own!, other!)).toContain(
      'nothing is found in this slice; in other slices: 9 duplicated',
    );
  });

  test('a page calls the versions at the onset by their age, as the text does', () => {
    const findings = [finding('duplicated', 'runtime', [], { key: key('P-1') })];
    const since = onset({ change: { counts: { ...none, duplicated: 1 }, findings } });
    const page = [...investigationReporters.html(investigation({ onset: since }), options)].join(
      '',
    );
    const part = /<section aria-labelledby="onset">[^]*?<\/section>/.exec(page)?.[0] ?? '';
    expect(part).toContain('in the later copy');
    expect(part).not.toMatch(/runtime|reviewed/);
  });

  test('says of the signs that are drawn what they mean', () => {
    const apart = drifted('later-', '2026-10-02T03:00');
    const well = version('early-', '2026-10-01T03:00');
    const first = commit('77c01de', '2026-09-01T03:00', { relation: null, counts: null });
    const told = (...timeline: readonly TimelineEntry[]): string =>
      tell(investigation({ timeline })).replaceAll('\u00a0', ' ');
    expect(told(apart, well, first)).toContain(
      '    ● the copies agree  ◆ they drift apart  ○ nothing to compare with\n',
    );
    expect(told(apart)).not.toMatch(/[●○]/);
  });

  test('folds versions of the same bytes only: another unit is another story', () => {
    const versions = Array.from({ length: 8 }, (_, at) =>
      version(`n${8 - at}-`, `2026-10-0${8 - at}T03:00`, {
        relation: 'drifted',
        sha256: String(at).repeat(64),
      }),
    );
    const told = tell(investigation({ artifact: inSync('a'), timeline: versions }));
    expect(shownIn(told)).toHaveLength(8);
    const same = versions.map((one) => ({ ...one, sha256: '0'.repeat(64) }));
    expect(shownIn(tell(investigation({ artifact: inSync('a'), timeline: same })))).toHaveLength(2);
  });

  test('shows where the drift and each kind began, whatever the limit', () => {
    const [first, second] = [nights[30]!, nights[40]!];
    const began = onset({
      id: second.versionId,
      at: second.at,
      byKind: { conflict: { side: 'runtime', id: first.versionId, at: first.at } },
    });
    const told = tell(investigation({ timeline: nights, onset: began }), { limit: 0 });
    expect(shownIn(told)).toEqual([first.versionId, second.versionId]);
    expect(told.split('\n').filter((line) => line.includes('BEGAN'))).toHaveLength(1);
  });

  test('folds versions whose state does not change, but no commit and no change of state', () => {
    const alike = Array.from({ length: 20 }, (_, at) => drifted(`d${at}-`, '2026-11-12T03:00'));
    const timeline: TimelineEntry[] = [
      ...alike,
      drifted('other-', '2026-11-11T03:00', { counts: { ...none, conflict: 2 } }),
      commit('3f2a9c1', '2026-11-10T03:00'),
      ...Array.from({ length: 5 }, () => commit('77c01de', '2026-11-09T03:00')),
    ];
    const told = tell(investigation({ timeline }));
    expect(told).toContain('… 18 more, unchanged');
    expect(shownIn(told)).toHaveLength(2 + 1 + 6);
  });

  test.each(findingKinds)('of %s says it in words: colour only adds', (kind) => {
    const entry = drifted('v1-', '2026-11-12T03:00', { counts: { ...none, [kind]: 7 } });
    const [plainLine, painted] = [false, true].map(
      (color) => tell(investigation({ timeline: [entry] }), { color }).match(/^.*v1-.*$/m)?.[0],
    );
    expect(plainLine).toContain(`7 ${kind}`);
    expect(unpaint(painted ?? '')).toBe(plainLine);
    expect(painted).not.toBe(plainLine);
  });

  test('sums up more kinds than a column has room for', () => {
    const counts = { ...none, removed: 3, duplicated: 20, conflict: 10, invalid: 4 };
    const told = tell(
      investigation({ timeline: [drifted('v1-', '2026-11-12T03:00', { counts })] }),
    );
    expect(told).toContain('3 removed +34 more');
  });
});

describe('quiet', () => {
  test('says nothing while it is in sync', () => {
    const one = investigationCases['in-sync']!.investigation;
    expect(tell(one, { quiet: true })).toBe('');
  });

  test('is a line where it is not', () => {
    const told = tell(investigation({ timeline: [drifted('v', '2026-11-12T03:00')] }), {
      quiet: true,
    });
    expect(told.split('\n')).toHaveLength(2);
  });
});

test('without colour there is no escape', () => {
  for (const { investigation: one } of Object.values(investigationCases)) {
    expect(tell(one)).not.toContain(escape);
  }
});

function shownIn(told: string): readonly (string | undefined)[] {
  return [...told.matchAll(/^ {4}[│●◆○×] [│●◆○×] {2}[\d-]{5,10} [\d:]{5} {2}(\S+)/gm)].map(([, id]) => id); // prettier-ignore
}

function tell(any: Investigation, over: Partial<ReportOptions> = {}): string {
  return [...investigationReporters.text(any, { ...options, ...over })].join('');
}

test('each recorded run is counted once, as what it came to', () => {
  const ran = {
    startedAt: '2026-11-20T03:00:00.000Z',
    endedAt: '2026-11-20T04:00:00.000Z',
    decision: 'run',
    exitCode: 0,
    enforced: true,
    started: true,
    outcome: 'run',
    use: 'runtime',
    revision: null,
    overridden: false,
    scoped: false,
    versionId: null,
    redundant: 0,
    redundantBytes: 0,
  } as const;
  const observed = { ...ran, decision: 'refused', enforced: false, redundant: 1 } as const;
  const refused = { ...ran, decision: 'refused', exitCode: 121, started: false } as const;
  const gate = { ...ran, started: false } as const;
  const observedGate = { ...gate, decision: 'refused', enforced: false } as const;
  const told = (...runs: readonly RunOfCopy[]): string => {
    const redundant = runs.reduce((sum, one) => sum + one.redundant, 0);
    const bytes = { redundant, redundantBytes: null, known: 'none' } as const;
    return runsSentence({ place: '', since: '', runs, unread: 0, ...bytes });
  };
  expect(told()).toBe('0 ran, 0 redundant executions');
  expect(told(refused, observed)).toBe(
    '1 ran (not enforced), 1 refused, 1 redundant execution, bytes not known',
  );
  expect(
    told({ ...ran, enforced: false, overridden: true }, observed, {
      ...ran,
      endedAt: null,
      exitCode: null,
    }),
  ).toBe(
    '3 ran (1 not enforced, 1 without a recorded end), 1 redundant execution, bytes not known',
  );
  const unjudged = { ...refused, decision: 'no-verdict' } as const;
  expect(told(gate, observedGate, unjudged)).toBe(
    '0 ran, 2 let through (1 not enforced), 1 without a verdict, 0 redundant executions',
  );
  expect([observed, refused, gate].map(runSentence)).toEqual([
    '2026-11-20 03:00Z ran: 1 redundant execution; NOT ENFORCED; exit code 0',
    '2026-11-20 03:00Z refused: exit code 121',
    '2026-11-20 03:00Z was let through: exit code 0',
  ]);
});
