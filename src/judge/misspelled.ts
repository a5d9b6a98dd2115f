import { nearestNames, quote, type Warning } from '../model/index.ts';
import type { ScannedCopy } from './request.ts';

/**
 * Columns that the contract misspells where no copy needs to have them: names of `descriptive` and
 * `normalize` that are none of the reviewed copy, and nearly one that counts, so that the one that was
 * meant is compared, or is compared as it stands.
 */
export function misspelledWarnings({ plan, table, request }: ScannedCopy): readonly Warning[] {
  const { descriptive, normalize } = request;
  if (descriptive.length + normalize.size === 0) return [];
  const consumed = plan.consumed.map(({ name }) => name);
  const counted = [...plan.key.map(({ name }) => name), ...consumed];
  const isNone = (column: string): boolean =>
    !table.columns.includes(column) && !counted.includes(column);
  return [
    ...[...normalize.keys()].filter(isNone).flatMap((column) => {
      const [meant] = nearestNames(column, counted);
      return meant === undefined ? [] : [idleStep(column, meant)];
    }),
    ...descriptive.filter(isNone).flatMap((column) => {
      const [meant] = nearestNames(column, consumed);
      if (meant === undefined) return [];
      const message = `descriptive names ${quote(column)}, which is no column; ${quote(meant)} counts: is that one meant?`;
      return [warning('DESCRIPTIVE_UNKNOWN', message)];
    }),
  ];
}

/** Normalization steps of columns that do not count, and are not misspelled: they change nothing. */
export function idleSteps({ plan, table, request }: ScannedCopy): readonly Warning[] {
  const counted = [...plan.key, ...plan.consumed].map(({ name }) => name);
  return [...request.normalize.keys()]
    .filter((column) => !counted.includes(column))
    .filter(
      (column) => table.columns.includes(column) || nearestNames(column, counted).length === 0,
    )
    .map((column) => idleStep(column, null));
}

function idleStep(column: string, meant: string | null): Warning {
  const hint = meant === null ? '' : `; did you mean ${meant}?`;
  const message = `normalize.${column} does nothing: the column is neither key nor consumed${hint}`;
  return warning('IDLE_STEP', message);
}

function warning(code: string, message: string): Warning {
  return { code, message, side: 'reviewed', line: null };
}
