import type { SqlStep } from '../model/index.ts';
import { asciiPattern, keepsForms, plainStep, type Step } from './step.ts';

/** Unicode lower case, of no locale. */
export const lowercase: Step = plainStep(
  'lowercase',
  (value) => value.toLowerCase(),
  (value, { words }): SqlStep => ({
    value: words.lower(value),
    // Each engine has tables of its own: `ß`, a final sigma.
    exact: words.matches(value, asciiPattern),
  }),
  keepsForms,
);

/** Unicode upper case, of no locale: `ß` becomes `SS`. */
export const uppercase: Step = plainStep(
  'uppercase',
  (value) => value.toUpperCase(),
  (value, { words }): SqlStep => ({
    value: words.upper(value),
    exact: words.matches(value, asciiPattern),
  }),
  keepsForms,
);
