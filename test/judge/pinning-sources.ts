import type { Judging } from '../../src/judge/weigh.ts';
import type { Sources } from '../../src/judge/context.ts';
import { schemes } from '../../src/sources/index.ts';

/** Sources that pin copies and know no history: for what is judged from memory. */
export function pinningSources(pin: Sources['pin']): Sources {
  const close = (): Promise<void> => Promise.resolve();
  return {
    pin,
    scheme: ({ kind }) => schemes[kind]!,
    of: () => Promise.resolve({ pin, close }),
    close,
  };
}

/** Judged at one moment, with nothing to accept. */
export const judging: Judging = { now: new Date('2026-11-22T17:00:00Z'), acceptance: 'apply' };
