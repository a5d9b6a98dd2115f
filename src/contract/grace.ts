import { parseDuration, type Location } from '../model/index.ts';
import type { ContractFile } from './file.ts';
import type { Path } from './path.ts';

/**
 * `grace` in seconds; null where nothing is said. Reports it for a reviewed copy that is not in
 * git: when its changes arrived is not known.
 */
export function readGrace(
  file: ContractFile,
  draft: string | undefined,
  reviewed: Location | null,
  path: Path,
): number | null {
  if (draft === undefined) return null;
  if (reviewed !== null && reviewed.kind !== 'git') {
    const hint = 'Remove it, or let "reviewed" be a path or git:REF:PATH.';
    file.report(path, 'a grace without meaning: the reviewed copy is not in git', hint);
  }
  return parseDuration(draft);
}
