import { expect, test } from 'vitest';
import { fuzz } from '../engine/fuzz.ts';

// The bounded part of `npm run fuzz`; each input is compared with twelve windows.
test('kernel and reference are one on hostile CSV', async () => {
  const counts = await fuzz(1, 151);
  expect(counts.equal).toBeGreaterThan(1000);
  expect(counts['given-up']).toBeLessThan(20);
});
