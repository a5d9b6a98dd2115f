import {
  acceptableKinds,
  kindEntry,
  type AcceptableKind,
  type Finding,
  type KeyGroup,
} from '../model/index.ts';
import { sameValues } from './comparison.ts';
import { variantId } from './variant.ts';

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
  const { count, variants } = group[side];
  const reviewed = group.reviewed.variants;
  if (!variants.every((variant) => reviewed.some((known) => sameValues(known, variant)))) {
    return { why: 'the reviewed copy lacks some values of the runtime copy' };
  }
  const ids = variants.map(({ values }) => variantId(consumedColumns, values));
  return { kind: acceptable, rows: count, variants: ids.sort() };
}
