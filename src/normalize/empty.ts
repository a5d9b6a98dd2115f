import type { StepParameter } from '../model/index.ts';
import type { Step } from './step.ts';

/** `{empty: [NULL, "-"]}`: a value that is exactly one of these becomes the empty value. */
export const empty: Step = {
  name: 'empty',
  parameter: {
    expected: 'a list of strings that mean "no value"',
    accepts: (value): value is StepParameter =>
      Array.isArray(value) && value.length > 0 && value.every((token) => typeof token === 'string'),
    jsonSchema: { type: 'array', items: { type: ['string', 'null'] }, minItems: 1 },
  },
  normalizer: (parameter) => {
    const tokens = new Set(Array.isArray(parameter) ? parameter : []);
    return (value) => (tokens.has(value) ? '' : value);
  },
  sql(value, { words }, parameter) {
    const tokens = (Array.isArray(parameter) ? parameter : []).map((one) => words.literal(one));
    return { value: `CASE WHEN ${value} IN (${tokens.join(', ')}) THEN '' ELSE ${value} END` };
  },
};
