import { randomBytes } from 'node:crypto';
import {
  createRowJudge,
  digestFile,
  explainQueries,
  type ExplainedQuery,
  fileKeySet,
  plannedKeySet,
  planScan,
  reduceApart,
  reduceMixed,
  reduceTables,
  tableKeySet,
  type HowToAsk,
  type ReducedTable,
  type SqlSide,
} from '../engine/index.ts';
import { tableOfRecords } from '../formats/index.ts';
import {
  defaultLimits,
  type ArtifactContract,
  type LakeTable,
  type PinnedCopy,
  type QueryFacts,
  type Table,
} from '../model/index.ts';
import { compileSql, compileSteps } from '../normalize/index.ts';
import { type ScannedPair } from './compare-scanned.ts';
import { findingsLimit } from './confirm.ts';
import { holdLimit } from './limits.ts';
import { openTable } from './open-table.ts';
import type { ScanRequest, ScannedCopy } from './request.ts';
import { createScopeJudge, type Scope } from './scope.ts';

/** A table as far as its columns tell; its engine is asked when it is known what it is held against. */
export function planTable(
  copy: PinnedCopy,
  lake: LakeTable,
  request: ScanRequest,
  scope: Scope | null,
): ScannedCopy {
  const { side, limits = defaultLimits } = request;
  const columns = lake.columns.map(({ name }) => name);
  const warnings = holdLimit('columns', columns.length, limits.columns, side);
  const plan = planScan(columns, request);
  const none = tableOfRecords(noRecords(columns));
  return {
    copy,
    table: none,
    plan,
    keyset: plannedKeySet(plan),
    sha256: `${copy.location} ${copy.revision.content}`,
    warnings,
    request,
    scope,
  };
}

/** A pair of which at least one is a table, each with what makes findings of it. */
export async function reducePair(
  artifact: ArtifactContract,
  pair: ScannedPair,
): Promise<ScannedPair> {
  const { reviewed, runtime } = pair;
  const [one, other] = [reviewed.copy.lake, runtime.copy.lake];
  if (one !== undefined && other !== undefined && one.session === other.session) {
    const sides = [sqlSide(reviewed, one), sqlSide(runtime, other)];
    const { tables, unread } = await reduceTables(sides, howToAsk(artifact));
    await Promise.all([one.verify(), other.verify()]);
    const facts = joined(one.facts(), other.facts());
    const whole = { unread, facts };
    return {
      reviewed: await asScanned(reviewed, one, tables.reviewed!, whole),
      runtime: await asScanned(runtime, other, tables.runtime!, whole),
    };
  }
  if (one !== undefined && other !== undefined) {
    const sides = [sqlSide(reviewed, one), sqlSide(runtime, other)] as const;
    const { tables, unread } = await reduceApart(sides, howToAsk(artifact));
    await Promise.all([one.verify(), other.verify()]);
    return {
      reviewed: await asScanned(reviewed, one, tables.reviewed!, { unread, facts: one.facts() }),
      runtime: await asScanned(runtime, other, tables.runtime!, { unread, facts: other.facts() }),
    };
  }
  return other === undefined
    ? flipped(await reduceFile(artifact, reviewed, one!, runtime))
    : reduceFile(artifact, runtime, other, reviewed);
}

/** The same pair with its sides the other way round. */
function flipped({ reviewed, runtime }: ScannedPair): ScannedPair {
  return { reviewed: runtime, runtime: reviewed };
}

/** A file against a table: read once more, hashed as the engine hashes, and held against its digests. */
async function reduceFile(
  artifact: ArtifactContract,
  planned: ScannedCopy,
  lake: LakeTable,
  file: ScannedCopy,
): Promise<ScannedPair> {
  const how = howToAsk(artifact);
  const { plan, scope, copy, request, table } = file;
  const inScope = scope === null ? null : createScopeJudge(plan, scope);
  const opened = await openTable(copy, request);
  const digest = await digestFile(opened.table, plan, {
    compile: compileSteps,
    salt: how.salt,
    keep: inScope === null ? null : (record) => inScope(record).inScope,
  }).finally(() => opened.close());
  const judge = createRowJudge(plan, compileSteps);
  const reduced = await reduceMixed(
    sqlSide(planned, lake),
    {
      side: request.side,
      digest,
      async keysOf(rows) {
        const keys = new Map<number, readonly string[]>();
        const records = Uint32Array.from(rows, (row) => digest.table.recordOf(row));
        await table.reread(records.toSorted(), (record) => {
          const row = judge(record);
          if (row.valid) keys.set(record.record, row.key);
        });
        return Array.from(records, (record) => keys.get(record) ?? []);
      },
    },
    how,
  );
  await lake.verify();
  const { unread } = reduced;
  const part = { digest, rows: reduced.fileRows, compile: compileSteps };
  const whole = { unread, facts: lake.facts() };
  return {
    reviewed: { ...file, keyset: await fileKeySet(table, file.keyset, part, unread) },
    runtime: await asScanned(planned, lake, reduced.table, whole),
  };
}

/** A table by itself: what it repeats, and what is invalid. */
export async function reduceOne(
  artifact: ArtifactContract,
  scanned: ScannedCopy,
): Promise<ScannedCopy> {
  const lake = scanned.copy.lake!;
  const { tables, unread } = await reduceTables([sqlSide(scanned, lake)], howToAsk(artifact));
  await lake.verify();
  const whole = { unread, facts: lake.facts() };
  return asScanned(scanned, lake, tables[scanned.request.side]!, whole);
}

function howToAsk(artifact: ArtifactContract): HowToAsk {
  return {
    compile: compileSteps,
    compileSql,
    limit: findingsLimit(artifact),
    keys: artifact.accept.map(({ key }) => key),
    salt: randomBytes(16).toString('hex'),
  };
}

function sqlSide({ plan, scope, request }: ScannedCopy, table: LakeTable): SqlSide {
  return { side: request.side, table, plan, scope: scope?.columns ?? null };
}

/** A table as a copy that was scanned: its rows are those that came back. */
async function asScanned(
  planned: ScannedCopy,
  lake: LakeTable,
  reduced: ReducedTable,
  {
    unread,
    facts,
  }: { readonly unread: Parameters<typeof tableKeySet>[3]['unread']; readonly facts: QueryFacts },
): Promise<ScannedCopy> {
  const table = tableOfRows(planned, lake, reduced);
  const how = { compile: compileSteps, limits: planned.request.limits ?? defaultLimits };
  const keyset = await tableKeySet(table, reduced.plan, how, { totals: reduced.totals, unread });
  const { name, kind } = lake.engine;
  return { ...planned, table, keyset, engine: { name, kind, ...facts, digest: reduced.digest } };
}

/** The rows that came back, each as often as it stands in its table. */
function tableOfRows(
  { copy }: ScannedCopy,
  lake: LakeTable,
  { rows, placeOf }: ReducedTable,
): Table {
  /** The number of the last record of each row. */
  const ends = new Float64Array(rows.length);
  let count = 0;
  rows.forEach((row, at) => (ends[at] = count += row.rows));
  let current = 0;
  const place = { line: 0, text: copy.location, numbered: false } as const;
  return tableOfRecords({
    columns: lake.columns.map(({ name }) => name),
    warnings: [],
    rows: count,
    select(record) {
      while (current > 0 && ends[current - 1]! >= record) current -= 1;
      while (ends[current]! < record) current += 1;
    },
    text(column) {
      const text = rows[current]?.cells[placeOf.get(column) ?? -1] ?? null;
      return text?.includes('\0') === true ? undefined : text;
    },
    place: () => place,
  });
}

function noRecords(columns: readonly string[]): Parameters<typeof tableOfRecords>[0] {
  return {
    columns,
    warnings: [],
    rows: 0,
    select: () => undefined,
    text: () => null,
    place: () => ({ line: 0, text: '' }),
  };
}

function joined(one: QueryFacts, other: QueryFacts): QueryFacts {
  return {
    queries: [...one.queries, ...other.queries],
    bytesScanned: sumOf(one.bytesScanned, other.bytesScanned),
    bytesReturned: one.bytesReturned + other.bytesReturned,
    cost: sumOf(one.cost, other.cost),
  };
}

/** Of what engines say; null: none says anything. */
function sumOf(one: number | null, other: number | null): number | null {
  return one === null && other === null ? null : (one ?? 0) + (other ?? 0);
}

/** What the engines of a pair would be asked; none where neither is a table. */
export function queriesOf(
  artifact: ArtifactContract,
  { reviewed, runtime }: ScannedPair,
): readonly ExplainedQuery[] {
  const [one, other] = [reviewed.copy.lake, runtime.copy.lake];
  const sides = [
    ...(one === undefined ? [] : [sqlSide(reviewed, one)]),
    ...(other === undefined ? [] : [sqlSide(runtime, other)]),
  ];
  return explainQueries(sides, compileSql, findingsLimit(artifact));
}
