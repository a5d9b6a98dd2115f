import { expect, test } from 'vitest';
import { fuzz } from '../engine/fuzz.ts';
import { scaled } from '../runs.ts';

// The bounded part of `npm run fuzz`; each input is compared with six of its twelve windows.
test('kernel and reference are one on hostile CSV', async () => {
  const counts = await fuzz(1, 1 + scaled(100), undefined, 6);
  expect(counts.equal).toBeGreaterThan(scaled(100) * 3.5);
  expect(counts['given-up']).toBeLessThan(20);
});
