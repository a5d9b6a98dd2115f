import {
  count,
  type AcceptEntry,
  type Finding,
  type KeyGroup,
  acceptableKinds,
  kindEntry,
  type AcceptableKind,
} from '../model/index.ts';
import { sameValues, variantId } from './variant.ts';

/** What an entry of `accept` must say to cover a finding. */
export interface Pin {
  readonly kind: AcceptableKind;
  readonly rows: number;
  /** Ids, sorted. */
  readonly variants: readonly string[];
}

/** Why a finding can never be accepted. */
export interface NoPin {
  readonly why: string;
}

/**
 * The rows and variants of a finding's unit on the finding's side (of `removed`: on the reviewed
 * one). There is no pin where the runtime copy has a variant that the reviewed copy lacks: it can be
 * warned of by policy, but never be accepted (SPEC §3).
 */
export function pinOf(
  { kind, side }: Pick<Finding, 'kind' | 'side'>,
  group: KeyGroup | undefined,
  consumedColumns: readonly string[],
): Pin | NoPin {
  const acceptable = acceptableKinds.find((one) => one === kind);
  if (acceptable === undefined)
    return { why: kindEntry(kind)?.refusal ?? 'it is of an unknown kind' };
  if (group === undefined) return { why: 'it has no key that could be pinned' };
  if (side === 'across') return { why: 'the reviewed copy lacks the values of the runtime copy' };
  const { count: rows, variants } = group[side];
  const reviewed = group.reviewed.variants;
  if (!variants.every((variant) => reviewed.some((known) => sameValues(known, variant)))) {
    return { why: 'the reviewed copy lacks some values of the runtime copy' };
  }
  const ids = variants.map(({ values }) => variantId(consumedColumns, values));
  return { kind: acceptable, rows, variants: ids.sort() };
}

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
