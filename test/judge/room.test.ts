import { expect, test } from 'vitest';
import { fleetLine } from '../../src/io/progress.ts';
import { openRoom } from '../../src/judge/room.ts';

const MiB = 1024 * 1024;

test('small copies enter together, large ones one by one, and neither waits for the other', async () => {
  const room = openRoom(128 * MiB);
  const entered: string[] = [];
  const enter = async (name: string, bytes: number): Promise<() => void> => {
    const leave = await room.enter(bytes);
    entered.push(name);
    return leave;
  };
  const first = await enter('large 1', 1024 * MiB);
  const second = enter('large 2', 60 * MiB);
  const small = await Promise.all(
    Array.from({ length: 9 }, (_, at) => enter(`small ${at}`, 7 * MiB)),
  );
  // 63 MiB of small ones are there: the next waits for one of them, and for no large one.
  const next = enter('small 9', 7 * MiB);
  await Promise.resolve();
  expect(entered).toStrictEqual([
    'large 1',
    ...Array.from({ length: 9 }, (_, at) => `small ${at}`),
  ]);
  small[0]!();
  // Whoever leaves twice makes room once.
  small[0]!();
  (await next)();
  first();
  (await second)();
  expect(entered.slice(-2)).toStrictEqual(['small 9', 'large 2']);
});

test('the line of a fleet: what is done, how it goes, what is slow', () => {
  const fleet = {
    drifted: 12,
    failed: 1,
    seconds: 4,
    slow: { name: 'lookups.\u001B[2Jbig', seconds: 45 },
  };
  expect(fleetLine(1240, 2000, fleet)).toBe(
    String.raw`1,240 of 2,000, 12 drifted, 1 without a verdict, 310/s, 3 s left; slow: lookups.\x1b[2Jbig (45 s)`,
  );
  expect(fleetLine(0, 2000, { drifted: 0, failed: 0, seconds: 0, slow: null })).toBe('0 of 2,000');
});
