import { comparedState } from '../compare/index.ts';
import { joinKeySets, type KeyGroups } from '../engine/index.ts';
import type { ArtifactContract, RuntimeCopy, State, Warning } from '../model/index.ts';
import {
  confirmFindings,
  findingsLimit,
  type ConfirmedFindings,
  type ConfirmOptions,
} from './confirm.ts';
import { findOrder } from './order.ts';
import { isPlanned } from './planned.ts';
import { askReaders, isReadAlike, type UnsaidReaders } from './readers.ts';
import { comparableWith } from './scan.ts';
import type { ScannedCopy } from './request.ts';

/** Two scanned copies, joined, and confirmed on their bytes as far as they are listed. */
export interface ComparedRows extends ConfirmedFindings {
  /** As they were joined: they may have been read once more. */
  readonly reviewed: ScannedCopy;
  readonly runtime: ScannedCopy;
  readonly state: State;
  /** What is told of readers that nobody names. */
  readonly readerWarnings: readonly Warning[];
  /** Whether nothing that readers take otherwise is left where the runtime copy is written anew. */
  readonly spelling: boolean;
  /** All keys that differ or repeat, by their hashes. */
  readonly groups: KeyGroups;
  /** Numbers of the runtime records that repeat a key, without the first of each. */
  readonly redundant: Uint32Array;
}

/** Both copies of a comparison. */
export interface ScannedPair {
  readonly reviewed: ScannedCopy;
  readonly runtime: ScannedCopy;
}

/** How two copies are compared beyond their contract. */
export interface ComparedHow extends Pick<ConfirmOptions, 'many'> {
  readonly unsaid?: UnsaidReaders;
}

/** Two scanned copies as they can be joined: where their engines differ, the reference reads both. */
export async function comparable(scanned: ScannedPair): Promise<ScannedPair> {
  const gaveUp = scanned.reviewed.keyset.engine === 'reference';
  const reviewed = gaveUp
    ? scanned.reviewed
    : await comparableWith(scanned.reviewed, scanned.runtime);
  return { reviewed, runtime: await comparableWith(scanned.runtime, reviewed) };
}

const nothingAsked: Awaited<ReturnType<typeof askReaders>> = { options: {}, warnings: [] };
const noRecords = new Uint32Array();

/** Joins two scanned copies, confirms what is listed of them, and finds what differs. */
export async function compareScanned(
  artifact: ArtifactContract,
  copy: Pick<RuntimeCopy, 'policy' | 'readers'>,
  scanned: ScannedPair,
  { unsaid = 'left alone', many = 'as groups' }: ComparedHow = {},
): Promise<ComparedRows> {
  const isTable = isPlanned(scanned.reviewed) || isPlanned(scanned.runtime);
  const pair = isTable
    ? await (await import('./tables.ts')).reducePair(artifact, scanned)
    : await comparable(scanned);
  const groups = await joinKeySets(pair.reviewed.keyset, pair.runtime.keyset, {
    lone: findingsLimit(artifact),
    keys: artifact.accept.map(({ key }) => key),
  });
  const isTwin = pair.reviewed.keyset === pair.runtime.keyset;
  // What readers make of equal bytes is one thing, unless they are handed over written anew.
  const asked =
    isTwin && copy.readers?.form !== 'canonical'
      ? nothingAsked
      : await askReaders(pair.reviewed, pair.runtime, copy.readers, unsaid);
  const mayMove = artifact.ordered === true && !isReadAlike(pair.reviewed, pair.runtime);
  const order = mayMove ? await findOrder(pair, findingsLimit(artifact)) : null;
  const sameRows = groups.sameRows && (order?.count ?? 0) === 0;
  const bytes = pair.reviewed.sha256 === pair.runtime.sha256 ? 'same' : 'other';
  const choice = { ...asked.options, order, many };
  const { keys, found } = await confirmFindings(artifact, copy.policy, groups, pair, choice);
  // A fleet makes one for each copy: of one shape, which a spread would not give.
  return {
    reviewed: pair.reviewed,
    runtime: pair.runtime,
    keys,
    found,
    readerWarnings: asked.warnings,
    spelling: asked.spelling === true,
    groups,
    state: comparedState(bytes, sameRows ? 'same' : 'other'),
    redundant: groups.isNone ? noRecords : await groups.redundant(),
  };
}
