import type { Cells, Finding } from '../model/index.ts';

/**
 * Pairs added and removed keys that are one under loose reading: `42`, `42.0` and `00042`, letter
 * case, spaces. The findings stay two; each names the other (SPEC §2, "respelled").
 */
export function markRespelled(findings: readonly Finding[]): Finding[] {
  const removed = new Map<string, number[]>();
  findings.forEach(({ kind, key }, index) => {
    if (kind !== 'removed' || key === null) return;
    const id = looseKey(key);
    removed.set(id, [...(removed.get(id) ?? []), index]);
  });
  const marked = [...findings];
  if (removed.size === 0) return marked;
  findings.forEach((finding, index) => {
    if (finding.kind !== 'added' || finding.key === null) return;
    const partner = removed.get(looseKey(finding.key))?.shift();
    if (partner === undefined) return;
    marked[index] = { ...finding, respelled: findings[partner]!.key };
    marked[partner] = { ...findings[partner]!, respelled: finding.key };
  });
  return marked;
}

/** How many units stand in a list as one added and one removed key. */
export function countRespelled(findings: readonly Finding[]): number {
  return findings.filter(({ kind, respelled }) => kind === 'added' && respelled !== null).length;
}

function looseKey(key: Cells): string {
  return JSON.stringify(key.map(([, value]) => looseValue(value ?? '')));
}

/**
 * A value under loose reading: without blanks of any kind, characters that are not seen, letter case,
 * Unicode's forms, and what a number can be written with or without: `00042`, `42.0` and `4.2E1`.
 */
export function looseValue(value: string): string {
  const text = isPlain.test(value)
    ? value
    : value.normalize('NFKC').replace(unseen, '').toLowerCase();
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

const isPlain = /^[a-z0-9_.-]*$/;
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
