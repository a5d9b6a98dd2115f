import { afterEach, expect, test, vi } from 'vitest';
import { KeydriftError } from '../../../src/model/index.ts';
import { openEndpoint } from '../../../src/sources/s3/endpoint.ts';

afterEach(() => {
  vi.useRealTimers();
});

const probeMs = 10_000;
const never = new AbortController().signal;
const down = (): Promise<never> =>
  Promise.reject(
    new KeydriftError(
      'STORE_UNREACHABLE',
      'http://s3.test cannot be reached: nothing listens there.',
      {
        place: { store: { code: 'ECONNREFUSED' } },
      },
    ),
  );
const busy = (): Promise<never> =>
  Promise.reject(
    new KeydriftError('STORE_FAILED', 'HTTP 503', { place: { store: { status: 503 } } }),
  );
const silent = (): Promise<never> =>
  Promise.reject(new KeydriftError('STORE_TIMEOUT', 'http://s3.test took too long over s3://b/k.'));

/** Endpoint whose attempts are counted, under a clock that only a test moves. */
function endpoint() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const { reach, noteSilence } = openEndpoint(probeMs);
  const asked: string[] = [];
  const ask = (location: string, answer: () => Promise<unknown>): Promise<unknown> =>
    reach(location, never, () => {
      asked.push(location);
      return answer();
    }).catch((error: unknown) => (error as KeydriftError).message);
  return { ask, asked, noteSilence };
}

test('after two locations found nothing there, the others wait for one probe and its answer', async () => {
  const { ask, asked } = endpoint();
  expect(await ask('s3://b/1', down)).toContain('nothing listens');
  expect(await ask('s3://b/1', down)).toContain('nothing listens');
  expect(await ask('s3://b/2', down)).toContain('nothing listens');
  const others = ['3', '4', '5'].map((key) => ask(`s3://b/${key}`, down));
  expect(asked).toEqual(['s3://b/1', 's3://b/1', 's3://b/2']);
  await vi.advanceTimersByTimeAsync(probeMs);
  const told = await Promise.all(others);
  expect(asked).toEqual(['s3://b/1', 's3://b/1', 's3://b/2', 's3://b/3']);
  expect(told[1]).toBe(`s3://b/4 was not asked for: ${String(told[0])}`);
  expect(told[2]).toBe(`s3://b/5 was not asked for: ${String(told[0])}`);
  // Until the next one is due, nobody waits at all.
  expect(await ask('s3://b/6', down)).toContain('was not asked for');
});

test('a probe that comes through lets all of them through', async () => {
  const { ask, asked } = endpoint();
  await ask('s3://b/1', down);
  await ask('s3://b/2', down);
  const others = ['3', '4'].map((key) => ask(`s3://b/${key}`, () => Promise.resolve(key)));
  await vi.advanceTimersByTimeAsync(probeMs);
  expect(await Promise.all(others)).toEqual(['3', '4']);
  expect(asked).toEqual(['s3://b/1', 's3://b/2', 's3://b/3', 's3://b/4']);
});

test('a busy store and a silent object spare nobody else', async () => {
  const { ask, asked } = endpoint();
  for (const key of ['1', '2', '3']) await ask(`s3://b/${key}`, busy);
  for (const key of ['4', '5', '6']) await ask(`s3://b/${key}`, silent);
  expect(await ask('s3://b/7', () => Promise.resolve('there'))).toBe('there');
  expect(asked).toHaveLength(7);
});

test('an object that was silent is waited for once, and asked again after a while', async () => {
  const { ask, asked, noteSilence } = endpoint();
  await ask('s3://b/1', silent);
  expect(await ask('s3://b/1', silent)).toMatch(/^s3:\/\/b\/1 was not asked for: .*too long/);
  expect(asked).toEqual(['s3://b/1']);
  noteSilence('s3://b/2', new KeydriftError('STORE_TIMEOUT', 'its body was too slow'));
  expect(await ask('s3://b/2', silent)).toContain('was not asked for: its body was too slow');
  vi.setSystemTime(Date.now() + probeMs);
  expect(await ask('s3://b/1', () => Promise.resolve('there'))).toBe('there');
});

test('whoever waits for a probe is ended by the signal', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  const { reach } = openEndpoint(probeMs);
  for (const key of ['1', '2']) await reach(`s3://b/${key}`, never, down).catch(() => undefined);
  const stop = new AbortController();
  const waiting = reach('s3://b/3', stop.signal, down);
  stop.abort();
  await expect(waiting).rejects.toThrow('aborted');
});
