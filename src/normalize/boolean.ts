import { plainStep, type Step } from './step.ts';

const words: ReadonlyMap<string, string> = new Map([
  ...['true', 't', 'yes', 'y', 'on', '1'].map((word) => [word, 'true'] as const),
  ...['false', 'f', 'no', 'n', 'off', '0'].map((word) => [word, 'false'] as const),
]);

/** true/t/yes/y/on/1 and false/f/no/n/off/0, in any letter case, become `true` and `false`. */
export const boolean: Step = plainStep(
  'boolean',
  (value) => words.get(value.toLowerCase()) ?? { expected: 'a boolean' },
  (value, { words: sql }) => {
    const whens = ['true', 'false'].map((meaning) => {
      const spelled = [...words].flatMap(([word, of]) => (of === meaning ? [inAnyCase(word)] : []));
      const matches = sql.matches(value, String.raw`^(?:${spelled.join('|')})\z`);
      return `WHEN ${matches} THEN '${meaning}'`;
    });
    return { value: `CASE ${whens.join(' ')} END` };
  },
);

function inAnyCase(word: string): string {
  return word.replace(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);
}
