import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';
import type { Cells, Investigation } from '../../../src/model/index.ts';
import { investigationReporters } from '../../../src/report/index.ts';
import { finding, options } from '../build.ts';
import { commit, cost, drifted, investigation, repeated, sliceRow } from './build.ts';
import { investigationCases } from './cases.ts';

type Schema = { [word: string]: unknown };

const schema: Schema = schemaNamed('keydrift.investigation.schema.json');
const validate = compile(schema);
/** As the schema is, but with no room for what it does not describe. */
const validateClosed = compile(closed(schema));

describe.each(Object.entries(investigationCases))('%s', (_name, golden) => {
  // What a stranger wrote stands also where the hostile case has no time or commit for it.
  const told = tell(golden.investigation).replaceAll(/"at":"\\u001b[^"]*"/g, (at) =>
    at.replace(/:.*/s, ':"2026-11-01T10:00:00.000Z"'),
  );
  const legal = told.replaceAll(/"commit":"\\u001b[^"]*"/g, '"commit":"abc"');

  test('is JSON of the schema', () => {
    expect(validate(JSON.parse(legal)) ? [] : validate.errors).toEqual([]);
  });

  test('has no member that the schema does not describe', () => {
    expect(validateClosed(JSON.parse(legal)) ? [] : validateClosed.errors).toEqual([]);
  });
});

test('the schema leaves room for what comes later, and for nothing wrong', () => {
  const told = tell(investigationCases['edited']!.investigation);
  expect(validate(JSON.parse(told.replace('"tool":', '"later": 1, "tool":')))).toBe(true);
  expect(validate(JSON.parse(told.replace('"timeline":', '"time":')))).toBe(false);
  expect(validate(JSON.parse(told.replace('"relation":"drifted"', '"relation":"odd"')))).toBe(
    false,
  );
});

test('every member of the schema is described', () => {
  expect(undescribed(schema, '#')).toEqual([]);
});

test('what it shares with the report is described as there', () => {
  const report = schemaNamed('keydrift.report.schema.json')['$defs'] as Record<string, Schema>;
  const own = schema['$defs'] as Record<string, Schema>;
  const shared = Object.keys(report);
  expect(Object.keys(own)).toEqual(expect.arrayContaining(shared));
  for (const name of shared) {
    // Of alternatives that leave room for more, several may fit.
    expect(closed(own[name]!)).toEqual(renamed(closed(report[name]!)));
  }
});

test('columns keep their order and their names, whatever the names', () => {
  const cells: Cells = [
    ['b', 'x'],
    ['__proto__', 'y'],
    ['2', null],
  ];
  const point = { side: 'runtime', id: 'v', at: '2026-11-01T10:00:00.000Z' } as const;
  const told = tell(
    investigation({
      slice: {
        scope: [['__proto__', ['y']]],
        points: [{ ...point, change: 'appeared', rowCount: 1, rows: [{ ...sliceRow(2, []), values: cells }] }], // prettier-ignore
        rowCount: { reviewed: 0, runtime: 1 },
        blame: [],
        diff: null,
      },
      cost: cost({ units: [{ ...cost().units[0]!, key: cells }] }),
    }),
  );
  expect(told.split('{"b":"x","__proto__":"y","2":null}')).toHaveLength(3);
  expect(told).toContain('{"__proto__":["y"]}');
});

test('long histories and many findings come in many small chunks', () => {
  const findings = Array.from({ length: 3000 }, () => finding('added', 'runtime', []));
  const timeline = Array.from({ length: 3000 }, (_, at) =>
    at % 2 === 0 ? drifted(`v${at}`, '2026-11-01T10:00') : commit('abc', '2026-11-01T10:00'),
  );
  const chunks = [
    ...investigationReporters.json(
      investigation({ artifact: repeated({ findings }), timeline }),
      options,
    ),
  ];
  expect(chunks.length).toBeGreaterThan(6000);
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(5000);
});

function tell(one: Investigation): string {
  const told = [...investigationReporters.json(one, options)].join('');
  expect(told.endsWith('}\n')).toBe(true);
  return told;
}

function schemaNamed(file: string): Schema {
  return JSON.parse(readFileSync(new URL(`../../../schema/${file}`, import.meta.url), 'utf8'));
}

function compile(any: Schema): ReturnType<Ajv2020['compile']> {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
  addFormats.default(ajv);
  return ajv.compile(any);
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function closed(any: Schema): Schema {
  return mapped(any, (one) =>
    one['type'] === 'object' && 'properties' in one && one['additionalProperties'] === undefined
      ? { ...one, additionalProperties: false }
      : one,
  );
}

function renamed(any: Schema): Schema {
  return mapped(any, ({ oneOf, ...one }) => (oneOf === undefined ? one : { ...one, anyOf: oneOf }));
}

function mapped(any: Schema, change: (one: Schema) => Schema): Schema {
  const deep = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(deep);
    return isSchema(value) ? mapped(value, change) : value;
  };
  return change(
    Object.fromEntries(Object.entries(any).map(([word, value]) => [word, deep(value)])),
  );
}

/** Where members stand that neither say what they are nor name a definition that does. */
function undescribed(any: unknown, path: string): readonly string[] {
  if (Array.isArray(any)) return any.flatMap((one, at) => undescribed(one, `${path}/${at}`));
  if (!isSchema(any)) return [];
  const properties = isSchema(any['properties']) ? Object.entries(any['properties']) : [];
  const silent = properties
    .filter(([, one]) => isSchema(one) && !isDescribed(one))
    .map(([name]) => `${path}/${name}`);
  const inner = Object.entries(any).flatMap(([word, one]) => undescribed(one, `${path}/${word}`));
  return [...silent, ...inner];
}

function isDescribed(one: Schema): boolean {
  if (typeof one['description'] === 'string' || 'const' in one) return true;
  const name = typeof one['$ref'] === 'string' ? one['$ref'].replace('#/$defs/', '') : '';
  const definition = (schema['$defs'] as Record<string, Schema>)[name];
  return typeof definition?.['description'] === 'string';
}
