import { count, type AcceptEntry, type Finding, type KeyGroup } from '../model/index.ts';
import type { NoPin, Pin } from './pin.ts';

/** Whether an entry pins exactly this. */
export function covers(entry: AcceptEntry, pin: Pin | NoPin): boolean {
  if ('why' in pin) return false;
  return (
    entry.rows === pin.rows &&
    entry.variants.length === pin.variants.length &&
    entry.variants.every((variant, index) => variant === pin.variants[index])
  );
}

/** Why an entry of a finding's key and kind does not cover it. */
export function misfit({ rows }: AcceptEntry, pin: Pin | NoPin): string {
  if ('why' in pin) return pin.why;
  return rows === pin.rows
    ? 'its consumed values are others'
    : `it has ${count(pin.rows, 'row')} now, ${rows} ${rows === 1 ? 'is' : 'are'} accepted`;
}

/** Whether an entry speaks of the kind of a finding. */
export function namesKind(kinds: AcceptEntry['kinds'], { kind }: Finding): boolean {
  return kinds.some((one) => one === kind);
}

/** Groups by the JSON of their key. */
export function groupsByKey(keys: readonly KeyGroup[]): ReadonlyMap<string, KeyGroup> {
  return new Map(keys.map((group) => [JSON.stringify(group.key), group]));
}

/** A finding's key as the id of its group; of one without a key, what no group has. */
export function keyId({ key }: Finding): string {
  return key === null ? '' : JSON.stringify(key.map(([, value]) => value ?? ''));
}
