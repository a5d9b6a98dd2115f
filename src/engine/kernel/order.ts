import { inSlices } from '../../model/index.ts';
import type { CommonUnits } from '../port.ts';
import type { Kernel } from './kernel.ts';

/** Units that are taken in one call; the area has room for twice as many words. */
const takenUnits = 2048;

/** The units that a kernel's table and its probing side have, in the order of the reviewed one. */
export async function commonUnits(
  kernel: Kernel,
  tableIs: 'reviewed' | 'runtime',
): Promise<CommonUnits> {
  const { exports } = kernel;
  exports.startOrder();
  await inSlices(exports.keptRows() >>> 0, (from, to) => exports.addOrderKept(from, to));
  const rows = exports.tableRows() >>> 0;
  if (exports.repeatedRows() > 0) {
    await inSlices(rows, (from, to) => exports.addOrderRows(from, to));
  }
  const table = new Uint32Array(rows);
  const probed = new Uint32Array(rows);
  const area = exports.collectArea();
  let count = 0;
  // As many calls as take all; the last ones may find nothing.
  await inSlices(
    Math.ceil(rows / takenUnits),
    (from, to) => {
      for (let call = from; call < to; call += 1) {
        const taken = exports.commonUnits(area, takenUnits);
        const words = kernel.words().subarray(area >> 2, (area >> 2) + 2 * taken);
        for (let at = 0; at < taken; at += 1) {
          table[count + at] = words[2 * at]!;
          probed[count + at] = words[2 * at + 1]!;
        }
        count += taken;
      }
    },
    32,
  );
  const units = [table.subarray(0, count), probed.subarray(0, count)] as const;
  const [reviewed, runtime] = tableIs === 'reviewed' ? units : await turned(...units);
  return {
    reviewed,
    runtime,
    rowCount(side, unit) {
      return exports.rowsOfUnit(side === tableIs ? 0 : 1, unit[tableIs]) >>> 0;
    },
  };
}

/** Pairs that ascend by the first of each, as pairs that ascend by the second, which comes first. */
async function turned(
  firsts: Uint32Array,
  seconds: Uint32Array,
): Promise<readonly [Uint32Array, Uint32Array]> {
  const most = seconds.reduce((last, one) => Math.max(last, one), 0);
  // No two units have one first row: each has a place of its own.
  const places = new Uint32Array(most + 1);
  await inSlices(seconds.length, (from, to) => {
    for (let at = from; at < to; at += 1) places[seconds[at]!] = firsts[at]! + 1;
  });
  const [ascending, others] = [new Uint32Array(seconds.length), new Uint32Array(seconds.length)];
  let count = 0;
  await inSlices(places.length, (from, to) => {
    for (let place = from; place < to; place += 1) {
      if (places[place] === 0) continue;
      ascending[count] = place;
      others[count++] = places[place]! - 1;
    }
  });
  return [ascending, others];
}
