import { expect, onTestFinished, test, vi } from 'vitest';
import { createProgress, watchActivity } from '../../src/io/progress.ts';
import type { Output } from '../../src/io/io.ts';

test('of one copy: what is read and how fast, what is waited for, how often it was tried again', () => {
  let now = 0;
  const { listener, line: lineIn } = watchActivity(() => now);
  const line = (at: number): string => lineIn(at, 200);
  expect(line(now)).toBe('');
  const endStep = listener.begin('step', 'judging the copies', {});
  const answer = listener.begin('request', 'GET prod/p.csv', { attempt: 1 });
  expect(line(now)).toBe('judging the copies');
  now = 12_400;
  expect(line(now)).toBe('judging the copies; waiting for GET prod/p.csv (12 s)');
  answer({ error: 'TimeoutError' });
  const again = listener.begin('request', 'GET prod/p.csv', { attempt: 2 });
  again({ status: 200 });
  const read = listener.begin('read', 's3://prod/p.csv', {});
  listener.advance('s3://prod/p.csv', 1 << 20, 8 << 20);
  now += 2000;
  listener.advance('s3://prod/p.csv', 4 << 20, 8 << 20);
  expect(line(now)).toBe(
    'judging the copies; reading s3://prod/p.csv: 4.0 of 8.0 MiB, 2.0 MiB/s; 1 retry',
  );
  read({ bytes: 8 << 20 });
  endStep({});
  expect(line(now)).toBe('judging the copies; 1 retry');
});

test('in a narrow terminal names are clipped in their middle, and no part of a line is cut', () => {
  let now = 0;
  const { listener, line } = watchActivity(() => now);
  const name = `git:${'0123456789'.repeat(4)}:support/participants.csv`;
  listener.begin('git', name, {});
  listener.begin('read', name, {});
  listener.advance(name, 1 << 20, 8 << 20);
  now = 900;
  listener.advance(name, 4 << 20, 8 << 20);
  now = 1500;
  // What comes in is not waited for.
  expect(line(now, 69)).toBe(
    'reading git:0123456789012…participants.csv: 4.0 of 8.0 MiB, 2.7 MiB/s',
  );
  now = 4000;
  expect(line(now, 200)).toContain('; waiting for git:');
  for (let room = 55; room < 200; room += 1) {
    const told = line(now, room);
    expect(told.length).toBeLessThanOrEqual(room);
    expect(told).toMatch(/MiB\/s(; waiting for \S+ \(4 s\))?$/);
  }
});

test('what strangers call a copy reaches no terminal as it is', () => {
  const { listener, line } = watchActivity(() => 0);
  listener.begin('read', 's3://prod/\u001b[31m', {});
  listener.advance('s3://prod/\u001b[31m', 1, 2);
  expect(line(0, 80)).not.toContain('\u001b');
});

test('what is cleared stays so: nothing stands on the line of an answer', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const written: string[] = [];
  const stream: Output = {
    isTerminal: true,
    columns: 80,
    hasColors: false,
    fault: null,
    write: (text) => Promise.resolve(void written.push(text)),
  };
  const progress = createProgress(stream);
  const end = progress.listener?.begin('read', 's3://prod/p.csv', {});
  vi.advanceTimersByTime(2000);
  progress.listener?.advance('s3://prod/p.csv', 400, 2048);
  expect(written.at(-1)).toContain('reading s3://prod/p.csv: 0.4 of 2.0 KiB');
  progress.clear();
  const before = written.length;
  vi.advanceTimersByTime(2000);
  progress.listener?.advance('s3://prod/p.csv', 800, 2048);
  end?.({});
  expect(written.slice(before)).toEqual([]);
  progress.show(1, 3, 'the next copy');
  expect(written.at(-1)).toContain('the next copy: 1 of 3');
});

test('where nobody looks nothing is watched, and nothing is written', () => {
  const stream: Output = {
    isTerminal: false,
    columns: 80,
    hasColors: false,
    fault: null,
    write: () => Promise.reject(new Error('written')),
  };
  const progress = createProgress(stream);
  progress.show(1, 2, 'a');
  progress.clear();
  expect(progress.listener).toBeNull();
});
