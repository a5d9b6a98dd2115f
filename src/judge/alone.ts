import type { FindingSet } from '../compare/index.ts';
import { groupAlone } from '../engine/index.ts';
import type {
  ArtifactContract,
  KeyGroup,
  Policy,
  RuntimeCopy,
  Side,
  Warning,
} from '../model/index.ts';
import { confirmFindings, type ConfirmOptions } from './confirm.ts';
import { askReaders } from './readers.ts';
import type { ScannedCopy } from './request.ts';

/** What one copy holds by itself. */
export interface FoundAlone {
  readonly found: FindingSet;
  /** The confirmed keys that findings come from. */
  readonly keys: readonly KeyGroup[];
  /** Keys that it repeats, confirmed or not. */
  readonly repeatedKeys: number;
  /** Numbers of the records that repeat a key, without the first of each; of a runtime copy. */
  readonly redundant: Uint32Array;
}

/** One copy by its contract: what it repeats, what is invalid, which bounds it breaks. */
export async function judgeAlone(
  artifact: ArtifactContract,
  policy: Policy,
  side: Side,
  scanned: ScannedCopy,
  choice: ConfirmOptions = {},
): Promise<FoundAlone> {
  const groups = await groupAlone(side, scanned.keyset);
  const confirmed = await confirmFindings(artifact, policy, groups, { [side]: scanned }, choice);
  const redundant = await groups.redundant();
  return { ...confirmed, repeatedKeys: groups.repeatedKeys, redundant };
}

/** A runtime copy that no reviewed one is held against, with what its readers take otherwise. */
export async function judgeRuntimeAlone(
  artifact: ArtifactContract,
  { policy, readers }: RuntimeCopy,
  runtime: ScannedCopy,
): Promise<FoundAlone & { readonly warnings: readonly Warning[] }> {
  const { options, warnings } = await askReaders(null, runtime, readers, 'told of');
  return { ...(await judgeAlone(artifact, policy, 'runtime', runtime, options)), warnings };
}
