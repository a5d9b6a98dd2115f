import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
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

function tell(name: string, form: keyof typeof reporters, over: { color?: boolean }): string {
  const golden = cases[name];
  if (golden === undefined) throw new Error(`no case ${name}`);
  return [...reporters[form](golden.report, { ...options, ...golden.options, ...over })].join('');
}
