/** The two copies of an artifact. Never left/right, old/new, source/target. */
export type Side = 'reviewed' | 'runtime';

/** Where a finding stands: on one copy by itself, or between the two. */
export type FindingSide = Side | 'across';

/** The kinds of drift, in the order in which every report lists them. */
export const findingKinds = [
  'added',
  'removed',
  'duplicated',
  'conflict',
  'invalid',
  'bounds',
] as const;
export type FindingKind = (typeof findingKinds)[number];

/** What a policy may speak of: the finding kinds, and two states that have no findings. */
export type PolicyKind = FindingKind | 'missing' | 'unreviewed';
export const policyKinds: readonly PolicyKind[] = [...findingKinds, 'missing', 'unreviewed'];

/** What a policy says of a kind. `fail` is the default of every kind. */
export const policyActions = ['fail', 'warn', 'ignore'] as const;
export type PolicyAction = (typeof policyActions)[number];

/** A policy with every kind decided. */
export type Policy = Readonly<Record<PolicyKind, PolicyAction>>;

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
