import type { Finding, FindingKind, KeyGroup, Side, Variant } from '../model/index.ts';
import { ambiguousFinding } from './ambiguous.ts';
import { findBounds } from './bounds.ts';
import { differingColumns, sameValues } from './comparison.ts';
import { movedFinding } from './moved.ts';
import { compareFindings } from './order.ts';
import { markRespelled } from './respelled.ts';
import { toCells, type Comparison } from './input.ts';

/** Every fact of drift in what was confirmed, in the order of reports (SPEC §2). */
export function findFindings(comparison: Comparison): Finding[] {
  const findings = Object.values(finders).flatMap((find) => find(comparison));
  findings.sort(compareFindings);
  return markRespelled(findings);
}

/** Finds every fact of one kind in what was confirmed; the order is its caller's affair. */
export type Finder = (comparison: Comparison) => readonly Finding[];

const oneSide: readonly Side[] = ['reviewed', 'runtime'];

/** A finder for each kind; a kind without one is found by whoever knows its facts. */
const finders: Partial<Record<FindingKind, Finder>> & Record<string, Finder> = {
  added: (comparison) =>
    ofUnits(comparison, ({ reviewed }) =>
      isPair(comparison) && reviewed.count === 0 ? [unit('added', 'runtime')] : [],
    ),
  removed: (comparison) =>
    ofUnits(comparison, ({ runtime }) =>
      isPair(comparison) && runtime.count === 0 ? [unit('removed', 'reviewed')] : [],
    ),
  duplicated: (comparison) =>
    ofUnits(comparison, (group) =>
      oneSide
        .filter((side) => group[side].count > 1 && group[side].variants.length === 1)
        .map((side) => unit('duplicated', side)),
    ),
  conflict: (comparison) => ofUnits(comparison, conflictsOf),
  invalid: ({ invalid, policy }) =>
    invalid.map(({ row, reason }) => ({
      kind: 'invalid',
      side: row.side,
      severity: policy.invalid,
      key: null,
      fields: [],
      reason,
      rowCount: {
        reviewed: Number(row.side === 'reviewed'),
        runtime: Number(row.side === 'runtime'),
      },
      rows: [row],
      respelled: null,
    })),
  bounds: findBounds,
  order: ({ moved = [], keyColumns, policy }) =>
    moved.map((unitMoved) => movedFinding(unitMoved, keyColumns, policy)),
  ambiguous: ({ ambiguous, policy }) =>
    (ambiguous?.hazards ?? []).map((hazard) =>
      ambiguousFinding(hazard, ambiguous!.named, policy.ambiguous),
    ),
};

/** Adds finders of kinds that were added to the table; gives what takes them out again. */
export function addFinders(more: Readonly<Record<string, Finder>>): () => void {
  Object.assign(finders, more);
  return () => {
    for (const kind of Object.keys(more)) delete finders[kind];
  };
}

/** A finding of a unit, before it is known of which. */
interface UnitFact {
  readonly kind: FindingKind;
  readonly side: Finding['side'];
  /** Variants that disagree. */
  readonly variants: readonly Variant[];
}

function unit(
  kind: FindingKind,
  side: Finding['side'],
  variants: readonly Variant[] = [],
): UnitFact {
  return { kind, side, variants };
}

function isPair({ reviewed, runtime }: Comparison): boolean {
  return reviewed !== null && runtime !== null;
}

function ofUnits(
  { keys, keyColumns, consumedColumns, policy }: Comparison,
  factsOf: (group: KeyGroup) => readonly UnitFact[],
): readonly Finding[] {
  return keys.flatMap((group) =>
    factsOf(group).map(({ kind, side, variants }) => ({
      kind,
      side,
      severity: policy[kind],
      key: toCells(keyColumns, group.key),
      fields: differingColumns(consumedColumns, variants),
      reason: null,
      rowCount: { reviewed: group.reviewed.count, runtime: group.runtime.count },
      rows: [...group.reviewed.shown, ...group.runtime.shown],
      respelled: null,
    })),
  );
}

/** On each side by itself; across only where each side has one variant. */
function conflictsOf(group: KeyGroup): readonly UnitFact[] {
  const found = oneSide
    .filter((side) => group[side].variants.length > 1)
    .map((side) => unit('conflict', side, group[side].variants));
  const [one, ...more] = group.reviewed.variants;
  const [other, ...others] = group.runtime.variants;
  if (one === undefined || other === undefined || more.length + others.length > 0) return found;
  return sameValues(one, other) ? found : [...found, unit('conflict', 'across', [one, other])];
}
