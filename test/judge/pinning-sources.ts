import type { Judging } from '../../src/judge/weigh.ts';
import type { Sources } from '../../src/judge/context.ts';

/** Sources that pin copies and know no history: for what is judged from memory. */
export function pinningSources(pin: Sources['pin']): Sources {
  const none = (): Promise<never> => Promise.reject(new Error('no history'));
  return {
    pin,
    mergeBase: none,
    pathOf: none,
    bundle: none,
    contentsOf: none,
    reviewedHistories: none,
    unmergedChanges: none,
    blame: none,
    objectVersions: none,
    prefixSize: none,
    isInHistory: none,
    versionsInForce: none,
    close: () => Promise.resolve(),
  };
}

/** Judged at one moment, with nothing to accept. */
export const judging: Judging = { now: new Date('2026-11-22T17:00:00Z'), acceptance: 'apply' };
