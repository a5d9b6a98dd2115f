import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { convertTree, parseYaml } from '../../src/contract/yaml.ts';
import { codePoint } from '../code-points.ts';
import { KeydriftError, type Problem } from '../../src/model/index.ts';
import { artifact, enough, read } from './reading.ts';
import { scaled } from '../runs.ts';

/** Problems of a text; null where it is a contract. Any other error fails the test. */
function problemsOf(text: string): readonly Problem[] | null {
  try {
    read(text);
    return null;
  } catch (error) {
    if (!(error instanceof KeydriftError)) throw error;
    expect(error.code).toBe('CONTRACT_INVALID');
    expect(error.problems.length).toBeGreaterThan(0);
    const lines = text.split('\n').length;
    for (const { line } of error.problems) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines);
    }
    return error.problems;
  }
}

const words = fc.constantFrom(
  'version', 'artifacts', 'reviewed', 'runtime', 'key', 'consumes', 'descriptive', 'normalize',
  'policy', 'units', 'csv', 'url', 'columns', 'names', 'delimiter', 'repo', 'path', 'ref', 'column',
  'min', 'max', 'decimal', 'labels', 'accept', 'cost', 'scans', '__proto__', 'constructor', 'a-b', 'a_b', '',
); // prettier-ignore
const scalar = fc.oneof(
  fc.constantFrom<unknown>(null, true, 1, -1, 0.5, '', 'a', 's3://b/k', '${UNSET}', 'trim', ';'),
  words,
  fc.string(),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 5 }, scalar, tie('list'), tie('map')),
  list: fc.array(tie('value'), { maxLength: 3 }),
  map: fc.dictionary(words, tie('value'), { maxKeys: 5 }),
}));

describe('any value in any place', () => {
  test('a JSON value is refused by problems with lines, and by nothing else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 1, '\t'), (json, indent) => {
        expect(problemsOf(JSON.stringify(json, null, indent))).not.toBeNull();
      }),
    );
  });

  test('words of the contract in wrong places too', () => {
    fc.assert(
      fc.property(value, value, fc.boolean(), (p, q, pretty) => {
        const contract = { version: 1, artifacts: { p, q } };
        expect(problemsOf(JSON.stringify(contract, null, pretty ? 1 : undefined))).not.toBeNull();
      }),
      {
        numRuns: scaled(150),
        // What is left of a map once its misshapen values are out may read as another.
        examples: [[{ runtime: { version: [], key: 'version' } }, '', false]],
      },
    );
  });

  test('one strange part of a good artifact', () => {
    fc.assert(
      fc.property(words, value, (word, strange) => {
        const good = { reviewed: 'a.csv', runtime: 's3://b/a.csv', key: ['id'] };
        const json = JSON.stringify({ version: 1, artifacts: { p: { ...good, [word]: strange } } });
        problemsOf(json);
      }),
      { numRuns: scaled(200), examples: [['runtime', { consumes: 'version', version: [] }]] },
    );
  });

  test('any text', () => {
    fc.assert(fc.property(fc.string({ unit: codePoint }), (text) => void problemsOf(text)));
  });

  test('a good contract, cut anywhere or with a character changed', () => {
    const text = artifact(...enough, 'normalize: {id: [trim, {decimal: 2}]}', 'units: {min: 1}');
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.string({ unit: codePoint, maxLength: 2 }),
        (at, by) => {
          problemsOf(text.slice(0, at));
          problemsOf(text.slice(0, at) + by + text.slice(at + 1));
        },
      ),
    );
  });
});

test('problems are independent: each of several wrong artifacts is told', () => {
  const wrongs = [
    ['reviewed: a.csv', 'runtime: s3://b/a', 'key: []'],
    ['reviewed: a.csv', 'runtime: s3://b/a', 'key: [a, a]'],
    ['reviewed: a.csv', 'runtime: gs://b/a', 'key: [a]'],
    ['reviewed: a.csv', 'runtime: s3://b/a', 'key: [a]', 'normalize: {a: [trimm]}'],
    ['reviewed: a.csv', 'runtime: s3://b/a', 'key: [a]', 'units: {min: 3, max: 2}'],
    ['reviewed: a.csv', 'runtime: s3://b/a', 'key: [a]', 'csv: {quote: ","}'],
    ['reviewed: a.csv', 'runtime: s3://b/a', 'key: [a]', 'cost: {}'],
    ['reviewed: a.csv', 'runtime: s3://b/a', 'key: [a]', 'cost: {scans: "s3://b/{{a}}"}'],
    ['reviewed: a.csv', 'runtime: s3://b/a', 'key: [a]', 'owner: ${UNSET}'],
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(wrongs, { minLength: 1 }), (chosen) => {
      const lines = chosen.flatMap((wrong, index) => [
        `  p${index}:`,
        ...wrong.map((line) => `    ${line}`),
      ]);
      const problems = problemsOf(['version: 1', 'artifacts:', ...lines].join('\n'));
      const artifacts = problems?.map(({ path }) => path.split('.')[1]);
      expect(artifacts).toStrictEqual(chosen.map((_wrong, index) => `p${index}`));
    }),
  );
});

describe('texts made to exhaust', () => {
  test.each([
    ['flow lists', '['.repeat(50_000)],
    ['closed flow lists', `a: ${'['.repeat(5_000)}${']'.repeat(5_000)}`],
    ['block lists', `${'- '.repeat(50_000)}a`],
    ['maps', Array.from({ length: 2_000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['an alias in itself', 'version: 1\nartifacts: &a {p: *a}'],
    [
      'aliases of aliases',
      `a0: &a0 [x]\n${Array.from(
        { length: 20 },
        (_, n) => `a${n + 1}: &a${n + 1} [${Array.from({ length: 9 }, () => `*a${n}`).join(', ')}]`,
      ).join('\n')}`,
    ],
  ])('%s', (_name, text) => {
    expect(problemsOf(text)).not.toBeNull();
  });

  test('what is written out is no growth of aliases, and has as many problems as it has', () => {
    const parsed = parseYaml(`[${'1,'.repeat(100_001)}]`);
    const told: string[] = [];
    const report = (_path: unknown, message: string): void => void told.push(message);
    const data = convertTree({ ...parsed, places: new Map(), report });
    expect(data).toHaveLength(100_001);
    expect(told).toEqual([]);
    const entries = 500;
    const problems =
      problemsOf(
        `version: 1\nartifacts: {p: {reviewed: a.csv, runtime: "s3://b/a", key: [a], accept: [${'{}, '.repeat(entries)}]}}`,
      ) ?? [];
    const places = new Set(problems.map(({ path }) => path.replace(/\]\..*/, ']')));
    expect(places.size).toBe(entries);
  });
});
