import type { Report } from '../model/index.ts';
import { errorLines } from './error.ts';
import type { Reporter, ReportOptions } from './reporter.ts';
import { groupFindings } from './select.ts';
import { ansi, plain } from './style.ts';
import { finalLine, hasDetails } from './summary.ts';
import { artifactLines } from './text-artifact.ts';
import type { TextContext } from './text-context.ts';
import { overviewLines, type Grouped } from './text-overview.ts';
import { narrowest, wrap } from './width.ts';

const linesInChunk = 1000;

/**
 * For a person at a terminal: an overview of all artifacts, then each that has something to say,
 * then one line with the exit code. No line is wider than the terminal but one that is to be
 * copied whole; nothing raw of a file but printable text.
 */
export const text: Reporter = function* text(report, options) {
  const context = contextOf(options);
  if (report.error !== null) {
    yield* chunks(errorLines(report.error, context.width, context.paint));
    yield* chunks(['', ...lastLines(report, context)]);
    return;
  }
  const all = report.artifacts.map((artifact) => ({
    artifact,
    groups: groupFindings(artifact.findings, context.limit),
  }));
  yield* options.quiet ? quietly(report, all, context) : fully(report, all, context);
};

/** Nothing at all while everything is in sync, as `diff -q`. */
function* quietly(report: Report, all: readonly Grouped[], context: TextContext): Iterable<string> {
  const off = all.filter(({ artifact }) => artifact.verdict !== 'in-sync');
  if (off.length === 0) return;
  yield* chunks(overviewLines(off, 'alone', context));
  if (!report.enforced) yield* chunks(lastLines(report, context));
}

function* fully(report: Report, all: readonly Grouped[], context: TextContext): Iterable<string> {
  if (all.length > 1) yield* chunks([...overviewLines(all, 'details-follow', context), '']);
  for (const { artifact, groups } of all) {
    if (all.length > 1 && !hasDetails(artifact, groups)) continue;
    yield* chunks([...artifactLines(report, artifact, groups, context), '']);
  }
  yield* chunks(lastLines(report, context));
}

function lastLines(report: Report, { width, paint }: TextContext): readonly string[] {
  return wrap(finalLine(report), width, 2).map((line) => paint('bold', line));
}

function contextOf({ width, color, limit }: ReportOptions): TextContext {
  return {
    width: Math.max(narrowest, width),
    color,
    limit,
    paint: color ? ansi : plain,
  };
}

/** Lines as chunks of a thousand: a limit may ask for more lines than a string can hold. */
function* chunks(lines: readonly string[]): Iterable<string> {
  for (let at = 0; at < lines.length; at += linesInChunk) {
    yield `${lines.slice(at, at + linesInChunk).join('\n')}\n`;
  }
}
