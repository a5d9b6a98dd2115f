import {
  copyName,
  policyKinds,
  policyOf,
  type NotEnforced,
  type Policy,
  type PolicyKind,
} from '../model/index.ts';
import type { JudgeOptions } from './options.ts';

/** The flags that say what fails. */
type Flags = Pick<JudgeOptions, 'failOn' | 'enforced'>;

/** A contract's policy under `--fail-on`. */
export function policyUnder(policy: Policy, { failOn: kinds }: Pick<Flags, 'failOn'>): Policy {
  return kinds === null ? policy : failOn(policy, kinds);
}

/** Listed kinds fail, the others warn, and what the contract ignores stays ignored. */
function failOn(policy: Policy, kinds: ReadonlySet<PolicyKind>): Policy {
  return policyOf((kind) => {
    // No flag can name it.
    if (kind === 'unreadable') return policy.unreadable;
    if (kinds.has(kind)) return 'fail';
    return policy[kind] === 'ignore' ? 'ignore' : 'warn';
  });
}

/** What the flags let pass of one copy, and the contract would not; null: nothing. */
export function weakenedBy(
  { artifact, copy }: { readonly artifact: string; readonly copy: string | null },
  policy: Policy,
  flags: Flags,
): NotEnforced | null {
  const under = policyUnder(policy, flags);
  const kinds = policyKinds.filter(
    (kind) => policy[kind] === 'fail' && (!flags.enforced || under[kind] !== 'fail'),
  );
  if (kinds.length === 0) return null;
  return { artifact: copyName(artifact, copy), kinds };
}
