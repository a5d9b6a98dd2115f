import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ofShape, plainFinding, type Report } from '../../src/model/index.ts';
import { outputs, reporterOf } from '../../src/report/index.ts';
import { reporters } from './outputs.ts';
import { options } from './build.ts';
import { cases } from './cases.ts';

const forms = [
  { form: 'txt', tell: (name: string) => tell(name, 'text', {}) },
  { form: 'color.txt', tell: (name: string) => tell(name, 'text', { color: true }) },
  { form: 'md', tell: (name: string) => tell(name, 'markdown', {}) },
  { form: 'json', tell: (name: string) => tell(name, 'json', {}) },
] as const;
const goldens = Object.keys(cases).flatMap((name) => forms.map((form) => ({ name, ...form })));

test.each(goldens)('$name.$form', async ({ name, form, tell: telling }) => {
  await expect(telling(name)).toMatchFileSnapshot(`golden/${name}.${form}`);
});

test('every golden belongs to a case', () => {
  const files = readdirSync(new URL('golden/', import.meta.url)).sort();
  expect(files).toEqual(goldens.map(({ name, form }) => `${name}.${form}`).sort());
});

/** The same report, whose findings say of themselves nothing but their rank. */
function shaped(report: Report): Report {
  const artifacts = report.artifacts.map((artifact) => ({
    ...artifact,
    findings: artifact.findings.map((finding, rank) => ofShape(finding, rank)),
  }));
  return { ...report, artifacts };
}

const shown = Object.entries(outputs).flatMap(([name, { shows }]) =>
  shows.includes('report') ? [name] : [],
);

test.each(shown)('%s tells of findings with a shape what it tells of others', async (output) => {
  const told = await reporterOf(outputs, output, 'report');
  for (const { report, options: over } of Object.values(cases)) {
    const all = { ...options, ...over };
    const [one, other] = [report, shaped(report)].map((of) => [...told(of, all)].join(''));
    expect(other).toBe(one);
    const plain = shaped(report).artifacts.map(({ findings }) => findings.map(plainFinding));
    expect(plain).toStrictEqual(report.artifacts.map(({ findings }) => findings));
  }
});

function tell(name: string, form: keyof typeof reporters, over: { color?: boolean }): string {
  const golden = cases[name];
  if (golden === undefined) throw new Error(`no case ${name}`);
  return [...reporters[form](golden.report, { ...options, ...golden.options, ...over })].join('');
}
