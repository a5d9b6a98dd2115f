import {
  holdMemory,
  inSlices,
  shownRows,
  type EditCounts,
  type FindingKind,
  type FindingSide,
  type KindCount,
  type Side,
} from '../model/index.ts';
import {
  hashWords,
  type Candidates,
  type KeySet,
  type RowTable,
  type UnreadKeys,
  type WantedRows,
} from './port.ts';
import { createRowList, createVariantSet } from './variants.ts';

/** Rows of a side that may make findings, ascending, the invalid ones among them. */
export interface SideRows {
  readonly table: RowTable;
  readonly rows: Uint32Array;
}
export type CandidateRows = Readonly<Record<Side, SideRows | null>> & {
  /** Bytes that grouping them may take; left out: whatever it takes. */
  readonly memory?: number;
};

/** What `choose` is to choose. */
export interface Choice {
  /** Findings of each kind and side that are listed at most: those whose row comes first. */
  readonly limit: number;
  /** Normalized keys that are chosen wherever they stand. */
  readonly keys: readonly (readonly string[])[];
  /** So many of the keys that the runtime copy repeats most often are chosen as well. */
  readonly repeated?: number;
}

/** Rows that are to be read again, ascending. */
export interface ChosenRows {
  readonly rows: Uint32Array;
  /** The group of each; `noGroup`: the row is invalid. */
  readonly groups: Uint32Array;
  /** Of the first row with some consumed values: how many rows of its key have them; else 0. */
  readonly weights: Uint32Array;
}

export interface Chosen {
  readonly reviewed: ChosenRows;
  readonly runtime: ChosenRows;
  /** Findings of a group that are not listed: the group was chosen for something else. */
  unlisted(group: number): readonly string[];
}

export const noGroup = 0xffffffff;

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

const sides: readonly Side[] = ['reviewed', 'runtime'];
const rowWords = 2 * hashWords;

/** Kinds of findings of a group as bits; `changed` is a word of changes alone. */
const ADDED = 1;
const REMOVED = 2;
const DUPLICATED = 4;
const CONFLICT = 16;
const ACROSS = 64;
const CHOSEN = 128;
const CHANGED = ACROSS;

/** The same, for whom counts keys elsewhere. */
export const kindBits: Readonly<
  Record<'added' | 'removed' | 'duplicated' | 'conflict' | 'across', number>
> = {
  added: ADDED,
  removed: REMOVED,
  duplicated: DUPLICATED,
  conflict: CONFLICT,
  across: ACROSS,
};

export const bitKinds: readonly (readonly [bit: number, kind: FindingKind, side: FindingSide])[] = [
  [ADDED, 'added', 'runtime'],
  [REMOVED, 'removed', 'reviewed'],
  [DUPLICATED, 'duplicated', 'reviewed'],
  [DUPLICATED << 1, 'duplicated', 'runtime'],
  [CONFLICT, 'conflict', 'reviewed'],
  [CONFLICT << 1, 'conflict', 'runtime'],
  [ACROSS, 'conflict', 'across'],
];

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

/** The rows of both sides under one index: the reviewed ones, then the runtime ones. */
interface Index {
  readonly rows: readonly [Uint32Array, Uint32Array];
  readonly tables: readonly [RowTable | null, RowTable | null];
  /** Index of each side's first row. */
  readonly from: readonly [number, number];
  readonly hashes: Int32Array;
  readonly groupOf: Uint32Array;
}

/** What is known of groups; of a side at `2 * group + side`. */
interface Facts {
  readonly size: number;
  /** Index of its first row, + 1. */
  readonly firsts: Uint32Array;
  readonly counts: Uint32Array;
  /** Whether it has more than one variant. */
  readonly unlike: Uint8Array;
  /** Variant hashes of the reviewed rows less those of the runtime ones, word by word. */
  readonly balance: Int32Array;
  /** The group of a key's hash, or -1. */
  readonly find: (hash: Int32Array) => number;
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

/** Bytes that a row takes while it is grouped. */
const groupedCost = 100;

function indexRows({ reviewed, runtime, memory }: CandidateRows): Index {
  const none = new Uint32Array();
  const rows = [reviewed?.rows ?? none, runtime?.rows ?? none] as const;
  const most = rows[0].length + rows[1].length;
  holdMemory(most * groupedCost, memory ?? Number.POSITIVE_INFINITY);
  return {
    rows,
    tables: [reviewed?.table ?? null, runtime?.table ?? null],
    from: [0, rows[0].length],
    hashes: new Int32Array(most * rowWords),
    groupOf: new Uint32Array(most).fill(noGroup),
  };
}

/** Puts each valid row into the group of its key. */
async function gather({ rows, tables, from, hashes, groupOf }: Index): Promise<Facts> {
  const most = groupOf.length;
  const firsts = new Uint32Array(2 * most);
  const counts = new Uint32Array(2 * most);
  const unlike = new Uint8Array(2 * most);
  const balance = new Int32Array(hashWords * most);
  /** Where the key of a group stands in `hashes`. */
  const heads = new Uint32Array(most);
  /** Open addressing: 1 + a group, or 0. */
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * most + 2)));
  /** A word of the key's hash: most others are told from it without a look at them. */
  const tags = new Int32Array(slots.length);
  let size = 0;
  const copied = new Uint32Array(hashes.buffer);
  const slotOf = (words: Int32Array, at: number): number => {
    const mask = slots.length - 1;
    for (let slot = words[at]! & mask; ; slot = (slot + 1) & mask) {
      const found = slots[slot]! - 1;
      if (found < 0) return slot;
      if (tags[slot] === words[at + 1] && areEqual(hashes, heads[found]!, words, at)) return slot;
    }
  };
  const put = (side: 0 | 1, table: RowTable, row: number, index: number): void => {
    const at = index * rowWords;
    table.copyHashes(row, copied, at);
    const slot = slotOf(hashes, at);
    if (slots[slot] === 0) {
      heads[size] = at;
      tags[slot] = hashes[at + 1]!;
      slots[slot] = size += 1;
    }
    const group = slots[slot]! - 1;
    groupOf[index] = group;
    const place = 2 * group + side;
    counts[place]! += 1;
    const first = firsts[place]!;
    if (first === 0) firsts[place] = index + 1;
    else if (!areEqual(hashes, (first - 1) * rowWords + hashWords, hashes, at + hashWords)) {
      unlike[place] = 1;
    }
    for (let word = 0; word < hashWords; word += 1) {
      const value = hashes[at + hashWords + word]!;
      const sum = balance[hashWords * group + word]!;
      balance[hashWords * group + word] = (side === 0 ? sum + value : sum - value) | 0;
    }
  };
  for (const side of [0, 1] as const) {
    const table = tables[side];
    if (table === null) continue;
    await inSlices(rows[side].length, (start, end) => {
      for (let next = start; next < end; next += 1) {
        const row = rows[side][next]!;
        if (table.isValid(row)) put(side, table, row, from[side] + next);
      }
    });
  }
  return {
    size,
    firsts,
    counts,
    unlike,
    balance,
    find: (hash) => slots[slotOf(hash, 0)]! - 1,
  };
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

function isSameVariant(hashes: Int32Array, one: number, other: number): boolean {
  return areEqual(hashes, one * rowWords + hashWords, hashes, other * rowWords + hashWords);
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

/** Marks what is listed, by whose row comes first, and what was asked for; then takes the rows. */
async function chooseRows(
  index: Index,
  facts: Facts,
  wanted: Uint8Array,
  choice: Choice,
): Promise<Chosen> {
  const marks = new Uint8Array(facts.size);
  for (const side of [0, 1] as const) {
    await markListed(index, facts, wanted, { marks, side, choice });
  }
  await markAsked(index, facts, choice, marks);
  const reviewed = await takeRows(index, facts, marks, choice, 0);
  const runtime = await takeRows(index, facts, marks, choice, 1);
  return {
    reviewed,
    runtime,
    unlisted(group) {
      const left = wanted[group]! & ~marks[group]!;
      if (left === 0) return nothing;
      return bitKinds.flatMap(([bit, kind, side]) =>
        (left & bit) === 0 ? [] : [`${kind} ${side}`],
      );
    },
  };
}

const nothing: readonly never[] = [];

/** Bits of the findings whose place is that of their first row on a side; `across`: the runtime. */
const sideBits = [
  REMOVED | DUPLICATED | CONFLICT,
  ADDED | (DUPLICATED << 1) | (CONFLICT << 1) | ACROSS,
] as const;

async function markListed(
  { rows, from, groupOf }: Index,
  { firsts }: Facts,
  wanted: Uint8Array,
  { marks, side, choice }: { marks: Uint8Array; side: 0 | 1; choice: Choice },
): Promise<void> {
  const taken = new Uint32Array(CHOSEN);
  const mark = (group: number): void => {
    for (let bits = wanted[group]! & sideBits[side]; bits !== 0; bits &= bits - 1) {
      const bit = bits & -bits;
      if (taken[bit]! >= choice.limit) continue;
      taken[bit]! += 1;
      marks[group]! |= bit;
    }
  };
  await inSlices(rows[side].length, (start, end) => {
    for (let index = from[side] + start; index < from[side] + end; index += 1) {
      const group = groupOf[index]!;
      if (group !== noGroup && firsts[2 * group + side] === index + 1) mark(group);
    }
  });
}

async function markAsked(
  { tables }: Index,
  { size, counts, find }: Facts,
  { keys, repeated = 0 }: Choice,
  marks: Uint8Array,
): Promise<void> {
  const hash = new Int32Array(hashWords);
  const table = tables[0] ?? tables[1];
  for (const key of keys) {
    table?.copyKeyHash(key, new Uint32Array(hash.buffer), 0);
    const group = find(hash);
    if (group >= 0) marks[group]! |= CHOSEN;
  }
  if (repeated === 0) return;
  /** The most frequent so far, and then the first. */
  const ranked: number[] = [];
  const countOf = (group: number): number => counts[2 * group + 1]!;
  await inSlices(size, (from, to) => {
    for (let group = from; group < to; group += 1) {
      if (countOf(group) < 2) continue;
      if (ranked.length === repeated && countOf(group) <= countOf(ranked.at(-1)!)) continue;
      const after = ranked.findLastIndex((other) => countOf(other) >= countOf(group));
      ranked.splice(after + 1, 0, group);
      ranked.length = Math.min(ranked.length, repeated);
    }
  });
  for (const group of ranked) marks[group]! |= CHOSEN;
}

/** Variants of a key on a side that are read again at most. */
const mostVariants = 1000;

/** Of marked groups the rows that are shown and the first of each variant; of invalid ones the first. */
async function takeRows(
  { rows, from, groupOf, hashes }: Index,
  { size, counts, unlike }: Facts,
  marks: Uint8Array,
  { limit }: Choice,
  side: 0 | 1,
): Promise<ChosenRows> {
  const [taken, groups, weights] = [createRowList(), createRowList(), createRowList()];
  let open = 0;
  await inSlices(size, (start, end) => {
    for (let group = start; group < end; group += 1) {
      if (marks[group] === 0 || unlike[2 * group + side] === 0) continue;
      open += Math.min(counts[2 * group + side]!, mostVariants);
    }
  });
  const variants = createVariantSet(hashes, rowWords, open);
  /** Where the first row of a variant was taken. */
  const places = new Uint32Array(open);
  const shown = new Uint8Array(size);
  const known = new Uint16Array(size);
  let invalid = 0;
  const take = (row: number, group: number, weight: number): number => {
    taken.add(row);
    groups.add(group);
    return weights.add(weight);
  };
  const look = (row: number, index: number): void => {
    const group = groupOf[index]!;
    if (group === noGroup) {
      if (invalid < limit) take(row, noGroup, 0);
      invalid += 1;
      return;
    }
    if (marks[group] === 0) return;
    const isShown = shown[group]! < shownRows;
    if (isShown) shown[group]! += 1;
    if (unlike[2 * group + side] === 0) {
      const isFirst = known[group] === 0;
      known[group] = 1;
      if (isShown || isFirst) take(row, group, isFirst ? counts[2 * group + side]! : 0);
      return;
    }
    const variant = variants.find(index, group);
    const isNew = variant < 0 && known[group]! < mostVariants;
    if (variant >= 0) weights.increment(places[variant]!);
    if (isShown || isNew) {
      const place = take(row, group, isNew ? 1 : 0);
      if (isNew) places[variants.add(index, group)] = place;
    }
    if (isNew) known[group]! += 1;
  };
  await inSlices(rows[side].length, (start, end) => {
    for (let next = start; next < end; next += 1) look(rows[side][next]!, from[side] + next);
  });
  return { rows: taken.rows(), groups: groups.rows(), weights: weights.rows() };
}

/** Whether four words at two places are equal. */
function areEqual(a: Int32Array, atA: number, b: Int32Array, atB: number): boolean {
  for (let word = 0; word < hashWords; word += 1) {
    if (a[atA + word] !== b[atB + word]) return false;
  }
  return true;
}
