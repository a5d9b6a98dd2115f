import { expect, test } from 'vitest';
import {
  causeOfEqual,
  causeOfNearest,
  isNear,
  toEdits,
  type HeldChange,
  type HeldEdits,
} from '../../src/history/index.ts';

/** Commits `c0`, `c1`, … the newest first, in force a day apart unless they are of a side branch. */
function held(
  ...list: readonly (readonly [HeldChange['held'], 'in force' | 'side'])[]
): HeldChange[] {
  return list.map(([how, where], index) => ({
    change: {
      commit: `c${index}`,
      author: 'A',
      subject: 'S',
      committedAt: `2026-11-0${9 - index}T00:00:00Z`,
      path: 'p.csv',
      copy: null,
      arrivedAt: where === 'side' ? null : `2026-11-0${9 - index}T01:00:00Z`,
    },
    held: how,
  }));
}

const edits = (total: number, columns: readonly string[] | null = null): HeldEdits => ({
  edits: toEdits({ added: total, removed: 0, duplicated: 0, conflict: 0, invalid: 0 }),
  columns,
  otherColumns: columns !== null,
  near: true,
});

test('the version just before the last change is on its way; an older one is stale', () => {
  const ahead = causeOfEqual(held([edits(1), 'in force'], ['equal', 'in force']));
  expect(ahead).toMatchObject({ kind: 'ahead', commit: 'c1', behind: 1 });
  expect(ahead).toMatchObject({ replacedAt: '2026-11-09T01:00:00Z' });
  const stale = causeOfEqual(
    held([edits(1), 'in force'], [edits(1), 'in force'], ['equal', 'in force']),
  );
  expect(stale).toMatchObject({ kind: 'stale', commit: 'c2', behind: 2 });
  expect(stale).toMatchObject({ replacedAt: '2026-11-08T01:00:00Z' });
});

test('of equal versions the newest that stood by itself counts', () => {
  const cause = causeOfEqual(
    held([edits(1), 'in force'], ['equal', 'side'], ['equal', 'in force'], ['equal', 'in force']),
  );
  expect(cause).toMatchObject({ kind: 'ahead', commit: 'c2' });
});

test('a merged commit that never stood by itself is stale, never on its way', () => {
  const cause = causeOfEqual(held([edits(1), 'in force'], ['equal', 'side'], [null, 'in force']));
  expect(cause).toMatchObject({ kind: 'stale', commit: 'c1', behind: 1 });
});

test('what is reviewed now is no cause, and what equals nothing has none yet', () => {
  expect(causeOfEqual(held(['equal', 'in force'], ['equal', 'in force']))).toBe('in force');
  expect(causeOfEqual(held([edits(1), 'in force'], [null, 'in force']))).toBeNull();
});

test('of equally near commits the newest is told', () => {
  const cause = causeOfNearest(
    held([edits(4), 'in force'], [edits(2), 'side'], [edits(2), 'in force']),
    'complete',
  );
  expect(cause).toMatchObject({ kind: 'edited', commit: 'c1', edits: { added: 2, total: 2 } });
});

test('of equally near commits one with the same columns is told, and what was compared is said', () => {
  const cause = causeOfNearest(
    held([edits(2, ['mode']), 'in force'], [edits(2), 'in force']),
    'complete',
  );
  expect(cause).toMatchObject({ kind: 'edited', commit: 'c1', reason: null });
  const nearer = causeOfNearest(
    held([edits(1, ['mode', 'w']), 'in force'], [edits(2), 'in force']),
    'complete',
  );
  expect(nearer).toMatchObject({
    commit: 'c0',
    reason: 'compared are the columns that both have: mode, w',
  });
});

test('a cut history cannot say that no commit has a content', () => {
  const cause = causeOfNearest(held([edits(2), 'in force']), 'shallow');
  expect(cause).toMatchObject({ kind: 'unknown', commit: 'c0', edits: { total: 2 } });
  expect(cause).toMatchObject({ cutOff: true, reason: expect.stringContaining('cut off') });
});

test('where hardly a unit is shared no commit is nearest', () => {
  const far = { ...edits(2), near: false };
  expect(causeOfNearest(held([far, 'in force'], [edits(9), 'in force']), 'complete').commit).toBe(
    'c1',
  );
  expect(causeOfNearest(held([far, 'in force']), 'complete')).toMatchObject({
    kind: 'edited',
    commit: null,
    edits: null,
  });
  const removed = (number: number) =>
    toEdits({ added: 0, removed: number, duplicated: 0, conflict: 0, invalid: 0 });
  expect([isNear(60, 61, removed(60)), isNear(60, 61, removed(57)), isNear(60, 60, removed(56))]).toStrictEqual([false, false, true]); // prettier-ignore
  expect(isNear(0, 3, removed(0))).toBe(false);
});

test('a history that nothing can be read of names no commit', () => {
  expect(causeOfNearest(held([null, 'in force']), 'complete')).toMatchObject({
    kind: 'unknown',
    commit: null,
  });
});
