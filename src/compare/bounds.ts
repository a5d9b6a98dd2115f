import { count, type Finding, type Side } from '../model/index.ts';
import type { Comparison, SideTotals } from './input.ts';

/** How often the average unit would run: (rows − invalid) ÷ units; null without units (SPEC §1). */
export function amplificationOf({ rows, units, invalid }: SideTotals): number | null {
  return units === 0 ? null : (rows - invalid) / units;
}

/** What bounds are held against. */
export type Bounded = Pick<
  Comparison,
  'reviewed' | 'runtime' | 'units' | 'maxAmplification' | 'policy'
>;

/** One finding for each bound of the contract that a side breaks. */
export function findBounds(comparison: Bounded): Finding[] {
  const { reviewed, runtime } = comparison;
  const found: Finding[] = [];
  for (const [side, totals] of [['reviewed', reviewed] as const, ['runtime', runtime] as const]) {
    if (totals === null) continue;
    for (const reason of brokenBounds(totals, comparison))
      found.push(finding(side, reason, comparison));
  }
  return found;
}

function brokenBounds(totals: SideTotals, { units, maxAmplification }: Bounded): string[] {
  const broken: string[] = [];
  const found = count(totals.units, 'unit');
  if (totals.units < units.min) broken.push(`${found}, the contract wants at least ${units.min}`);
  if (units.max !== null && totals.units > units.max) {
    broken.push(`${found}, the contract allows at most ${units.max}`);
  }
  const amplification = amplificationOf(totals);
  if (maxAmplification !== null && amplification !== null && amplification > maxAmplification) {
    const shown = Number(amplification.toFixed(4));
    broken.push(`amplification ${shown}, the contract allows at most ${maxAmplification}`);
  }
  return broken;
}

function finding(side: Side, reason: string, { policy }: Bounded): Finding {
  return {
    kind: 'bounds',
    side,
    severity: policy.bounds,
    key: null,
    fields: [],
    reason,
    rowCount: { reviewed: 0, runtime: 0 },
    rows: [],
    respelled: null,
  };
}
