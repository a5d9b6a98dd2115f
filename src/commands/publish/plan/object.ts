import { countFindings, findChanges, noFindings, respelledUnits } from '../../../compare/index.ts';
import { confirmChosen, groupAll, type UnitChanges } from '../../../engine/index.ts';
import {
  faultClass,
  KeydriftError,
  redactCells,
  toKeydriftError,
  type ArtifactContract,
  type Cells,
  type ChangedUnit,
  type KeyGroup,
  type Location,
  type ObjectState,
  type PinnedCopy,
  type PlannedChange,
  type PlannedCopy,
  type PlannedObject,
  type PlannedRow,
  type PlannedUnit,
  type PublishedClaim,
  type ReportedRow,
  type Warning,
} from '../../../model/index.ts';
import { fairShare } from '../../../report/index.ts';
import { contentNames, type ContentNames } from '../../../sources/index.ts';
import { claimReport } from '../../../judge/claim.ts';
import { compareScanned } from '../../../judge/compare-scanned.ts';
import { columnsOf, confirmedSides } from '../../../judge/confirm.ts';
import type { Sources } from '../../../judge/context.ts';
import type { ChosenCopy } from '../../../judge/choose.ts';
import { pinNamed, scanNamed } from '../../../judge/copies.ts';
import { redactThrown } from '../../../judge/redact.ts';
import { runtimeRequest, type ScannedCopy } from '../../../judge/request.ts';

/** The object that is there, read and compared with what would be written. */
export interface ComparedObject {
  readonly object: PlannedObject;
  readonly state: NonNullable<PlannedCopy['state']>;
  readonly counts: PlannedCopy['counts'];
  /** Null where it cannot be read. */
  readonly change: PlannedChange | null;
  /** What its content is called; null where it holds what would be written. */
  readonly names: ContentNames | null;
  /** Why it cannot be read, where it cannot. */
  readonly warnings: readonly Warning[];
}

/**
 * Compares an object with what would be written over it, without grace: deployment lag is what a
 * publication ends. Throws `COPY_CHANGED` when another revision is there than was looked at.
 */
export async function compareObject(
  { artifact, copy }: ChosenCopy,
  location: Location,
  reviewed: ScannedCopy,
  state: ObjectState,
  sources: Sources,
): Promise<ComparedObject> {
  const pinned = await pinNamed(location, 'runtime', sources);
  if (!isRevision(pinned, state)) throw changedMeanwhile(location, sources);
  const { versionId, etag, lastModified, bytes, overwritten } = state;
  const facts = { versionId, etag, lastModified, bytes, overwritten };
  const counterpart = reviewed.plan.consumed.map(({ name }) => name);
  let runtime: ScannedCopy;
  try {
    const request = runtimeRequest(artifact, copy, counterpart);
    runtime = await scanNamed(pinned, request, { scope: null, partner: reviewed });
  } catch (thrown) {
    const error = toKeydriftError(thrown);
    if (faultClass(error) !== 'content') throw error;
    const names = await contentNames(pinned);
    const { sha256 } = names;
    const claim = claimReport(pinned, sha256);
    const unread = { rows: null, units: null, digest: null };
    const object = { ...facts, ...unread, sha256, claim };
    const { code, message, place } = redactThrown(error, artifact);
    const warnings = [{ code, message, side: 'runtime' as const, line: place.line ?? null }];
    return { object, state: 'unreadable', counts: noFindings(), change: null, names, warnings };
  }
  const { sha256, keyset } = runtime;
  const compared = await compareScanned(artifact, copy, { reviewed, runtime });
  const { rows, units } = keyset.table;
  const claim = claimReport(pinned, sha256);
  const before = compared.keys.map((group) => ({
    ...group,
    reviewed: group.runtime,
    runtime: group.reviewed,
  }));
  keyset.release();
  // What is written takes the place of what is there: the sides of a change are the other ones.
  const { added: removed, removed: added, changed } = await compared.groups.changes();
  return {
    object: { ...facts, sha256, rows, units, digest: keyset.digest, claim },
    state: compared.state,
    counts: countFindings(compared.found),
    change: changeOf(artifact, reviewed, before, { added, removed, changed }),
    names: sha256 === reviewed.sha256 ? null : await contentNames(pinned),
    warnings: [],
  };
}

/** Units listed of a plan, whatever it changes. */
const mostUnits = 1000;

/** Characters that they take together: a unit that does not fit is not listed. */
const mostCharacters = 256 * 1024;

/** What a copy does to the work where there was no object. */
export async function changeFromNothing(
  artifact: ArtifactContract,
  reviewed: ScannedCopy,
): Promise<PlannedChange> {
  const groups = await groupAll(reviewed.keyset);
  const { choose, ...counts } = await groups.changes();
  const { keys } = await confirmChosen(
    groups,
    await choose(mostUnits),
    confirmedSides({ runtime: reviewed }),
  );
  return changeOf(artifact, reviewed, keys, counts);
}

/** Of each group, `reviewed` is what is there, `runtime` what would be written. */
function changeOf(
  { redaction }: ArtifactContract,
  scanned: ScannedCopy,
  groups: readonly KeyGroup[],
  { added, removed, changed }: Omit<UnitChanges, 'choose'>,
): PlannedChange {
  const { keyColumns, consumedColumns } = columnsOf(scanned);
  const all = findChanges(keyColumns, consumedColumns, groups);
  const told = (cells: Cells): Readonly<Record<string, string | null>> =>
    Object.fromEntries(redaction === undefined ? cells : redactCells(cells, redaction));
  const pairs = respelledUnits(all);
  let characters = 0;
  const listed = fairShare(all, mostUnits)
    .map((unit) => {
      const { change, key, fields, rowCount } = unit;
      const [before, after] = rowsOf(unit);
      const rows = { before: rowOf(before, told), after: rowOf(after, told) };
      const partner = pairs.get(unit);
      return {
        change,
        key: told(key),
        fields,
        rowCount,
        ...rows,
        ...allRows(unit, consumedColumns, told),
        ...(partner === undefined ? {} : { respelled: told(partner) }),
      };
    })
    .filter((unit) => {
      const { length } = JSON.stringify(unit);
      if (characters + length > mostCharacters) return false;
      characters += length;
      return true;
    });
  return {
    added,
    removed,
    changed,
    units: listed,
    truncated: added + removed + changed - listed.length,
  };
}

/** A row of each side; of a unit with several, two that differ, where there are such. */
function rowsOf({
  before,
  after,
  fields,
  rows,
}: ChangedUnit): readonly [ReportedRow | null, ReportedRow | null] {
  const cells = (row: ReportedRow): string =>
    JSON.stringify(row.values.filter(([column]) => fields.includes(column)));
  for (const one of rows?.before ?? []) {
    const other = rows?.after.find((row) => cells(row) !== cells(one));
    if (other !== undefined) return [one, other];
  }
  return [before, after];
}

/** The rows of a unit that has several values on a side: of others the first says all. */
function allRows(
  { rows }: ChangedUnit,
  consumed: readonly string[],
  told: (cells: Cells) => PlannedRow['values'],
): Pick<PlannedUnit, 'rows'> {
  if (rows === undefined) return {};
  const variant = ({ values }: ReportedRow): string =>
    JSON.stringify(values.filter(([column]) => consumed.includes(column)));
  const sides = [rows.before, rows.after];
  if (sides.every((side) => new Set(side.map(variant)).size < 2)) return {};
  const each = (side: readonly ReportedRow[]): readonly PlannedRow[] =>
    side.flatMap((row) => rowOf(row, told) ?? []);
  return { rows: { before: each(rows.before), after: each(rows.after) } };
}

function rowOf(
  row: ReportedRow | null,
  told: (cells: Cells) => PlannedRow['values'],
): PlannedRow | null {
  if (row === null) return null;
  return { record: row.record, line: row.line, values: told(row.values) };
}

function isRevision({ revision }: PinnedCopy, state: ObjectState): boolean {
  const { etag, versionId = null } = revision.facts;
  return etag === state.etag && versionId === state.versionId;
}

function changedMeanwhile(location: Location, sources: Sources): KeydriftError {
  const text = sources.scheme(location).textOf(location);
  return new KeydriftError('COPY_CHANGED', `${text} changed while it was looked at`);
}

/** Whether an object claims exactly this, and holds it. */
export function claims(
  { claim, sha256 }: PlannedObject,
  wanted: Readonly<Record<keyof PublishedClaim, string>>,
): boolean {
  return claim?.fits === true && sha256 === wanted.sha256 && claim.commit === wanted.commit;
}
