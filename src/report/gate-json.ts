import type { ArtifactReport, GateDecision, GateEvent, SideReport } from '../model/index.ts';
import { errorJson, findingJson, sideJson } from './json.ts';
import { escapeUnits, jsonText, type JsonObject } from './json-encode.ts';
import type { GateReporter } from './reporter.ts';
import { groupFindings } from './select.ts';
import { isClean } from './summary.ts';

/**
 * An event of `run` as one JSON object on one line, for log pipelines. Only ASCII control-free
 * text: whatever a terminal or a line reader would obey is an escape.
 */
export const gateEventLine: GateReporter = (event, { limit, quiet }, head) => {
  if (quiet && event.kind === 'artifact' && isQuiet(event.decision)) return '';
  const line = jsonText({
    time: head.time,
    tool: 'keydrift',
    version: head.version,
    level: levelOf(event),
    event: event.kind,
    ...eventMembers(event, limit),
  });
  return `${line.replace(unsafe, escapeUnits)}\n`;
};

/** `--quiet` tells what needs somebody. */
function isQuiet({ outcome, report, enforced }: GateDecision): boolean {
  return enforced && outcome === 'run' && isClean(report);
}

const unsafe = /[\u007f-\u{10ffff}]/gu;

function levelOf(event: GateEvent): 'info' | 'warn' | 'error' {
  switch (event.kind) {
    case 'artifact': {
      const { outcome, report } = event.decision;
      if (outcome !== 'run') return 'error';
      return report.verdict === 'in-sync' && report.findings.length === 0 ? 'info' : 'warn';
    }
    case 'warning':
      return 'warn';
    case 'start':
    case 'end':
      return 'info';
    case 'not-started':
    case 'error':
    case 'signal':
    case 'command-failed':
      return 'error';
  }
}

function eventMembers(event: GateEvent, limit: number): JsonObject {
  switch (event.kind) {
    case 'artifact':
      return decisionMembers(event.decision, limit);
    case 'not-started':
      return { exitCode: event.report.exitCode, verdict: event.report.verdict };
    case 'error':
      return {
        exitCode: event.exitCode,
        observed: event.observed,
        error: errorJson(event.error),
      };
    case 'start':
      return { command: event.file, artifacts: event.artifacts };
    case 'end':
      return {
        exitCode: event.exitCode,
        signal: event.signal,
        durationMs: event.durationMs,
        artifacts: event.artifacts.map(({ report, outcome, revision }) => ({
          artifact: report.name,
          outcome,
          revision,
        })),
      };
    case 'signal':
      return { exitCode: event.exitCode, signal: event.signal };
    case 'warning':
      return { code: event.code, message: event.message };
    case 'command-failed':
      return { exitCode: event.exitCode, message: event.message };
  }
}

function decisionMembers(decision: GateDecision, limit: number): JsonObject {
  const { report, outcome, observed, use, revision, enforced } = decision;
  const { override, scope, reason, handOver } = decision;
  const size = (count: (side: SideReport) => number): number | null =>
    report.runtime && count(report.runtime);
  // What runs has its findings counted; what does not has the first of each kind told.
  const shown =
    outcome === 'run' ? [] : groupFindings(report.findings, limit).flatMap((group) => group.shown);
  return {
    artifact: report.name,
    copy: report.copy,
    owner: report.owner,
    runbook: report.runbook,
    outcome,
    observed,
    fromEnvironment: decision.fromEnvironment,
    verdict: report.verdict,
    state: report.state,
    enforced,
    rows: size(({ rows }) => rows),
    units: size(({ units }) => units),
    redundant: size(({ redundant }) => redundant),
    invalid: size(({ invalid }) => invalid),
    revision,
    use,
    scope,
    counts: report.counts,
    findings: shown.map(findingJson),
    reviewed: report.reviewed && sideJson(report.reviewed),
    runtime: report.runtime && sideJson(report.runtime),
    override: override && { reason: override.reason, at: override.at },
    handOver: handOver && {
      path: handOver.path,
      bytes: handOver.bytes,
      sha256: handOver.sha256,
      parts: handOver.parts,
      dropped: handOver.dropped,
      url: handOver.url,
      urlVersion: handOver.urlVersion,
    },
    table: decision.table && { name: decision.table.name, snapshot: decision.table.snapshot },
    warnings: report.warnings.map(({ code, message, side, line }) => ({
      code,
      message,
      side,
      line,
    })),
    reason,
    ...overrideMember(report),
    error: report.error && errorJson(report.error),
  };
}

function overrideMember({ whatToDo = [] }: ArtifactReport): JsonObject {
  const command = whatToDo.find(({ kind }) => kind === 'override')?.commands[0];
  return command === undefined ? {} : { overrideCommand: command };
}
