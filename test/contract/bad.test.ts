import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { refusal } from './reading.ts';

/** `words` stand in the problem's message or hint. */
interface ExpectedProblem {
  readonly line: number;
  readonly path: string;
  readonly words: readonly string[];
}

const folder = new URL('bad/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => /^[^.].*\.(yaml|json)$/.test(name) && !name.endsWith('.problems.json'))
  .sort();

test('fixtures are there', () => {
  expect(names.length).toBeGreaterThan(20);
});

test.each(names)('%s', (name) => {
  const problemsName = name.replace(/\.\w+$/, '.problems.json');
  const expected: readonly ExpectedProblem[] = JSON.parse(
    readFileSync(new URL(problemsName, folder), 'utf8'),
  );
  const error = refusal(readFileSync(new URL(name, folder), 'utf8'));
  expect(error.code).toBe('CONTRACT_INVALID');
  const places = error.problems.map(({ line, path }) => ({ line, path }));
  expect(places).toStrictEqual(expected.map(({ line, path }) => ({ line, path })));
  expected.forEach(({ words }, index) => {
    const { message, hint } = error.problems[index]!;
    for (const word of words) expect(`${message} ${hint}`).toContain(word);
  });
});
