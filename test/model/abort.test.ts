import { expect, test } from 'vitest';
import { whenAborted } from '../../src/model/index.ts';

test('each acts once when a signal is aborted, but for those who left it', () => {
  const controller = new AbortController();
  const acted: string[] = [];
  const leave = ['a', 'b', 'c'].map((name) =>
    whenAborted(controller.signal, () => acted.push(name)),
  );
  leave[1]!();
  // The place of one that left is another's, whom he cannot take it from.
  whenAborted(controller.signal, () => acted.push('d'));
  leave[1]!();
  controller.abort();
  controller.abort();
  expect(acted.toSorted()).toStrictEqual(['a', 'c', 'd']);
  leave[0]!();
});

test('at once where it is aborted already', () => {
  let acted = 0;
  whenAborted(AbortSignal.abort(), () => (acted += 1))();
  expect(acted).toBe(1);
});

test('a signal has one listener, however many wait for it', () => {
  const { signal } = new AbortController();
  let listeners = 0;
  signal.addEventListener = () => (listeners += 1);
  for (let one = 0; one < 100; one += 1) whenAborted(signal, () => undefined);
  expect(listeners).toBe(1);
});
