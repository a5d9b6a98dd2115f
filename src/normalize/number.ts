import { plainStep, type Step } from './step.ts';

/** An exponent may move the point so far: a cell of a few bytes may not become one of millions. */
const mostExponent = 400;

/**
 * Any plain or scientific numeral, `+012.50` or `1.25E1`, becomes plain decimal text of the same
 * value: no exponent, plus, leading zeros or zeros at a fraction's end; `-0` is `0`. Exact: only text
 * is moved about.
 */
export const number: Step = plainStep('number', (value) => {
  const match = /^([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,9}))?$/.exec(value);
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  const shift = Number(exponent);
  if (match === null || whole + fraction === '' || Math.abs(shift) > mostExponent) {
    return { expected: 'a number' };
  }
  const point = whole.length + shift;
  const digits = whole + fraction;
  const before = point <= 0 ? '' : digits.slice(0, point).padEnd(point, '0');
  const after = point <= 0 ? '0'.repeat(-point) + digits : digits.slice(point);
  const integral = before.replace(/^0+(?=[0-9])/, '') || '0';
  const rest = trimZeros(after);
  const plain = rest === '' ? integral : `${integral}.${rest}`;
  return sign === '-' && plain !== '0' ? `-${plain}` : plain;
});

/** Without the zeros at its end: a search from the end, because a pattern would search from each zero. */
function trimZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
