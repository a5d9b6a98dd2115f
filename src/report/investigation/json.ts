import type { Investigation, PointComparison } from '../../model/index.ts';
import {
  blamedText,
  costMembers,
  entryText,
  historyText,
  onsetMembers,
  pointText,
  scopeText,
  sidesText,
  slicePointText,
  unitCostText,
} from './json-parts.ts';
import type { InvestigationReporter } from './reporter.ts';
import { artifactChunks } from '../json-artifact.ts';
import { countsText, errorText, findingText, toolText } from '../json-parts.ts';
import { arrayChunks, membersText, orNull, scalar, type Member } from '../json-text.ts';

/** The name under which fields are only ever added. */
export const investigationSchema = 'keydrift.investigation/1';

/**
 * The whole investigation as JSON (SPEC §5; schema/keydrift.investigation.schema.json): every
 * finding, timeline entry, slice point and unit on a line and in a chunk of its own.
 */
export const investigationJson: InvestigationReporter = function* investigationJson(investigation) {
  const { artifact, timeline, onset, slice, comparison, cost, history } = investigation;
  yield `{\n${membersText(headMembers(investigation), '  ')},\n  "artifact": `;
  yield* artifact === null ? ['null'] : artifactChunks(artifact, '  ');
  yield `,\n  "history": ${historyText(history)},\n  "timeline": `;
  yield* arrayChunks(timeline, entryText, '  ');
  yield ',\n  "onset": ';
  yield* onset === null ? ['null'] : onsetChunks(onset);
  yield ',\n  "slice": ';
  yield* slice === null ? ['null'] : sliceChunks(slice);
  yield ',\n  "comparison": ';
  yield* comparison === null ? ['null'] : comparisonChunks(comparison);
  yield ',\n  "cost": ';
  yield* cost === null ? ['null'] : costChunks(cost);
  yield '\n}\n';
};

function headMembers(investigation: Investigation): readonly Member[] {
  return [
    ['schema', scalar(investigationSchema)],
    ['tool', toolText(investigation.version)],
    ['startedAt', scalar(investigation.startedAt)],
    ['durationMs', scalar(investigation.durationMs)],
    ['verdict', scalar(investigation.verdict)],
    ['exitCode', scalar(investigation.exitCode)],
    ['enforced', scalar(investigation.enforced)],
    ['error', orNull(investigation.error, errorText)],
  ];
}

function* onsetChunks(onset: NonNullable<Investigation['onset']>): Iterable<string> {
  yield `{\n${membersText(onsetMembers(onset), '    ')},\n    "change": `;
  if (onset.change === null) {
    yield 'null\n  }';
    return;
  }
  const { counts, findings } = onset.change;
  yield `{\n      "counts": ${countsText(counts)},\n      "findings": `;
  yield* arrayChunks(findings, findingText, '      ');
  yield '\n    }\n  }';
}

function* sliceChunks(slice: NonNullable<Investigation['slice']>): Iterable<string> {
  const head: readonly Member[] = [
    ['scope', scopeText(slice.scope)],
    ['rowCount', sidesText(slice.rowCount)],
    ['diff', scalar(slice.diff)],
  ];
  yield `{\n${membersText(head, '    ')},\n    "points": `;
  yield* arrayChunks(slice.points, slicePointText, '    ');
  yield ',\n    "blame": ';
  yield* arrayChunks(slice.blame, blamedText, '    ');
  yield '\n  }';
}

function* comparisonChunks({ from, to, artifact }: PointComparison): Iterable<string> {
  yield `{\n    "from": ${pointText(from)},\n    "to": ${pointText(to)},\n    "artifact": `;
  yield* artifactChunks(artifact, '    ');
  yield '\n  }';
}

function* costChunks(cost: NonNullable<Investigation['cost']>): Iterable<string> {
  yield `{\n${membersText(costMembers(cost), '    ')},\n    "units": `;
  yield* arrayChunks(cost.units, unitCostText, '    ');
  yield '\n  }';
}
