import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { investigationReporters } from '../outputs.ts';
import { options } from '../build.ts';
import { investigationCases } from './cases.ts';

const forms = [
  { form: 'txt', format: 'text', color: false },
  { form: 'color.txt', format: 'text', color: true },
  { form: 'json', format: 'json', color: false },
] as const;
const goldens = Object.keys(investigationCases).flatMap((name) =>
  forms.map((form) => ({ name, ...form })),
);

test.each(goldens)('$name.$form', async ({ name, form, format, color }) => {
  const golden = investigationCases[name]!;
  const how = { ...options, ...golden.options, color };
  const told = [...investigationReporters[format](golden.investigation, how)].join('');
  await expect(told).toMatchFileSnapshot(`golden/${name}.${form}`);
});

test('every golden belongs to a case', () => {
  const files = readdirSync(new URL('golden/', import.meta.url)).sort();
  expect(files).toEqual(goldens.map(({ name, form }) => `${name}.${form}`).sort());
});
