import { AsyncLocalStorage } from 'node:async_hooks';

/** What goes on while a run is under way. It decides nothing. */
export type EventKind = 'pin' | 'request' | 'wait' | 'git' | 'read' | 'scan' | 'step';

/** What is known of it: numbers, and short words that hold no secret. */
export type EventFacts = Readonly<Record<string, string | number | null>>;

/** Who hears of what goes on, for a log or a line of progress. */
export interface Listener {
  /** Something begins; what this gives is called when it has ended. */
  begin(kind: EventKind, subject: string, facts: EventFacts): (facts: EventFacts) => void;
  /** So much of something has come, of so much. */
  advance(subject: string, done: number, total: number): void;
}

const listeners = new AsyncLocalStorage<Listener>();

/** Does something while a listener hears of all that goes on in it; null: nobody does. */
export function heardBy<T>(listener: Listener | null, work: () => T): T {
  return listener === null ? work() : listeners.run(listener, work);
}

/** What is under way: what kind of thing, and of what. */
export interface UnderWay {
  readonly kind: EventKind;
  readonly subject: string;
}

/**
 * Does something, and knows at any time what it is at: the request or wait that was begun last and has
 * not ended, or else whatever was begun last (git answers for long in a process that never ends); null:
 * nothing is under way. Whoever heard of it before still hears of all.
 */
export function watchWork<T>(work: () => T): {
  readonly working: T;
  readonly at: () => UnderWay | null;
} {
  const outer = listeners.getStore();
  const open = new Set<UnderWay>();
  const listener: Listener = {
    begin(kind, subject, facts) {
      const end = outer?.begin(kind, subject, facts);
      const one = { kind, subject };
      open.add(one);
      return (found) => {
        open.delete(one);
        end?.(found);
      };
    },
    advance: (subject, done, total) => outer?.advance(subject, done, total),
  };
  const working = listeners.run(listener, work);
  const at = (): UnderWay | null => {
    const all = [...open];
    return all.findLast(({ kind }) => kind === 'request' || kind === 'wait') ?? all.at(-1) ?? null;
  };
  return { working, at };
}

const unheard = (): void => undefined;

/** Tells that something begins; what this gives tells that it has ended. */
export function beginEvent(
  kind: EventKind,
  subject: string,
  facts: EventFacts = {},
): (facts?: EventFacts) => void {
  const end = listeners.getStore()?.begin(kind, subject, facts);
  return end === undefined ? unheard : (found = {}) => end(found);
}

/** Tells how much has come. */
export function tellAdvance(subject: string, done: number, total: number): void {
  listeners.getStore()?.advance(subject, done, total);
}
