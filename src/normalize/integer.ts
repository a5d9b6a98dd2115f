import { plainStep, type Step } from './step.ts';

/** `[+-]?digits` of any length, without a plus or leading zeros; `-0` is `0`. */
export const integer: Step = plainStep('integer', (value) => {
  // One quantifier over the digits: two that overlap would take quadratic time on a long cell.
  const match = /^([+-]?)([0-9]+)$/.exec(value);
  if (match === null) return { expected: 'an integer' };
  const digits = (match[2] ?? '').replace(/^0+(?=[0-9])/, '');
  return match[1] === '-' && digits !== '0' ? `-${digits}` : digits;
});
