import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { investigationReporters, reporters } from '../outputs.ts';
import { embed, type Island } from '../../../src/report/html/island.ts';
import { unpack } from '../../../src/report/html/packed.ts';
import { anyReport, text } from '../arbitrary.ts';
import { artifact, options, report } from '../build.ts';
import { cases } from '../cases.ts';
import { hostile } from '../hostile.ts';
import { investigationCases } from '../investigation/cases.ts';
import { cause, compared, investigation, manyFindings } from './incident.ts';
import { scaled } from '../../runs.ts';

const ownTags = new Set(
  (
    'html head meta title link style script body header main footer section h1 h2 h3 p span b bdi ' +
    'strong a code pre ul ol li dl div dt dd figure figcaption table thead tbody tr th td ' +
    'time svg defs pattern g rect line circle path text'
  ).split(' '),
);

function tell(page: Iterable<string>): string {
  return [...page].join('');
}

function islandOf(page: string): Island {
  const [, json] = /<script type="application\/json" id="keydrift-data">([^]*?)<\/script>/.exec(
    page,
  )!;
  return JSON.parse(json!) as Island;
}

/** The page without what its own script and style say. */
function body(page: string): string {
  return page
    .replace(/<style>[^]*?<\/style>/, '<style></style>')
    .replace(/<script>[^]*?<\/script>/, '<script></script>');
}

/** Nothing of a file is markup, runs, or is obeyed by a terminal. */
function expectInert(page: string): void {
  const told = body(page);
  expect(told).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  const markup = told.replace(/(<script type[^>]*>)[^]*?<\/script>/, '$1</script>');
  const tags = [...markup.matchAll(/<\/?([^\s>/]+)((?:[^>"]|"[^"]*")*)>/g)];
  const foreign = tags.filter(([, name]) => name !== '!doctype' && !ownTags.has(name!));
  expect(foreign).toEqual([]);
  const names = tags.flatMap(([, name, attributes]) =>
    name === '!doctype'
      ? []
      : [...attributes!.replaceAll(/"[^"]*"/g, '""').matchAll(/([^\s=/]+)=/g)],
  );
  const active = /^on|^style$|^src|^srcdoc$|^action$/i;
  expect(names.filter(([, attribute]) => active.test(attribute!))).toEqual([]);
  const rest = markup.replaceAll(/<\/?[^\s>/]+(?:[^>"]|"[^"]*")*>/g, '');
  expect(rest).not.toMatch(/[<>"]/);
  const addresses = [...markup.matchAll(/ href="([^"]*)"/g)];
  const harmless = /^(?:#|https?:\/\/|data:,$)/;
  expect(addresses.filter(([, address]) => !harmless.test(address!))).toEqual([]);
}

test('of a copy that could not be read it is told where it is, and what pins it', () => {
  const { artifacts } = cases['many-artifacts']!.report;
  const unread = artifacts.find(({ state }) => state === 'unreadable')!;
  const told = body(tell(reporters.html(report([unread]), options))).replaceAll(/<[^>]*>/g, '|');
  const [, table = ''] = /\bThe copies\b([^]*)/.exec(told) ?? [];
  expect(table).toMatch(/\|runtime\|[^]*\|s3:\/\/prod-runtime\/support\/routes\.csv\|/);
  expect(table).toContain(unread.unread!.revision.text.slice(0, 12));
  expect(table).toContain('|none was read|');
});

test('what is said of the run stands once, and counts once, as in text', () => {
  const message = 'the contract is not the committed one';
  const warning = { code: 'CONTRACT_UNCOMMITTED', message, side: null, line: null } as const;
  const { artifacts } = cases['many-artifacts']!.report;
  const many = report(artifacts.map((one) => ({ ...one, warnings: [warning] })));
  const told = body(tell(reporters.html(many, options)));
  const page = told.replace(/<script type[^>]*>[^]*?<\/script>/, '');
  expect(page.split(message)).toHaveLength(2);
  const [, counted = ''] =
    /(\d+ warnings?)/.exec(tell(reporters.text(many, options)).slice(-120)) ?? [];
  expect(counted).toMatch(/^\d/);
  expect(page).toMatch(new RegExp(`<p class="found">[^<]*, ${counted}[,<]`));
});

describe('a page', () => {
  const page = tell(reporters.html(report([hostile]), options));

  test('runs and is styled by nothing but what stands in it', () => {
    const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(page)!;
    const directives = policy!.replaceAll('&#39;', "'").split('; ');
    const hash = (tag: string): string => {
      const [, content] = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page)!;
      expect(content!.length).toBeGreaterThan(1000);
      return `'sha256-${createHash('sha256').update(content!).digest('base64')}'`;
    };
    expect(directives).toContain("default-src 'none'");
    expect(directives).toContain(`script-src ${hash('script')}`);
    expect(directives).toContain(`style-src ${hash('style')}`);
    expect(directives).toContain("base-uri 'none'");
    expect(directives).toContain("form-action 'none'");
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<style/g)).toHaveLength(1);
    expect(page).not.toContain('<!--');
  });

  test('asks for nothing', () => {
    expect(body(page).replaceAll(/<a [^>]*>/g, '')).not.toMatch(/(?:src|href)="(?!#|data:,")/);
    expect(page).not.toMatch(/@import|url\((?!#)/);
  });

  test('is of text alone, whatever a report holds', () => {
    fc.assert(
      fc.property(anyReport, (any) => expectInert(tell(reporters.html(any, options)))),
      { numRuns: scaled(60) },
    );
  });

  test('is of text alone, whatever a history holds', () => {
    fc.assert(
      fc.property(text, (value) => {
        const { artifact: own, timeline, slice, onset, cost, ...rest } = compared();
        const cells = [[value, value]] as const;
        const told = investigationReporters.html(
          {
            ...rest,
            artifact: {
              ...own!,
              cause: {
                ...own!.cause!,
                subject: value,
                author: value,
                reason: value,
                branch: value,
              },
            },
            history: { reviewed: 'shallow', runtime: null, reasons: [value] },
            onset: { ...onset!, id: value },
            cost: {
              ...cost!,
              scans: value,
              units: [{ ...cost!.units[0]!, key: cells, prefix: value, reason: value }],
            },
            timeline: timeline.map((entry) =>
              entry.side === 'reviewed'
                ? { ...entry, author: value, subject: value, path: value }
                : { ...entry, versionId: value, claim: { ...entry.claim!, commit: value } },
            ),
            slice: {
              ...slice!,
              scope: [[value, [value]]],
              diff: `-${value}\n+${value}`,
              points: [
                { ...slice!.points[0]!, id: value, rows: [{ record: 1, line: 2, values: cells }] },
              ],
              blame: [{ ...slice!.blame[0]!, author: value, subject: value }],
            },
          },
          options,
        );
        expectInert(tell(told));
      }),
      { numRuns: scaled(30) },
    );
  });

  test('links to a web address only', () => {
    const linked = (runbook: string): string =>
      tell(reporters.html(report([artifact({ runbook })]), options));
    expect(linked('https://wiki.example.org/a?b="c"')).toContain(
      'href="https://wiki.example.org/a?b=%22c%22"',
    );
    expect(linked('javascript:alert(1)')).not.toMatch(/href="javascript/i);
    expect(linked(' javascript:alert(1)//https://x')).not.toMatch(/href="[^"]*javascript/i);
  });
});

describe('the data of a page', () => {
  test('are the findings as they were, those that policy ignores left out', () => {
    fc.assert(
      fc.property(anyReport, (any) => {
        const island = islandOf(tell(reporters.html(any, options)));
        expect(island.artifacts).toHaveLength(any.artifacts.length);
        for (const [at, { shapes, findings, total }] of island.artifacts.entries()) {
          const told = any.artifacts[at]!.findings.filter(({ severity }) => severity !== 'ignore');
          expect(total).toBe(told.length);
          expect(findings.map((finding) => unpack(finding, shapes))).toEqual(told);
        }
      }),
      { numRuns: scaled(60) },
    );
  });

  test('are bounded, shared fairly, and what is left out is said', () => {
    const many = artifact({ findings: manyFindings(300) });
    const few = artifact({ findings: manyFindings(4) });
    const limited = embed([many, few], { findings: 100, characters: 1e6 });
    expect(limited.map(({ findings, total }) => [findings.length, total])).toEqual([
      [100, 300],
      [4, 4],
    ]);
    const small = embed([many, few], { findings: 1000, characters: 10_000 });
    expect(small[0]!.findings.length).toBeGreaterThan(10);
    expect(small[0]!.findings.length).toBeLessThan(300);
    expect(small[1]!.findings).toHaveLength(4);
    const page = tell(
      reporters.html(report([artifact({ findings: manyFindings(20_001) })]), options),
    );
    expect(islandOf(page).artifacts[0]!.findings).toHaveLength(20_000);
    expect(page).toContain('20000 of 20001');
  });

  test('name the findings of the slice that was asked for', () => {
    const [own] = islandOf(tell(investigationReporters.html(investigation(), options))).artifacts;
    const keys = own!.inSlice.map((at) => unpack(own!.findings[at]!, own!.shapes).key);
    expect(keys).toEqual([
      [
        ['participant_id', 'P-1'],
        ['region', 'EU'],
      ],
    ]);
  });
});

describe('without scripts', () => {
  test('an investigation tells verdict, cause, onset, cost, events and findings', () => {
    const told = body(tell(investigationReporters.html(compared(), options)));
    const shown = told.replaceAll(/<script[^]*?<\/script>/g, '').replaceAll(/<[^>]*>/g, '');
    for (const fact of [
      'DRIFTED',
      'Edited',
      'Grace Hopper',
      '7HL4kqtJ',
      '172.7 GiB',
      'P-11',
      '1.59×',
    ]) {
      expect(shown).toContain(fact);
    }
    expect(told.match(/class="mark [^"]*" x=/g)).toHaveLength(compared().timeline.length);
    expect(told).toMatch(/aria-label="runtime delete marker [^"]*no runtime object"/);
  });

  test('a sentence says its commit and its author once', () => {
    const told = body(tell(investigationReporters.html(investigation(), options)));
    const [, why = ''] = /<div class="cause [^>]*>([^]*?)<\/div>/.exec(told) ?? [];
    for (const fact of ['Grace Hopper', cause.commit!.slice(0, 7), cause.subject!]) {
      expect(why.split(fact)).toHaveLength(2);
    }
  });

  test('which runs read it since, and what that made in all', () => {
    const run = {
      startedAt: '2026-10-13T03:00:00.000Z',
      endedAt: '2026-10-13T04:00:00.000Z',
      decision: 'run',
      exitCode: 0,
      enforced: true,
      started: true,
      outcome: 'run',
      use: 'runtime',
      revision: 'versionId:7HL4kqtJ',
      overridden: false,
      scoped: false,
      versionId: '7HL4kqtJ<b>',
      redundant: 5,
      redundantBytes: null,
    } as const;
    const runs = {
      place: 's3://prod-runs/<i>/',
      since: '2026-10-12T18:00:00.000Z',
      runs: Array.from({ length: 120 }, () => run),
      redundant: 600,
      redundantBytes: null,
      known: 'none',
      unread: 1,
    } as const;
    const told = body(tell(investigationReporters.html(investigation({ runs }), options)));
    expect(told).toContain('120 ran, 600 redundant executions, bytes not known');
    expect(told.match(/ran on version 7HL4kqtJ/g)).toHaveLength(100);
    expect(told).toContain('+20 more');
    expect(told).toContain('s3://prod-runs/&lt;i&gt;/');
    expect(body(tell(investigationReporters.html(investigation(), options)))).not.toContain(
      'id="runs"',
    );
  });

  test('an audit links every artifact that has more to say', () => {
    const told = body(tell(reporters.html(cases['many-artifacts']!.report, options)));
    const targets = [...told.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
    expect(targets).toHaveLength(6);
    for (const id of targets) expect(told).toContain(`id="${id}"`);
  });

  test('the table of events says why a version cannot be read, as the text does', () => {
    const events = tell(investigationReporters.html(investigationCases['deleted']!.investigation, options)); // prettier-ignore
    expect(events).toContain('unreadable content: CSV_UNCLOSED_QUOTE</td>');
    expect(events).toContain('not read: STORE_ARCHIVED</td>');
  });

  test('an error of the whole is told', () => {
    const told = tell(reporters.html(cases['contract-error']!.report, options));
    expect(told).toContain('artifacts.participants.keys');
    const none = investigation({
      artifact: null,
      timeline: [],
      onset: null,
      slice: null,
      cost: null,
    });
    const { error } = cases['contract-error']!.report;
    expect(tell(investigationReporters.html({ ...none, error }, options))).toContain(
      'CONTRACT_INVALID',
    );
  });

  test('a policy that is not enforced is said', () => {
    expect(
      tell(investigationReporters.html(investigation({ enforced: false }), options)),
    ).toContain('NOT ENFORCED');
  });
});
