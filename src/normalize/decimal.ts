import type { SqlBuilder, StepParameter } from '../model/index.ts';
import { unreadNumeral, type Normalizer, type Step } from './step.ts';

const mostPlaces = 100;

/**
 * `{decimal: places}`: a decimal number with exactly so many places, rounded half away from zero,
 * by arithmetic on its text: no binary fractions, any length. Exponents are not read.
 */
export const decimal: Step = {
  name: 'decimal',
  parameter: {
    expected: `a whole number of places from 0 to ${mostPlaces}`,
    accepts: (value): value is StepParameter =>
      Number.isInteger(value) && Number(value) >= 0 && Number(value) <= mostPlaces,
    jsonSchema: { type: 'integer', minimum: 0, maximum: mostPlaces },
  },
  normalizer: (places) => toPlaces(Number(places)),
  sql: (value, build, places) => ({ value: placesSql(value, build, Number(places)) }),
  keeps: (form, places) =>
    places === (form === 'integer' ? 0 : typeof form === 'object' && form.places),
};

/** The same arithmetic on text. */
function placesSql(value: string, { words, let: name }: SqlBuilder, places: number): string {
  const isDecimal = words.matches(value, String.raw`^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\z`);
  const plain = name(words.trim(value, '+-', 'LEADING'));
  const fraction = name(words.group(plain, String.raw`\.([0-9]*)`, 1));
  const whole = words.group(plain, '^([0-9]*)', 1);
  const kept = name(words.concat(whole, words.pad(fraction, places, 'RIGHT')));
  const head = name(words.trim(kept, '9', 'TRAILING'));
  const last = `${words.toInteger(`SUBSTR(${head}, ${words.length(head)}, 1)`)} + 1`;
  const next = words.concat(
    `SUBSTR(${head}, 1, ${words.length(head)} - 1)`,
    words.toText(last),
    words.pad("''", `${words.length(kept)} - ${words.length(head)}`, 'RIGHT'),
  );
  const overflow = words.concat("'1'", words.pad("''", words.length(kept), 'RIGHT'));
  const up = `SUBSTR(${fraction}, ${places + 1}, 1) >= '5'`;
  const rounded = name(
    `CASE WHEN NOT (${up}) THEN ${kept} WHEN ${head} = '' THEN ${overflow} ELSE ${next} END`,
  );
  const digits = name(words.trim(rounded, '0', 'LEADING'));
  const size = words.length(digits);
  const padded = name(words.pad(digits, `GREATEST(${size}, ${places + 1})`, 'LEFT'));
  const point = `${words.length(padded)} - ${places}`;
  const text = name(
    places === 0
      ? padded
      : words.concat(`SUBSTR(${padded}, 1, ${point})`, "'.'", `SUBSTR(${padded}, ${point} + 1)`),
  );
  const isNegative = `${words.matches(value, '^-')} AND ${digits} <> ''`;
  return `CASE WHEN NOT ${isDecimal} THEN NULL WHEN ${isNegative} THEN ${words.concat("'-'", text)} ELSE ${text} END`;
}

function toPlaces(places: number): Normalizer {
  return (value) => {
    const match = /^([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))$/.exec(value);
    if (match === null) return unreadNumeral(value, 'a decimal number');
    const fraction = match[3] ?? match[4] ?? '';
    const kept = (match[2] ?? '') + fraction.slice(0, places).padEnd(places, '0');
    const up = (fraction[places] ?? '0') >= '5';
    const digits = (up ? increment(kept) : kept).replace(/^0+/, '').padStart(places + 1, '0');
    const point = digits.length - places;
    const text = places === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
    return match[1] === '-' && /[1-9]/.test(digits) ? `-${text}` : text;
  };
}

/** Adds one to a string of digits. */
function increment(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '9') end -= 1;
  const head = end === 0 ? '1' : digits.slice(0, end - 1) + String(Number(digits[end - 1]) + 1);
  return head + '0'.repeat(digits.length - end);
}
