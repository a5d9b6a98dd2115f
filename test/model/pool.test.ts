import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPool } from '../../src/model/index.ts';

test('what is made of a value is made once while values are few, and is always of that value', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), (distinct) => {
      let made = 0;
      const boxOf = createPool((value) => ({ value, number: (made += 1) }));
      const values = Array.from({ length: 3 * distinct }, (_, at) => `v${at % distinct}`);
      const boxes = values.map(boxOf);
      expect(boxes.map(({ value }) => value)).toEqual(values);
      if (distinct <= 512) expect(made).toBe(distinct);
      // Beyond, nothing is held: it may be as many as there are rows.
      else expect(made).toBeGreaterThan(2 * distinct);
    }),
    { numRuns: 20 },
  );
});
