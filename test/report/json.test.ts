import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Cells, Report } from '../../src/model/index.ts';
import { documentOf, schemaOf, validatorOf } from '../documents.ts';
import { reporters } from './outputs.ts';
import { anyReport } from './arbitrary.ts';
import { artifact, finding, options, report, row } from './build.ts';
import { cases } from './cases.ts';
import { scaled } from '../runs.ts';

const validate = validatorOf(schemaOf('report'));

test('any report is JSON of the schema', () => {
  fc.assert(
    fc.property(anyReport, (any) => {
      expect(faults(any)).toEqual([]);
    }),
    { numRuns: scaled(60) },
  );
});

test('a finding tells its own facts and no others', () => {
  fc.assert(
    fc.property(anyReport, (any) => {
      const told = JSON.parse(tell(any));
      any.artifacts.forEach(({ findings }, at) => {
        findings.forEach((one, index) => {
          const { key, rows, respelled, accepted = null, ...facts } = one;
          const cells = (list: Cells | null): unknown => list && Object.fromEntries(list);
          expect(told.artifacts[at].findings[index]).toEqual({
            ...facts,
            key: cells(key),
            rows: rows.map(({ numbered, ...shown }) => ({
              ...shown,
              record: numbered === false ? 0 : shown.record,
              values: cells(shown.values),
            })),
            respelled: cells(respelled),
            accepted,
          });
        });
      });
    }),
    { numRuns: scaled(30) },
  );
});

test.each(Object.entries(cases))(
  '%s is JSON of the schema, which describes it all',
  (_name, golden) => {
    expect(faults(golden.report)).toEqual([]);
    expect(() => documentOf('report', tell(golden.report))).not.toThrow();
  },
);

test.each([
  ['an unknown field', (told: string) => told.replace('"tool":', '"extra": 1, "tool":')],
  ['an unknown kind', (told: string) => told.replace('"kind":"added"', '"kind":"other"')],
  ['another count', (told: string) => told.replace('"added":', '"other":1,"added":')],
])('the schema leaves room for %s', (_name, change) => {
  const told = tell(cases['every-kind']!.report);
  expect(change(told)).not.toBe(told);
  expect(validate(JSON.parse(change(told)))).toBe(true);
});

test.each([
  ['an unknown severity', (told: string) => told.replace('"severity":"fail"', '"severity":"odd"')],
  ['a finding without rows', (told: string) => told.replace('"rows":[{', '"rose":[{')],
  ['a count that is none', (told: string) => told.replace('"added":', '"other":"x","added":')],
])('the schema refuses %s', (_name, spoil) => {
  const told = tell(cases['every-kind']!.report);
  expect(spoil(told)).not.toBe(told);
  expect(validate(JSON.parse(spoil(told)))).toBe(false);
});

test('cells keep their order and their names, whatever the names', () => {
  const cells: Cells = [
    ['b', 'x'],
    ['__proto__', 'y'],
    ['2', null],
    ['1', '\ud800'],
  ];
  const told = tell(
    report([
      artifact({
        findings: [finding('added', 'runtime', [row('runtime', 2, cells)], { key: cells })],
      }),
    ]),
  );
  const text = String.raw`{"b":"x","__proto__":"y","2":null,"1":"\ud800"}`;
  expect(told.split(text)).toHaveLength(3);
});

test('a report of many findings comes in many small chunks', () => {
  const findings = Array.from({ length: 5000 }, () => finding('added', 'runtime', []));
  const chunks = [...reporters.json(report([artifact({ findings })]), options)];
  expect(chunks.length).toBeGreaterThan(5000);
  expect(Math.max(...chunks.map((chunk) => chunk.length))).toBeLessThan(5000);
});

function faults(any: Report): unknown {
  const told = tell(any);
  expect(told.endsWith('}\n')).toBe(true);
  return validate(JSON.parse(told)) ? [] : validate.errors;
}

function tell(any: Report): string {
  return [...reporters.json(any, options)].join('');
}
