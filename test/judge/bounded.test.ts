import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { holdLimit } from '../../src/judge/limits.ts';
import type { DiffOptions } from '../../src/commands/diff/diff.ts';
import type { ArtifactReport, Report } from '../../src/model/index.ts';
import type { ReportOptions } from '../../src/report/index.ts';
import { reporters } from '../report/outputs.ts';
import { diffFiles } from './diff-files.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keydrift-bounded-'));
});
afterAll(() => rm(directory, { recursive: true }));

/** Compares two bodies under one header, by `k`, on `v`. */
async function compare(
  reviewed: string,
  runtime: string,
  options: Partial<DiffOptions> = {},
): Promise<{ readonly report: Report; readonly artifact: ArtifactReport }> {
  const [one, other] = [join(directory, 'reviewed.csv'), join(directory, 'runtime.csv')];
  await writeFile(one, `k,v\n${reviewed}`);
  await writeFile(other, `k,v\n${runtime}`);
  const report = await diffFiles(directory, [one, other], options);
  return { report, artifact: report.artifacts[0]! };
}

function rows(count: number, row: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => `${row(at)}\n`).join('');
}

const shown: ReportOptions = { width: 80, color: false, limit: 3, quiet: false };
const told = (form: keyof typeof reporters, report: Report): string =>
  [...reporters[form](report, shown)].join('');

test('files with no key in common: all are counted, and the first ones listed', async () => {
  const { report, artifact } = await compare(
    rows(3000, (at) => `a${at},1`),
    rows(2000, (at) => `b${at},1`),
    { maxFindings: 10 },
  );
  expect(report.exitCode).toBe(1);
  expect(artifact).toMatchObject({
    verdict: 'drifted',
    state: 'drifted',
    counts: { added: 2000, removed: 3000, duplicated: 0 },
    severities: { fail: 5000, warn: 0, ignore: 0, accepted: 0, pending: 0 },
    truncated: { added: 1990, removed: 2990 },
  });
  const listed = artifact.findings.map(({ key }) => key![0]![1]);
  const first = (letter: string): string[] => Array.from({ length: 10 }, (_, at) => letter + at);
  expect(listed).toEqual([...first('b'), ...first('a')]);
  for (const form of ['text', 'markdown'] as const) {
    expect(told(form, report)).toMatch(/2000 added.*3000 removed/);
    expect(told(form, report)).toContain('+1990 more not listed (--max-findings)');
  }
  const data: unknown = JSON.parse(told('json', report));
  expect(data).toMatchObject({ artifacts: [{ counts: { added: 2000, removed: 3000 } }] });
});

test('what is not listed weighs by the policy of its kind', async () => {
  const { report, artifact } = await compare(
    rows(30, (at) => `a${at},1`),
    rows(20, (at) => `b${at},1`),
    { maxFindings: 1, failOn: new Set(['removed']) },
  );
  expect(artifact.severities).toMatchObject({ fail: 30, warn: 20 });
  expect(report.exitCode).toBe(1);
  const other = await compare('a,1\n', rows(20, (at) => `b${at},1`) + 'a,1\n', {
    maxFindings: 1,
    failOn: new Set(['removed']),
  });
  expect(other.report.exitCode).toBe(0);
  expect(other.artifact.severities).toMatchObject({ fail: 0, warn: 20 });
});

test('a unit of very many rows and variants is one finding', async () => {
  const many = rows(30_000, (at) => `a,${at % 5000}`);
  const { artifact } = await compare('a,0\n', many);
  expect(artifact.counts).toMatchObject({ conflict: 1, duplicated: 0 });
  const [finding] = artifact.findings;
  expect(finding).toMatchObject({ side: 'runtime', fields: ['v'] });
  expect(finding?.rowCount).toEqual({ reviewed: 1, runtime: 30_000 });
  expect(finding?.rows.length).toBe(21);
});

test('150,000 records that are no unit of work end in counts, not in a full stack', async () => {
  const { artifact, report } = await compare(
    rows(150_000, () => ',1'),
    'a,1\n',
    { maxFindings: 5 },
  );
  expect(artifact.error).toBeNull();
  expect(artifact.counts).toMatchObject({ invalid: 150_000, added: 1 });
  expect(artifact.truncated).toEqual({ invalid: 149_995 });
  expect(artifact.findings.filter(({ kind }) => kind === 'invalid').length).toBe(5);
  expect(report.exitCode).toBe(1);
});

test('no bound at all lists everything', async () => {
  const { artifact } = await compare(
    rows(20_500, (at) => `a${at},1`),
    '',
    { maxFindings: 0 },
  );
  expect(artifact.truncated).toBeNull();
  expect(artifact.findings.filter(({ kind }) => kind === 'removed').length).toBe(20_500);
  const usual = await compare(
    rows(20_500, (at) => `a${at},1`),
    '',
  );
  expect(usual.artifact.truncated).toEqual({ removed: 500 });
});

test('what is larger than the contract allows is no verdict, and what is near to it a warning', () => {
  expect(holdLimit('bytes', 80, 100, 'runtime')).toEqual([]);
  expect(holdLimit('bytes', 81, 100, 'runtime')).toMatchObject([
    { code: 'NEAR_LIMIT', side: 'runtime' },
  ]);
  expect(() => holdLimit('columns', 101, 100, 'reviewed')).toThrow(
    expect.objectContaining({ code: 'TOO_LARGE' }),
  );
});

test('a header of more columns than the limit ends in TOO_LARGE, exit 2', async () => {
  const many = Array.from({ length: 4200 }, (_, at) => `c${at}`).join(',');
  const { report, artifact } = await compare(`a,1\n`, 'a,1\n', {});
  expect(report.exitCode).toBe(0);
  expect(artifact.error).toBeNull();
  await writeFile(join(directory, 'wide.csv'), `k,v,${many}\na,1\n`);
  const wide = await compare('a,1\n', 'a,1\n', { runtime: `file:${join(directory, 'wide.csv')}` });
  expect(wide.report.exitCode).toBe(2);
  expect(wide.artifact.error).toMatchObject({ code: 'TOO_LARGE' });
});
