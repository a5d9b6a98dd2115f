import { hasLostDigits, looseValue } from '../compare/index.ts';
import { createRowJudge } from '../engine/index.ts';
import { faultClass, shownRows, toKeydriftError, type Warning } from '../model/index.ts';
import { compileSteps } from '../normalize/index.ts';
import type { ScannedCopy } from './scan.ts';

/** Larger copies are not read once more for what is only a warning. */
const mostBytes = 4 * 1024 * 1024;

/**
 * What the spelling of keys tells of a small copy: units that are one under loose reading, which a
 * job that trims or folds them runs more than once, and numbers that a spreadsheet cut short. None
 * where the engine saw that no key can be another one spelled otherwise.
 */
export async function keyFormWarnings(scanned: ScannedCopy): Promise<readonly Warning[]> {
  const { copy, keyset, plan, table, request } = scanned;
  if (!keyset.mayBeRespelled || copy.bytes > mostBytes || keyset.table.rows === 0) return [];
  const units = new Map<string, Set<string>>();
  const lost = new Map<string, Warning>();
  const { side } = request;
  const judge = createRowJudge(plan, compileSteps, (column, value, { place }) => {
    if (lost.has(column) || !hasLostDigits(value)) return;
    const told = plan.key.find(({ name }) => name === column)?.show?.(value) ?? value;
    const message = `key column ${column} holds ${told}: a spreadsheet rounded it, its digits are lost`;
    lost.set(column, { code: 'KEY_DIGITS_LOST', message, side, line: place.line || null });
  });
  const records = Uint32Array.from({ length: keyset.table.rows }, (_, row) =>
    keyset.table.recordOf(row),
  );
  const columns = [...plan.key, ...plan.consumed].map(({ index }) => index);
  try {
    await table.reread(
      records,
      (record) => {
        const row = judge(record);
        if (!row.valid) return;
        const loose = JSON.stringify(row.key.map(looseValue));
        const spelled = units.get(loose) ?? new Set();
        const told = row.key.map((value, at) => plan.key[at]?.show?.(value) ?? value);
        units.set(loose, spelled.add(JSON.stringify(told)));
      },
      columns,
    );
  } catch (thrown) {
    // It changed while it was read: whatever is told of it comes from what was judged.
    if (faultClass(toKeydriftError(thrown)) === 'content') return [];
    throw thrown;
  }
  return [...respelledWarning(units, side), ...lost.values()];
}

function respelledWarning(
  units: ReadonlyMap<string, ReadonlySet<string>>,
  side: Warning['side'],
): readonly Warning[] {
  const groups = [...units.values()].filter(({ size }) => size > 1);
  if (groups.length === 0) return [];
  const count = groups.reduce((sum, { size }) => sum + size, 0);
  const shown = groups.slice(0, shownRows).map((group) => [...group].map(spelling).join(' and '));
  const rest = groups.length > shown.length ? `; and ${groups.length - shown.length} more` : '';
  const message = `${count} units are ${groups.length} under loose reading (case, blanks, leading zeros, what is not seen), so that a job that trims or folds them runs one more than once: ${shown.join('; ')}${rest}`;
  return [{ code: 'RESPELLED', message, side, line: null }];
}

/** A key's values as they are told apart: what is not seen, and what is no ASCII, escaped. */
function spelling(key: string): string {
  const inner = key.slice(1, -1);
  const text = inner.replace(/[^\x20-\x7e]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
