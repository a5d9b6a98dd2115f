import type { Report } from '../model/index.ts';
import { enforcementLines } from './enforcement.ts';
import { errorLines } from './error.ts';
import type { Reporter } from './reporter.ts';
import { groupFindings } from './select.ts';
import { finalLine, hasDetails, isClean, worstFirst } from './summary.ts';
import { artifactLines } from './text-artifact.ts';
import { lineChunks } from './text-chunks.ts';
import { textContext, type TextContext } from './text-context.ts';
import { overviewScreen, type Grouped } from './text-overview.ts';
import { wrap } from './width.ts';

/**
 * For a person at a terminal: an overview of all artifacts, then each that has something to say,
 * then one line with the exit code. No line is wider than the terminal but one that is to be
 * copied whole; nothing raw of a file but printable text.
 */
export const text: Reporter = function* text(report, options) {
  const context = textContext(options);
  if (report.error !== null) {
    yield* lineChunks(errorLines(report.error, context.width, context.paint));
    yield* lineChunks(['', ...lastLines(report, context)]);
    return;
  }
  const all = report.artifacts.map((artifact) => ({
    artifact,
    groups: groupFindings(artifact.findings, context.limit, artifact.truncated),
  }));
  yield* options.quiet ? quietly(report, all, context) : fully(report, all, context);
};

/** Without what is in sync and has nothing else to say; nothing at all where all of it is so. */
function* quietly(report: Report, all: readonly Grouped[], context: TextContext): Iterable<string> {
  const off = all.filter(({ artifact }) => !isClean(artifact));
  const weaker = report.enforcement?.changes.some(({ effect }) => effect === 'weaker') === true;
  if (off.length > 0) yield* fully(report, off, context);
  else if (!report.enforced || weaker) yield* lineChunks(lastLines(report, context));
}

function* fully(report: Report, all: readonly Grouped[], context: TextContext): Iterable<string> {
  const ranked = worstFirst(all);
  if (all.length > 1) yield* lineChunks([...overviewScreen(ranked, context), '']);
  for (const { artifact, groups } of ranked) {
    if (all.length > 1 && !hasDetails(artifact, groups)) continue;
    yield* lineChunks([...artifactLines(report, artifact, groups, context), '']);
  }
  yield* lineChunks(lastLines(report, context));
}

function lastLines(report: Report, { width, paint, limit }: TextContext): readonly string[] {
  const { enforcement } = report;
  const told = enforcement === undefined ? [] : [...enforcementLines(enforcement, limit), ''];
  const lines = told.flatMap((line) => (line === '' ? [''] : wrap(line, width, 12)));
  return [...lines, ...wrap(finalLine(report), width, 2).map((line) => paint('bold', line))];
}
