import { describe, expect, test } from 'vitest';
import { KeydriftError, withFacts, type Report } from '../../src/model/index.ts';
import { describeError, type ReportOptions } from '../../src/report/index.ts';
import * as slackOutput from '../../src/report/outputs/slack.ts';
import { reporters } from './outputs.ts';
import { anyReport } from './arbitrary.ts';
import {
  artifact,
  fault as faultOf,
  finding,
  inSync,
  key,
  options,
  participant,
  report,
  row,
  runtimeSide,
} from './build.ts';
import { describeTerminal } from './terminal-text.ts';

/** Lines that are to be copied, and so are whole however long. */
const whole =
  /^ {2}(reviewed|runtime|owner|runbook|next|or run) {2,}|^ {8,}(aws|git|keydrift) |^(DRIFTED|NO VERDICT|in sync|contract holds|CONTRACT BROKEN) /;

describeTerminal('whatever the report says', anyReport, tell, whole);

test.each([
  ['text', reporters.text],
  ['markdown', reporters.markdown],
  ['slack', slackOutput.report],
] as const)('%s tells once what is true of the run', (_, reporter) => {
  const warning = {
    code: 'CONTRACT_UNCOMMITTED',
    message: 'not committed',
    side: null,
    line: null,
  };
  const own = { ...warning, code: 'ROW_ORDER', message: 'the order differs' };
  const artifacts = Array.from({ length: 41 }, (_none, at) =>
    inSync(`n${at}`, { warnings: at === 7 ? [warning, own] : [warning] }),
  );
  const all = report(artifacts, { verdict: 'in-sync', exitCode: 0 });
  const told = [...reporter(all, { ...options, many: 'one-screen' })].join('');
  expect(told.match(/CONTRACT.+UNCOMMITTED/g)).toHaveLength(1);
  expect(told).toContain('keydrift: 41 in sync, 2 warnings (exit code 0)');
  expect(told.match(/\bn\d+\b/g)?.every((name) => name === 'n7')).toBe(true);
  const quiet = tell(report(artifacts.slice(0, 2), { verdict: 'in-sync', exitCode: 0 }), {
    quiet: true,
  });
  expect(quiet).toContain('warning: not committed (CONTRACT_UNCOMMITTED)\n');
});

test('a version that does not fit beside its object is never broken: what pins the side tells it', () => {
  const id = '3HL4kqtJlcpXroDTDmJrmSpXd3dIbrHY';
  const at = (location: string): string => {
    const runtime = runtimeSide({ location });
    const pinned = { ...runtime, revision: runtimeSide().revision };
    return tell(report([artifact({ runtime: pinned, findings: [] })]), { width: 80 });
  };
  const object = 's3://production-runtime/support/participants.csv';
  const short = `s3://prod/p.csv?versionId=${id}`;
  expect(at(short)).toContain(`  runtime   ${short}\n`);
  expect(at(`${object}?versionId=${id}`)).toContain(
    `  runtime   ${object}\n            version ${id} of `,
  );
  const other = `?versionId=${id.toLowerCase()}`;
  expect(at(object + other)).toContain(`  runtime   ${object}\n            ${other}\n`);
});

test('what a policy let pass is in sync, with what it is beside it, and never green', () => {
  const warned = { severity: 'warn' } as const;
  const one = finding('duplicated', 'runtime', [], { key: key('P'), ...warned });
  const found = artifact({ name: 'a', verdict: 'in-sync', findings: [one] });
  const absent = artifact({ name: 'b', verdict: 'in-sync', state: 'missing', runtime: null });
  const all = report([found, absent, inSync('c')], { verdict: 'in-sync', exitCode: 0 });
  expect(tell(all, {})).toMatch(
    /^in sync +a +1 duplicated \[warn\]\nin sync +b +no runtime object \[warn\] .*\nin sync +c/,
  );
  expect(tell(all, {})).toContain('keydrift: 3 in sync, 1 warned (exit code 0)');
  expect(tell(all, { color: true })).toMatch(
    /33min sync\S* +a .*\n\S*33min sync\S* +b .*\n\S*32min sync/,
  );
  const plain = report([absent, inSync('c')], { verdict: 'in-sync', exitCode: 0 });
  expect(tell(plain, { quiet: true })).toMatch(/^b: in sync \(no runtime object \[warn\]/);
});

test('an overview is in line, and what is in sync is one line each', () => {
  const names = ['lookups.billing.accounts-of-all', 'lookups.a', 'lookups.routing.b'];
  const artifacts = names.map((name) => inSync(name));
  const lines = tell(report(artifacts, { verdict: 'in-sync' }), {})
    .split('\n')
    .slice(0, 3);
  expect(lines.map((line) => line.indexOf('  identical'))).toStrictEqual([40, 40, 40]);
  expect(lines.every((line) => line.length <= 80)).toBe(true);
});

describe('the limit', () => {
  const findings = [
    ...Array.from({ length: 50 }, (_, at) =>
      finding('added', 'runtime', [row('runtime', at + 2, participant(`added-${at}`))], {
        key: key(`added-${at}`),
      }),
    ),
    finding('conflict', 'across', [], { key: key('clash') }),
    finding('removed', 'reviewed', [], { key: key('unseen'), severity: 'ignore' }),
  ];

  test.each([0, 1, 2, 7, 50, 51, 1000])('of %i shows so many, and counts the others', (limit) => {
    const told = tell(report([artifact({ findings })]), { limit });
    const shown = told.match(/^ +(across +)?(added-\d+|clash) /gm) ?? [];
    const more = (told.match(/\+(\d+) more/g) ?? []).map((one) => Number(one.slice(1, -5)));
    expect(shown).toHaveLength(Math.min(limit, 51));
    expect(more.reduce((sum, one) => sum + one, 0)).toBe(Math.max(0, 51 - limit));
  });

  test('never lets many of one kind hide another', () => {
    expect(tell(report([artifact({ findings })]), { limit: 2 })).toContain('clash');
  });

  test('what policy ignores is not told', () => {
    expect(tell(report([artifact({ findings })]), { limit: 1000 })).not.toContain('unseen');
  });
});

describe('quiet', () => {
  test('says nothing while all is in sync', () => {
    expect(tell(report([inSync('a'), inSync('b')]), { quiet: true })).toBe('');
  });

  test('leaves out what is in sync and has nothing else to say, and nothing else', () => {
    const warned = { code: 'BLANK_LINE', message: 'a blank line', side: null, line: 3 } as const;
    const told = tell(
      report([
        inSync('clean'),
        inSync('warned', { warnings: [warned] }),
        inSync('accepted', {
          severities: { fail: 0, warn: 0, ignore: 0, accepted: 1, pending: 0 },
        }),
        inSync('lagging', { pending: true }),
        artifact({ name: 'drifted' }),
      ]),
      { quiet: true },
    );
    expect(told).not.toContain('clean');
    for (const name of ['warned', 'accepted', 'lagging', 'drifted']) expect(told).toContain(name);
    expect(told).toContain('warning: line 3: a blank line');
    expect(told).toMatch(/keydrift: 1 drifted, 4 in sync, 1 warning, 1 accepted \(exit code/);
  });
});

describe('a summary', () => {
  test('never says that what is in sync has drifted', () => {
    const told = tell(report([inSync('p', { state: 'drifted' })]), {});
    expect(told).toContain('p: in sync (differs in what is ignored only)');
  });

  test('counts what is told beside a verdict', () => {
    const warning = { code: 'X', message: 'x', side: null, line: null };
    const warnings = Array.from({ length: 8 }, () => warning);
    expect(tell(report([inSync('p', { warnings })]), {})).toContain('1 in sync, 8 warnings');
    // What is said of both copies alike is read once; of another line it is another.
    const sides = (['reviewed', 'runtime'] as const).flatMap((side) => [
      { ...warning, side, line: 2 },
      { ...warning, side },
      { ...warning, side, line: side === 'reviewed' ? 3 : 4 },
    ]);
    const told = tell(report([inSync('p', { warnings: sides })]), {});
    const lines = told.match(/warning: .*/g);
    // As many are counted, in the head and in the last line.
    expect(told).toMatch(/^p: in sync \(.*4 warnings: X\)[^]*\nkeydrift: 1 in sync, 4 warnings \(/);
    expect(lines).toEqual(['both copies line 2', 'both copies', 'reviewed line 3', 'runtime line 4'].map((where) => `warning: ${where}: x (X)`)); // prettier-ignore
  });

  test('of 500 artifacts is one screen, the worst first', () => {
    const many = Array.from({ length: 500 }, (_, at) =>
      at % 100 === 99 ? artifact({ name: `bad-${at}` }) : inSync(`good-${at}`),
    );
    const [overview = ''] = tell(report(many), {}).split('\n\n');
    const lines = overview.split('\n');
    expect(lines.length).toBeLessThan(32);
    expect(lines[0]).toContain('bad-99');
    expect(lines.at(-1)).toBe('495 in sync, with nothing else to say');
  });

  test('tells what no job can read first, beyond which a screen may end', () => {
    const many = Array.from(
      { length: 100 },
      (_, at) =>
      artifact({ name: `bad-${at}`, state: (['missing', 'unreadable'] as const)[at - 98] ?? 'drifted' }), // prettier-ignore
    );
    const [first = '', second = '', third = ''] = tell(report(many), {}).split('\n');
    expect(first).toContain('bad-98');
    expect(second).toContain('bad-99');
    expect(third).toContain('bad-0 ');
  });
});

describe('a finding', () => {
  test('that is added tells what it would run', () => {
    const rows = [row('runtime', 2, participant('P-9'))];
    const told = tell(report([artifact({ findings: [finding('added', 'runtime', rows, { key: key('P-9') })] })]), { width: 200 }); // prettier-ignore
    expect(told).toMatch(/would run: partition_prefix=\S+ run_mode=\S+ weight=/);
  });

  test('that is accepted tells until when, and why', () => {
    const accepted = { until: '2026-12-31', reason: 'the upstream\u001b[2J list' };
    const one = finding('duplicated', 'runtime', [], {
      key: key('P-1'),
      severity: 'accepted',
      accepted,
    });
    expect(tell(report([artifact({ findings: [one] })]), {})).toContain(
      String.raw`accepted until 2026-12-31: the upstream\x1b[2J list`,
    );
  });

  test.each([0, 1, 2, 3])('has a heading only above a row (limit %i)', (limit) => {
    const findings = [
      ...['a', 'b', 'c'].map((id) => finding('added', 'runtime', [], { key: key(id) })),
      finding('removed', 'reviewed', [], { key: key('d') }),
      finding('conflict', 'across', [], { key: key('e') }),
    ];
    const told = tell(report([artifact({ findings })]), { limit });
    const headings = told.match(/^ {2}(?:added|removed|conflict) \(\d\) {2}/gm) ?? [];
    expect(headings.length).toBe(limit);
    expect(told.match(/\(\d\): \+\d more$/gm)?.length ?? 0).toBe(3 - limit);
  });
});

test('no line is one that a CI reads as a command', () => {
  const commands = [
    '::error file=x::gotcha',
    '##[error]gotcha',
    '##vso[task.setvariable]x',
    '##teamcity[buildStop]',
    ' ::set-output name=x::y',
  ];
  const one = artifact({
    name: '::warning::name',
    owner: '::notice::owner',
    findings: commands.flatMap((text) => [
      finding('invalid', 'runtime', [], { reason: `${'word '.repeat(20)}${text}` }),
      finding('conflict', 'across', [row('reviewed', 2, [['id', text], ['v', text]]), row('runtime', 2, [['id', text], ['v', `${text}!`]])], { key: [['id', text]], fields: ['v'] }), // prettier-ignore
    ]),
    error: {
      code: 'STORE_FAILED',
      message: commands.join('\n'),
      hint: commands.join(' '),
      place: {},
      problems: [],
    },
  });
  const isCommand = /^\s*::|##[a-z]*\[/i;
  for (const width of [40, 80, 200]) {
    for (const form of ['text', 'markdown', 'json'] as const) {
      const told = [...reporters[form](report([one]), { ...options, width })].join('');
      expect(told.split('\n').filter((line) => isCommand.test(line))).toEqual([]);
    }
  }
  const [, json = ''] =
    [...reporters.json(report([one]), options)].join('').match(/"owner": (.*),/) ?? [];
  expect(JSON.parse(json)).toBe('::notice::owner');
});

test('a text of megabytes is cut before it is worded', () => {
  const huge = 'a: keydrift x. '.repeat(300_000);
  const fault = new KeydriftError('COLUMN_MISSING', huge, {
    hint: huge,
    problems: [{ line: 1, path: huge, message: huge, hint: huge }],
  });
  const told = describeError(fault, { width: 80, color: false });
  expect(told.length).toBeLessThan(30_000);
  expect(told).toContain('…');
});

describe('very many artifacts are one screen', () => {
  const findings = Array.from({ length: 30 }, (_, at) =>
    finding('added', 'runtime', [row('runtime', at + 2, participant(`P-${at}`))], {
      key: key(`P-${at}`),
    }),
  );
  const many = (number: number, drifted: number): Report =>
    report(
      Array.from({ length: number }, (_, at) =>
        at < drifted
          ? artifact({ name: `a-rather-long-name-of-a-lookup-${at}`, findings })
          : inSync(`n-${at}`),
      ),
    );
  const screens = [50, 80, 120].flatMap((width) =>
    [0, 3, 25, 500].map((drifted) => [width, drifted] as const),
  );

  test.each(screens)('at %i columns, %i of 500 drifted', (width, drifted) => {
    const told = tell(many(500, drifted), { width, many: 'one-screen' });
    expect(told.split('\n').length).toBeLessThanOrEqual(41);
    if (drifted !== 500) expect(told).toContain(`${500 - drifted} in sync`);
    expect(told).toMatch(/keydrift: .*\(exit code 1\)\n$/s);
    if (drifted > 0) expect(told).toContain('a-rather-long-name-of-a-lookup-0');
  });

  test('whom an operator calls: owners of what is off, who has most first', () => {
    const owned = many(40, 9).artifacts.map((one, at) => ({
      ...one,
      owner: at < 6 ? 'b@example.org' : at < 8 ? 'a@example.org' : null,
    }));
    const told = tell(report(owned), { many: 'one-screen' });
    expect(told).toContain('\nowners: b@example.org 6, a@example.org 2, nobody 1\n');
    expect(tell(many(40, 9), { many: 'one-screen' })).not.toContain('owners:');
  });

  test('what is new since the earlier run is told first, however much was known', () => {
    const at = '2026-11-22T16:00:00.000Z';
    const known = { change: 'persisting', since: at } as const;
    const fresh = { change: 'new', since: at } as const;
    const old = many(500, 60).artifacts.map((one) =>
      one.verdict === 'in-sync'
        ? one
        : {
            ...one,
            transition: known,
            findings: one.findings.map((own) => withFacts(own, { transition: known })),
          },
    );
    const [last, ...before] = old[59]!.findings.toReversed();
    const more = withFacts(last!, { transition: fresh });
    const changed = {
      ...old[59]!,
      name: 'known-with-more',
      findings: [...before.toReversed(), more],
    };
    const lost = artifact({
      name: 'newly-lost',
      state: 'missing',
      findings: [],
      transition: fresh,
    });
    const told = tell(report([...old, changed, lost]), { many: 'one-screen', limit: 3 });
    const lines = told.split('\n');
    expect(lines[0]).toMatch(/^DRIFTED +newly-lost +no runtime object, new/);
    expect(lines[1]).toMatch(/^DRIFTED +known-with-more +30 added, 1 new/);
    const one = tell(report([changed]), { limit: 3 });
    expect(one).toContain('P-29');
    expect(one).not.toContain('P-3 ');
  });

  test('details of the worst as far as they fit, of all where they are asked for', () => {
    const told = tell(many(500, 3), { many: 'one-screen' });
    expect(told).toContain('P-0');
    const left = /next {5}(keydrift audit (a-rather-long-name-of-a-lookup-\d ?)+)\n/.exec(told);
    expect(left?.[1]).toMatch(/-2$/);
    expect(told).toContain('left out to keep this to one screen');
    const all = tell(many(500, 3), { many: 'details' });
    expect(all.match(/P-0/g)!.length).toBeGreaterThanOrEqual(3);
    expect(all).not.toContain('left out');
    const several = tell(many(500, 25), { many: 'one-screen' });
    expect(several).toContain('\n25 have details, left out');
    expect(several).toContain('\n+5 more: 5 drifted\n');
    // No kind of trouble is out of sight.
    const warned = {
      ...inSync('w'),
      warnings: [{ code: 'X', message: 'x', side: null, line: null }],
    };
    const open = (name: string) =>
      artifact({ name, verdict: 'indeterminate', state: 'indeterminate', runtime: null });
    const mixed = [...many(500, 25).artifacts, warned, open('d'), open('e')];
    const both = tell(report(mixed), { many: 'one-screen' });
    expect(both).toContain(
      '\n+8 more: 5 drifted, 2 without a verdict, 1 in sync with something to say\n',
    );
    expect(several).toMatch(/With --limit 20 the same command tells them/);
    // Less is never told than by --quiet.
    const told3 = tell(many(500, 3), { many: 'one-screen', quiet: true });
    expect(told3).toBe(told.replace('497 in sync, with nothing else to say\n', ''));
  });
});

test('without colour there is no escape, with it every style ends', () => {
  const one = report([artifact()]);
  expect(tell(one, { color: false })).not.toContain('\u001b');
  expect(tell(one, { color: true })).toContain('\u001b[31mDRIFTED\u001b[39m');
});

function tell(any: Report, over: Partial<ReportOptions>): string {
  return [...reporters.text(any, { ...options, ...over })].join('');
}

test('an endpoint that gives no answer is told once, and named for the others', () => {
  const down = (name: string, endpoint: string): ReturnType<typeof artifact> =>
    artifact({
      name,
      verdict: 'indeterminate',
      state: 'indeterminate',
      reviewed: null,
      runtime: null,
      findings: [],
      error: faultOf({
        code: 'STORE_UNREACHABLE',
        message: `${endpoint} cannot be reached for s3://b/${name}: nothing listens there.`,
        hint: 'Check that it runs.',
        place: { store: { endpoint, code: 'ECONNREFUSED' } },
      }),
    });
  const [one, other] = ['http://one:9000', 'http://other:9000'];
  const told = tell(
    report([down('a', one), down('b', one), down('c', other), down('d', one)], {
      verdict: 'indeterminate',
      exitCode: 2,
    }),
    options,
  ).replaceAll(/\s+/g, ' ');
  for (const name of ['b', 'd']) expect(told).not.toContain(`for s3://b/${name}: nothing listens`);
  expect(told.match(/http:\/\/one:9000 again, as for a above/g)?.length).toBeGreaterThanOrEqual(2);
  expect(told.match(/Check that it runs/g)).toHaveLength(2);
});

test('keys of either side that look the same are told as two, in every output for people', () => {
  const [look, id] = ['\u0420-1', 'P-1'];
  const pair = [
    finding('added', 'runtime', [row('runtime', 2, participant(look))], { key: key(look) }),
    finding('added', 'runtime', [row('runtime', 3, participant('P-2'))], { key: key('P-2') }),
    finding('removed', 'reviewed', [row('reviewed', 2, participant(id))], { key: key(id) }),
  ];
  const any = report([artifact({ findings: pair })]);
  const said = String.raw`they look the same: "P-1", "EU" (reviewed) is not "\u0420-1", "EU" (runtime)`;
  expect(tell(any, { ...options, width: 120 })).toContain(said);
  for (const format of ['markdown', 'html'] as const) {
    const told = [...reporters[format](any, options)].join('').replaceAll(/<[^>]*bdi[^>]*>|`/g, '');
    expect(told.match(/they look the same: [^\n<]*/g)).toHaveLength(1);
    expect(told).toContain(String.raw`\u0420-1`);
  }
  // Only what stands on both sides: an added key alone is taken for none.
  const lone = report([artifact({ findings: pair.slice(0, 2) })]);
  expect(tell(lone, options)).not.toContain('they look the same');
});

test('of many copies without an object the first is told in full, and what differs from it', () => {
  const absent = (
    name: string,
    owner: string | null = null,
    code: 'STORE_NO_SUCH_KEY' | 'FILE_NOT_FOUND' = 'STORE_NO_SUCH_KEY',
  ): ReturnType<typeof artifact> =>
    artifact({ name, owner, state: 'missing', runtime: null, error: faultOf({ code }) });
  const all = [absent('a'), absent('b'), absent('c', 'somebody@example.org'), absent('d')];
  const told = tell(report(all), {});
  expect(told.match(/^[a-d]: DRIFTED/gm)).toEqual(['a: DRIFTED', 'c: DRIFTED']);
  for (const name of 'abcd') expect(told).toMatch(new RegExp(`^DRIFTED  ${name} `, 'm'));
  expect(told).toContain('+2 more have no runtime object either');
  // What is missing is called what it is, on every output.
  const files = report([absent('a', null, 'FILE_NOT_FOUND'), absent('b', null, 'FILE_NOT_FOUND')]);
  expect(tell(files, {})).toContain('+1 more have no runtime file either');
  for (const format of ['text', 'markdown', 'html'] as const) {
    const shown = [...reporters[format](files, options)].join('');
    expect(shown).toContain('no runtime file');
    if (format !== 'html') expect(shown).not.toContain('no runtime object');
  }
});

test('a refused run is told what could run instead', () => {
  const instead = ['keydrift run a --use reviewed -- COMMAND'];
  const steps = [{ kind: 'run', text: 'let it run', commands: instead }] as const;
  const off = artifact({ name: 'a', whatToDo: steps });
  expect(tell({ ...report([off]), command: 'run' }, {})).toContain(`\n  or run   ${instead[0]}\n`);
  expect(tell(report([off]), {})).not.toContain('or run');
});
