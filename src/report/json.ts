import type { Report } from '../model/index.ts';
import { artifactChunks } from './json-artifact.ts';
import { errorText, toolText } from './json-parts.ts';
import { arrayText, membersText, objectText, orNull, scalar, type Member } from './json-text.ts';
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
    yield at === 0 ? '\n    ' : ',\n    ';
    yield* artifactChunks(artifact, '    ');
  }
  yield report.artifacts.length === 0 ? ']\n}\n' : '\n  ]\n}\n';
};

function headMembers(report: Report): readonly Member[] {
  return [
    ['schema', scalar(schema)],
    ['tool', toolText(report.version)],
    ['command', scalar(report.command)],
    ['startedAt', scalar(report.startedAt)],
    ['durationMs', scalar(report.durationMs)],
    ['verdict', scalar(report.verdict)],
    ['exitCode', scalar(report.exitCode)],
    ['enforced', scalar(report.enforced)],
    ...enforcement(report),
    ['error', orNull(report.error, errorText)],
  ];
}

/** What a report says of its flags and variables; documents that were made without say nothing. */
function enforcement({ notEnforced, fromEnvironment }: Report): readonly Member[] {
  const weakened = notEnforced?.map(({ artifact, kinds }) =>
    objectText([
      ['artifact', scalar(artifact)],
      ['kinds', arrayText(kinds.map(scalar))],
    ]),
  );
  return [
    ...(weakened === undefined ? [] : [['notEnforced', arrayText(weakened)] as const]),
    ...(fromEnvironment === undefined
      ? []
      : [['fromEnvironment', arrayText(fromEnvironment.map(scalar))] as const]),
  ];
}
