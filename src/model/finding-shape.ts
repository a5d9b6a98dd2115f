import type { Finding } from './report.ts';

/** What all of a shape share is its shape's; each has its rank, and what is so of it alone. */
interface Shaped extends Finding {
  rank: number;
}

/**
 * One of a million findings that differ in little but their rank: what their `shape` works out from
 * that (`rankOf(this)`) is made when it is asked for, and held by nobody.
 */
export function ofShape(shape: Finding, rank: number): Finding {
  // A literal has room for what stands in it, and for no more, which is a third of it.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { __proto__: shape, rank } as unknown as Shaped;
}

/** The rank of a finding of a shape. */
export function rankOf(finding: Finding): number {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (finding as Shaped).rank;
}

/** Whether it has a shape. */
function isShaped(finding: Finding): boolean {
  return Object.getPrototypeOf(finding) !== Object.prototype;
}

/** The same finding, of which something else is so. */
export function withFacts(
  finding: Finding,
  facts: Partial<Pick<Finding, 'severity' | 'respelled' | 'accepted' | 'transition' | 'began'>>,
): Finding {
  if (!isShaped(finding)) return { ...finding, ...facts };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const shape = Object.getPrototypeOf(finding) as Finding;
  return Object.assign(ofShape(shape, rankOf(finding)), finding, facts);
}

/** The same finding without a shape: all that is so of it is its own. */
export function plainFinding(finding: Finding): Finding {
  if (!isShaped(finding)) return finding;
  const { kind, side, severity, key, fields, reason, rowCount, rows, respelled } = finding;
  const { accepted, transition, began } = finding;
  return {
    kind,
    side,
    severity,
    key,
    fields,
    reason,
    rowCount,
    rows,
    respelled,
    ...(accepted === undefined ? {} : { accepted }),
    ...(transition === undefined ? {} : { transition }),
    ...(began === undefined ? {} : { began }),
  };
}
