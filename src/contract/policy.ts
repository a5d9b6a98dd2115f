import type { Policy, PolicyAction, PolicyKind } from '../model/index.ts';
import type { PolicyDraft } from './draft.ts';

/** Every kind decided: by the first policy that speaks of it, `fail` where none does. */
export function readPolicy(...drafts: readonly (PolicyDraft | undefined)[]): Policy {
  const action = (kind: PolicyKind): PolicyAction => {
    for (const draft of drafts) {
      const said = draft?.[kind];
      if (said !== undefined) return said;
    }
    return 'fail';
  };
  return {
    added: action('added'),
    removed: action('removed'),
    duplicated: action('duplicated'),
    conflict: action('conflict'),
    invalid: action('invalid'),
    bounds: action('bounds'),
    missing: action('missing'),
    unreviewed: action('unreviewed'),
  };
}
