import type { Policy, PolicyAction, PolicyKind } from '../model/index.ts';

/** The default of every kind. */
export const strictPolicy: Policy = {
  added: 'fail',
  removed: 'fail',
  duplicated: 'fail',
  conflict: 'fail',
  invalid: 'fail',
  bounds: 'fail',
  missing: 'fail',
  unreviewed: 'fail',
};

/** `--fail-on`: listed kinds fail, the others warn, and what the contract ignores stays ignored. */
export function failOn(policy: Policy, kinds: ReadonlySet<PolicyKind>): Policy {
  const decide = (kind: PolicyKind): PolicyAction =>
    kinds.has(kind) ? 'fail' : policy[kind] === 'ignore' ? 'ignore' : 'warn';
  return {
    added: decide('added'),
    removed: decide('removed'),
    duplicated: decide('duplicated'),
    conflict: decide('conflict'),
    invalid: decide('invalid'),
    bounds: decide('bounds'),
    missing: decide('missing'),
    unreviewed: decide('unreviewed'),
  };
}
