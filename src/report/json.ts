import type {
  ArtifactReport,
  Cells,
  ChangedUnit,
  ChangeReport,
  ClaimReport,
  EngineReport,
  EnforcementChange,
  EnforcementReport,
  Finding,
  PublishedClaim,
  Report,
  ReportedRow,
  ReportError,
  SideReport,
  TimelinePoint,
  Transition,
  Step,
} from '../model/index.ts';
import {
  encoded,
  jsonChunks,
  jsonText,
  lines,
  spread,
  wordText,
  type Encoded,
  type Json,
  type JsonObject,
  type Spread,
} from './json-encode.ts';
import type { Reporter } from './reporter.ts';

/**
 * The whole report as JSON (SPEC §5; schema/keydrift.report.schema.json), every finding on a line
 * and in a chunk of its own. The options do not change it.
 */
export const json: Reporter = (report) =>
  jsonChunks({
    schema: 'keydrift.report/1',
    tool: { name: 'keydrift', version: report.version },
    command: report.command,
    ...judgedJson(report),
    transitions: report.transitions && {
      ...report.transitions,
      resolved: report.transitions.resolved.map((one) => ({ ...one })),
    },
    shard: report.shard && { part: report.shard.part, of: report.shard.of },
    changedSince: report.changedSince && { ...report.changedSince },
    error: report.error && errorJson(report.error),
    ...(report.enforcement === undefined
      ? {}
      : { enforcement: enforcementJson(report.enforcement) }),
    artifacts: lines(report.artifacts, artifactJson),
  });

/** What a change of the contract does to what is enforced. */
function enforcementJson({ baseRef, fault, changes }: EnforcementReport): JsonObject {
  return { baseRef, fault, changes: changes.map(changedWordJson) };
}

/** What every judging document says of its run. */
export function judgedJson(
  run: Pick<
    Report,
    | 'startedAt'
    | 'durationMs'
    | 'verdict'
    | 'exitCode'
    | 'enforced'
    | 'notEnforced'
    | 'fromEnvironment'
  >,
): JsonObject {
  return {
    startedAt: run.startedAt,
    durationMs: run.durationMs,
    verdict: run.verdict,
    exitCode: run.exitCode,
    enforced: run.enforced,
    notEnforced: (run.notEnforced ?? []).map(({ artifact, kinds }) => ({ artifact, kinds })),
    fromEnvironment: run.fromEnvironment,
  };
}

/** An artifact of SPEC §5. */
export function artifactJson(artifact: ArtifactReport): Spread {
  const { contract = null } = artifact;
  return spread({
    name: artifact.name,
    copy: artifact.copy,
    owner: artifact.owner,
    runbook: artifact.runbook,
    labels: artifact.labels,
    verdict: artifact.verdict,
    state: artifact.state,
    reviewed: artifact.reviewed && sideJson(artifact.reviewed),
    runtime: artifact.runtime && sideJson(artifact.runtime),
    unread: artifact.unread && {
      location: artifact.unread.location,
      ...artifact.unread.revision.facts,
    },
    amplification: artifact.amplification,
    counts: artifact.counts,
    severities: artifact.severities,
    truncated: artifact.truncated,
    evidence: artifact.evidence ?? null,
    contract: contract && {
      sha256: contract.sha256,
      commit: contract.commit,
      uncommitted: contract.uncommitted,
      file: contract.file,
    },
    pending: artifact.pending ?? false,
    transition: artifact.transition && transitionJson(artifact.transition),
    confirmed: artifact.confirmed,
    use: artifact.use,
    skipped: artifact.skipped ?? null,
    redactionCheck: artifact.redactionCheck,
    findings: lines(artifact.findings, findingJson),
    respelled: artifact.respelled,
    warnings: artifact.warnings.map(({ code, message, side, line, place }) => ({
      code,
      message,
      side,
      line,
      ...(place === undefined ? {} : { place: { ...place } }),
    })),
    change: artifact.change && changeJson(artifact.change),
    cause: artifact.cause === undefined || artifact.cause === null ? null : { ...artifact.cause },
    ...(artifact.whatToDo === undefined ? {} : { whatToDo: artifact.whatToDo.map(stepJson) }),
    error: artifact.error && errorJson(artifact.error),
  });
}

function stepJson({ kind, text, commands }: Step): JsonObject {
  return { kind, text, commands };
}

function transitionJson({ change, since }: Transition): JsonObject {
  return { change, since };
}

/** A side of SPEC §5: what pins it stands beside what was counted. */
export function sideJson(side: SideReport): JsonObject {
  return {
    location: side.location,
    ...side.revision.facts,
    ...(side.changedIn === undefined
      ? {}
      : { changedIn: { commit: side.changedIn.commit, committedAt: side.changedIn.committedAt } }),
    parts: side.parts?.map(({ name, bytes, revision: { facts } }) => ({ name, bytes, ...facts })),
    bytes: side.bytes,
    sha256: side.sha256,
    rows: side.rows,
    units: side.units,
    redundant: side.redundant,
    invalid: side.invalid,
    digest: side.digest,
    ...(side.engine === undefined ? {} : engineJson(side.engine)),
    claim: side.claim && claimJson(side.claim),
  };
}

/** What an engine did for a side, and its own digest (SPEC §5, `engineDigest`). */
function engineJson({ name, kind, digest, ...facts }: EngineReport): JsonObject {
  const { queries, bytesScanned, bytesReturned, cost } = facts;
  return {
    engineDigest: { algorithm: digest.algorithm, value: digest.value },
    engine: { name, kind, queries, bytesScanned, bytesReturned, cost },
  };
}

/** What an object's publisher claims; of a report also whether its bytes are the claimed ones. */
export function claimJson(claim: PublishedClaim | ClaimReport): JsonObject {
  const { commit, committedAt, path, blob, sha256, digest, contract } = claim;
  const fits = 'fits' in claim ? claim.fits : undefined;
  return { commit, committedAt, path, blob, sha256, digest, contract, fits };
}

/** What names an entry of the timeline: its side, a VersionId or a commit, its time. */
export function pointJson({ side, id, at }: TimelinePoint): JsonObject {
  return side === 'runtime' ? { side, versionId: id, at } : { side, commit: id, at };
}

/** A finding of SPEC §5. */
export function findingJson(finding: Finding): Encoded {
  const { kind, side, severity, key, fields, reason, rowCount, rows, respelled } = finding;
  const { accepted = null, transition, began } = finding;
  let text = `{"kind":${wordText(kind)},"side":${wordText(side)},"severity":${wordText(severity)}`;
  text += `,"key":${key === null ? 'null' : cellsText(key)},"fields":${jsonText(fields)}`;
  text += `,"reason":${jsonText(reason)}`;
  text += `,"rowCount":{"reviewed":${rowCount.reviewed},"runtime":${rowCount.runtime}},"rows":[`;
  let separator = '';
  for (const row of rows) {
    text += separator + rowText(row);
    separator = ',';
  }
  text += `],"respelled":${respelled === null ? 'null' : cellsText(respelled)}`;
  text += `,"accepted":${jsonText(accepted)}`;
  if (transition !== undefined) text += `,"transition":${jsonText(transitionJson(transition))}`;
  if (began !== undefined) text += `,"began":${jsonText(pointJson(began))}`;
  return encoded(`${text}}`);
}

/** An error of SPEC §5, with where it stands and the problems it sums up. */
export function errorJson(error: ReportError): JsonObject {
  const { side = null, record = null, line = null, byte = null, store, contract } = error.place;
  return {
    code: error.code,
    message: error.message,
    hint: error.hint,
    command: error.command ?? undefined,
    retryable: error.retryable,
    place: {
      side,
      record,
      line,
      byte,
      store: store && { ...store },
      contract: contract && { ...contract },
    },
    problems: error.problems.map((problem) => ({
      line: problem.line,
      path: problem.path,
      message: problem.message,
      hint: problem.hint,
    })),
  };
}

function changedWordJson({ place, ...change }: EnforcementChange): JsonObject {
  return { ...change, ...(place === undefined ? {} : { place: { ...place } }) };
}

/** What a change does to the work. */
function changeJson(change: ChangeReport): JsonObject {
  const { baseRef, mergeBase, base, reading, renamed, added, removed, changed, units } = change;
  return {
    baseRef,
    mergeBase,
    reading: reading?.map((one) => ({ ...one })),
    base: base && sideJson(base),
    renamed,
    added,
    removed,
    changed,
    units: units.map(unitJson),
  };
}

function unitJson({ change, key, fields, rowCount, before, after, rows }: ChangedUnit): JsonObject {
  return {
    change,
    key: cellsJson(key),
    fields,
    rowCount: { before: rowCount.before, after: rowCount.after },
    before: before && rowJson(before),
    after: after && rowJson(after),
    ...(rows === undefined
      ? {}
      : { rows: { before: rows.before.map(rowJson), after: rows.after.map(rowJson) } }),
  };
}

function rowJson(row: ReportedRow): Encoded {
  return encoded(rowText(row));
}

function rowText({ side, record, line, place, numbered, values }: ReportedRow): string {
  const where = place === undefined ? '' : `,"place":${jsonText(place)}`;
  const number = numbered === false ? 0 : record;
  return `{"side":${wordText(side)},"record":${number},"line":${line}${where},"values":${cellsText(values)}}`;
}

/** Cells as an object, in their order and whatever their names. */
export function cellsJson(cells: Cells): Json {
  return encoded(cellsText(cells));
}

function cellsText(cells: Cells): string {
  let text = '{';
  for (const [column, value] of cells) {
    text += `${text === '{' ? '' : ','}${wordText(column)}:${jsonText(value)}`;
  }
  return `${text}}`;
}
