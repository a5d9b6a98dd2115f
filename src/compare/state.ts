import type {
  Finding,
  FindingKind,
  InvalidRow,
  KeyGroup,
  KeyRows,
  State,
  Verdict,
} from '../model/index.ts';

/**
 * The fact about a runtime copy that was compared (SPEC §2). `equivalent`: other bytes, but the
 * same units with the same variants and row counts, and no record that could not be read; what
 * either copy repeats is then a finding, yet nothing that keeps the two apart.
 */
export function comparedState(
  bytes: 'same' | 'other',
  keys: readonly KeyGroup[],
  invalid: readonly InvalidRow[],
): State {
  if (bytes === 'same') return 'identical';
  const equal =
    invalid.length === 0 && keys.every((group) => sameRows(group.reviewed, group.runtime));
  return equal ? 'equivalent' : 'drifted';
}

function sameRows(a: KeyRows, b: KeyRows): boolean {
  if (a.count !== b.count || a.variants.length !== b.variants.length) return false;
  const counts = new Map(a.variants.map(({ values, rows }) => [JSON.stringify(values), rows]));
  return b.variants.every(({ values, rows }) => counts.get(JSON.stringify(values)) === rows);
}

/** The verdict that findings give: one that fails is drift. */
export function findingsVerdict(findings: readonly Finding[]): Verdict {
  return findings.some(({ severity }) => severity === 'fail') ? 'drifted' : 'in-sync';
}

/** Findings counted by kind. */
export function countFindings(findings: readonly Finding[]): Record<FindingKind, number> {
  const counts = noFindings();
  for (const { kind } of findings) counts[kind] += 1;
  return counts;
}

/** Zero of every kind. */
export function noFindings(): Record<FindingKind, number> {
  return { added: 0, removed: 0, duplicated: 0, conflict: 0, invalid: 0, bounds: 0 };
}
