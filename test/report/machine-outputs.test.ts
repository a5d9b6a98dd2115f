import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { error as coreError, warning as coreWarning } from '@actions/core';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import { parse as parseJunit, type TestSuite } from 'junit2json';
import { describe, expect, test, vi } from 'vitest';
import type { Finding, Report } from '../../src/model/index.ts';
import * as github from '../../src/report/outputs/github.ts';
import * as html from '../../src/report/outputs/html.ts';
import * as junit from '../../src/report/outputs/junit.ts';
import * as markdown from '../../src/report/outputs/markdown.ts';
import * as openmetrics from '../../src/report/outputs/openmetrics.ts';
import * as sarif from '../../src/report/outputs/sarif.ts';
import * as slack from '../../src/report/outputs/slack.ts';
import { anyReport } from './arbitrary.ts';
import {
  artifact,
  fault,
  finding,
  inSync,
  key,
  options,
  participant,
  report,
  row,
} from './build.ts';
import { cases } from './cases.ts';
import { hostile } from './hostile.ts';
import { cause } from './investigation/build.ts';
import { raw } from './terminal-text.ts';
import { scaled } from '../runs.ts';

/*
 * Outputs for other programs, each read by one of them: a schema, a parser, a fake webhook.
 */

const require = createRequire(import.meta.url);
const tell = (output: { readonly report: typeof junit.report }, told: Report): string =>
  [...output.report(told, options)].join('');
const weaker = { artifact: 'p', copy: null, word: 'policy.added', before: 'fail', after: 'ignore', effect: 'weaker', place: { file: 'team/keydrift.yaml', line: 7 } } as const; // prettier-ignore
/** Nothing of it fails but what its change does to the contract. */
const forbidden = report([inSync('p')], {
  command: 'lint',
  verdict: 'drifted',
  exitCode: 1,
  enforcement: { baseRef: 'main', fault: null, changes: [weaker] },
});
const goldens = [
  ...Object.entries(cases).map(([name, golden]) => [name, golden.report] as const),
  ['a forbidden change of the contract', forbidden] as const,
];
const runs = { numRuns: scaled(40) };

describe('sarif', () => {
  const schema = JSON.parse(
    readFileSync(
      require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'),
      'utf8',
    ),
  );
  // Of an old draft, whose words here are those of the new one.
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats.default(ajv);
  const validate = ajv.compile({ ...schema, $schema: undefined, id: undefined });
  const faults = (told: Report): unknown =>
    validate(JSON.parse(tell(sarif, told))) ? [] : validate.errors;
  const resultsOf = (told: Report): readonly SarifResult[] =>
    JSON.parse(tell(sarif, told)).runs[0].results;
  interface SarifResult {
    readonly ruleId: string;
    readonly level: string;
    readonly suppressions?: unknown;
    readonly partialFingerprints: Readonly<Record<string, string>>;
    readonly locations: readonly {
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string };
        readonly region?: { readonly startLine: number };
      };
    }[];
  }

  test.each(goldens)('%s is of the schema', (_name, told) => {
    expect(faults(told)).toEqual([]);
  });

  test('whatever a report holds is of the schema', () => {
    fc.assert(
      fc.property(anyReport, (any) => {
        expect(faults(any)).toEqual([]);
      }),
      runs,
    );
  });

  const linted = (line: number): Report =>
    report(
      [
        artifact({
          state: null,
          runtime: null,
          findings: [
            finding('duplicated', 'reviewed', [row('reviewed', line, participant('P-1'))], {
              key: key('P-1'),
            }),
            ...[1, 2].map((next) =>
              finding('invalid', 'reviewed', [row('reviewed', line + next, participant(''))], {
                reason: 'empty key',
              }),
            ),
            finding('duplicated', 'reviewed', [row('reviewed', line + 5, participant('P-2'))], {
              key: key('P-2'),
              severity: 'accepted',
              accepted: { until: '2026-12-31', reason: 'INC-1' },
            }),
          ],
        }),
      ],
      { command: 'lint' },
    );

  test('a finding stands at its file and line, and is known again wherever its rows went', () => {
    const [before, after] = [resultsOf(linted(2)), resultsOf(linted(40))];
    const { physicalLocation } = before[0]!.locations[0]!;
    expect(physicalLocation.artifactLocation.uri).toBe('support/participants.csv');
    expect(before.map(({ locations }) => locations[0]!.physicalLocation.region!.startLine)).toEqual(
      [2, 3, 4, 7],
    );
    const printsOf = (results: readonly SarifResult[]): readonly string[] =>
      results.map(({ partialFingerprints: of }) => of['keydrift/v1']!);
    expect(printsOf(after)).toEqual(printsOf(before));
    expect(new Set(printsOf(before)).size).toBe(4);
    expect(before.map(({ level, suppressions }) => [level, suppressions === undefined])).toEqual([
      ['error', true],
      ['error', true],
      ['error', true],
      ['note', false],
    ]);
  });

  test('a change of the contract that is forbidden is told, and fails', () => {
    const [run] = JSON.parse(tell(sarif, forbidden)).runs;
    expect(run.invocations).toMatchObject([
      { exitCode: 1, toolExecutionNotifications: [{ level: 'error', message: { text: 'p: policy.added: fail → ignore' }, locations: [{ physicalLocation: { region: { startLine: 7 } } }] }] }, // prettier-ignore
    ]);
  });

  test('no more results than code scanning takes, what fails first', () => {
    const many = Array.from({ length: 5001 }, (_, at) =>
      finding('added', 'runtime', [], {
        key: key(`P-${at}`),
        severity: at === 5000 ? 'fail' : 'warn',
      }),
    );
    const told = JSON.parse(tell(sarif, report([artifact({ findings: many })]))).runs[0];
    expect(told.results).toHaveLength(5000);
    expect(told.results[0].level).toBe('error');
    expect(told.invocations[0].toolExecutionNotifications[0].message.text).toMatch(/^1 more/);
  });
});

describe('junit', () => {
  const suitesOf = async (text: string): Promise<readonly TestSuite[]> => {
    const read = await parseJunit(text);
    return read !== null && read !== undefined && 'testsuite' in read ? (read.testsuite ?? []) : [];
  };

  test.each(goldens)('%s is read by a consumer', async (_name, told) => {
    const suites = await suitesOf(tell(junit, told));
    expect(suites.map(({ name }) => name)).toHaveLength(
      told.artifacts.length + Number(told.error !== null || told === forbidden),
    );
    for (const suite of suites) {
      const own = suite.testcase ?? [];
      expect(suite.tests).toBe(own.length);
      expect(suite.failures).toBe(own.filter((one) => one.failure !== undefined).length);
      expect(suite.errors).toBe(own.filter((one) => one.error !== undefined).length);
    }
    const bad = suites.some(({ failures = 0, errors = 0 }) => failures + errors > 0);
    expect(bad).toBe(told.verdict !== 'in-sync');
  });

  test('whatever a report holds is XML, and no verdict is lost', async () => {
    await fc.assert(
      fc.asyncProperty(anyReport, async (any) => {
        const text = tell(junit, any);
        expect(text).not.toMatch(raw);
        const suites = await suitesOf(text);
        const own = suites.slice(any.error === null ? 0 : 1);
        for (const [at, { failures = 0, errors = 0 }] of own.entries()) {
          const { verdict, skipped } = any.artifacts[at]!;
          if (verdict !== 'in-sync' && skipped === undefined) expect(failures + errors).not.toBe(0);
        }
        expect(own).toHaveLength(any.artifacts.length);
      }),
      runs,
    );
  });
});

describe('github', () => {
  const annotation = /^::(error|warning) (?:file=([^,:]*),)?(?:line=(\d+),)?title=([^,:]*)::(.*)$/;
  const decoded = (text: string): string =>
    text.replaceAll(/%(3A|2C|0D|0A|25)/g, (one) => decodeURIComponent(one));
  /** What GitHub's own library prints for the same. */
  const byCore = (line: string): string => {
    const [, level, file, startLine, title = '', message = ''] = annotation.exec(line)!;
    const told: string[] = [];
    const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      told.push(String(text));
      return true;
    });
    try {
      const properties = {
        title: decoded(title),
        ...(file === undefined ? {} : { file: decoded(file) }),
        ...(startLine === undefined ? {} : { startLine: Number(startLine) }),
      };
      (level === 'error' ? coreError : coreWarning)(decoded(message), properties);
    } finally {
      write.mockRestore();
    }
    return told.join('').trimEnd();
  };
  const parts = (line: string): readonly string[] => {
    const [, level = '', properties = '', message = ''] = /^::(\w+) (.*?)::(.*)$/.exec(line)!;
    return [level, ...properties.split(',').toSorted(), message];
  };

  test.each([...goldens, ['hostile twice', report([hostile, hostile])] as const])(
    '%s: annotations as GitHub writes them, ten of a level at most',
    (_name, told) => {
      const text = tell(github, told).trimEnd().split('\n');
      expect(text.at(-1)).toMatch(/^keydrift: /);
      const annotations = text.slice(0, -1);
      for (const line of annotations) {
        expect(line).toMatch(annotation);
        expect(line).not.toMatch(raw);
        expect(parts(byCore(line))).toEqual(parts(line));
      }
      for (const level of ['error', 'warning']) {
        expect(annotations.filter((line) => line.startsWith(`::${level} `)).length).toBeLessThan(
          11,
        );
      }
      const fails = told.verdict !== 'in-sync';
      expect(annotations.some((line) => line.startsWith('::error '))).toBe(fails);
    },
  );

  test('findings each, then kinds, then artifacts, then the rest by name', () => {
    const drifted = (name: string, number: number): Report['artifacts'][number] =>
      artifact({
        name,
        findings: Array.from({ length: number }, (_, at) =>
          finding('added', 'runtime', [], { key: key(`P-${at}`) }),
        ),
      });
    const titles = (told: Report): readonly string[] =>
      tell(github, told)
        .split('\n')
        .flatMap((line) => annotation.exec(line)?.[4] ?? []);
    expect(titles(report([drifted('a', 10)]))).toHaveLength(10);
    expect(titles(report([drifted('a', 11), drifted('b', 2)]))).toEqual([
      'a%3A 11 added',
      'b%3A 2 added',
    ]);
    const many = Array.from({ length: 34 }, (_, at) => drifted(`n${at}`, 11));
    expect(titles(report(many)).slice(8)).toEqual([
      'n8%3A 11 added',
      'keydrift%3A 25 more artifacts',
    ]);
  });

  test('what is said of the contract stands at no line of the data', () => {
    const of = { message: 'until then', side: null, line: null };
    const warnings = [{ code: 'ENFORCED_LATER', ...of }, { code: 'RESPELLED', ...of }]; // prettier-ignore
    const told = tell(github, report([artifact({ findings: [], warnings })])).split('\n');
    const files = told.flatMap((line) => annotation.exec(line)?.slice(2, 3) ?? []);
    expect(files).toEqual([undefined, 'support/participants.csv']);
  });
});

describe('openmetrics', () => {
  const parsePrometheus: (
    text: string,
  ) => readonly Family[] = require('parse-prometheus-text-format');
  const samples = (told: Report): ReadonlyMap<string, readonly Sample[]> =>
    new Map(parsePrometheus(tell(openmetrics, told)).map(({ name, metrics }) => [name, metrics]));
  interface Family {
    readonly name: string;
    readonly metrics: readonly Sample[];
  }
  interface Sample {
    readonly value: string;
    readonly labels?: Readonly<Record<string, string>>;
  }

  test.each(goldens)('%s is read by a parser', (_name, told) => {
    const text = tell(openmetrics, told);
    expect(text).toMatch(/\n# EOF\n$/);
    const read = samples(told);
    expect(read.get('keydrift_run_exit_code')).toEqual([{ value: String(told.exitCode) }]);
    const verdictSamples = read.get('keydrift_artifact_verdict') ?? [];
    expect(
      verdictSamples.filter(({ value }) => value === '1').map(({ labels }) => labels?.['verdict']),
    ).toEqual(
      told.artifacts.filter((one) => one.skipped === undefined).map(({ verdict }) => verdict),
    );
  });

  test('whatever a report holds: a name and value a line, every label whole', () => {
    fc.assert(
      fc.property(anyReport, (any) => {
        const lines = tell(openmetrics, any).trimEnd().split('\n');
        const label = String.raw`[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"`;
        const sample = new RegExp(
          String.raw`^keydrift_\w+(?:\{${label}(?:,${label})*\})? -?\d[\d.e+-]*$`,
          'u',
        );
        for (const line of lines) {
          if (!line.startsWith('#')) expect(line).toMatch(sample);
          expect(line).not.toMatch(raw);
        }
      }),
      runs,
    );
  });

  test('every name is documented, and no other', () => {
    const page = readFileSync(new URL('../../docs/outputs.md', import.meta.url), 'utf8');
    const documented = [...page.matchAll(/^\| `(keydrift_\w+)`/gm)].map(([, name]) => name);
    const told = [...tell(openmetrics, report([])).matchAll(/^# TYPE (\w+) gauge$/gm)];
    expect(told.map(([, name]) => name)).toEqual(documented);
  });

  test('what a dashboard asks for', () => {
    const labels = new Map([
      ['a-b', '1'],
      ['a_b', '2'],
    ]);
    const read = samples(report([artifact({ labels, verdict: 'drifted' }), inSync('calm')]));
    const info = read.get('keydrift_artifact_info')![0]!.labels;
    expect(info).toMatchObject({
      label_a_b: '1',
      label_a_b_2: '2',
      owner: 'data-platform@example.org',
    });
    const onset = read.get('keydrift_artifact_onset_seconds');
    expect(onset).toEqual([{ value: '111.012', labels: { artifact: 'participants', copy: '' } }]);
    // Neither before it was written, nor before git went on.
    for (const [replacedAt, seconds] of [
      ['2026-11-20T10:00:00.000Z', '111.012'],
      ['2026-11-22T16:59:00.000Z', '60.012'],
    ] as const) {
      const stale = artifact({ cause: cause({ kind: 'stale', replacedAt }) });
      const [one] = samples(report([stale])).get('keydrift_artifact_onset_seconds') ?? [];
      expect(one?.value).toBe(seconds);
    }
    expect(read.get('keydrift_artifact_last_success_timestamp_seconds')).toHaveLength(2);
    const failed = samples(report([artifact({ verdict: 'indeterminate', error: fault() })]));
    expect(failed.get('keydrift_run_last_success_timestamp_seconds')).toEqual([]);
    expect(failed.get('keydrift_artifact_last_success_timestamp_seconds')).toEqual([]);
  });
});

test('what an earlier run found is told by each in its own way', () => {
  const since = '2026-11-20T10:00:00.000Z';
  const one = (id: string, change: 'new' | 'persisting'): Finding =>
    finding('added', 'runtime', [row('runtime', 2, participant(id))], {
      key: key(id),
      transition: { change, since },
    });
  const told = report(
    [
      artifact({
        findings: [one('P-1', 'new'), one('P-2', 'persisting')],
        transition: { change: 'persisting', since },
      }),
    ],
    {
      transitions: {
        previous: since,
        new: 1,
        persisting: 1,
        resolved: [{ artifact: 'calendar@eu', findings: 2, since: null, whole: true }],
      },
    },
  );
  const results: readonly { baselineState: string }[] = JSON.parse(tell(sarif, told)).runs[0]
    .results;
  expect(results.map(({ baselineState }) => baselineState)).toEqual(['new', 'unchanged']);
  expect(tell(junit, told)).toMatch(
    /P-1 region=EU in the runtime copy: line 2, new\n.*known since/,
  );
  const metrics = tell(openmetrics, told);
  expect(metrics).toContain('keydrift_artifact_findings_new{artifact="participants",copy=""} 1\n');
  expect(metrics).toContain('keydrift_run_resolved_copies 1\n');
  expect(metrics).toContain(
    'keydrift_artifact_onset_seconds{artifact="participants",copy=""} 198000.012\n',
  );
  const absent = artifact({ state: 'missing', transition: { change: 'new', since } });
  const more = { ...told, artifacts: [...told.artifacts, absent] };
  for (const output of [github, slack, markdown, html]) {
    expect(tell(output, told)).toMatch(/1 new finding, 1 persisting, resolved.*calendar@eu/);
    expect(tell(output, more)).toContain(
      '1 persisting; copies missing, unreadable or unreviewed: 1 new, 0 persisting; resolved in 1',
    );
  }
});

describe('slack', () => {
  /** What Slack refuses of a message. */
  const refused = (body: string): readonly string[] => {
    const message = JSON.parse(body);
    const faults: string[] = [];
    if (message.blocks.length > 50) faults.push('blocks');
    if (message.text.length > 4000) faults.push('text');
    for (const { type, text, elements } of message.blocks) {
      const most = type === 'header' ? 150 : 3000;
      for (const one of elements ?? [text]) {
        if (typeof one.text !== 'string' || one.text === '' || one.text.length > most)
          faults.push(type);
        if (
          type !== 'header' &&
          /<[^h]|@(?:here|channel|everyone)\b(?!`)/.test(one.text.replaceAll(/`[^`\n]*`/g, ''))
        )
          faults.push('markup');
      }
    }
    return faults;
  };

  test.each([...goldens, ['thirty', report(Array.from({ length: 30 }, () => hostile))] as const])(
    '%s is taken by a webhook',
    async (_name, told) => {
      const server = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk) => (body += String(chunk)));
        request.on('end', () => {
          const faults = refused(body);
          response.writeHead(faults.length === 0 ? 200 : 400).end(faults.join(' ') || 'ok');
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        const address = server.address();
        const port = typeof address === 'object' ? address?.port : null;
        const answer = await fetch(`http://127.0.0.1:${port}/`, {
          method: 'POST',
          body: tell(slack, told),
        });
        expect(await answer.text()).toBe('ok');
      } finally {
        server.close();
      }
    },
  );

  test('whatever a report holds is within the limits', () => {
    fc.assert(
      fc.property(anyReport, (any) => {
        const text = tell(slack, any);
        expect(text).not.toMatch(raw);
        expect(refused(text).filter((one) => one !== 'markup')).toEqual([]);
      }),
      runs,
    );
  });
});
