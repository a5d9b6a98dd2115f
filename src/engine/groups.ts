import { inSlices, type EditCounts, type KindCount, type Side } from '../model/index.ts';
import { chooseRows, type Choice, type Chosen } from './choose.ts';
import {
  ACROSS,
  ADDED,
  bitKinds,
  CHANGED,
  CHOSEN,
  CONFLICT,
  DUPLICATED,
  gather,
  indexRows,
  isSameVariant,
  noGroup,
  REMOVED,
  rowWords,
  sides,
  type CandidateRows,
  type Facts,
  type Index,
} from './gather.ts';
import {
  hashWords,
  type Candidates,
  type KeySet,
  type RowTable,
  type UnreadKeys,
  type WantedRows,
} from './port.ts';
import { createRowList, createVariantSet } from './variants.ts';

/** Units by what a change does to them: one changed where its variants or row counts did. */
export interface UnitChanges {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  /** So many of each, those whose row comes first. */
  readonly choose: (limit: number) => Promise<Chosen>;
}

/**
 * Candidate rows by their keys, all by 128-bit hashes: counts are exact, and no byte is read again.
 * What is reported is confirmed on the bytes. Memory grows with the rows, 60 to 100 bytes each; all
 * work is done in slices.
 */
export interface KeyGroups {
  /** Findings by kind and side (SPEC §2), bounds left out; those of no finding too. */
  readonly counts: readonly KindCount[];
  /**
   * What makes the runtime copy of the reviewed one, by kinds: each key whose variants or row counts
   * differ is one edit (SPEC §5). What both copies repeat alike is none.
   */
  edits(): Promise<Omit<EditCounts, 'total'>>;
  /** Whether both sides have the same units with the same variants and row counts, all valid. */
  readonly sameRows: boolean;
  /** Whether there is none: nothing can be chosen, and nothing repeats. */
  readonly isNone: boolean;
  /** Keys that the runtime copy repeats. */
  readonly repeatedKeys: number;
  rowCount(group: number, side: Side): number;
  choose(choice: Choice): Promise<Chosen>;
  /** Record numbers of the runtime rows that repeat a key, without the first of each key. */
  readonly redundant: () => Promise<Uint32Array>;
  /** Units by what a change from the reviewed to the runtime rows does to them. */
  changes(): Promise<UnitChanges>;
}

/**
 * Two comparable keysets, held against each other; the same one twice: what equal copies repeat.
 * Where some rows are `wanted`, no more than these can be chosen, by a `limit` up to `lone`.
 */
export async function joinKeySets(
  reviewed: KeySet,
  runtime: KeySet,
  wanted?: WantedRows,
): Promise<KeyGroups> {
  if (reviewed === runtime && isPlain(reviewed)) return (noGroups ??= groupNone());
  const candidates = await (reviewed === runtime
    ? alike(reviewed)
    : reviewed.unlike(runtime, wanted));
  const groups = await groupRows(
    {
      reviewed: { table: reviewed.table, rows: candidates.reviewed },
      runtime: { table: runtime.table, rows: candidates.runtime },
      memory: Math.max(reviewed.memory, runtime.memory),
    },
    candidates.left,
  );
  return withUnread(groups, runtime.unread ?? reviewed.unread);
}

/** Whether each row of a copy is a unit of its own: held against itself there is nothing to find. */
function isPlain({ table: { rows, units, invalid }, unread }: KeySet): boolean {
  return rows === units && invalid === 0 && unread === undefined;
}

/** What two equal copies without a repeated key have: one for a fleet. */
let noGroups: Promise<KeyGroups> | null = null;

function nowhere(): void {}

function groupNone(): Promise<KeyGroups> {
  const table: RowTable = {
    rows: 0,
    units: 0,
    invalid: 0,
    recordOf: (row) => row + 1,
    isValid: () => false,
    hasValues: () => false,
    copyHashes: nowhere,
    copyKeyHash: nowhere,
  };
  const none = { table, rows: new Uint32Array() };
  return groupRows({ reviewed: none, runtime: none });
}

/** With the keys that were counted and not read. */
function withUnread(groups: KeyGroups, unread: UnreadKeys | undefined): KeyGroups {
  if (unread === undefined) return groups;
  const counts = groups.counts.map((one) => {
    const more = unread.counts.find(({ kind, side }) => kind === one.kind && side === one.side);
    return more === undefined ? one : { ...one, count: one.count + more.count };
  });
  return {
    ...groups,
    counts,
    sameRows: groups.sameRows && unread.differing === 0,
    isNone: false,
    repeatedKeys: groups.repeatedKeys + unread.repeated,
  };
}

async function alike(keyset: KeySet): Promise<Candidates> {
  const rows = await keyset.repeats();
  return { reviewed: rows, runtime: rows };
}

/** A copy by itself. */
export async function groupAlone(side: Side, keyset: KeySet): Promise<KeyGroups> {
  const alone = { table: keyset.table, rows: await keyset.repeats() };
  const { memory } = keyset;
  const groups = await groupRows({ reviewed: null, runtime: null, [side]: alone, memory });
  return withUnread(groups, keyset.unread);
}

/** Every row of a copy on the runtime side, nothing on the other. */
export async function groupAll(keyset: KeySet): Promise<KeyGroups> {
  const { table } = keyset;
  const none = { table, rows: new Uint32Array() };
  const rows = new Uint32Array(table.rows);
  await inSlices(rows.length, (from, to) => {
    for (let row = from; row < to; row += 1) rows[row] = row;
  });
  return groupRows({ reviewed: none, runtime: { table, rows }, memory: keyset.memory });
}

/** `left`: rows of each side that alone have their key, and are not among the candidates. */
export async function groupRows(
  candidates: CandidateRows,
  left: Readonly<Record<Side, number>> = { reviewed: 0, runtime: 0 },
): Promise<KeyGroups> {
  const index = indexRows(candidates);
  const facts = await gather(index);
  const both = candidates.reviewed !== null && candidates.runtime !== null;
  const { kinds, repeatedKeys } = await kindsOf(index, facts, both);
  const choose = (wanted: Uint8Array, choice: Choice): Promise<Chosen> =>
    chooseRows(index, facts, wanted, choice);
  return {
    counts: await countKinds(kinds, index, left),
    sameRows: left.reviewed + left.runtime === 0 && (await areSame(index, facts)),
    isNone: index.groupOf.length + left.reviewed + left.runtime === 0,
    repeatedKeys,
    rowCount: (group, side) => facts.counts[2 * group + sides.indexOf(side)]!,
    choose: (choice) => choose(kinds, choice),
    redundant: () => redundantRecords(index, facts),
    edits: () => editsOf(index, facts, left),
    async changes() {
      const changes = await changesOf(facts);
      const counts = await countBits(changes);
      return {
        added: counts[ADDED]! + left.runtime,
        removed: counts[REMOVED]! + left.reviewed,
        changed: counts[CHANGED]!,
        choose: (limit) => choose(changes, { limit, keys: [] }),
      };
    },
  };
}

/** How often each byte occurs. */
async function countBits(bits: Uint8Array): Promise<Uint32Array> {
  const counts = new Uint32Array(CHOSEN);
  await inSlices(bits.length, (from, to) => {
    for (let at = from; at < to; at += 1) counts[bits[at]!]! += 1;
  });
  return counts;
}

/** The findings of each group, as bits, and how many keys the runtime copy repeats. */
async function kindsOf(
  { hashes }: Index,
  facts: Facts,
  both: boolean,
): Promise<{ readonly kinds: Uint8Array; readonly repeatedKeys: number }> {
  const { size, firsts, counts, unlike } = facts;
  const kinds = new Uint8Array(size);
  let repeatedKeys = 0;
  const bitsOf = (group: number): number => {
    const at = 2 * group;
    let bits = 0;
    if (both && counts[at] === 0) bits |= ADDED;
    if (both && counts[at + 1] === 0) bits |= REMOVED;
    for (const side of [0, 1] as const) {
      if (unlike[at + side] === 1) bits |= CONFLICT << side;
      else if (counts[at + side]! > 1) bits |= DUPLICATED << side;
    }
    const single = counts[at]! > 0 && counts[at + 1]! > 0 && !isUnlike(facts, group);
    if (single && !isSameVariant(hashes, firsts[at]! - 1, firsts[at + 1]! - 1)) bits |= ACROSS;
    return bits;
  };
  await inSlices(size, (from, to) => {
    for (let group = from; group < to; group += 1) {
      kinds[group] = bitsOf(group);
      if (counts[2 * group + 1]! > 1) repeatedKeys += 1;
    }
  });
  return { kinds, repeatedKeys };
}

/** Whether a side has more than one variant of a key. */
function isUnlike({ unlike }: Facts, group: number): boolean {
  return unlike[2 * group] === 1 || unlike[2 * group + 1] === 1;
}

async function countKinds(
  kinds: Uint8Array,
  { tables }: Index,
  left: Readonly<Record<Side, number>>,
): Promise<readonly KindCount[]> {
  const found = await countBits(kinds);
  found[ADDED]! += left.runtime;
  found[REMOVED]! += left.reviewed;
  const counts: KindCount[] = bitKinds.map(([bit, kind, side]) => ({
    kind,
    side,
    count: found.reduce((sum, count, bits) => sum + ((bits & bit) === 0 ? 0 : count), 0),
  }));
  sides.forEach((side, at) => {
    counts.push({ kind: 'invalid', side, count: tables[at]?.invalid ?? 0 });
  });
  return counts;
}

async function areSame({ tables }: Index, facts: Facts): Promise<boolean> {
  if (tables.some((table) => table === null || table.invalid > 0)) return false;
  let same = true;
  await inSlices(facts.size, (from, to) => {
    for (let group = from; group < to && same; group += 1) same = isBalanced(facts, group);
  });
  return same;
}

async function redundantRecords(
  { rows, tables, from, groupOf }: Index,
  { firsts }: Facts,
): Promise<Uint32Array> {
  const found = createRowList();
  await inSlices(rows[1].length, (start, end) => {
    for (let next = start; next < end; next += 1) {
      const index = from[1] + next;
      const group = groupOf[index]!;
      if (group === noGroup || firsts[2 * group + 1] === index + 1) continue;
      found.add(tables[1]!.recordOf(rows[1][next]!));
    }
  });
  return found.rows();
}

/** Of each group whose rows differ what a change does to it: ADDED, REMOVED or CHANGED. */
async function changesOf(facts: Facts): Promise<Uint8Array> {
  const { size, counts } = facts;
  const changes = new Uint8Array(size);
  await inSlices(size, (from, to) => {
    for (let group = from; group < to; group += 1) {
      if (counts[2 * group] === 0) changes[group] = ADDED;
      else if (counts[2 * group + 1] === 0) changes[group] = REMOVED;
      else if (!isBalanced(facts, group)) changes[group] = CHANGED;
    }
  });
  return changes;
}

/** Of groups that are CHANGED, those whose sides hold other variants, and not only others often. */
async function withOtherVariants(
  { hashes, groupOf, from }: Index,
  { size, counts }: Facts,
  changes: Uint8Array,
): Promise<Uint8Array> {
  let open = 0;
  await inSlices(size, (first, end) => {
    for (let group = first; group < end; group += 1) {
      if (changes[group] === CHANGED) open += counts[2 * group]! + counts[2 * group + 1]!;
    }
  });
  const variants = createVariantSet(hashes, rowWords, open);
  const seen = new Uint8Array(open);
  const groups = new Uint32Array(open);
  await inSlices(groupOf.length, (start, end) => {
    for (let index = start; index < end; index += 1) {
      const group = groupOf[index]!;
      if (group === noGroup || changes[group] !== CHANGED) continue;
      const variant = variants.add(index, group);
      groups[variant] = group;
      seen[variant]! |= index < from[1] ? 1 : 2;
    }
  });
  const found = new Uint8Array(size);
  await inSlices(variants.size(), (start, end) => {
    for (let variant = start; variant < end; variant += 1) {
      if (seen[variant] !== 3) found[groups[variant]!] = 1;
    }
  });
  return found;
}

async function editsOf(
  index: Index,
  facts: Facts,
  left: Readonly<Record<Side, number>>,
): Promise<Omit<EditCounts, 'total'>> {
  const changes = await changesOf(facts);
  const others = await withOtherVariants(index, facts, changes);
  const edits = { added: left.runtime, removed: left.reviewed, duplicated: 0, conflict: 0 };
  await inSlices(facts.size, (from, to) => {
    for (let group = from; group < to; group += 1) {
      const change = changes[group];
      if (change === ADDED) edits.added += 1;
      else if (change === REMOVED) edits.removed += 1;
      else if (others[group] === 1) edits.conflict += 1;
      else if (change === CHANGED) edits.duplicated += 1;
    }
  });
  const [one, other] = index.tables;
  return { ...edits, invalid: Math.abs((one?.invalid ?? 0) - (other?.invalid ?? 0)) };
}

/** Whether both sides hold the same variants equally often. */
function isBalanced({ balance, counts }: Facts, group: number): boolean {
  if (counts[2 * group] !== counts[2 * group + 1]) return false;
  for (let at = hashWords * group; at < hashWords * (group + 1); at += 1) {
    if (balance[at] !== 0) return false;
  }
  return true;
}
