import { parseDuration, type Location, type Schemes } from '../model/index.ts';
import type { ContractFile } from './file.ts';
import type { Path } from './path.ts';

/**
 * `grace` in seconds; null where nothing is said. Reports it for a reviewed copy that is not in
 * git: when its changes arrived is not known.
 */
export function readGrace(
  file: ContractFile,
  draft: string | undefined,
  { reviewed, schemes }: { readonly reviewed: Location | null; readonly schemes: Schemes },
  path: Path,
): number | null {
  if (draft === undefined) return null;
  if (reviewed !== null && !hasRefs(reviewed, schemes)) {
    const hint = 'Remove it, or let "reviewed" be a path or git:REF:PATH.';
    file.report(path, 'a grace without meaning: the reviewed copy is not in git', hint);
  }
  return parseDuration(draft);
}

/** Whether a reviewed copy may be asked for at a ref, and so as it was before. */
export function hasRefs({ kind }: Location, schemes: Schemes): boolean {
  return schemes[kind]?.forCopy !== undefined;
}
