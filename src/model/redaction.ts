import type { Cells } from './warning.ts';

/** Columns whose values are told as fingerprints only. */
export interface Redaction {
  /** By the contract's names. */
  readonly columns: ReadonlySet<string>;
  /** Those that the contract itself names: a copy has to have them. */
  readonly named: ReadonlySet<string>;
  /** What is told of a value: equal for equal values. */
  show(this: void, value: string): string;
}

/** Cells as they may be told; what is not there, and what is empty, is no secret. */
export function redactCells(cells: Cells, redaction: Redaction): Cells {
  return cells.map(([column, value]) =>
    value === null || value === '' || !redaction.columns.has(column)
      ? [column, value]
      : [column, redaction.show(value)],
  );
}

/** Whether a value is told as a fingerprint: what `Redaction.show` gives. */
export function isFingerprint(value: string): boolean {
  return /^redacted:[0-9a-f]{12}$/.test(value);
}

/**
 * A text of JSON with the fingerprints in it numbered as they come: two runs tell the same values by
 * other fingerprints, and which of them are equal is all that both say.
 */
export function numberFingerprints(json: string): string {
  const numbers = new Map<string, number>();
  return json.replaceAll(/"redacted:[0-9a-f]+"/g, (shown) => {
    if (!isFingerprint(shown.slice(1, -1))) return shown;
    const number = numbers.get(shown) ?? numbers.size;
    numbers.set(shown, number);
    return `"redacted:${number}"`;
  });
}
