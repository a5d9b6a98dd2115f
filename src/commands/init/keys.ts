import type { CellHashes, ColumnProfile, ColumnRole } from './profile.ts';

/** Columns that could be the functional key, and what repeats under them. */
export interface KeyCandidate {
  /** Indexes, ascending. */
  readonly columns: readonly number[];
  /** Rows that repeat a unit. */
  readonly redundant: number;
  /** Of those the rows that say something else of it: no key would have them. */
  readonly differing: number;
  /** Pairs of 0-based rows, the first of a unit and one that repeats it; the first few. */
  readonly repeats: readonly (readonly [first: number, again: number])[];
}

export interface KeySearch {
  readonly hashes: CellHashes;
  readonly profiles: readonly ColumnProfile[];
  readonly roles: readonly ColumnRole[];
}

/** Columns of a key at most, and columns that are combined at most. */
const mostColumns = 3;
const mostCombined = 12;
const mostShown = 5;
const mostRepeats = 3;
/** A column of ids with so few repeats may be the key all the same: they are what is looked for. */
const nearShare = 0.02;
/** So many rows may repeat an id, where nothing but measures or prose would tell all rows apart. */
const plausibleShare = 0.34;
const mostPlausible = 2;

const rank: Readonly<Record<ColumnRole, number>> = {
  id: 0,
  date: 2,
  code: 4,
  flag: 5,
  measure: 60,
  address: 30,
  prose: 100,
  empty: 1000,
};

/**
 * The smallest column sets without repeats, up to three columns; ids before prose, and what stands
 * first before what stands later. Rows that repeat all but prose do not speak against a key. After those come
 * columns of ids that nearly have no repeats.
 */
export function findKeys(search: KeySearch): readonly KeyCandidate[] {
  const { profiles, roles } = search;
  const order = profiles
    .map((_, at) => at)
    .filter((at) => profiles[at]!.filled > 0)
    .toSorted((a, b) => weightOf(search, a) - weightOf(search, b) || a - b);
  const tokens = functional(search);
  const unique: KeyCandidate[] = [];
  const near: KeyCandidate[] = [];
  for (let size = 1; size <= mostColumns; size += 1) {
    for (const set of setsOf(order.slice(0, size === 1 ? order.length : mostCombined), size)) {
      const columns = set.toSorted((a, b) => a - b);
      if (unique.some((one) => one.columns.every((at) => columns.includes(at)))) continue;
      const isId = columns.every(
        (at) => roles[at] === 'id' && profiles[at]!.filled === profiles[at]!.rows,
      );
      const found = test(search.hashes, columns, tokens, isId && size === 1 ? nearShare : 0);
      if (found === null) continue;
      (found.differing === 0 ? unique : near).push(found);
    }
  }
  const weigh = ({ columns }: KeyCandidate): number =>
    columns.reduce((sum, at) => sum + weightOf(search, at), 0) + 10 * (columns.length - 1);
  const sorted = unique.toSorted((a, b) => weigh(a) - weigh(b));
  const isSure = ({ columns }: KeyCandidate): boolean => columns.every((at) => mayName(roles[at]!));
  const sure = sorted.filter(isSure);
  const ids = sure.length > 0 ? near : [...near, ...plausibleKeys(search, order, near)];
  const rest = sorted.filter((one) => !isSure(one));
  return [...sure, ...ids, ...rest].slice(0, mostShown);
}

/** Whether a column may name a unit: what was measured, or written for people, tells rows apart by chance. */
export function mayName(role: ColumnRole): boolean {
  return role !== 'measure' && role !== 'prose';
}

/** Ids, with codes and dates, that a third of the rows repeat at most: the fewest repeats first, and the fewest columns. */
function plausibleKeys(
  { hashes, profiles, roles }: KeySearch,
  order: readonly number[],
  known: readonly KeyCandidate[],
): readonly KeyCandidate[] {
  const tokens = functional({ hashes, profiles, roles });
  const named = order
    .filter((at) => ['id', 'code', 'date'].includes(roles[at]!))
    .filter((at) => profiles[at]!.filled === profiles[at]!.rows)
    .slice(0, mostCombined);
  const found: KeyCandidate[] = [];
  for (let size = 1; size <= mostColumns; size += 1) {
    for (const set of setsOf(named, size)) {
      const columns = set.toSorted((a, b) => a - b);
      const has = (one: KeyCandidate): boolean => one.columns.every((at) => columns.includes(at));
      if (known.some(has) || !columns.some((at) => roles[at] === 'id')) continue;
      const one = test(hashes, columns, tokens, plausibleShare);
      if (one !== null && !found.some((less) => has(less) && less.differing <= one.differing)) {
        found.push(one);
      }
    }
  }
  return found.toSorted((a, b) => a.differing - b.differing).slice(0, mostPlausible);
}

/** Less is more of a key. */
function weightOf({ profiles, roles }: KeySearch, at: number): number {
  const { filled, rows } = profiles[at]!;
  // A few empty cells are faults of rows, many are what the column is like.
  const lacking = filled === rows ? 0 : filled < 0.9 * rows ? 15 : 3;
  return rank[roles[at]!] + lacking;
}

function* setsOf(from: readonly number[], size: number): Generator<readonly number[]> {
  if (size === 0) yield [];
  for (const [at, first] of from.entries()) {
    if (from.length - at < size) return;
    if (size === 1) yield [first];
    else for (const rest of setsOf(from.slice(at + 1), size - 1)) yield [first, ...rest];
  }
}

/** A number that stands for the cells of some columns in each row. */
function tokensOf({ rows, high, low }: CellHashes, columns: readonly number[]): Float64Array {
  const tokens = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    let [a, b] = [0x2545f491, 0x9e3779b1];
    for (const at of columns) {
      a = Math.imul(a ^ high[at]![row]!, 0xcc9e2d51);
      a ^= a >>> 15;
      b = Math.imul(b ^ low[at]![row]!, 0x1b873593);
      b ^= b >>> 13;
    }
    tokens[row] = (a >>> 0) * 0x200000 + ((b >>> 0) & 0x1fffff);
  }
  return tokens;
}

/** Stands for all of a row that a job may read: two rows that differ in prose alone do the same. */
function functional({ hashes, roles }: KeySearch): Float64Array {
  const all = roles.map((_, at) => at);
  const read = all.filter((at) => roles[at] !== 'prose');
  return tokensOf(hashes, read.length === 0 ? all : read);
}

/** Null: it repeats more than may be. */
function test(
  hashes: CellHashes,
  columns: readonly number[],
  rowTokens: Float64Array,
  share: number,
): KeyCandidate | null {
  const tokens = tokensOf(hashes, columns);
  const most = Math.floor(share * hashes.rows);
  const first = new Map<number, number>();
  const repeats: (readonly [number, number])[] = [];
  let [redundant, differing] = [0, 0];
  for (let row = 0; row < hashes.rows; row += 1) {
    const before = first.get(tokens[row]!);
    if (before === undefined) {
      first.set(tokens[row]!, row);
      continue;
    }
    redundant += 1;
    if (rowTokens[before] !== rowTokens[row]) differing += 1;
    if (differing > most) return null;
    if (repeats.length < mostRepeats) repeats.push([before, row]);
  }
  return { columns, redundant, differing, repeats };
}
