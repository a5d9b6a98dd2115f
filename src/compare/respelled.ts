import { inSlices, type Cells, type Finding } from '../model/index.ts';

/**
 * Pairs added and removed keys that are one under loose reading: `42`, `42.0` and `00042`, letter
 * case, spaces. The findings stay two; each names the other (SPEC §2, "respelled").
 */
export async function markRespelled(findings: readonly Finding[]): Promise<Finding[]> {
  const marked = [...findings];
  if (!findings.some(({ kind }) => kind === 'added')) return marked;
  /** By loose key 1 + the first removed one without a partner, and for each such the next one. */
  const removed = new Map<string, number>();
  const next = new Uint32Array(findings.length);
  await inSlices(findings.length, (from, to) => {
    for (let back = from; back < to; back += 1) {
      const index = findings.length - 1 - back;
      const { kind, key } = findings[index]!;
      if (kind !== 'removed' || key === null) continue;
      const id = looseKey(key);
      next[index] = removed.get(id) ?? 0;
      removed.set(id, index + 1);
    }
  });
  if (removed.size === 0) return marked;
  await inSlices(findings.length, (from, to) => {
    for (let index = from; index < to; index += 1) {
      const finding = findings[index]!;
      if (finding.kind !== 'added' || finding.key === null) continue;
      const id = looseKey(finding.key);
      const partner = (removed.get(id) ?? 0) - 1;
      if (partner < 0) continue;
      removed.set(id, next[partner]!);
      marked[index] = { ...finding, respelled: findings[partner]!.key };
      marked[partner] = { ...findings[partner]!, respelled: finding.key };
    }
  });
  return marked;
}

/** How many units stand in a list as one added and one removed key. */
export function countRespelled(findings: readonly Finding[]): number {
  return findings.filter(({ kind, respelled }) => kind === 'added' && respelled !== null).length;
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
    : value.normalize('NFKC').replace(unseen, '').toLowerCase();
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

/** Whether a number was written with fewer digits than it had, as spreadsheets show long ones. */
export function hasLostDigits(value: string): boolean {
  const match = /^[+-]?[0-9](?:[.,]([0-9]{1,14}))?[eE]\+?([0-9]{1,3})$/.exec(value);
  return match !== null && Number(match[2]) >= 11 && Number(match[2]) > (match[1]?.length ?? 0);
}
