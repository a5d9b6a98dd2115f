import {
  findingKinds,
  inSlices,
  ofShape,
  rankOf,
  sortedInSlices,
  type Cells,
  type Finding,
  type FindingKind,
  type KeyGroup,
  type PackedUnits,
  type ReportedRow,
  type RowCount,
  type Severity,
  type Side,
  type SingleUnits,
  type Variant,
} from '../model/index.ts';
import { ambiguousFinding } from './ambiguous.ts';
import { findBounds } from './bounds.ts';
import type { Comparison } from './input.ts';
import { movedFinding } from './moved.ts';
import { compareFindings, compareValues } from './order.ts';
import { markRespelled } from './respelled.ts';
import { differingColumns, sameValues } from './variant.ts';

/** Every fact of drift in what was confirmed, in the order of reports (SPEC §2). */
export async function findFindings(comparison: Comparison): Promise<readonly Finding[]> {
  const { singles = null } = comparison;
  if (comparison.keys.length === 0 && singles === null) return otherFindings(comparison);
  // The keys alone are ordered: what is found by them then stands in order, and costs one look.
  const keys = await sortedInSlices(comparison.keys, (a, b) => compareValues(a.key, b.key));
  const findings: Finding[] = [];
  for (const factsOf of Object.values(unitFinders)) {
    await inSlices(keys.length, (from, to) => {
      for (let at = from; at < to; at += 1) {
        const group = keys[at]!;
        for (const fact of factsOf(group, comparison)) {
          findings.push(unitFinding(fact, group, comparison));
        }
      }
    });
  }
  for (const find of Object.values(finders)) {
    for (const finding of find({ ...comparison, keys })) findings.push(finding);
  }
  const found = await sortedInSlices(findings, compareFindings);
  const all =
    singles === null ? found : await withSingles(found, singleFindings(singles, comparison));
  return comparison.mayBeRespelled === false ? all : markRespelled(all);
}

/** Where no unit was confirmed: what is no fact of one. */
async function otherFindings(comparison: Comparison): Promise<readonly Finding[]> {
  const findings = Object.values(finders).flatMap((find) => find(comparison));
  return findings.length === 0
    ? findings
    : markRespelled(await sortedInSlices(findings, compareFindings));
}

/** What is found of units that one copy alone has, each kind in order. */
function singleFindings(singles: SingleUnits, { policy }: Comparison): SingleFindings {
  const ofSide = (side: Side, kind: FindingKind): SingleFindings[number] => {
    const units = singles[side];
    const shape = singleShape(units, { kind, side, severity: policy[kind] });
    return { kind, count: units.count, finding: (rank) => ofShape(shape, rank) };
  };
  return [ofSide('runtime', 'added'), ofSide('reviewed', 'removed')];
}

type SingleFindings = readonly {
  readonly kind: FindingKind;
  readonly count: number;
  readonly finding: (rank: number) => Finding;
}[];

/** Findings in order, and such ones of some kinds, in one order. */
async function withSingles(
  found: readonly Finding[],
  singles: SingleFindings,
): Promise<readonly Finding[]> {
  const all: Finding[] = [];
  let next = 0;
  for (const kind of findingKinds) {
    const single = singles.find((one) => one.kind === kind);
    await inSlices(single?.count ?? 0, (from, to) => {
      for (let rank = from; rank < to; rank += 1) {
        const one = single!.finding(rank);
        for (; found[next]?.kind === kind && compareFindings(found[next]!, one) < 0; next += 1) {
          all.push(found[next]!);
        }
        all.push(one);
      }
    });
    for (; found[next]?.kind === kind; next += 1) all.push(found[next]!);
  }
  return all;
}

/** What most units have of most kinds: one list for all, because there may be a million. */
const nothing: readonly never[] = [];

/** Finds the facts of one kind in a unit that was confirmed. */
type UnitFinder = (group: KeyGroup, comparison: Comparison) => readonly UnitFact[];

const unitFinders: Partial<Record<FindingKind, UnitFinder>> = {
  added: ({ reviewed }, comparison) =>
    isPair(comparison) && reviewed.count === 0 ? [unit('added', 'runtime')] : nothing,
  removed: ({ runtime }, comparison) =>
    isPair(comparison) && runtime.count === 0 ? [unit('removed', 'reviewed')] : nothing,
  duplicated: (group) =>
    unitsOf(group, (side) =>
      group[side].count > 1 && group[side].variants.length === 1 ? unit('duplicated', side) : null,
    ),
  conflict: conflictsOf,
};

/** Finds every other fact of one kind in what was confirmed; the order is its caller's affair. */
export type Finder = (comparison: Comparison) => readonly Finding[];

const oneSide: readonly Side[] = ['reviewed', 'runtime'];

/** A finder for each kind of no single unit; a kind without one is found by whoever knows its facts. */
const finders: Partial<Record<FindingKind, Finder>> & Record<string, Finder> = {
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

/** What is found of each side by itself. */
function unitsOf(group: KeyGroup, factOf: (side: Side) => UnitFact | null): readonly UnitFact[] {
  if (group.reviewed.count < 2 && group.runtime.count < 2) return nothing;
  return oneSide.map(factOf).filter((fact) => fact !== null);
}

function unitFinding(
  { kind, side, variants }: UnitFact,
  group: KeyGroup,
  { keyColumns, consumedColumns, policy }: Comparison,
): Finding {
  const { reviewed, runtime } = group;
  return {
    kind,
    side,
    severity: policy[kind],
    key: keyCells(keyColumns, group),
    fields: variants.length === 0 ? nothing : differingColumns(consumedColumns, variants),
    reason: null,
    rowCount: rowCountOf(group),
    rows: joined(reviewed.shown, runtime.shown),
    respelled: null,
  };
}

/** Of most units that are told one copy has one row, and the other none. */
const [onlyReviewed, onlyRuntime]: readonly [RowCount, RowCount] = [
  { reviewed: 1, runtime: 0 },
  { reviewed: 0, runtime: 1 },
];

/** What all findings of a kind share that are of units which one copy alone has. */
function singleShape(
  units: PackedUnits,
  { kind, side, severity }: { kind: FindingKind; side: Side; severity: Severity },
): Finding {
  return {
    kind,
    side,
    severity,
    get key(): Cells {
      return units.key(rankOf(this));
    },
    fields: nothing,
    reason: null,
    rowCount: side === 'reviewed' ? onlyReviewed : onlyRuntime,
    get rows(): readonly ReportedRow[] {
      return [units.row(rankOf(this))];
    },
    respelled: null,
  };
}

function rowCountOf({
  reviewed: { count: reviewed },
  runtime: { count: runtime },
}: KeyGroup): RowCount {
  if (reviewed === 1 && runtime === 0) return onlyReviewed;
  return reviewed === 0 && runtime === 1 ? onlyRuntime : { reviewed, runtime };
}

function joined<T>(one: readonly T[], other: readonly T[]): readonly T[] {
  if (one.length === 0) return other;
  return other.length === 0 ? one : [...one, ...other];
}

/** Names paired with values; a cell that a row shows just so is that one, because it is at hand. */
function keyCells(columns: readonly string[], { key, reviewed, runtime }: KeyGroup): Cells {
  const values = (reviewed.shown[0] ?? runtime.shown[0])?.values ?? [];
  return columns.map((column, index) => {
    const shown = values[index];
    const value = key[index] ?? null;
    return shown !== undefined && shown[0] === column && shown[1] === value
      ? shown
      : ([column, value] as const);
  });
}

/** On each side by itself; across only where each side has one variant. */
function conflictsOf(group: KeyGroup): readonly UnitFact[] {
  const { reviewed, runtime } = group;
  const [one, other] = [reviewed.variants[0], runtime.variants[0]];
  const found = unitsOf(group, (side) =>
    group[side].variants.length > 1 ? unit('conflict', side, group[side].variants) : null,
  );
  if (one === undefined || other === undefined || found.length > 0) return found;
  return sameValues(one, other) ? nothing : [unit('conflict', 'across', [one, other])];
}
