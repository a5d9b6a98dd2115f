import { inSlices, withFacts, type Cells, type ChangedUnit, type Finding } from '../model/index.ts';

/**
 * Pairs added and removed keys that are one under loose reading: `42`, `42.0` and `00042`, letter
 * case, spaces. The findings stay two; each names the other (SPEC §2, "respelled").
 */
export async function markRespelled(findings: readonly Finding[]): Promise<readonly Finding[]> {
  if (!findings.some(({ kind }) => kind === 'added')) return findings;
  const removed = createLooseIndex(findings);
  await inSlices(findings.length, (from, to) => {
    // From the last one on: the first one that is asked for is the first one that stands there.
    for (let back = from; back < to; back += 1) {
      const index = findings.length - 1 - back;
      if (findings[index]!.kind === 'removed') removed.put(index);
    }
  });
  if (removed.isEmpty()) return findings;
  const marked = [...findings];
  await inSlices(findings.length, (from, to) => {
    for (let index = from; index < to; index += 1) {
      const finding = findings[index]!;
      if (finding.kind !== 'added' || finding.key === null) continue;
      const partner = removed.take(finding.key);
      if (partner < 0) continue;
      marked[index] = withFacts(finding, { respelled: findings[partner]!.key });
      marked[partner] = withFacts(findings[partner]!, { respelled: finding.key });
    }
  });
  return marked;
}

interface LooseIndex {
  /** Takes in the finding at an index of the list. */
  put(index: number): void;
  /** The index of the one that was put in last whose key is this one under loose reading; -1: none. */
  take(key: Cells): number;
  isEmpty(): boolean;
}

/** No copy can be written so that many of its keys share a hash. */
const seed = Math.floor(Math.random() * 2 ** 32);

/** Findings by their loose keys: by hashes, because there may be millions, and then by the keys. */
function createLooseIndex(findings: readonly Finding[]): LooseIndex {
  const size = 2 ** Math.ceil(Math.log2(2 * findings.length + 2));
  /** Of each loose key 1 + the first index that came, its hash, and 1 + the one to take next. */
  const firsts = new Uint32Array(size);
  const hashes = new Uint32Array(size);
  const nexts = new Uint32Array(size);
  const after = new Uint32Array(findings.length);
  let isEmpty = true;
  const slotOf = (id: string, hash: number): number => {
    for (let slot = hash & (size - 1); ; slot = (slot + 1) & (size - 1)) {
      const first = firsts[slot]! - 1;
      if (first < 0) return slot;
      if (hashes[slot] === hash && looseKey(findings[first]!.key!) === id) return slot;
    }
  };
  return {
    put(index) {
      const { key } = findings[index]!;
      if (key === null) return;
      isEmpty = false;
      const id = looseKey(key);
      const hash = hashOf(id);
      const slot = slotOf(id, hash);
      if (firsts[slot] === 0) {
        firsts[slot] = index + 1;
        hashes[slot] = hash;
      }
      after[index] = nexts[slot]!;
      nexts[slot] = index + 1;
    },
    take(key) {
      const id = looseKey(key);
      const slot = slotOf(id, hashOf(id));
      const index = nexts[slot]! - 1;
      if (index >= 0) nexts[slot] = after[index]!;
      return index;
    },
    isEmpty: () => isEmpty,
  };
}

function hashOf(text: string): number {
  let hash = seed;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x5bd1e995);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}

/** How many units stand in a list as one added and one removed key. */
export function countRespelled(findings: readonly Finding[]): number {
  return findings.filter(({ kind, respelled }) => kind === 'added' && respelled !== null).length;
}

/** The listed units that come and go as one under loose reading, each with the key of the other. */
export function respelledUnits(units: readonly ChangedUnit[]): ReadonlyMap<ChangedUnit, Cells> {
  const removed = new Map<string, ChangedUnit>();
  for (const unit of units) if (unit.change === 'removed') removed.set(looseKey(unit.key), unit);
  const pairs = new Map<ChangedUnit, Cells>();
  for (const unit of units) {
    const partner = unit.change === 'added' ? removed.get(looseKey(unit.key)) : undefined;
    if (partner === undefined || pairs.has(partner)) continue;
    pairs.set(unit, partner.key).set(partner, unit.key);
  }
  return pairs;
}

/** Values with their lengths: no two tuples of them are one text. */
function looseKey(key: Cells): string {
  let id = '';
  for (const [, value] of key) {
    const loose = looseValue(value ?? '');
    id += `${loose.length}:${loose}`;
  }
  return id;
}

/**
 * A value under loose reading: without blanks of any kind, characters that are not seen, letter case,
 * Unicode's forms, and what a number can be written with or without: `00042`, `42.0` and `4.2E1`.
 */
export function looseValue(value: string): string {
  const text = isSeen.test(value)
    ? value.toLowerCase()
    : // In capitals first: only there is a sharp s a double one.
      value.normalize('NFKC').replace(unseen, '').toUpperCase().toLowerCase();
  if (!startsAsNumber.test(text)) return text;
  const number = /^([+-]?)([0-9]+)(?:\.([0-9]*))?(?:e([+-]?[0-9]{1,6}))?$/.exec(text);
  if (number === null) return text;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = number;
  const digits = withoutTrailingZeros((whole + fraction).replace(/^0+/, ''));
  if (digits === '') return '0';
  const dropped = whole.length + fraction.length - (whole + fraction).replace(/^0+/, '').length;
  // The power of ten of the first digit that is none.
  const power = whole.length - dropped + Number(exponent);
  return `${sign === '-' ? '-' : ''}0.${digits}e${power}`;
}

/** ASCII without blanks: Unicode has no other form of it, and nothing of it is unseen. */
const isSeen = /^[!-~]*$/;
const startsAsNumber = /^[+-]?[0-9]/;
const unseen = /[\s\p{Default_Ignorable_Code_Point}]+/gu;

/** A loop, because `/0+$/` takes quadratic time on a long cell. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
