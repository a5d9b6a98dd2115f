import {
  findingKinds,
  type BlamedLine,
  type Cost,
  type Investigation,
  type Onset,
  type SlicePoint,
  type SliceStory,
  type TimelineEntry,
  type TimelinePoint,
  type UnitCost,
} from '../../model/index.ts';
import { cellsText, claimMembers, countsText, errorText } from '../json-parts.ts';
import { arrayText, objectText, orNull, scalar, type Member } from '../json-text.ts';

/** How much of each side's history is at hand. */
export function historyText({ reviewed, runtime, reasons }: Investigation['history']): string {
  return objectText([
    ['reviewed', scalar(reviewed)],
    ['runtime', scalar(runtime)],
    ['reasons', arrayText(reasons.map(scalar))],
  ]);
}

/** An entry of the timeline on one line: a commit, or an object version. */
export function entryText(entry: TimelineEntry): string {
  return objectText([
    ['at', scalar(entry.at)],
    ['side', scalar(entry.side)],
    ...(entry.side === 'reviewed' ? commitMembers(entry) : versionMembers(entry)),
    ['rows', scalar(entry.rows)],
    ['units', scalar(entry.units)],
    ['redundant', scalar(entry.redundant)],
    ['invalid', scalar(entry.invalid)],
    ['amplification', scalar(entry.amplification)],
    ['sha256', scalar(entry.sha256)],
    ['relation', scalar(entry.relation)],
    ['counts', orNull(entry.counts, countsText)],
    ['current', scalar(entry.current)],
    ['error', orNull(entry.error, errorText)],
  ]);
}

function commitMembers(entry: TimelineEntry & { side: 'reviewed' }): readonly Member[] {
  return [
    ['commit', scalar(entry.commit)],
    ['author', scalar(entry.author)],
    ['subject', scalar(entry.subject)],
    ['path', scalar(entry.path)],
    ['deleted', scalar(entry.deleted)],
    ['inForce', scalar(entry.inForce)],
  ];
}

function versionMembers(entry: TimelineEntry & { side: 'runtime' }): readonly Member[] {
  return [
    ['versionId', scalar(entry.versionId)],
    ['deleted', scalar(entry.deleted)],
    ['bytes', scalar(entry.bytes)],
    ['claim', orNull(entry.claim, (claim) => objectText(claimMembers(claim)))],
    ['evidence', scalar(entry.evidence)],
    ['reviewedCommit', scalar(entry.reviewedCommit)],
  ];
}

/** What names an entry of the timeline: its side, a VersionId or a commit, its time. */
export function pointText(point: TimelinePoint): string {
  return objectText(pointMembers(point));
}

function pointMembers({ side, id, at }: TimelinePoint): readonly Member[] {
  return [
    ['side', scalar(side)],
    [side === 'runtime' ? 'versionId' : 'commit', scalar(id)],
    ['at', scalar(at)],
  ];
}

/** Where the drift began, without what changed there. */
export function onsetMembers(onset: Onset): readonly Member[] {
  const byKind = findingKinds.flatMap((kind): Member[] => {
    const point = onset.byKind[kind];
    return point === undefined ? [] : [[kind, pointText(point)]];
  });
  return [
    ...pointMembers(onset),
    ['versions', scalar(onset.versions)],
    ['began', scalar(onset.began)],
    ['lastedMs', scalar(onset.lastedMs)],
    ['reviewedCommit', scalar(onset.reviewedCommit)],
    ['byKind', objectText(byKind)],
  ];
}

/** Columns and the values that were asked for. */
export function scopeText(scope: SliceStory['scope']): string {
  return objectText(scope.map(([column, values]) => [column, arrayText(values.map(scalar))]));
}

/** A number for each side. */
export function sidesText({ reviewed, runtime }: SliceStory['rowCount']): string {
  return `{"reviewed":${scalar(reviewed)},"runtime":${scalar(runtime)}}`;
}

/** A point of a slice's story, on one line. */
export function slicePointText(point: SlicePoint): string {
  return objectText([
    ...pointMembers(point),
    ['change', scalar(point.change)],
    ['rowCount', scalar(point.rowCount)],
    [
      'rows',
      arrayText(
        point.rows.map(({ record, line, values }) =>
          objectText([
            ['record', scalar(record)],
            ['line', scalar(line)],
            ['values', cellsText(values)],
          ]),
        ),
      ),
    ],
  ]);
}

/** Who wrote a line last. */
export function blamedText({ line, commit, author, subject, at }: BlamedLine): string {
  return objectText([
    ['line', scalar(line)],
    ['commit', scalar(commit)],
    ['author', scalar(author)],
    ['subject', scalar(subject)],
    ['at', scalar(at)],
  ]);
}

/** What the repetition costs, without the units. */
export function costMembers(cost: Cost): readonly Member[] {
  return [
    ['scans', scalar(cost.scans)],
    ['redundantRows', scalar(cost.redundantRows)],
    ['amplification', scalar(cost.amplification)],
    ['redundantBytes', scalar(cost.redundantBytes)],
    ['known', scalar(cost.known)],
  ];
}

/** What one repeated unit scans, on one line. */
export function unitCostText(unit: UnitCost): string {
  return objectText([
    ['key', cellsText(unit.key)],
    ['rows', scalar(unit.rows)],
    ['prefix', scalar(unit.prefix)],
    ['objects', scalar(unit.objects)],
    ['bytes', scalar(unit.bytes)],
    ['redundantBytes', scalar(unit.redundantBytes)],
    ['reason', scalar(unit.reason)],
  ]);
}
