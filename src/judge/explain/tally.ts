import { failsFor, findBounds, noFindings } from '../../compare/index.ts';
import { joinKeySets, type KeyGroups } from '../../engine/index.ts';
import { toEdits } from '../../history/index.ts';
import {
  sha256Hex,
  strictPolicy,
  type ArtifactContract,
  type EditCounts,
  type FindingKind,
  type FindingSide,
  type PinnedCopy,
  type RuntimeCopy,
  type SaidReaders,
} from '../../model/index.ts';
import { comparable, type ScannedPair } from '../compare-scanned.ts';
import { ambiguitiesOf } from '../readers.ts';
import type { ScannedCopy } from '../request.ts';
import type { ContentFacts, Pair } from './facts-memory.ts';

/**
 * Two reduced contents held against each other by their hashes: 128 bits that decide, and no byte is
 * read again. What is reported of them is compared on the bytes.
 */
export async function tally(
  artifact: ArtifactContract,
  { readers }: Pick<RuntimeCopy, 'readers'>,
  held: ScannedPair,
): Promise<Pair> {
  const pair = await comparable(held);
  const groups = await joinKeySets(pair.reviewed.keyset, pair.runtime.keyset);
  return tallyJoined(artifact, pair, groups, await countAmbiguous(pair, readers));
}

/** Hazards that are findings by themselves for the readers that are said (SPEC §2); none said: none. */
async function countAmbiguous(
  { reviewed, runtime }: ScannedPair,
  said: SaidReaders | undefined,
): Promise<number> {
  if (said === undefined) return 0;
  const found = await ambiguitiesOf(reviewed, runtime, said);
  return found.filter((one) => one.inSpelling !== true && failsFor(one, said.named)).length;
}

/** Two copies that are joined already, as a pair of contents. */
async function tallyJoined(
  { units, maxAmplification }: ArtifactContract,
  { reviewed, runtime }: ScannedPair,
  groups: KeyGroups,
  ambiguous: number,
): Promise<Pair> {
  const totals = { reviewed: reviewed.keyset.table, runtime: runtime.keyset.table };
  const bounds = { ...totals, units, maxAmplification, policy: strictPolicy };
  const counts = { ...noFindings(), bounds: findBounds(bounds).length, ambiguous };
  for (const { kind, count } of groups.counts) counts[kind] += count;
  const edits = toEdits(await groups.edits());
  const told = { counts, edits, columns: null };
  if (reviewed.sha256 === runtime.sha256) return { relation: 'identical', ...told };
  return { relation: groups.sameRows ? 'equivalent' : 'drifted', ...told };
}

/** What a judgement knows of two copies that it read: no later question reads them again. */
export interface JudgedPair {
  readonly reviewed: { readonly copy: PinnedCopy; readonly facts: ContentFacts };
  readonly runtime: ContentFacts;
  readonly pair: Pair;
}

/** What is known of both copies of a judgement; of a table its engine is asked anew. */
export async function judgedPair(
  artifact: ArtifactContract,
  { readers }: Pick<RuntimeCopy, 'readers'>,
  copy: PinnedCopy,
  compared: ScannedPair & { readonly groups: KeyGroups },
): Promise<JudgedPair | null> {
  const { reviewed, runtime, groups } = compared;
  if (reviewed.engine !== undefined || runtime.engine !== undefined) return null;
  const ambiguous = await countAmbiguous(compared, readers);
  const pair = await tallyJoined(artifact, compared, groups, ambiguous);
  return { reviewed: { copy, facts: factsOf(reviewed) }, runtime: factsOf(runtime), pair };
}

/** What is kept of a copy that was read. */
export function factsOf({ keyset, sha256, engine }: ScannedCopy): ContentFacts {
  const { rows, units, invalid } = keyset.table;
  if (engine === undefined) return { sha256, rows, units, invalid, digest: keyset.digest };
  // A table has no bytes: its revision and its engine's digest stand for them.
  return {
    sha256: sha256Hex(sha256),
    rows,
    units,
    invalid,
    digest: sha256Hex(engine.digest.value),
  };
}

/** Edits with those of keys that an engine counted and did not hand over. */
export function withUnread(
  edits: Omit<EditCounts, 'total'>,
  { unread: left }: ScannedCopy['keyset'],
): Omit<EditCounts, 'total'> {
  if (left === undefined) return edits;
  const of = (wanted: FindingKind, at: FindingSide): number =>
    left.counts.find(({ kind, side }) => kind === wanted && side === at)?.count ?? 0;
  const [added, removed, conflict] = [
    of('added', 'runtime'),
    of('removed', 'reviewed'),
    of('conflict', 'across'),
  ];
  return {
    added: edits.added + added,
    removed: edits.removed + removed,
    conflict: edits.conflict + conflict,
    duplicated: edits.duplicated + Math.max(0, left.differing - added - removed - conflict),
    invalid: edits.invalid,
  };
}
