import { plainStep, type Step } from './step.ts';

const words: ReadonlyMap<string, string> = new Map([
  ...['true', 't', 'yes', 'y', 'on', '1'].map((word) => [word, 'true'] as const),
  ...['false', 'f', 'no', 'n', 'off', '0'].map((word) => [word, 'false'] as const),
]);

/** true/t/yes/y/on/1 and false/f/no/n/off/0, in any letter case, become `true` and `false`. */
export const boolean: Step = plainStep(
  'boolean',
  (value) => words.get(value.toLowerCase()) ?? { expected: 'a boolean' },
);
