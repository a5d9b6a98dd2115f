import { countFindings, noFindings } from '../../compare/index.ts';
import { toEdits } from '../../history/index.ts';
import {
  faultClass,
  strictPolicy,
  toKeydriftError,
  type ArtifactContract,
  type KeydriftError,
  type PinnedCopy,
  type ReportError,
  type RuntimeCopy,
  type Side,
} from '../../model/index.ts';
import { reportError } from '../artifact-report.ts';
import { compareScanned, type ComparedRows, type ScannedPair } from '../compare-scanned.ts';
import { columnsOf } from '../confirm.ts';
import { keepSmall } from '../memory.ts';
import { reviewedRequest, runtimeRequest, type ScannedCopy, type ScanRequest } from '../request.ts';
import { haveSameLooseRows } from '../key-forms.ts';
import { consumedOf, scanCopy } from '../scan.ts';
import { redactThrown } from '../redact.ts';
import type { Content, ContentFacts, FactsMemory, Pair } from './facts-memory.ts';
import { factsOf, tally, withUnread, type JudgedPair } from './tally.ts';

/** A content that was read, in this run or an earlier one, or why it cannot be read. */
export type Reading =
  | { readonly facts: ContentFacts; readonly from: 'read' | 'cached'; readonly error: null }
  | { readonly facts: null; readonly from: 'read'; readonly error: ReportError };

/** Reads and compares what one artifact's copies were, each distinct content as seldom as it can. */
export interface Contents {
  read(content: Content): Promise<Reading>;
  /** What is known of a content without asking for it; null: nothing is. */
  known(content: Content): Promise<Reading | null>;
  /**
   * Findings between two contents, counted by their hashes; `staying` is the side whose content
   * further comparisons need. Throws what is no fault of content. One call at a time: a kept content
   * is held against one other.
   */
  relate(reviewed: Content, runtime: Content, staying: Side): Promise<Pair>;
  /** Whether two contents have the same rows, decided on their bytes. */
  haveSameRows(reviewed: Content, runtime: Content): Promise<boolean>;
  /** Whether two contents have the same rows under loose reading: keys and consumed values. */
  haveSameLooseRows(reviewed: Content, runtime: Content): Promise<boolean>;
  /** Two contents of any side compared on their bytes, `from` as the reviewed side. */
  compare(from: Content, to: Content): Promise<ComparedRows>;
  /** Takes what a judgement found of two contents. */
  learn(reviewed: Content, runtime: Content, judged: JudgedPair): void;
  close(): void;
}

const unreadable: Pair = { relation: 'unreadable', counts: null, edits: null, columns: null };

/** What two contents of unlike headers have in common. */
interface SharedColumns {
  /** Consumed columns by the contract's names. */
  readonly columns: readonly string[];
  /** Whether one of the two has a column that counts and that the other lacks. */
  readonly others: boolean;
}

/** Contents that are kept reduced, ready to be held against others: memory stays bounded. */
const mostKept = 3;

export function openContents(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  memory: FactsMemory,
): Contents {
  const readings = new Map<string, Promise<Reading>>();
  const pairs = new Map<string, Promise<Pair>>();
  const kept = new Map<string, ScannedCopy>();

  const remember = (content: Content, facts: ContentFacts): void => {
    memory.remember(content, facts);
    readings.set(idOf(content), Promise.resolve({ facts, from: 'read', error: null }));
  };
  const requestOf = ({ side }: Content, partner: ScannedCopy | null): ScanRequest => {
    const counterpart = partner === null ? null : columnsOf(partner).consumedColumns;
    return side === 'runtime'
      ? runtimeRequest(artifact, copy, counterpart)
      : { ...reviewedRequest(artifact), counterpart };
  };
  const scan = async (content: Content, partner: ScannedCopy | null): Promise<ScannedCopy> => {
    const request = requestOf(content, partner);
    const scanned = await scanCopy(await pinned(content), request, { scope: null, partner });
    remember(content, factsOf(scanned));
    return scanned;
  };
  const keep = async (content: Content): Promise<ScannedCopy> => {
    const id = idOf(content);
    const scanned = kept.get(id) ?? (await scan(content, null));
    kept.delete(id);
    kept.set(id, scanned);
    for (const [oldest, { keyset }] of [...kept].slice(0, Math.max(0, kept.size - mostKept))) {
      kept.delete(oldest);
      keyset.release();
    }
    return scanned;
  };
  /** Both contents reduced, one of them by what is kept of it. */
  const hold = async (reviewed: Content, runtime: Content, staying: Side): Promise<ScannedPair> => {
    const other = staying === 'reviewed' ? 'runtime' : 'reviewed';
    const both = { reviewed, runtime };
    const side = kept.has(idOf(both[staying])) || !kept.has(idOf(both[other])) ? staying : other;
    const table = await keep(both[side]);
    const probe = await scan(side === 'reviewed' ? runtime : reviewed, table);
    return side === 'reviewed'
      ? { reviewed: table, runtime: probe }
      : { reviewed: probe, runtime: table };
  };

  const readNow = async (content: Content): Promise<Reading> => {
    const known = recalled(content);
    if (known !== null) return known;
    try {
      return { facts: factsOf(await keep(content)), from: 'read', error: null };
    } catch (thrown) {
      return unread(versionError(content, redactThrown(thrown, artifact)));
    }
  };
  const recalled = (content: Content): Reading | null => {
    const facts = memory.recall(content);
    return facts === null ? null : { facts, from: 'cached', error: null };
  };
  const read = (content: Content): Promise<Reading> => {
    const id = idOf(content);
    const known = readings.get(id) ?? readNow(content);
    readings.set(id, known);
    return known;
  };

  /** A table against a copy: its engine counts, and what it tells of either is known from then on. */
  const relateTable = async (reviewed: Content, runtime: Content): Promise<Pair> => {
    const policy = {
      policy: strictPolicy,
      ...(copy.readers === undefined ? {} : { readers: copy.readers }),
    };
    const compared = await compare(reviewed, runtime, policy);
    const counts = { ...noFindings(), ...countFindings(compared.found) };
    const edits = toEdits(withUnread(await compared.groups.edits(), compared.runtime.keyset));
    const facts = [factsOf(compared.reviewed), factsOf(compared.runtime)] as const;
    remember(reviewed, facts[0]);
    remember(runtime, facts[1]);
    const relation = compared.state === 'drifted' ? 'drifted' : 'equivalent';
    const pair: Pair = { relation, counts, edits, columns: null };
    memory.rememberPair(...facts, pair);
    return pair;
  };
  const relateNow = async (reviewed: Content, runtime: Content, staying: Side): Promise<Pair> => {
    const known = memory.recallPair(memory.recall(reviewed), memory.recall(runtime));
    if (known !== null) return known;
    try {
      if (isTable(reviewed) || isTable(runtime)) return await relateTable(reviewed, runtime);
      const held = await hold(reviewed, runtime, staying);
      const pair = await tally(artifact, copy, held);
      memory.rememberPair(factsOf(held.reviewed), factsOf(held.runtime), pair);
      return pair;
    } catch (thrown) {
      const error = toKeydriftError(thrown);
      if (isOfVersion(error)) {
        readings.set(idOf(runtime), Promise.resolve(unread(reportError(error))));
      }
      return isOfColumns(contentError(error)) ? relateShared(reviewed, runtime) : unreadable;
    }
  };
  /** Two contents of which one lacks columns, by those that both have. */
  const relateShared = async (reviewed: Content, runtime: Content): Promise<Pair> => {
    try {
      const shared = await findShared(reviewed, runtime);
      if (shared === null) return unreadable;
      const held = await scanPair(reviewed, runtime, shared.columns);
      const { relation, counts, edits } = await tally(artifact, copy, held);
      held.reviewed.keyset.release();
      const { columns, others } = shared;
      return { relation: others ? 'other-columns' : relation, counts, edits, columns };
    } catch (thrown) {
      contentError(thrown);
      return unreadable;
    }
  };
  /** What of the contract's columns both contents have; null: one lacks its key. */
  const findShared = async (one: Content, other: Content): Promise<SharedColumns | null> => {
    const [first, second] = await Promise.all(
      [one, other].map(async (content) =>
        consumedOf(await pinned(content), requestOf(content, null)),
      ),
    );
    if (!first || !second) return null;
    const columns = first.filter((column) => second.includes(column));
    return { columns, others: columns.length < Math.max(first.length, second.length) };
  };
  /** Both contents; `columns`: by those of the consumed ones, else by what the contract says. */
  const scanPair = async (
    from: Content,
    to: Content,
    columns: readonly string[] | null,
  ): Promise<ScannedPair> => {
    const scanAs = async (content: Content, side: Side, partner: ScannedCopy | null) => {
      const request =
        columns === null
          ? { ...requestOf(content, partner), side }
          : { ...requestOf(content, null), consumes: columns, side };
      return scanCopy(keepSmall(await pinned(content)), request, { scope: null, partner });
    };
    const reviewed = await scanAs(from, 'reviewed', null);
    return { reviewed, runtime: await scanAs(to, 'runtime', reviewed) };
  };
  /** Both contents by the whole contract, or where columns are missing by what both have. */
  const scanBoth = async (from: Content, to: Content): Promise<ScannedPair> => {
    try {
      return await scanPair(from, to, null);
    } catch (thrown) {
      const shared = isOfColumns(contentError(thrown)) ? await findShared(from, to) : null;
      if (shared === null) throw thrown;
      return scanPair(from, to, shared.columns);
    }
  };
  const compare = async (
    from: Content,
    to: Content,
    by: Pick<RuntimeCopy, 'policy' | 'readers'> = copy,
  ): Promise<ComparedRows> => {
    const { reviewed, runtime } = await scanBoth(from, to);
    const compared = await compareScanned(artifact, by, { reviewed, runtime });
    reviewed.keyset.release();
    return compared;
  };
  return {
    read,
    relate(reviewed, runtime, staying) {
      const id = `${idOf(reviewed)}\n${idOf(runtime)}`;
      const known = pairs.get(id) ?? relateNow(reviewed, runtime, staying);
      pairs.set(id, known);
      return known;
    },
    async haveSameRows(reviewed, runtime) {
      return (await compare(reviewed, runtime)).state !== 'drifted';
    },
    async haveSameLooseRows(reviewed, runtime) {
      try {
        const held = await scanPair(reviewed, runtime, null);
        held.reviewed.keyset.release();
        held.runtime.keyset.release();
        return await haveSameLooseRows(held);
      } catch (thrown) {
        contentError(thrown);
        return false;
      }
    },
    compare: (from, to) => compare(from, to),
    learn(reviewed, runtime, judged) {
      remember(reviewed, judged.reviewed.facts);
      remember(runtime, judged.runtime);
      memory.rememberPair(judged.reviewed.facts, judged.runtime, judged.pair);
    },
    known: (content) => readings.get(idOf(content)) ?? Promise.resolve(recalled(content)),
    close() {
      for (const { keyset } of kept.values()) keyset.release();
      kept.clear();
    },
  };
}

/** Whether an engine reads a content; one that is not pinned yet is a snapshot. */
export function isTable({ copy, pin }: Content): boolean {
  return pin !== undefined || copy.lake !== undefined;
}

async function pinned({ copy, pin }: Content): Promise<PinnedCopy> {
  return pin === undefined ? copy : pin();
}

/** A fault of content as reports carry it; whatever else was thrown is thrown again. */
function contentError(thrown: unknown): ReportError {
  const error = toKeydriftError(thrown);
  if (faultClass(error) !== 'content') throw error;
  return reportError(error);
}

function unread(error: ReportError): Reading {
  return { facts: null, from: 'read', error };
}

/** Why a content cannot be read: what is no fault of its own is thrown again. */
function versionError({ side }: Content, thrown: unknown): ReportError {
  const error = toKeydriftError(thrown);
  return side === 'runtime' && isOfVersion(error) ? reportError(error) : contentError(error);
}

/**
 * Whether an error speaks of one version of an object, as one that a lifecycle rule archived, or that
 * is denied, damaged, too large or gone by now: the others can be read all the same.
 */
export function isOfVersion({ code }: KeydriftError): boolean {
  return (
    /^(?:STORE|COPY)_/.test(code) || code === 'TOO_LARGE' || code === 'ENGINE_NO_SUCH_SNAPSHOT'
  );
}

/** Whether a content is readable but for its columns. */
function isOfColumns({ code }: ReportError): boolean {
  return code === 'COLUMN_MISSING' || code === 'COLUMNS_DIFFER';
}

function idOf({ side, name }: Content): string {
  return `${side} ${name}`;
}
