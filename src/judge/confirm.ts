import { getHeapStatistics } from 'node:v8';
import { collectFindings, type Comparison, type FindingSet } from '../compare/index.ts';
import {
  confirmChosen,
  countSingles,
  createRowJudge,
  isPlannedAlike,
  type Choice,
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
  /** How units are held that one copy alone has, where many are listed; left out: as groups. */
  readonly many?: 'packed' | 'as groups';
}

/** So many rows are many: what is packed has to be unpacked for whoever looks at it. */
const manyRows = 10_000;

/**
 * Reads again what is listed and what `accept` names, and finds what differs; the rest is counted by
 * its hashes. `repeated`: so many of the keys that the runtime copy repeats most are among `keys`.
 */
export async function confirmFindings(
  artifact: Pick<
    ArtifactContract,
    'units' | 'maxAmplification' | 'limits' | 'accept' | 'redaction'
  >,
  policy: Policy,
  groups: KeyGroups,
  scanned: ScannedSides,
  { repeated = 0, ambiguous, order = null, many = 'as groups' }: ConfirmOptions = {},
): Promise<ConfirmedFindings> {
  const { units, maxAmplification, accept } = artifact;
  const limit = findingsLimit(artifact);
  const chosen = groups.isNone
    ? null
    : await groups.choose({ limit, keys: accept.map(({ key }) => key), repeated });
  const rows = chosen === null ? 0 : chosen.reviewed.rows.length + chosen.runtime.rows.length;
  // What `accept` names is found by its group, and what is redacted is made anew.
  const held = rows > manyRows && accept.length === 0 && !artifact.redaction ? many : 'as groups';
  const packed = held === 'packed' && chosen !== null ? await countSingles(groups, chosen) : 0;
  if (rows > 0) holdListed(rows, packed, scanned);
  const { keys, invalid, singles } =
    rows === 0 || chosen === null
      ? { keys: [], invalid: [], singles: null }
      : await confirmChosen(groups, chosen, confirmedSides(scanned), held);
  const { keyColumns, consumedColumns } = columnsOf((scanned.reviewed ?? scanned.runtime)!);
  const { reviewed, runtime } = scanned;
  const comparison: Comparison = {
    keyColumns,
    consumedColumns,
    keys,
    singles,
    invalid,
    reviewed: reviewed?.keyset.table ?? null,
    runtime: runtime?.keyset.table ?? null,
    mayBeRespelled:
      reviewed !== undefined &&
      runtime !== undefined &&
      reviewed.keyset.mayBeRespelledBeside(runtime.keyset),
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

/** Bytes of the heap that a row which is read again takes, and each of its cells; and a packed row. */
const rowCost = 300;
const cellCost = 80;
const packedCost = 120;

/** What is listed has to fit into the heap, whose end no program survives. Throws `TOO_LARGE`. */
function holdListed(rows: number, packed: number, scanned: ScannedSides): void {
  const { plan } = (scanned.reviewed ?? scanned.runtime)!;
  const cells = plan.key.length + plan.consumed.length;
  const bytes = packed * packedCost + (rows - packed) * (rowCost + cellCost * cells);
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
