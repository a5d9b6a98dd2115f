import { amplificationOf, toCells, unitPrefix } from '../../compare/index.ts';
import {
  faultClass,
  KeydriftError,
  toKeydriftError,
  type ArtifactContract,
  type Cost,
  type Folder,
  type KeyGroup,
  type PinnedCopy,
  type PrefixSize,
  type RuntimeCopy,
  type UnitCost,
  type UnitScan,
  redactCells,
  type Redaction,
} from '../../model/index.ts';
import { judgeAlone } from '../../judge/alone.ts';
import { mapConcurrently } from '../../judge/concurrency.ts';
import { columnsOf } from '../../judge/confirm.ts';
import type { Sources } from '../../judge/context.ts';
import { keepSmall } from '../../judge/memory.ts';
import { runtimeRequest } from '../../judge/request.ts';
import { scanCopy } from '../../judge/scan.ts';
import { reduceAlone } from '../../judge/planned.ts';

/** The runtime copy whose repetition is priced; null: there is none. */
export interface RuntimeCost {
  readonly artifact: ArtifactContract;
  readonly copy: RuntimeCopy;
  readonly runtime: PinnedCopy | null;
  readonly sources: Sources;
}

/** What the repetition of a runtime copy costs; null where it cannot be read. */
export async function priceRuntime({
  artifact,
  copy,
  runtime,
  sources,
}: RuntimeCost): Promise<Cost | null> {
  if (runtime === null) return null;
  try {
    const request = runtimeRequest(artifact, copy, null);
    const scanned = await reduceAlone(artifact, await scanCopy(keepSmall(runtime), request));
    const most = { repeated: mostPrefixes };
    const alone = await judgeAlone(artifact, copy.policy, 'runtime', scanned, most);
    const { rows, units, invalid } = scanned.keyset.table;
    scanned.keyset.release();
    return await priceRepetition({
      artifact,
      redundantRows: rows - units - invalid,
      amplification: amplificationOf({ rows, units, invalid }),
      keys: alone.keys,
      repeatedKeys: alone.repeatedKeys,
      ...columnsOf(scanned),
      prefixText: ({ root }, prefix) => {
        const scheme = sources.scheme(root);
        return scheme.textOf(scheme.within?.({ root, prefix }, '') ?? root);
      },
      prefixSize: ({ root }, prefix) => sizeUnder({ root, prefix }, sources),
    });
  } catch (thrown) {
    if (faultClass(toKeydriftError(thrown)) === 'content') return null;
    throw thrown;
  }
}

async function sizeUnder(folder: Folder, sources: Sources): Promise<PrefixSize> {
  const size = await (await sources.of(folder.root)).prefixSize?.(folder);
  if (size !== undefined) return size;
  throw new KeydriftError('NOT_SUPPORTED', 'the store cannot tell how much lies under a prefix');
}

/** What the cost of repetition is told from. */
export interface CostRequest {
  readonly artifact: ArtifactContract;
  /** Of the runtime copy now. */
  readonly redundantRows: number;
  readonly amplification: number | null;
  /** Confirmed keys; those that the runtime copy repeats are priced. */
  readonly keys: readonly KeyGroup[];
  /** How many keys the runtime copy repeats; left out: those are all. */
  readonly repeatedKeys?: number;
  /** Names in contract order. */
  readonly keyColumns: readonly string[];
  readonly consumedColumns: readonly string[];
  /** As people write it. */
  readonly prefixText: (scan: UnitScan, prefix: string) => string;
  readonly prefixSize: (scan: UnitScan, prefix: string) => Promise<PrefixSize>;
}

/** Prefixes listed; a bucket is not to be listed for hours. */
const mostPrefixes = 500;
const mostAtOnce = 8;

/** How many rows of a unit scan a prefix. */
interface Scanned {
  readonly group: KeyGroup;
  /** Null: the template names a column that the copy does not have. */
  readonly prefix: string | null;
  readonly rows: number;
}

/**
 * What the runtime copy's repetition costs: redundant rows and, where the contract says what a unit
 * scans, the bytes that each run scans again: (rows − 1) × the size of the objects under its prefix.
 */
export async function priceRepetition(request: CostRequest): Promise<Cost> {
  const { artifact, redundantRows, amplification, keys } = request;
  const facts = { redundantRows, amplification };
  const scan = artifact.cost;
  if (scan === undefined) {
    return { scans: null, ...facts, redundantBytes: null, known: 'none', units: [] };
  }
  const repeated = keys
    .filter((group) => group.runtime.count > 1)
    .toSorted((a, b) => b.runtime.count - a.runtime.count)
    .flatMap((group) => prefixesOf(scan, group, request));
  const priced = repeated.slice(0, mostPrefixes);
  const sizes = new Map<string, Promise<PrefixSize>>();
  const sizeOf = (prefix: string): Promise<PrefixSize> => {
    const size = sizes.get(prefix) ?? request.prefixSize(scan, prefix);
    sizes.set(prefix, size);
    return size;
  };
  const units = await mapConcurrently(priced, mostAtOnce, (one) =>
    priceUnit(one, scan, request, sizeOf),
  );
  const bytes = units.flatMap(({ redundantBytes }) =>
    redundantBytes === null ? [] : [redundantBytes],
  );
  const told = keys.filter((group) => group.runtime.count > 1).length;
  const complete = bytes.length === repeated.length && (request.repeatedKeys ?? told) === told;
  const { redaction } = artifact;
  return {
    scans: scan.scans,
    ...facts,
    redundantBytes:
      bytes.length === 0 && !complete ? null : bytes.reduce((sum, one) => sum + one, 0),
    known: complete ? 'all' : bytes.length === 0 ? 'none' : 'part',
    units: redaction === undefined ? units : units.map((unit) => hidden(unit, scan, redaction)),
  };
}

/** A unit as it may be told: a prefix that holds a value, and what the store says of it, are not. */
function hidden(unit: UnitCost, scan: UnitScan, redaction: Redaction): UnitCost {
  const isHeld = scan.prefix.some(
    (piece) => typeof piece !== 'string' && redaction.columns.has(piece.column),
  );
  const key = redactCells(unit.key, redaction);
  if (!isHeld) return { ...unit, key };
  const reason = unit.reason === null ? null : 'its prefix, which is redacted, cannot be listed';
  return { ...unit, key, prefix: scan.scans, reason };
}

/** The prefixes that the rows of a unit scan: one, unless its variants name several. */
function prefixesOf(scan: UnitScan, group: KeyGroup, request: CostRequest): readonly Scanned[] {
  const rows = new Map<string | null, number>();
  for (const variant of group.runtime.variants) {
    const values = new Map([
      ...toCells(request.keyColumns, group.key),
      ...toCells(request.consumedColumns, variant.values),
    ]);
    const prefix = unitPrefix(scan, values);
    rows.set(prefix, (rows.get(prefix) ?? 0) + variant.rows);
  }
  // A prefix that one row of the unit scans is scanned once: nothing of it is redundant.
  return [...rows].flatMap(([prefix, count]) =>
    count > 1 ? [{ group, prefix, rows: count }] : [],
  );
}

async function priceUnit(
  { group, prefix, rows }: Scanned,
  scan: UnitScan,
  { keyColumns, prefixText }: Pick<CostRequest, 'keyColumns' | 'prefixText'>,
  sizeOf: (prefix: string) => Promise<PrefixSize>,
): Promise<UnitCost> {
  const key = toCells(keyColumns, group.key);
  if (prefix === null) {
    const reason = 'the runtime copy lacks a column that the template names';
    return {
      key,
      rows,
      prefix: scan.scans,
      objects: null,
      bytes: null,
      redundantBytes: null,
      reason,
    };
  }
  const unit = { key, rows, prefix: prefixText(scan, prefix) };
  try {
    const { objects, bytes } = await sizeOf(prefix);
    return { ...unit, objects, bytes, redundantBytes: (rows - 1) * bytes, reason: null };
  } catch (thrown) {
    const reason = toKeydriftError(thrown).message;
    return { ...unit, objects: null, bytes: null, redundantBytes: null, reason };
  }
}
