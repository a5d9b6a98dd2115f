import { expect, test } from 'vitest';
import { unbuiltWords } from '../../src/contract/vocabulary.ts';
import { contractJsonSchema } from '../../src/contract/json-schema.ts';
import { stepShapes } from '../../src/normalize/index.ts';
import { artifact, enough, refusal } from './reading.ts';

const inPlace = {
  contract: (word: string) => `${artifact(...enough)}${word}: x`,
  artifact: (word: string) => artifact(...enough, `${word}: x`),
  reviewed: (word: string) =>
    artifact(`reviewed: {repo: r, path: p, ${word}: x}`, 'runtime: b', 'key: [id]'),
  copy: (word: string) =>
    artifact('reviewed: a', `runtime: {eu: {url: b, ${word}: x}}`, 'key: [id]'),
  csv: (word: string) => artifact(...enough, `csv: {${word}: x}`),
};
const cases = Object.entries(unbuiltWords).flatMap(([word, places]) =>
  places.map((place) => [word, place] as const),
);

test.each(cases)('%s of %s is refused by name, with its line', (word, place) => {
  const text = inPlace[place](word);
  const error = refusal(text);
  expect(error.code).toBe('NOT_SUPPORTED');
  const [problem] = error.problems;
  expect(problem!.message).toContain(JSON.stringify(word));
  expect(text.split('\n')[problem!.line! - 1]).toContain(`${word}: x`);
});

test('in defaults, too', () => {
  const { code, problems } = refusal(`${artifact(...enough)}defaults: {roleArn: all}`);
  expect({ code, paths: problems.map(({ path }) => path) }).toStrictEqual({
    code: 'NOT_SUPPORTED',
    paths: ['defaults.roleArn'],
  });
});

test('beside another problem, or in another place, it is a fault of the contract', () => {
  expect(refusal(artifact(...enough, 'roleArn: all', 'ownr: me')).code).toBe('CONTRACT_INVALID');
  expect(refusal(artifact(...enough, 'units: {roleArn: all}')).code).toBe('CONTRACT_INVALID');
});

test('what the schema has is built: its line is to go', () => {
  // A reader of another name has an option that is called like a word of `csv`.
  const known = JSON.stringify(contractJsonSchema(stepShapes)).replaceAll(
    /("multiLine":\{[^}]*\},)"escape":\{/g,
    '$1{',
  );
  for (const word of Object.keys(unbuiltWords)) expect(known).not.toContain(`"${word}":{`);
});
