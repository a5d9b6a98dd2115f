import type { ArtifactReport } from '../model/index.ts';
import { causeText } from './json-cause.ts';
import {
  changeText,
  countsText,
  errorText,
  findingText,
  sideText,
  warningText,
} from './json-parts.ts';
import {
  arrayChunks,
  arrayText,
  membersText,
  objectText,
  orNull,
  scalar,
  type Member,
} from './json-text.ts';

/**
 * An artifact of SPEC §5 from its brace on, in chunks: every finding has a line and a chunk of its
 * own. `indent` is that of the closing brace.
 */
export function* artifactChunks(artifact: ArtifactReport, indent: string): Iterable<string> {
  const inner = `${indent}  `;
  yield `{\n${membersText(factMembers(artifact), inner)},\n${inner}"findings": `;
  yield* arrayChunks(artifact.findings, findingText, inner);
  yield `,\n${membersText(tailMembers(artifact), inner)}\n${indent}}`;
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
    ['cause', orNull(artifact.cause ?? null, causeText)],
    ['error', orNull(artifact.error, errorText)],
  ];
}
