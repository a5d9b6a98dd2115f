import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPlain } from '../../src/contract/plain.ts';
import { convertTree, parseYaml } from '../../src/contract/yaml.ts';
import { contractFile, type Data, type Path, type Place } from '../../src/contract/file.ts';
import { scaled } from '../runs.ts';

/** What the YAML parser makes of a text; null: it has a fault. */
function byParser(text: string): { data: Data; places: Map<string, Place> } | null {
  const parsed = parseYaml(text);
  const places = new Map<string, Place>();
  const faults: string[] = [];
  const report = (_path: unknown, message: string): void => void faults.push(message);
  if (parsed.problems.length > 0) return null;
  const data = convertTree({ ...parsed, places, report });
  return data === undefined || faults.length > 0 ? null : { data, places };
}

/** The paths of all values. */
function pathsIn(data: Data | undefined, path: Path = []): readonly Path[] {
  if (typeof data !== 'object' || data === null) return [path];
  const parts = Array.isArray(data) ? data.map((item, at) => [at, item] as const) : null;
  const inside = parts ?? Object.entries(data);
  return [path, ...inside.flatMap(([part, value]) => pathsIn(value, [...path, part]))];
}

/** Holds a text against the parser; whether it was read here at all. */
function agrees(text: string): boolean {
  const plain = readPlain(text);
  if (plain === null) return false;
  const full = byParser(text);
  const told = (found: { data: Data; places: ReadonlyMap<string, Place> } | null): unknown =>
    found === null ? null : [found.data, [...found.places].sort(([a], [b]) => (a < b ? -1 : 1))];
  const places = plain.places();
  expect([text, told({ ...plain, places })]).toEqual([text, told(full)]);
  // A line is a value's own, or that of the nearest one around it that has one.
  const file = contractFile({ ...plain, problems: [], data: () => plain.data });
  const whole = contractFile({ places: () => places, problems: [], data: () => plain.data });
  const paths = pathsIn(plain.data);
  const [lines, expected] = [file, whole].map((one) =>
    JSON.stringify(paths.map((path) => [path, one.lineOf(path), one.namesIn(path)])),
  );
  expect([text, lines]).toEqual([text, expected]);
  return true;
}

const scalars = [
  'a',
  'x y',
  's3://b/k.csv',
  './a/b.csv',
  'git:HEAD:a.csv',
  '$x',
  'a#b',
  'a #b',
  'a: b',
  'b:',

  '1',
  '0',
  '007',
  '1.20',
  '1.',
  '.5',
  '-1',
  '+1',
  '1e5',
  '1E5',
  '0x1F',
  '0o17',
  '1_000',
  '.inf',

  '2026-01-02',
  '30m',
  '5GiB',
  '1e',
  '12345678901234567890',
  '0.1234567',
  '...',
  '---',
  '-',
  '?',

  'true',
  'True',
  'false',
  'null',
  'Null',
  '~',
  'yes',
  'no',
  'NaN',
  '.nan',
  '',
  ' ',
  '*a',
  '&a b',

  '"q"',
  '"q',
  "'q'",
  "'it''s'",
  '"a\\nb"',
  '"${A}"',
  '${A}',
  '$${A}',
  '"a" b',
  "'#'",
  '"a"#',
  '|',

  '>',
  '!x',
  '@',
  '`',
  '%',
  '{a: b}',
  '[a, b]',
  '[a,b]',
  '{a: [1, {b: c}]}',
  '[a: b]',
  '{a}',
  '[,]',

  '[a, ]',
  '[ ]',
  '{ }',
  '{a: }',
  '{"k": 1}',
  '{"k":1}',
  '[[a], []]',
  '{a: b, a: c}',
  '[a] # c',

  '[a b, "c, d"]',
  '{a: b #c\n}',
  'ü',
  'é è',
  '\t',
  'a\tb',
  '\u00a0',
  '\u2028',
  '<<',
  '__proto__',
];
const names = [
  'a',
  'b',
  'version',
  '"q k"',
  'true',
  '1',
  '1.0',
  '__proto__',
  '<<',
  'a b',
  '- a',
  '?',
];
const piece = fc
  .tuple(
    fc.constantFrom(0, 0, 2, 2, 4, 1),
    fc.constantFrom('', '', '', '- ', '-   ', '# '),
    fc.option(fc.constantFrom(...names), { nil: null, freq: 5 }),
    fc.constantFrom(...scalars),
    fc.constantFrom('', '', '', ' # note', '  ', '#', '\r'),
  )
  .map(
    ([indent, sign, name, scalar, end]) =>
      `${' '.repeat(indent)}${sign}${name === null ? '' : `${name}: `}${scalar}${end}\n`,
  );

/** Contracts as people write them, with a slip here and there. */
const written = fc
  .uniqueArray(
    fc.tuple(
      fc.constantFrom('p', 'q', 'r.s', '"t u"'),
      fc.constantFrom(
        'reviewed: a.csv\n    runtime: s3://b/a.csv\n    key: [id]\n',
        'reviewed: a.csv\n    runtime: {url: "s3://b/${A}.csv", region: eu}\n    key: [id, {column: k, optional: true}]\n',
        'key:\n    - id\n    - column: k\n      optional: true\n    reviewed: x # it\n',
        'accept:\n      - key: {id: "P-1"}\n        rows: 3\n\n        reason: "it is: so"\n',
        'normalize: {id: [trim, {decimal: 2}], w: []}\n    grace: 30m\n    units: {min: 0}\n',
        'labels: {a b: c}\n',
        'key: [id,\n      k]\n',
      ),
      fc.constantFrom(
        '',
        '',
        '',
        '# a note\n',
        '\n',
        '   \n',
        '      - x\n',
        '    csv: {quote: null}\n',
      ),
    ),
    { minLength: 1, maxLength: 4, selector: ([name]) => name },
  )
  .map((all) =>
    all.reduce(
      (text, [name, words, more]) => `${text}  ${name}:\n    ${words}${more}`,
      'version: 1\nartifacts:\n',
    ),
  );

test('what is read without the parser, the parser reads just so: texts of pieces', () => {
  let [taken, all] = [0, 0];
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), (pieces) => {
      all += 1;
      if (agrees(pieces.join(''))) taken += 1;
    }),
    { numRuns: scaled(2500) },
  );
  expect(taken / all).toBeGreaterThan(0.002);
});

test('the same of each scalar in each place', () => {
  let taken = 0;
  for (const scalar of scalars) {
    for (const around of [
      'a: @\n',
      'a:\n  - @\n',
      'a: [@, b]\n',
      'a: {b: @}\n',
      'a:\n  b: @ # c\nd: e\n',
    ]) {
      if (agrees(around.replace('@', () => scalar))) taken += 1;
    }
  }
  expect(taken).toBeGreaterThan(30);
});

test('the same of contracts, most of which it reads', () => {
  let [taken, all] = [0, 0];
  fc.assert(
    fc.property(written, (text) => {
      all += 1;
      if (agrees(text)) taken += 1;
    }),
    { numRuns: scaled(600) },
  );
  expect(taken / all).toBeGreaterThan(0.15);
});

test('the same of a changed byte anywhere', () => {
  let taken = 0;
  const base =
    'version: 1\nartifacts:\n  p:\n    key: [id, {column: "k", optional: true}]\n    x:\n    - a # b\n    - c: d\n';
  for (let at = 0; at <= base.length; at += 1) {
    for (const byte of ' \n#:-[]{},"\'0a&*!|>%@`~?$\\') {
      if (agrees(base.slice(0, at) + byte + base.slice(at + 1))) taken += 1;
      if (agrees(base.slice(0, at) + byte + base.slice(at))) taken += 1;
    }
    if (agrees(base.slice(0, at) + base.slice(at + 1))) taken += 1;
  }
  expect(taken).toBeGreaterThan(300);
});

test('the contracts of the tests and of the local stack', () => {
  const folders = ['test/contract/bad', 'test/contract/golden', 'localstack/seed'];
  const files = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => join(folder, name)),
  );
  expect(files.length).toBeGreaterThan(5);
  for (const file of files) agrees(readFileSync(file, 'utf8'));
  expect(agrees(readFileSync('localstack/seed/keydrift.yaml', 'utf8'))).toBe(true);
});
