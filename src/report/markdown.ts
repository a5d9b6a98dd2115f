import type { Report } from '../model/index.ts';
import { enforcementMarkdown } from './enforcement.ts';
import { errorLines } from './error.ts';
import { blockWidth, markdownArtifact } from './markdown-artifact.ts';
import { codeBlock, codeText } from './markdown-escape.ts';
import type { Reporter } from './reporter.ts';
import { briefSide } from './revision.ts';
import { groupFindings } from './select.ts';
import { plain } from './style.ts';
import { displayName, finalLine, hasDetails, verdictFacts, verdictLabel } from './summary.ts';
import type { Grouped } from './text-overview.ts';
import { notEnforced, verdictWords } from './wording.ts';

/**
 * For a pull request or a chat, in GitHub-flavoured Markdown: a heading with the verdict, a table
 * of the artifacts, and for each that has something to say its findings, cut by `limit`.
 */
export const markdown: Reporter = function* markdown(report, { limit }) {
  yield `## keydrift ${report.command}: ${headline(report)}\n\n`;
  if (report.error !== null) {
    yield codeBlock(errorLines(report.error, blockWidth, plain));
  } else {
    const all = report.artifacts.map((artifact) => ({
      artifact,
      groups: groupFindings(artifact.findings, limit, artifact.truncated),
    }));
    yield overview(all);
    for (const { artifact, groups } of all) {
      if (hasDetails(artifact, groups)) yield markdownArtifact(report, artifact, groups, limit);
    }
  }
  if (report.enforcement !== undefined) yield enforcementMarkdown(report.enforcement, limit);
  yield `\n${finalLine(report)}\n`;
};

function headline(report: Report): string {
  const { verdict, command, enforced } = report;
  const words = verdictWords[verdict];
  const label = command === 'lint' || command === 'bundle' ? words.contractLabel : words.label;
  return enforced ? label : `${label} (${notEnforced})`;
}

function overview(all: readonly Grouped[]): string {
  const rows = all.map(({ artifact, groups }) =>
    [
      codeText(displayName(artifact)),
      artifact.verdict === 'in-sync' ? verdictLabel(artifact) : `**${verdictLabel(artifact)}**`,
      verdictFacts(artifact, groups).join(', '),
      artifact.reviewed === null ? '' : codeText(briefSide(artifact.reviewed)),
      artifact.runtime === null ? '' : codeText(briefSide(artifact.runtime)),
    ].join(' | '),
  );
  return [
    '| artifact | verdict | findings | reviewed | runtime |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row} |`),
    '',
  ].join('\n');
}
