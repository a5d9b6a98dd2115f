import { expect, test } from 'vitest';
import { fuzz } from '../engine/fuzz.ts';
import { scaled } from '../runs.ts';

// The bounded part of `npm run fuzz`; each input is compared with twelve windows.
test('kernel and reference are one on hostile CSV', async () => {
  const counts = await fuzz(1, 1 + scaled(100));
  expect(counts.equal).toBeGreaterThan(scaled(100) * 7);
  expect(counts['given-up']).toBeLessThan(20);
});
