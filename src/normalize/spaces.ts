import { keepsForms, plainStep, type Step } from './step.ts';

/** What `\s` is in JavaScript: White_Space, line ends and U+FEFF. */
const spaces =
  '\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff';

/** Takes white space off both ends: Unicode White_Space, line ends and U+FEFF included. */
export const trim: Step = plainStep(
  'trim',
  (value) => value.trim(),
  (value, { words }) => ({ value: words.trim(value, spaces, 'BOTH') }),
  keepsForms,
);

/** Every run of such white space becomes one space, also at the ends. */
export const collapseSpaces: Step = plainStep(
  'collapse-spaces',
  (value) => value.replace(/\s+/gu, ' '),
  (value, { words }) => ({ value: words.replace(value, runPattern, ' ') }),
  keepsForms,
);

const runPattern = `[${Array.from(spaces, (one) => `\\x{${one.codePointAt(0)!.toString(16)}}`).join('')}]+`;
