import { policyOf, type Policy, type PolicyKind } from '../model/index.ts';

/** `--fail-on`: listed kinds fail, the others warn, and what the contract ignores stays ignored. */
export function failOn(policy: Policy, kinds: ReadonlySet<PolicyKind>): Policy {
  return policyOf((kind) => {
    // No flag can name it.
    if (kind === 'unreadable') return policy.unreadable;
    if (kinds.has(kind)) return 'fail';
    return policy[kind] === 'ignore' ? 'ignore' : 'warn';
  });
}
