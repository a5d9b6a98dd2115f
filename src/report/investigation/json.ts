import type {
  Cost,
  Onset,
  PointChange,
  PointComparison,
  RunStory,
  SlicePoint,
  SliceStory,
  TimelineEntry,
  UnitCost,
} from '../../model/index.ts';
import {
  artifactJson,
  cellsJson,
  claimJson,
  errorJson,
  findingJson,
  judgedJson,
  pointJson,
} from '../json.ts';
import { jsonChunks, lines, spread, type JsonObject, type Spread } from '../json-encode.ts';
import type { InvestigationReporter } from '../reporter.ts';

/**
 * The whole investigation as JSON (SPEC §5; schema/keydrift.investigation.schema.json): every
 * finding, timeline entry, slice point and unit on a line and in a chunk of its own.
 */
export const investigationJson: InvestigationReporter = (investigation) => {
  const { artifact, timeline, onset, slice, comparison, cost, history, error } = investigation;
  const { runs = null } = investigation;
  return jsonChunks({
    schema: 'keydrift.investigation/1',
    tool: { name: 'keydrift', version: investigation.version },
    ...judgedJson(investigation),
    error: error && errorJson(error),
    artifact: artifact && artifactJson(artifact),
    history: { reviewed: history.reviewed, runtime: history.runtime, reasons: history.reasons },
    timeline: lines(timeline, entryJson),
    onset: onset && onsetJson(onset),
    slice: slice && sliceJson(slice),
    comparison: comparison && comparisonJson(comparison),
    cost: cost && costJson(cost),
    runs: runs && runsJson(runs),
  });
};

/** An entry of the timeline: a commit, or an object version. */
function entryJson(entry: TimelineEntry): JsonObject {
  return {
    at: entry.at,
    side: entry.side,
    ...(entry.side === 'reviewed'
      ? {
          commit: entry.commit,
          author: entry.author,
          subject: entry.subject,
          path: entry.path,
          deleted: entry.deleted,
          inForce: entry.inForce,
        }
      : {
          versionId: entry.versionId,
          deleted: entry.deleted,
          bytes: entry.bytes,
          claim: entry.claim && claimJson(entry.claim),
          evidence: entry.evidence,
          reviewedCommit: entry.reviewedCommit,
        }),
    rows: entry.rows,
    units: entry.units,
    redundant: entry.redundant,
    invalid: entry.invalid,
    amplification: entry.amplification,
    sha256: entry.sha256,
    relation: entry.relation,
    counts: entry.counts,
    current: entry.current,
    error: entry.error && errorJson(entry.error),
  };
}

/** Where the drift began. */
function onsetJson(onset: Onset): Spread {
  const { change, byKind, search, later } = onset;
  const kinds = Object.entries(byKind).map(([kind, point]) => [kind, pointJson(point)] as const);
  return spread({
    ...pointJson(onset),
    versions: onset.versions,
    began: onset.began,
    lastedMs: onset.lastedMs,
    reviewedCommit: onset.reviewedCommit,
    ...(search === undefined ? {} : { search: { read: search.read, of: search.of } }),
    byKind: Object.fromEntries(kinds),
    change: changeJson(change),
    later: lines(later, (one) =>
      spread({ ...pointJson(one), counts: one.counts, change: changeJson(one.change) }),
    ),
  });
}

function changeJson(change: PointChange | null): Spread | null {
  return change && spread({ counts: change.counts, findings: lines(change.findings, findingJson) });
}

function sliceJson({ scope, rowCount, diff, points, blame, nearest }: SliceStory): Spread {
  return spread({
    scope: new Map(scope),
    ...(nearest === undefined ? {} : { nearest: new Map(nearest) }),
    rowCount: { reviewed: rowCount.reviewed, runtime: rowCount.runtime },
    diff,
    points: lines(points, slicePointJson),
    blame: lines(blame, ({ line, commit, author, subject, at }) => ({
      line,
      commit,
      author,
      subject,
      at,
    })),
  });
}

function slicePointJson(point: SlicePoint): JsonObject {
  return {
    ...pointJson(point),
    change: point.change,
    rowCount: point.rowCount,
    rows: point.rows.map(({ record, line, values }) => ({
      record,
      line,
      values: cellsJson(values),
    })),
  };
}

function comparisonJson({ from, to, artifact }: PointComparison): Spread {
  return spread({ from: pointJson(from), to: pointJson(to), artifact: artifactJson(artifact) });
}

/** What recorded runs did. */
function runsJson({
  place,
  since,
  runs,
  redundant,
  redundantBytes,
  known,
  unread,
  records,
}: RunStory): Spread {
  const told = lines(runs, (run) => ({ ...run }));
  return spread({ place, since, redundant, redundantBytes, known, unread, records, runs: told });
}

function costJson({ units, ...cost }: Cost): Spread {
  return spread({
    scans: cost.scans,
    redundantRows: cost.redundantRows,
    amplification: cost.amplification,
    redundantBytes: cost.redundantBytes,
    known: cost.known,
    units: lines(units, unitCostJson),
  });
}

/** What one repeated unit scans. */
function unitCostJson({ key, ...cost }: UnitCost): JsonObject {
  return {
    key: cellsJson(key),
    rows: cost.rows,
    prefix: cost.prefix,
    objects: cost.objects,
    bytes: cost.bytes,
    redundantBytes: cost.redundantBytes,
    reason: cost.reason,
  };
}
