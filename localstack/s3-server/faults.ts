import { isResponseFault } from './fault-kinds.ts';
import type { ArrivalFault, Fault, ResponseFault } from './fault-kinds.ts';
import type { Operation } from './routes.ts';

/** Which requests a fault strikes: all members given must agree. */
export interface FaultMatch {
  readonly method?: string;
  readonly operation?: Operation;
  readonly bucket?: string;
  readonly key?: string | RegExp;
  /** Of requests that name one. */
  readonly versionId?: string;
  /** A permission, such as `s3:ListBucket` or `kms:Decrypt`. */
  readonly action?: string;
}

/** A fault, and when it strikes. */
export interface FaultRule {
  /** All requests when left out. */
  readonly on?: FaultMatch;
  readonly fault: Fault;
  /** How often at most; without end when left out. */
  readonly times?: number;
  /** How many matching requests go by unharmed first. */
  readonly after?: number;
}

/** A fault that was switched on. */
export interface FaultHandle {
  /** How often it has struck. */
  readonly hits: number;
  /** Resolves when it strikes for the first time. */
  readonly struck: Promise<void>;
  readonly remove: () => void;
}

/** What a rule is compared with. */
export interface FaultSubject {
  readonly method: string;
  readonly operation: Operation | undefined;
  readonly bucket: string | undefined;
  readonly key: string | undefined;
  readonly versionId: string | undefined;
  readonly action: string | undefined;
  readonly conditional: boolean;
}

interface ActiveRule {
  readonly rule: FaultRule;
  seen: number;
  hits: number;
  readonly strike: () => void;
}

function nothing(): void {}

/** The faults that are switched on. */
export class Faults {
  #active: ActiveRule[] = [];

  /** Switches a fault on. Several may strike one request, in the order they were added. */
  add(rule: FaultRule): FaultHandle {
    let strike = nothing;
    const struck = new Promise<void>((resolve) => {
      strike = resolve;
    });
    const active: ActiveRule = { rule, seen: 0, hits: 0, strike };
    this.#active.push(active);
    return {
      get hits(): number {
        return active.hits;
      },
      struck,
      remove: () => {
        this.#active = this.#active.filter((other) => other !== active);
      },
    };
  }

  /** Runs once between the arrival of a GET of an object and its handling. */
  beforeGet(run: () => unknown, on: Omit<FaultMatch, 'method' | 'operation'> = {}): FaultHandle {
    return this.add({
      on: { ...on, operation: 'GetObject' },
      fault: { kind: 'before', run },
      times: 1,
    });
  }

  /** Switches every fault off. */
  clear(): void {
    this.#active = [];
  }

  /** The faults that strike a request as it arrives; each counts as a hit. */
  atArrival(subject: FaultSubject): ArrivalFault[] {
    return this.#strike(subject, (rule) => {
      const { fault } = rule;
      if (isResponseFault(fault) || isDenial(rule)) return undefined;
      return fault.kind === 'conflict' && !subject.conditional ? undefined : fault;
    });
  }

  /** The faults that strike an answer. */
  atResponse(subject: FaultSubject, answer: { status: number; length: number }): ResponseFault[] {
    const hasBody = answer.status < 300 && answer.length > 0 && subject.method !== 'HEAD';
    return this.#strike(subject, ({ fault }) => {
      if (!isResponseFault(fault)) return undefined;
      const anyAnswer = fault.kind === 'lost-response' || fault.kind === 'no-checksum';
      return anyAnswer || hasBody ? fault : undefined;
    });
  }

  /** Whether a permission is denied. */
  denies(subject: FaultSubject): boolean {
    return this.#strike(subject, (rule) => (isDenial(rule) ? rule : undefined)).length > 0;
  }

  #strike<T>(subject: FaultSubject, choose: (rule: FaultRule) => T | undefined): T[] {
    const chosen: T[] = [];
    for (const active of this.#active) {
      const { rule } = active;
      const fault = matches(rule.on ?? {}, subject) ? choose(rule) : undefined;
      if (fault === undefined) continue;
      active.seen += 1;
      if (active.seen <= (rule.after ?? 0) || active.hits >= (rule.times ?? Infinity)) continue;
      active.hits += 1;
      active.strike();
      chosen.push(fault);
    }
    return chosen;
  }
}

/** A permission is looked for when it is needed, which may be later than at arrival. */
function isDenial(rule: FaultRule): boolean {
  return rule.fault.kind === 'access-denied' && rule.on?.action !== undefined;
}

function matches(on: FaultMatch, subject: FaultSubject): boolean {
  const { method, operation, bucket, key, versionId, action } = on;
  if (method !== undefined && method !== subject.method) return false;
  if (operation !== undefined && operation !== subject.operation) return false;
  if (bucket !== undefined && bucket !== subject.bucket) return false;
  if (action !== undefined && action !== subject.action) return false;
  if (versionId !== undefined && versionId !== subject.versionId) return false;
  if (key === undefined || key === subject.key) return true;
  return key instanceof RegExp && subject.key !== undefined && subject.key.search(key) !== -1;
}
