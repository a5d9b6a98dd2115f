import type { StepParameter } from '../model/index.ts';
import type { Step } from './step.ts';

/** `{strip-zeros: left}`: without the zeros at the left of any text; `000` is `0`. */
export const stripZeros: Step = {
  name: 'strip-zeros',
  parameter: {
    expected: '`left`',
    accepts: (value): value is StepParameter => value === 'left',
    jsonSchema: { const: 'left' },
  },
  normalizer: () => (value) => value.replace(/^0+(?=[^])/, ''),
  sql(value, { words, let: name }) {
    const rest = name(words.trim(value, '0', 'LEADING'));
    return { value: `CASE WHEN ${rest} = '' THEN '0' ELSE ${rest} END` };
  },
};
