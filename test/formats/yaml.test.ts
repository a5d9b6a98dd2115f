import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { yaml } from '../../src/formats/yaml/yaml.ts';
import { KeydriftError } from '../../src/model/index.ts';
import { cellsOf, rereadCells, sourceOf } from './memory.ts';

const name = fc.constantFrom('id', 'mode', '2', 'ä', 'with: colon');
const scalar = fc.oneof(
  fc.string({ unit: 'grapheme' }).filter((text) => !/[\0\p{Surrogate}]/u.test(text)),
  fc.constantFrom(
    '',
    'null',
    'true',
    '~',
    '0x1F',
    '1_000',
    '2026-01-01',
    '012',
    '- x',
    '# y',
    '<<',
  ),
);
const record = fc.dictionary(name, scalar, { maxKeys: 4 });

test('text that a writer of YAML quotes is that text, whatever it looks like', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 5 }), fc.nat(30), async (given, piece) => {
      const table = await yaml.open(sourceOf(stringify(given), piece + 1), {});
      const expected = given.map(
        (one) => new Map(Object.entries(one).filter(([, text]) => text !== '')),
      );
      const cells = await cellsOf(table);
      expect(cells.map((one) => sorted(one))).toStrictEqual(expected.map((one) => sorted(one)));
      expect(await rereadCells(table, given.length === 0 ? [] : [given.length])).toStrictEqual(
        cells.slice(-1),
      );
    }),
  );
});

function sorted(cells: ReadonlyMap<string, string>): readonly (readonly [string, string])[] {
  return [...cells].sort(([a], [b]) => (a < b ? -1 : 1));
}

test('plain scalars are what stands there; null is empty, and booleans are words', async () => {
  const text = `# reviewed by hand
- id: 00042
  weight: 0.10
  big: 12345678901234567890
  day: 2026-01-01
  on: Yes
  active: TRUE
  none: ~
  also: null
  gone:
  text: "null"
  said: !!str true
  nested: {a: {b: 1}, list: [x, y]}
`;
  const table = await yaml.open(sourceOf(text), {});
  const [cells] = await cellsOf(table);
  expect(Object.fromEntries(cells!)).toStrictEqual({
    id: '00042',
    weight: '0.10',
    big: '12345678901234567890',
    day: '2026-01-01',
    on: 'Yes',
    active: 'true',
    text: 'null',
    said: 'true',
    'nested.a.b': '1',
    'nested.list.0': 'x',
    'nested.list.1': 'y',
  });
  expect(table.place(1)).toStrictEqual({ line: 2, text: 'line 2' });
});

test('anchors and merge keys are resolved: what a map says itself wins', async () => {
  const text = `
- &base {mode: full, weight: 1}
- {id: P-2, <<: *base, weight: 2}
- {id: P-3, <<: [{mode: delta}, *base]}
`;
  expect((await cellsOf(await yaml.open(sourceOf(text), {}))).map((one) => sorted(one))).toEqual([
    [
      ['mode', 'full'],
      ['weight', '1'],
    ],
    [
      ['id', 'P-2'],
      ['mode', 'full'],
      ['weight', '2'],
    ],
    [
      ['id', 'P-3'],
      ['mode', 'delta'],
      ['weight', '1'],
    ],
  ]);
});

test('`records` points at them, and `keyColumn` names what their keys are', async () => {
  const text = 'data:\n  rows:\n    P-1: {mode: full}\n    P-2: delta\n';
  const table = await yaml.open(sourceOf(text), { records: '/data/rows', keyColumn: 'id' });
  expect(await cellsOf(table)).toStrictEqual([
    new Map([
      ['id', 'P-1'],
      ['mode', 'full'],
    ]),
    new Map([
      ['id', 'P-2'],
      ['value', 'delta'],
    ]),
  ]);
  expect([table.place(1).line, table.place(2).line]).toStrictEqual([3, 4]);
});

/** Each level names the one before it nine times. */
const billion = ['- &l0 {x: [1,1,1,1,1,1,1,1,1]}']
  .concat(
    Array.from(
      { length: 9 },
      (_, at) => `- &l${at + 1} {x: [${Array(9).fill(`*l${at}`).join(',')}]}`,
    ),
  )
  .join('\n');

test.for([
  ['', 'YAML_INVALID'],
  ['- a: 1\n  a: 2\n', 'MEMBER_DOUBLED'],
  ['a: 1\n', 'NOT_RECORDS'],
  ['- 1\n', 'NOT_RECORDS'],
  ['- a: 1\n---\n- a: 2\n', 'NOT_RECORDS'],
  ['- {a: [}\n', 'YAML_INVALID'],
  ['- a: *nowhere\n', 'YAML_INVALID'],
  ['- a: !!binary aGVsbG8=\n', 'YAML_INVALID'],
  ['- &a {x: *a}\n', 'TOO_LARGE'],
  ['- ? {a: 1}\n  : 2\n', 'NOT_RECORDS'],
  [billion, 'TOO_LARGE'],
] as const)('%s is refused: %s', async ([text, code]) => {
  const thrown: unknown = await yaml.open(sourceOf(text, 64), {}).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(KeydriftError);
  expect(thrown).toMatchObject({ code });
});

test.each([
  ['a CR within a line', '- id: "a\rb"\n', 1],
  ['a control character', '- id: 1\n- id: a\u0002\n', 2],
])('%s is none of YAML, or a line end to other readers: refused', async (_name, text, line) => {
  const opened = yaml.open(sourceOf(text, 7), {});
  await expect(opened).rejects.toMatchObject({ code: 'YAML_INVALID', place: { line } });
});
