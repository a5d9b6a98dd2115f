import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import { documentSchemas } from '../../src/model/schemas/index.ts';
import { findingKinds } from '../../src/model/index.ts';
import { investigationReporters, reporters } from '../report/outputs.ts';
import { options } from '../report/build.ts';
import { cases } from '../report/cases.ts';
import { investigationCases } from '../report/investigation/cases.ts';

const before = new URL('../schemas/before/', import.meta.url);
const shipped = new URL('../../schema/', import.meta.url);
const schemas = new Map(documentSchemas());

const compiled = new WeakMap<object, ValidateFunction>();

function compile(schema: object): ValidateFunction {
  const known = compiled.get(schema) ?? compileAnew(schema);
  compiled.set(schema, known);
  return known;
}

function compileAnew(schema: object): ValidateFunction {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
  addFormats.default(ajv);
  return ajv.compile(schema);
}

function schemaBefore(name: string): ValidateFunction {
  return compile(JSON.parse(readFileSync(new URL(`keydrift.${name}.schema.json`, before), 'utf8')));
}

function faults(validate: ValidateFunction, document: unknown): unknown {
  return validate(document) ? [] : validate.errors;
}

describe.each([...schemas])('%s', (file, schema) => {
  // `vitest run test/model/schemas.test.ts -u` writes it.
  test('is shipped as the code stands for it', async () => {
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
      new URL(file, shipped).pathname,
    );
  });

  test('is open: what a later version adds is let be', () => {
    expect(JSON.stringify(schema)).not.toContain('"additionalProperties":false');
    expect(() => compile(schema)).not.toThrow();
  });
});

const documents = readdirSync(new URL('documents/', before));

test('there are documents of before', () => {
  expect(documents.length).toBeGreaterThan(10);
});

test.each(documents)('%s, written before, is of the schema of now', (file) => {
  const document = JSON.parse(readFileSync(new URL(`documents/${file}`, before), 'utf8'));
  const [name = ''] = file.split('-');
  const { schema } = document;
  expect(schema).toBe(`keydrift.${name}/1`);
  const hostile = file.includes('hostile') ? pinned(document) : document;
  expect(faults(compile(schemas.get(`keydrift.${name}.schema.json`)!), hostile)).toEqual([]);
});

const reportBefore = schemaBefore('report');
test.each(Object.entries(cases))('a report of now (%s) reads as one of before', (_name, golden) => {
  const told = [...reporters.json(golden.report, options)].join('');
  expect(faults(reportBefore, stripped(JSON.parse(told)))).toEqual([]);
});

const investigationBefore = schemaBefore('investigation');
test.each(Object.entries(investigationCases).filter(([name]) => name !== 'hostile'))(
  'an investigation of now (%s) reads as one of before',
  (_name, golden) => {
    const told = [...investigationReporters.json(golden.investigation, options)].join('');
    expect(faults(investigationBefore, stripped(JSON.parse(told)))).toEqual([]);
  },
);

/** What was added since, by the object that has it. */
const added: Readonly<Record<string, readonly string[]>> = {
  startedAt: ['notEnforced', 'enforcement'],
  baseRef: ['reading'],
  before: ['rows'],
  verdict: ['severities', 'truncated', 'evidence', 'contract', 'pending', 'skipped', 'unread'],
  severity: ['accepted'],
  problems: ['retryable'],
  bounds: findingKinds.slice(6),
};

/** A document without the fields and the kinds that were added. */
function stripped(value: unknown): unknown {
  if (Array.isArray(value)) {
    const known = value.filter((one) => !findingKinds.slice(6).includes(one?.kind));
    return known.map(stripped);
  }
  if (typeof value !== 'object' || value === null) return value;
  const gone = new Set(
    Object.entries(added).flatMap(([mark, names]) => (mark in value ? names : [])),
  );
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !gone.has(name))
      .map(([name, member]) => [name, stripped(member)]),
  );
}

/** The hostile cases put a stranger's text also where no time and no commit could be. */
function pinned(document: unknown): unknown {
  const text = JSON.stringify(document)
    .replaceAll(/"at":"\\u001b(?:[^"\\]|\\.)*"/g, '"at":"2026-11-01T10:00:00.000Z"')
    .replaceAll(/"commit":"\\u001b(?:[^"\\]|\\.)*"/g, '"commit":"abc"');
  return JSON.parse(text);
}
