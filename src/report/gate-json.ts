import type { GateDecision, GateEvent, HandOver, SideReport } from '../model/index.ts';
import { countsText, errorText, findingText, sideText, warningText } from './json-parts.ts';
import { arrayText, objectText, orNull, scalar, type Member } from './json-text.ts';
import { groupFindings } from './select.ts';

/** When and by which version something was said. */
export interface LogHead {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly version: string;
}

/**
 * An event of `run` as one JSON object on one line, for log pipelines. Only ASCII control-free
 * text: whatever a terminal or a line reader would obey is an escape.
 */
export function gateEventLine(event: GateEvent, head: LogHead, limit: number): string {
  const members: readonly Member[] = [
    ['time', scalar(head.time)],
    ['tool', scalar('keydrift')],
    ['version', scalar(head.version)],
    ['level', scalar(levelOf(event))],
    ['event', scalar(event.kind)],
    ...eventMembers(event, limit),
  ];
  return `${objectText(members).replace(unsafe, escapeUnit)}\n`;
}

const unsafe = /[\u007f-\u{10ffff}]/gu;

/** Every code unit as `\uXXXX`, which all JSON readers know. */
function escapeUnit(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => String.raw`\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}

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

function eventMembers(event: GateEvent, limit: number): readonly Member[] {
  switch (event.kind) {
    case 'artifact':
      return decisionMembers(event.decision, limit);
    case 'not-started':
      return [
        ['exitCode', scalar(event.report.exitCode)],
        ['verdict', scalar(event.report.verdict)],
      ];
    case 'error':
      return [
        ['exitCode', scalar(event.exitCode)],
        ['observed', scalar(event.observed)],
        ['error', errorText(event.error)],
      ];
    case 'start':
      return [
        ['command', scalar(event.file)],
        ['artifacts', arrayText(event.artifacts.map(scalar))],
      ];
    case 'end':
      return [
        ['exitCode', scalar(event.exitCode)],
        ['signal', scalar(event.signal)],
        ['durationMs', scalar(event.durationMs)],
        [
          'artifacts',
          arrayText(
            event.artifacts.map(({ report, outcome, revision }) =>
              objectText([
                ['artifact', scalar(report.name)],
                ['outcome', scalar(outcome)],
                ['revision', scalar(revision)],
              ]),
            ),
          ),
        ],
      ];
    case 'signal':
      return [
        ['exitCode', scalar(event.exitCode)],
        ['signal', scalar(event.signal)],
      ];
    case 'warning':
      return [
        ['code', scalar(event.code)],
        ['message', scalar(event.message)],
      ];
    case 'command-failed':
      return [
        ['exitCode', scalar(event.exitCode)],
        ['message', scalar(event.message)],
      ];
  }
}

function decisionMembers(decision: GateDecision, limit: number): readonly Member[] {
  const { report, outcome, observed, use, revision, enforced } = decision;
  const { override, scope, reason, handOver } = decision;
  const size = (count: (side: SideReport) => number): string =>
    orNull(report.runtime, (side) => scalar(count(side)));
  // What runs has its findings counted; what does not has the first of each kind told.
  const shown =
    outcome === 'run' ? [] : groupFindings(report.findings, limit).flatMap((group) => group.shown);
  return [
    ['artifact', scalar(report.name)],
    ['copy', scalar(report.copy)],
    ['owner', scalar(report.owner)],
    ['runbook', scalar(report.runbook)],
    ['outcome', scalar(outcome)],
    ['observed', scalar(observed)],
    ['fromEnvironment', arrayText(decision.fromEnvironment.map(scalar))],
    ['verdict', scalar(report.verdict)],
    ['state', scalar(report.state)],
    ['enforced', scalar(enforced)],
    ['rows', size(({ rows }) => rows)],
    ['units', size(({ units }) => units)],
    ['redundant', size(({ redundant }) => redundant)],
    ['invalid', size(({ invalid }) => invalid)],
    ['revision', scalar(revision)],
    ['use', scalar(use)],
    ['scope', scalar(scope)],
    ['counts', countsText(report.counts)],
    ['findings', arrayText(shown.map(findingText))],
    ['reviewed', orNull(report.reviewed, sideText)],
    ['runtime', orNull(report.runtime, sideText)],
    [
      'override',
      orNull(override, ({ reason: why, at }) =>
        objectText([
          ['reason', scalar(why)],
          ['at', scalar(at)],
        ]),
      ),
    ],
    ['handOver', orNull(handOver, handOverText)],
    ['warnings', arrayText(report.warnings.map(warningText))],
    ['reason', scalar(reason)],
    ['error', orNull(report.error, errorText)],
  ];
}

function handOverText({ path, bytes, sha256, dropped, url, urlVersion }: HandOver): string {
  return objectText([
    ['path', scalar(path)],
    ['bytes', scalar(bytes)],
    ['sha256', scalar(sha256)],
    ['dropped', scalar(dropped)],
    ['url', scalar(url)],
    ['urlVersion', scalar(urlVersion)],
  ]);
}
