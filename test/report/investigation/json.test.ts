import { describe, expect, test } from 'vitest';
import type { Cells, Investigation } from '../../../src/model/index.ts';
import { documentOf, schemaOf, validatorOf } from '../../documents.ts';
import { investigationReporters } from '../outputs.ts';
import { finding, options } from '../build.ts';
import { commit, cost, drifted, investigation, repeated, sliceRow } from './build.ts';
import { investigationCases } from './cases.ts';

const validate = validatorOf(schemaOf('investigation'));

describe.each(Object.entries(investigationCases))('%s', (_name, golden) => {
  // What a stranger wrote stands also where the hostile case has no time or commit for it.
  const told = tell(golden.investigation).replaceAll(/"at":"\\u001b[^"]*"/g, (at) =>
    at.replace(/:.*/s, ':"2026-11-01T10:00:00.000Z"'),
  );
  const legal = told.replaceAll(/"commit":"\\u001b[^"]*"/g, '"commit":"abc"');

  test('is JSON of the schema, which describes it all', () => {
    expect(() => documentOf('investigation', legal)).not.toThrow();
  });
});

test('the schema leaves room for what comes later, and for nothing wrong', () => {
  const told = tell(investigationCases['edited']!.investigation);
  expect(validate(JSON.parse(told.replace('"tool":', '"later": 1, "tool":')))).toBe(true);
  expect(validate(JSON.parse(told.replace('"timeline":', '"time":')))).toBe(false);
  expect(validate(JSON.parse(told.replace('"relation":"drifted"', '"relation":"odd"')))).toBe(true);
  expect(validate(JSON.parse(told.replace('"relation":"drifted"', '"relation":1')))).toBe(false);
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
