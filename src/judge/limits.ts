import { KeydriftError, type Limits, type Side, type Warning } from '../model/index.ts';

/** From this share of a limit on it is told that it is near. */
const nearShare = 0.8;

/**
 * Holds a size against a limit of the contract (SPEC §3): beyond it there is no verdict (`TOO_LARGE`),
 * and near it a warning. `what` is counted, `bytes` or `columns`.
 */
export function holdLimit(
  what: 'bytes' | 'columns',
  size: number,
  limit: Limits[typeof what],
  side: Side,
): readonly Warning[] {
  const raise = `\`limits: {${what}: …}\` in the contract raises it`;
  if (size > limit) {
    throw new KeydriftError(
      'TOO_LARGE',
      `the ${side} copy has ${size} ${what}, the limit is ${limit}`,
      {
        place: { side },
        hint: `If that is right, ${raise}.`,
      },
    );
  }
  if (size <= nearShare * limit) return [];
  const message = `it has ${size} ${what}, the limit is ${limit}: ${raise}`;
  return [{ code: 'NEAR_LIMIT', message, side, line: null }];
}
