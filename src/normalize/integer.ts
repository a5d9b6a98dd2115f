import { plainStep, type Normalizer, type Step } from './step.ts';

/** `[+-]?digits` of any length, without a plus or leading zeros; `-0` is `0`. */
export const integer: Step = plainStep(
  'integer',
  toInteger,
  (value, { words, let: name }) => {
    const digits = name(words.trim(value, '+-0', 'LEADING'));
    const isInteger = words.matches(value, String.raw`^[+-]?[0-9]+\z`);
    const negative = `WHEN ${words.matches(value, '^-')} THEN ${words.concat("'-'", digits)}`;
    return {
      value: `CASE WHEN NOT ${isInteger} THEN NULL WHEN ${digits} = '' THEN '0' ${negative} ELSE ${digits} END`,
    };
  },
  (form) => form === 'integer',
);

function toInteger(value: string): ReturnType<Normalizer> {
  // One quantifier over the digits: two that overlap would take quadratic time on a long cell.
  const match = /^([+-]?)([0-9]+)$/.exec(value);
  if (match === null) return { expected: 'an integer' };
  const digits = (match[2] ?? '').replace(/^0+(?=[0-9])/, '');
  return match[1] === '-' && digits !== '0' ? `-${digits}` : digits;
}
