import { looseValue } from '../compare/index.ts';
import {
  compileLoose,
  createRowJudge,
  joinKeySets,
  loosePlan,
  reduceTable,
  type HowToReduce,
  type KeySet,
} from '../engine/index.ts';
import {
  clipTo,
  faultClass,
  shownRows,
  toKeydriftError,
  type ScanPlan,
  type Table,
  type Warning,
} from '../model/index.ts';
import { compileSteps } from '../normalize/index.ts';
import type { ScannedPair } from './compare-scanned.ts';
import type { ScannedCopy } from './request.ts';
import { createScopeJudge } from './scope.ts';

/** Of copies up to this size every key is read again; of larger ones those that may be respelled. */
const mostBytes = 4 * 1024 * 1024;
/** Larger ones that are not at hand are not fetched once more for it. */
const mostFetched = 256 * 1024 * 1024;
/** So many of those at most. */
const mostRows = 200_000;

/**
 * What the spelling of keys tells of a copy: units that are one under loose reading, which a job that
 * trims or folds them runs more than once. None where the engine saw that no key can be another one
 * spelled otherwise. A large copy is read once more for it, by the same engine under loose reading.
 */
export async function keyFormWarnings(scanned: ScannedCopy): Promise<readonly Warning[]> {
  const { copy, keyset, request } = scanned;
  if (!keyset.mayBeRespelled || keyset.table.rows === 0) return [];
  const { side } = request;
  try {
    const rows = await suspectRows(scanned);
    if (rows.length === 0) return [];
    const looked = rows.length > mostRows ? rows.subarray(0, mostRows) : rows;
    const units = await unitsByLooseKey(scanned, looked);
    const isAll = looked.length === rows.length;
    return respelledWarning(units, side, isAll);
  } catch (thrown) {
    const fault = faultClass(toKeydriftError(thrown));
    // It changed while it was read: whatever is told of it comes from what was judged. Of a large
    // copy no verdict waits for what only another reading could tell; a defect is told all the same.
    if (fault === 'content' || (fault !== 'internal' && copy.bytes > mostBytes)) return [];
    throw thrown;
  }
}

/** Rows whose key may be another one spelled otherwise. */
async function suspectRows({
  copy,
  keyset,
  plan,
  table,
  scope,
}: ScannedCopy): Promise<Uint32Array> {
  if (copy.bytes <= mostBytes) {
    return Uint32Array.from({ length: keyset.table.rows }, (_, row) => row);
  }
  if (copy.lend === undefined && copy.bytes > mostFetched) return new Uint32Array();
  const inScope = scope === null ? null : createScopeJudge(plan, scope);
  const loose = await reduceLoose(table, plan, {
    against: null,
    keep: inScope === null ? null : (record) => inScope(record).inScope,
  });
  try {
    const { units, invalid } = loose.table;
    const isSame = units === keyset.table.units && invalid === keyset.table.invalid;
    return isSame ? new Uint32Array() : await loose.repeats();
  } finally {
    loose.release();
  }
}

/** The keys of a table under loose reading. */
function reduceLoose(
  table: Table,
  plan: ScanPlan,
  how: Pick<HowToReduce, 'against' | 'keep'>,
): Promise<KeySet> {
  const { delimited } = table;
  // The table stays what it is to the engine that read it first.
  const again =
    delimited === undefined
      ? table
      : { ...table, delimited: { ...delimited, found: () => undefined } };
  const compile = compileLoose(compileSteps, looseValue);
  return reduceTable(again, loosePlan(plan), { ...how, compile });
}

/** Whether two copies have the same rows under loose reading, keys and consumed values alike. */
export async function haveSameLooseRows({ reviewed, runtime }: ScannedPair): Promise<boolean> {
  const [one, other] = [reviewed, runtime].map(({ plan }) => ({
    ...plan,
    key: [...plan.key, ...plan.consumed.map((column) => ({ ...column, optional: true }))],
  }));
  const loose = await reduceLoose(reviewed.table, one!, { against: null, keep: null });
  try {
    const against = await reduceLoose(runtime.table, other!, { against: loose, keep: null });
    if (against.engine !== loose.engine) return false;
    return (await joinKeySets(loose, against)).sameRows;
  } finally {
    loose.release();
  }
}

/** Keys as they stand, by what they are under loose reading. */
async function unitsByLooseKey(
  { keyset, plan, table }: ScannedCopy,
  rows: Uint32Array,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const units = new Map<string, Set<string>>();
  const judge = createRowJudge(plan, compileSteps);
  const columns = [...plan.key, ...plan.consumed].map(({ index }) => index);
  const records = rows.map((row) => keyset.table.recordOf(row));
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
  return units;
}

function respelledWarning(
  units: ReadonlyMap<string, ReadonlySet<string>>,
  side: Warning['side'],
  isAll: boolean,
): readonly Warning[] {
  const groups = [...units.values()].filter(({ size }) => size > 1);
  if (groups.length === 0) return [];
  const count = groups.reduce((sum, { size }) => sum + size, 0);
  const shown = groups.slice(0, shownRows).map((group) => [...group].map(spelling).join(' and '));
  const rest = groups.length > shown.length ? `; and ${groups.length - shown.length} more` : '';
  const message = `${isAll ? '' : 'at least '}${count} units are ${groups.length} under loose reading (case, blanks, leading zeros, what is not seen), so that a job that trims or folds them runs one more than once: ${shown.join('; ')}${rest}`;
  return [{ code: 'RESPELLED', message, side, line: null }];
}

/** A key's values as they are told apart: what is not seen, and what is no ASCII, escaped. */
function spelling(key: string): string {
  const inner = key.slice(1, -1);
  const text = inner.replace(/[^\x20-\x7e]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return clipTo(text, 120);
}
