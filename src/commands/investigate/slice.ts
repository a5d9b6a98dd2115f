import { createTwoFilesPatch } from 'diff';
import { planScan } from '../../engine/index.ts';
import {
  csvCell,
  faultClass,
  redactCells,
  shownRows,
  toKeydriftError,
  type ArtifactContract,
  type BlamedLine,
  type Cells,
  type Redaction,
  type RuntimeCopy,
  type SlicePoint,
  type SliceRow,
  type SliceStory,
} from '../../model/index.ts';
import { keepSmall } from '../../judge/memory.ts';
import { openTable } from '../../judge/open-table.ts';
import { reviewedRequest, runtimeRequest } from '../../judge/request.ts';
import {
  createScopeJudge,
  createScopeValues,
  type Scope,
  type ScopeValues,
} from '../../judge/scope.ts';
import { reviewedContent } from '../../judge/explain/find-cause.ts';
import { pointOf, type Moment } from '../../judge/explain/moments.ts';
import type { Content } from '../../judge/explain/facts-memory.ts';

export interface SliceRequest {
  readonly artifact: ArtifactContract;
  readonly copy: RuntimeCopy;
  readonly scope: Scope;
  /** The oldest first. */
  readonly moments: readonly Moment[];
  /** Who wrote lines of the reviewed copy. */
  readonly blame: (lines: readonly number[]) => Promise<readonly BlamedLine[]>;
  readonly progress: (done: number, total: number) => void;
}

/** Rows of a slice in one content. Null: it cannot be read. */
type SliceRows = readonly SliceRow[] | null;

/** One slice through both histories: where it appeared, changed and vanished, and how it stands now. */
export async function tellSlice(request: SliceRequest): Promise<SliceStory> {
  const { moments, scope, blame, progress } = request;
  const known = new Map<string, Promise<SliceRows>>();
  const rowsOf = (content: Content | null): Promise<SliceRows> => {
    if (content === null) return Promise.resolve([]);
    const id = `${content.side} ${content.name}`;
    const rows = known.get(id) ?? readSlice(request, content);
    known.set(id, rows);
    return rows;
  };
  const points: SlicePoint[] = [];
  const now: Record<'reviewed' | 'runtime', readonly SliceRow[]> = { reviewed: [], runtime: [] };
  for (const [index, moment] of moments.entries()) {
    const { side } = moment.standing;
    const rows = await rowsOf(contentOf(moment));
    progress(index + 1, moments.length);
    // What cannot be read says nothing of the slice.
    if (rows === null) continue;
    const change = changeOf(now[side], rows);
    now[side] = rows;
    if (change === null) continue;
    const shown = rows.slice(0, shownRows);
    points.push({ ...pointOf(moment), change, rowCount: rows.length, rows: shown });
  }
  const { reviewed, runtime } = now;
  const nearest = points.length > 0 ? [] : await nearestValues(request);
  return {
    ...(nearest.length === 0 ? {} : { nearest }),
    scope: [...scope.columns].map(([column, values]) => [
      column,
      [...values].map((value) => toldValue(request.artifact, column, value)),
    ]),
    points: points.toReversed(),
    rowCount: { reviewed: reviewed.length, runtime: runtime.length },
    blame:
      reviewed.length === 0
        ? []
        : await blame(reviewed.flatMap(({ line }) => (line > 0 ? [line] : []))),
    diff: diffOf(reviewed, runtime),
  };
}

function toldValue({ redaction }: ArtifactContract, column: string, value: string): string {
  return redaction?.columns.has(column) === true ? redaction.show(value) : value;
}

/** For each column of a scope that nothing is in, the values of both copies now that may be meant. */
async function nearestValues({
  artifact,
  copy,
  scope,
  moments,
}: SliceRequest): Promise<NonNullable<SliceStory['nearest']>> {
  const values = createScopeValues(artifact, scope);
  const last = moments.at(-1);
  const reviewed = last?.change?.copy ?? null;
  const contents = [
    last?.version?.content ?? null,
    reviewed === null ? null : reviewedContent(reviewed),
  ];
  for (const content of contents.filter((one) => one !== null)) {
    const { side } = content;
    const request =
      side === 'reviewed' ? reviewedRequest(artifact) : runtimeRequest(artifact, copy, null);
    await readKeys(content, request, values);
  }
  return values.nearest();
}

/** Takes in the values of each key column; of a content that cannot be read none. */
async function readKeys(
  { copy }: Content,
  request: ReturnType<typeof reviewedRequest>,
  values: ScopeValues,
): Promise<void> {
  try {
    const { table, close } = await openTable(keepSmall(copy), request);
    try {
      await values.take(table, planScan(table.columns, request, table.advise));
    } finally {
      await close();
    }
  } catch (thrown) {
    if (faultClass(toKeydriftError(thrown)) !== 'content') throw thrown;
  }
}

function contentOf({ standing, change, version }: Moment): Content | null {
  if (standing.side === 'runtime') return version?.content ?? null;
  const copy = change?.copy ?? null;
  return copy === null ? null : reviewedContent(copy);
}

/** Records without a key may be of any slice: they are no part of its story. */
async function readSlice(
  { artifact, copy, scope }: SliceRequest,
  { side, copy: pinned }: Content,
): Promise<SliceRows> {
  const request =
    side === 'reviewed' ? reviewedRequest(artifact) : runtimeRequest(artifact, copy, null);
  const rows: SliceRow[] = [];
  try {
    const { table, close } = await openTable(keepSmall(pinned), request);
    try {
      const plan = planScan(table.columns, request, table.advise);
      const judge = createScopeJudge(plan, scope);
      await table.read((record) => {
        const { row, inScope } = judge(record);
        if (!row.valid || !inScope) return;
        const values = toldCells(
          table.columns.map((name, at) => [name, record.shown(at)] as const),
          artifact.redaction,
          request.rename,
        );
        rows.push({ record: record.record, line: record.place.line, values });
      });
    } finally {
      await close();
    }
  } catch (thrown) {
    if (faultClass(toKeydriftError(thrown)) === 'content') return null;
    throw thrown;
  }
  return rows;
}

/** All cells of a row as they may be told, by the names of its file. */
function toldCells(
  cells: Cells,
  redaction: Redaction | undefined,
  rename: ReadonlyMap<string, string>,
): Cells {
  if (redaction === undefined) return cells;
  const columns = new Set([...redaction.columns].map((name) => rename.get(name) ?? name));
  return redactCells(cells, { ...redaction, columns });
}

function changeOf(
  before: readonly SliceRow[],
  after: readonly SliceRow[],
): SlicePoint['change'] | null {
  if (before.length === 0) return after.length === 0 ? null : 'appeared';
  if (after.length === 0) return 'vanished';
  return textOf(before) === textOf(after) ? null : 'changed';
}

/** Unified diff of the rows, with all their cells; null where they are the same. */
function diffOf(reviewed: readonly SliceRow[], runtime: readonly SliceRow[]): string | null {
  const [before, after] = [textOf(reviewed), textOf(runtime)];
  if (before === after) return null;
  const patch = createTwoFilesPatch('reviewed', 'runtime', before, after, '', '', { context: 3 });
  // It begins with a line of its own that no diff of two files has.
  return patch.slice(patch.indexOf('---'));
}

/** Rows as lines of CSV, a header first: columns may differ between the sides. */
function textOf(rows: readonly SliceRow[]): string {
  const [first] = rows;
  if (first === undefined) return '';
  const header = first.values.map(([column]) => csvCell(column)).join(',');
  const lines = rows.map(({ values }) => values.map(([, value]) => csvCell(value ?? '')).join(','));
  return [header, ...lines, ''].join('\n');
}
