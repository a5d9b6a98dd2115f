import { policyOf, strictPolicy, type Policy } from '../model/index.ts';
import type { PolicyDraft } from './draft.ts';

/** Every kind decided: by the first policy that speaks of it, by its default where none does. */
export function readPolicy(...drafts: readonly (PolicyDraft | undefined)[]): Policy {
  return policyOf((kind) => {
    if (kind === 'unreadable') return strictPolicy.unreadable;
    for (const draft of drafts) {
      const said = draft?.[kind];
      if (said !== undefined) return said;
    }
    return strictPolicy[kind];
  });
}
