import { expect, test, vi } from 'vitest';
import { at } from './fixture.ts';

const loads = vi.hoisted(() => ({ count: 0 }));
vi.mock('@aws-sdk/client-s3', async (original) => {
  loads.count += 1;
  return await original();
});

test('the SDK is loaded by the first pin, not by the import nor by opening the source', async () => {
  const { openS3Source } = await import('../../../src/sources/s3/s3.ts');
  const source = openS3Source({
    environment: { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' },
    attempts: 1,
  });
  expect(loads.count).toBe(0);
  const access = { ...at('').access, endpoint: 'http://127.0.0.1:1' };
  await expect(source.pin(at('a.csv', { access }))).rejects.toThrow();
  expect(loads.count).toBe(1);
  await source.close();
});
