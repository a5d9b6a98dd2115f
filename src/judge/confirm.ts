import { getHeapStatistics } from 'node:v8';
import { collectFindings, type Comparison, type FindingSet } from '../compare/index.ts';
import {
  confirmChosen,
  createRowJudge,
  isPlannedAlike,
  type Choice,
  type Chosen,
  type ConfirmedSide,
  type KeyGroups,
} from '../engine/index.ts';
import {
  defaultLimits,
  KeydriftError,
  type ArtifactContract,
  type KeyGroup,
  type Policy,
  type Side,
} from '../model/index.ts';
import { compileSteps } from '../normalize/index.ts';
import type { FoundOrder } from './order.ts';
import type { ScannedCopy } from './request.ts';

/** How many findings of each kind and side an artifact's reports list. */
export function findingsLimit({ limits }: Pick<ArtifactContract, 'limits'>): number {
  const { findings = defaultLimits.findings } = limits ?? {};
  return findings === 0 ? Number.POSITIVE_INFINITY : findings;
}

/** Copies that were scanned; one of them by itself, or both. */
export type ScannedSides = Partial<Readonly<Record<Side, ScannedCopy>>>;

/** What was confirmed on the bytes, and all that was found. */
export interface ConfirmedFindings {
  readonly keys: readonly KeyGroup[];
  readonly found: FindingSet;
}

/** What is confirmed beside what is listed. */
export interface ConfirmOptions extends Pick<Choice, 'repeated'>, Pick<Comparison, 'ambiguous'> {
  /** What stands in another order; left out: the order does not count. */
  readonly order?: FoundOrder | null;
}

/**
 * Reads again what is listed and what `accept` names, and finds what differs; the rest is counted by
 * its hashes. `repeated`: so many of the keys that the runtime copy repeats most are among `keys`.
 */
export async function confirmFindings(
  artifact: Pick<ArtifactContract, 'units' | 'maxAmplification' | 'limits' | 'accept'>,
  policy: Policy,
  groups: KeyGroups,
  scanned: ScannedSides,
  { repeated = 0, ambiguous, order = null }: ConfirmOptions = {},
): Promise<ConfirmedFindings> {
  const { units, maxAmplification, accept } = artifact;
  const limit = findingsLimit(artifact);
  const chosen = await groups.choose({ limit, keys: accept.map(({ key }) => key), repeated });
  const isNone = chosen.reviewed.rows.length + chosen.runtime.rows.length === 0;
  if (!isNone) holdListed(chosen, scanned);
  const { keys, invalid } = isNone
    ? { keys: [], invalid: [] }
    : await confirmChosen(groups, chosen, confirmedSides(scanned));
  const { keyColumns, consumedColumns } = columnsOf((scanned.reviewed ?? scanned.runtime)!);
  const comparison: Comparison = {
    keyColumns,
    consumedColumns,
    keys,
    invalid,
    reviewed: scanned.reviewed?.keyset.table ?? null,
    runtime: scanned.runtime?.keyset.table ?? null,
    units,
    maxAmplification,
    policy,
    ...(ambiguous === undefined ? {} : { ambiguous }),
    ...(order === null ? {} : { moved: order.moved }),
  };
  const { count = 0 } = order ?? {};
  const counts = [...groups.counts, { kind: 'order', side: 'across', count } as const];
  return { keys, found: await collectFindings(comparison, counts) };
}

/** Bytes of the heap that a row which is read again takes, and each of its cells. */
const rowCost = 300;
const cellCost = 80;

/** What is listed has to fit into the heap, whose end no program survives. Throws `TOO_LARGE`. */
function holdListed({ reviewed, runtime }: Chosen, scanned: ScannedSides): void {
  const { plan } = (scanned.reviewed ?? scanned.runtime)!;
  const rows = reviewed.rows.length + runtime.rows.length;
  const bytes = rows * (rowCost + cellCost * (plan.key.length + plan.consumed.length));
  if (bytes <= 0.8 * getHeapStatistics().heap_size_limit) return;
  throw new KeydriftError(
    'TOO_LARGE',
    `${rows} rows are to be listed, which takes about ${bytes} bytes of memory`,
    {
      hint: 'List fewer: --max-findings 1000. Or give Node more: NODE_OPTIONS=--max-old-space-size=…',
    },
  );
}

/** Scanned copies as sides whose chosen rows are read again: by one judge, where it judges both. */
export function confirmedSides(scanned: ScannedSides): readonly ConfirmedSide[] {
  const { reviewed, runtime } = scanned;
  const isShared =
    reviewed !== undefined && runtime !== undefined && isPlannedAlike(reviewed.plan, runtime.plan);
  const shared = isShared ? createRowJudge(reviewed.plan, compileSteps) : null;
  return (['reviewed', 'runtime'] as const).flatMap((side) => {
    const copy = scanned[side];
    if (copy === undefined) return [];
    const { table, plan, keyset } = copy;
    const judge = shared ?? createRowJudge(plan, compileSteps);
    return [{ side, plan, rows: keyset.table, table, judge }];
  });
}

/** Names of a plan's columns, in contract order. */
export function columnsOf({ plan }: ScannedCopy): {
  keyColumns: readonly string[];
  consumedColumns: readonly string[];
} {
  return {
    keyColumns: plan.key.map(({ name }) => name),
    consumedColumns: plan.consumed.map(({ name }) => name),
  };
}
