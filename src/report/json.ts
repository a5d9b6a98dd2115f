import type { ArtifactReport, Report } from '../model/index.ts';
import {
  changeText,
  countsText,
  errorText,
  findingText,
  sideText,
  warningText,
} from './json-parts.ts';
import { arrayText, memberText, objectText, orNull, scalar, type Member } from './json-text.ts';
import type { Reporter } from './reporter.ts';

/** The name under which fields are only ever added. */
const schema = 'keydrift.report/1';

/**
 * The whole report as JSON (SPEC §5; schema/keydrift.report.schema.json), every finding on a line
 * and in a chunk of its own. The options do not change it.
 */
export const json: Reporter = function* json(report) {
  yield `{\n${membersText(headMembers(report), '  ')},\n  "artifacts": [`;
  for (const [at, artifact] of report.artifacts.entries()) {
    yield at === 0 ? '\n' : ',\n';
    yield* artifactChunks(artifact);
  }
  yield report.artifacts.length === 0 ? ']\n}\n' : '\n  ]\n}\n';
};

function* artifactChunks(artifact: ArtifactReport): Iterable<string> {
  const inner = '      ';
  yield `    {\n${membersText(factMembers(artifact), inner)},\n${inner}"findings": [`;
  for (const [at, finding] of artifact.findings.entries()) {
    yield `${at === 0 ? '' : ','}\n        ${findingText(finding)}`;
  }
  yield artifact.findings.length === 0 ? '],\n' : `\n${inner}],\n`;
  yield `${membersText(tailMembers(artifact), inner)}\n    }`;
}

function headMembers(report: Report): readonly Member[] {
  return [
    ['schema', scalar(schema)],
    [
      'tool',
      objectText([
        ['name', scalar('keydrift')],
        ['version', scalar(report.version)],
      ]),
    ],
    ['command', scalar(report.command)],
    ['startedAt', scalar(report.startedAt)],
    ['durationMs', scalar(report.durationMs)],
    ['verdict', scalar(report.verdict)],
    ['exitCode', scalar(report.exitCode)],
    ['enforced', scalar(report.enforced)],
    ['error', orNull(report.error, errorText)],
  ];
}

function factMembers(artifact: ArtifactReport): readonly Member[] {
  const labels = [...artifact.labels].map(([name, value]): Member => [name, scalar(value)]);
  return [
    ['name', scalar(artifact.name)],
    ['copy', scalar(artifact.copy)],
    ['owner', scalar(artifact.owner)],
    ['runbook', scalar(artifact.runbook)],
    ['labels', objectText(labels)],
    ['verdict', scalar(artifact.verdict)],
    ['state', scalar(artifact.state)],
    ['reviewed', orNull(artifact.reviewed, sideText)],
    ['runtime', orNull(artifact.runtime, sideText)],
    ['amplification', scalar(artifact.amplification)],
    ['counts', countsText(artifact.counts)],
  ];
}

function tailMembers(artifact: ArtifactReport): readonly Member[] {
  return [
    ['respelled', scalar(artifact.respelled)],
    ['warnings', arrayText(artifact.warnings.map(warningText))],
    ['change', orNull(artifact.change, changeText)],
    ['cause', 'null'],
    ['error', orNull(artifact.error, errorText)],
  ];
}

function membersText(members: readonly Member[], indent: string): string {
  return members.map((member) => indent + memberText(member, ': ')).join(',\n');
}
