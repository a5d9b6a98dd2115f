import {
  findingKinds,
  type Cells,
  type ChangedUnit,
  type ChangeReport,
  type ClaimReport,
  type Finding,
  type PublishedClaim,
  type ReportedRow,
  type ReportError,
  type RevisionFacts,
  type SideReport,
  type Warning,
} from '../model/index.ts';
import { arrayText, objectText, orNull, scalar, type Member } from './json-text.ts';

/** What wrote a document, and which version of it. */
export function toolText(version: string): string {
  return objectText([
    ['name', scalar('keydrift')],
    ['version', scalar(version)],
  ]);
}

/** A side of SPEC §5: what pins it stands beside what was counted. */
export function sideText(side: SideReport): string {
  return objectText([
    ['location', scalar(side.location)],
    ...revisionMembers(side.revision.facts),
    ['bytes', scalar(side.bytes)],
    ['sha256', scalar(side.sha256)],
    ['rows', scalar(side.rows)],
    ['units', scalar(side.units)],
    ['redundant', scalar(side.redundant)],
    ['invalid', scalar(side.invalid)],
    ['digest', scalar(side.digest)],
    ...(side.claim === undefined ? [] : [['claim', orNull(side.claim, claimText)] as const]),
  ]);
}

/** What an object's publisher claims, and whether its bytes are the claimed ones. */
function claimText(claim: ClaimReport): string {
  return objectText([...claimMembers(claim), ['fits', scalar(claim.fits)]]);
}

/** What a publisher claims. */
export function claimMembers(claim: PublishedClaim): readonly Member[] {
  return [
    ['commit', scalar(claim.commit)],
    ['path', scalar(claim.path)],
    ['blob', scalar(claim.blob)],
    ['sha256', scalar(claim.sha256)],
    ['digest', scalar(claim.digest)],
    ['contract', scalar(claim.contract)],
  ];
}

/** A finding of SPEC §5, on one line; as templates, because there may be a million. */
export function findingText(finding: Finding): string {
  const { kind, side, severity, key, fields, reason, rowCount, rows, respelled } = finding;
  return (
    `{"kind":${scalar(kind)},"side":${scalar(side)},"severity":${scalar(severity)},` +
    `"key":${orNull(key, cellsText)},"fields":${arrayText(fields.map(scalar))},` +
    `"reason":${scalar(reason)},` +
    `"rowCount":{"reviewed":${rowCount.reviewed},"runtime":${rowCount.runtime}},` +
    `"rows":${arrayText(rows.map(rowText))},"respelled":${orNull(respelled, cellsText)}}`
  );
}

/** Counts of findings by kind, in the order of the kinds. */
export function countsText(
  counts: Readonly<Record<(typeof findingKinds)[number], number>>,
): string {
  return objectText(findingKinds.map((kind) => [kind, scalar(counts[kind])]));
}

export function warningText({ code, message, side, line }: Warning): string {
  return objectText([
    ['code', scalar(code)],
    ['message', scalar(message)],
    ['side', scalar(side)],
    ['line', scalar(line)],
  ]);
}

/** An error of SPEC §5, with where it stands and the problems it sums up. */
export function errorText(error: ReportError): string {
  const { code, message, hint, retryable, place, problems } = error;
  return objectText([
    ['code', scalar(code)],
    ['message', scalar(message)],
    ['hint', scalar(hint)],
    ...(retryable === undefined ? [] : [['retryable', scalar(retryable)] as const]),
    [
      'place',
      objectText([
        ['side', scalar(place.side ?? null)],
        ['record', scalar(place.record ?? null)],
        ['line', scalar(place.line ?? null)],
        ['byte', scalar(place.byte ?? null)],
        ...(place.store === undefined ? [] : [['store', JSON.stringify(place.store)] as const]),
      ]),
    ],
    [
      'problems',
      arrayText(
        problems.map((problem) =>
          objectText([
            ['line', scalar(problem.line)],
            ['path', scalar(problem.path)],
            ['message', scalar(problem.message)],
            ['hint', scalar(problem.hint)],
          ]),
        ),
      ),
    ],
  ]);
}

/** What a change does to the work. */
export function changeText(change: ChangeReport): string {
  return objectText([
    ['baseRef', scalar(change.baseRef)],
    ['base', orNull(change.base, sideText)],
    ['added', scalar(change.added)],
    ['removed', scalar(change.removed)],
    ['changed', scalar(change.changed)],
    ['units', arrayText(change.units.map(unitText))],
  ]);
}

function unitText(unit: ChangedUnit): string {
  return objectText([
    ['change', scalar(unit.change)],
    ['key', cellsText(unit.key)],
    ['fields', arrayText(unit.fields.map(scalar))],
    [
      'rowCount',
      objectText([
        ['before', scalar(unit.rowCount.before)],
        ['after', scalar(unit.rowCount.after)],
      ]),
    ],
    ['before', orNull(unit.before, rowText)],
    ['after', orNull(unit.after, rowText)],
  ]);
}

function rowText({ side, record, line, values }: ReportedRow): string {
  return `{"side":${scalar(side)},"record":${record},"line":${line},"values":${cellsText(values)}}`;
}

/** Cells as an object, in their order and whatever their names. */
export function cellsText(cells: Cells): string {
  let text = '';
  for (const [column, value] of cells) {
    text += `${text === '' ? '' : ','}${scalar(column)}:${scalar(value)}`;
  }
  return `{${text}}`;
}

function revisionMembers(facts: RevisionFacts): readonly Member[] {
  return Object.entries(facts).map(([name, value]) => [name, scalar(value ?? null)]);
}
