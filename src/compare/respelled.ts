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

/** A value without spaces, letter case, and what a number can be written with or without. */
function looseValue(value: string): string {
  const text = value.normalize('NFKC').replace(/\s+/gu, '').toLowerCase();
  const number = /^([+-]?)([0-9]+)(?:\.([0-9]*))?$/.exec(text);
  if (number === null) return text;
  const whole = (number[2] ?? '').replace(/^0+(?=[0-9])/, '');
  const fraction = withoutTrailingZeros(number[3] ?? '');
  const magnitude = fraction === '' ? whole : `${whole}.${fraction}`;
  return number[1] === '-' && magnitude !== '0' ? `-${magnitude}` : magnitude;
}

/** A loop, because `/0+$/` takes quadratic time on a long cell. */
function withoutTrailingZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
