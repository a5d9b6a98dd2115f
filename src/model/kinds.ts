/** The two copies of an artifact. Never left/right, old/new, source/target. */
export type Side = 'reviewed' | 'runtime';

/** Where a finding stands: on one copy by itself, or between the two. */
export type FindingSide = Side | 'across';

/** What the two sides of a comparison are called. */
export type SideNames = Readonly<Record<Side, string>>;

/** The sides of an artifact's own copies. */
export const copySides: SideNames = { reviewed: 'reviewed', runtime: 'runtime' };

/** All that is said of a kind of finding; what finds it is in `compare`. */
export interface KindEntry {
  /** What its findings mean, as a heading. */
  readonly words: (sides: SideNames) => string;
  /** What it is, for who meets it first: a word of `keydrift help`. */
  readonly meaning: string;
  /** Sides on which its findings may stand. */
  readonly sides: readonly FindingSide[];
  /** `unit`: a finding has a key; `reason`: it has none, and says in words what is wrong. */
  readonly names: 'unit' | 'reason';
  /** What it weighs where a contract says nothing. */
  readonly policy: PolicyAction;
  /** Sides on which it stands between the copies, so that a deployment on its way excuses it. */
  readonly between: readonly FindingSide[];
  /** Why `accept` cannot name it; null: it can. */
  readonly refusal: string | null;
  /** What findings on a side do to the work; null: what is counted of the copies says it. */
  readonly work: {
    readonly side: FindingSide;
    readonly one: string;
    readonly several: string;
    /** The same where the runtime copy is an older reviewed version; left out: nothing else. */
    readonly once?: { readonly one: string; readonly several: string };
  } | null;
}

/** The kinds of drift (SPEC §2). */
export type FindingKind =
  | 'added'
  | 'removed'
  | 'duplicated'
  | 'conflict'
  | 'invalid'
  | 'bounds'
  | 'ambiguous'
  | 'order';

/**
 * What is said of each kind, in the order in which every report lists them. A kind is one entry
 * here, and one finder in `compare`: all else maps over this table.
 */
const kinds: Readonly<Record<FindingKind, KindEntry>> = {
  added: {
    words: ({ runtime }) => `in the ${runtime} copy only`,
    meaning: 'A unit that is in the runtime copy only: it runs, and the reviewed copy lacks it.',
    sides: ['runtime'],
    names: 'unit',
    policy: 'fail',
    between: ['runtime'],
    refusal: 'the reviewed copy lacks this unit',
    work: {
      side: 'runtime',
      one: 'unit is scheduled that the reviewed copy lacks',
      several: 'units are scheduled that the reviewed copy lacks',
      once: {
        one: 'unit is scheduled that was reviewed once, and was taken out since',
        several: 'units are scheduled that were reviewed once, and were taken out since',
      },
    },
  },
  removed: {
    words: ({ reviewed }) => `in the ${reviewed} copy only`,
    meaning: 'A unit that is in the reviewed copy only: it does not run.',
    sides: ['reviewed'],
    names: 'unit',
    policy: 'fail',
    between: ['reviewed'],
    refusal: null,
    work: {
      side: 'reviewed',
      one: 'reviewed unit is not scheduled',
      several: 'reviewed units are not scheduled',
    },
  },
  duplicated: {
    words: () => 'one unit in several rows that agree on what is consumed',
    meaning:
      'A unit in several rows of one copy that agree on all that is consumed: it runs again for nothing.',
    sides: ['reviewed', 'runtime'],
    names: 'unit',
    policy: 'fail',
    between: [],
    refusal: null,
    work: null,
  },
  conflict: {
    words: () => 'one unit, rows that disagree',
    meaning: 'A unit whose rows disagree on what is consumed: in one copy, or `across` the two.',
    sides: ['reviewed', 'runtime', 'across'],
    names: 'unit',
    policy: 'fail',
    between: ['across'],
    refusal: null,
    work: {
      side: 'across',
      one: 'unit runs with other values than reviewed',
      several: 'units run with other values than reviewed',
      once: {
        one: 'unit runs with values that were reviewed once, and are others since',
        several: 'units run with values that were reviewed once, and are others since',
      },
    },
  },
  invalid: {
    words: () => 'records that are no unit of work',
    meaning:
      'A record that is no unit of work: an empty key, a value that cannot be read, too few or too many cells.',
    sides: ['reviewed', 'runtime'],
    names: 'reason',
    policy: 'fail',
    between: [],
    refusal: 'it has no key that could be pinned',
    work: null,
  },
  bounds: {
    words: () => 'limits of the contract that are broken',
    meaning: 'A limit of the contract is broken: `units` or `maxAmplification`.',
    sides: ['reviewed', 'runtime'],
    names: 'reason',
    policy: 'fail',
    between: [],
    refusal: 'it has no key that could be pinned',
    work: null,
  },
  ambiguous: {
    words: ({ runtime }) => `what a reader of the ${runtime} copy takes otherwise`,
    meaning:
      'A reader that the contract names would take the runtime copy otherwise than keydrift does.',
    sides: ['runtime'],
    names: 'reason',
    policy: 'fail',
    between: ['runtime'],
    refusal: 'it has no key that could be pinned',
    work: null,
  },
  order: {
    words: () => 'units in another order',
    meaning: 'With `ordered: true`: a unit that stands before another which it should follow.',
    sides: ['across'],
    names: 'unit',
    policy: 'fail',
    between: ['across'],
    refusal: 'an order is nothing that could be pinned',
    work: {
      side: 'across',
      one: 'unit runs in another order than reviewed',
      several: 'units run in another order than reviewed',
    },
  },
};

// What follows from the table; `addKinds` keeps all of it in step.
const entries: Record<string, KindEntry> = { ...kinds };
const finding: string[] = [];
const policed: string[] = [];
const acceptable: string[] = [];
const strict: Record<string, PolicyAction> = {};
deriveFromEntries();

/* oxlint-disable typescript/no-unsafe-type-assertion -- derived from the table's own names */
/** The kinds of drift, in the order in which every report lists them. */
export const findingKinds: readonly FindingKind[] = finding as FindingKind[];

/** What a policy may speak of: the finding kinds, and two states that have no findings. */
export type PolicyKind = FindingKind | 'missing' | 'unreviewed';
export const policyKinds: readonly PolicyKind[] = policed as PolicyKind[];

/** The kinds of finding that `accept` may name: the others have no key, or the reviewed copy lacks it. */
export type AcceptableKind = FindingKind;
export const acceptableKinds: readonly AcceptableKind[] = acceptable as AcceptableKind[];

/** What a policy says of a kind. */
export const policyActions = ['fail', 'warn', 'ignore'] as const;
export type PolicyAction = (typeof policyActions)[number];

/**
 * A policy with every kind decided. Of `unreadable` only one word for all kinds speaks: a map of
 * kinds leaves it at `fail`.
 */
export type Policy = Readonly<Record<PolicyKind | 'unreadable', PolicyAction>>;

/** The default of every kind. */
export const strictPolicy: Policy = strict as Policy;

/** A policy, kind by kind. */
export function policyOf(decide: (kind: PolicyKind | 'unreadable') => PolicyAction): Policy {
  const decided = [...policyKinds, 'unreadable' as const].map((kind) => [kind, decide(kind)]);
  return Object.fromEntries(decided) as Policy;
}

/** Zero of every kind, or what `count` says of each. */
export function countsOf(count: (kind: FindingKind) => number): Record<FindingKind, number> {
  return Object.fromEntries(findingKinds.map((kind) => [kind, count(kind)])) as Record<
    FindingKind,
    number
  >;
}
/* oxlint-enable typescript/no-unsafe-type-assertion */

/** What is said of a kind; null for one of another version, which a document may name. */
export function kindEntry(kind: string): KindEntry | null {
  return Object.hasOwn(entries, kind) ? (entries[kind] ?? null) : null;
}

/**
 * Adds kinds to the table of this process, behind its own. Gives what takes them out again. Throws
 * for a name that is taken.
 */
export function addKinds(more: Readonly<Record<string, KindEntry>>): () => void {
  for (const kind of Object.keys(more)) {
    if (policed.includes(kind)) throw new Error(`there is a kind ${kind} already`);
  }
  Object.assign(entries, more);
  deriveFromEntries();
  return () => {
    for (const kind of Object.keys(more)) delete entries[kind];
    deriveFromEntries();
  };
}

function deriveFromEntries(): void {
  const known = Object.keys(entries);
  finding.splice(0, finding.length, ...known);
  policed.splice(0, policed.length, ...known, 'missing', 'unreviewed');
  const pinned = known.filter((kind) => entries[kind]?.refusal === null);
  acceptable.splice(0, acceptable.length, ...pinned);
  for (const kind of Object.keys(strict)) delete strict[kind];
  for (const kind of [...policed, 'unreadable']) strict[kind] = entries[kind]?.policy ?? 'fail';
}

/** What a finding weighs after policy. `accepted` and `pending` come from `accept` and `grace`. */
export const severities = ['fail', 'warn', 'ignore', 'accepted', 'pending'] as const;
export type Severity = (typeof severities)[number];

/** The fact about a runtime copy (SPEC §2). */
export const states = [
  'identical',
  'equivalent',
  'drifted',
  'missing',
  'unreviewed',
  'unreadable',
  'indeterminate',
] as const;
export type State = (typeof states)[number];

/** The judgement, after policy. */
export const verdicts = ['in-sync', 'drifted', 'indeterminate'] as const;
export type Verdict = (typeof verdicts)[number];
