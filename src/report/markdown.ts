import type { Report } from '../model/index.ts';
import { enforcementMarkdown, forbiddenWords } from './enforcement.ts';
import { errorLines } from './error.ts';
import { escapeTerminal, head } from './escape.ts';
import { blockWidth, markdownArtifact } from './markdown-artifact.ts';
import { codeBlock, codeText } from './markdown-escape.ts';
import type { Reporter } from './reporter.ts';
import { briefSide } from './revision.ts';
import { groupFindings } from './select.ts';
import { shareWarnings } from './shared.ts';
import { plain } from './style.ts';
import {
  displayName,
  finalLine,
  hasDetails,
  isForbidden,
  isPlain,
  plainPhrase,
  reportLabel,
  transitionsLine,
  verdictFacts,
  verdictLabel,
  warningText,
  worstFirst,
} from './summary.ts';
import type { Grouped } from './text-overview.ts';
import { capitalized, more, notEnforced } from './wording.ts';

/** A comment on GitHub holds 65,536 characters. */
export const mostCharacters = 60_000;

/** Rows of the overview; what is in sync and has nothing else to say is one line beyond them. */
const mostRows = 40;

/**
 * For a pull request or a chat, in GitHub-flavoured Markdown: a heading with the verdict, a table
 * of the artifacts, worst first, and for each that has something to say its findings, cut by
 * `limit`. Never longer than a comment may be: what matters least is left out, and that is said.
 */
export const markdown: Reporter = function* markdown(whole, { limit }) {
  const report = shareWarnings(whole);
  const known = transitionsLine(report);
  const since = known === null ? '' : `${codeBlock([known])}\n`;
  const start = `## keydrift ${report.command}: ${headline(report)}\n\n${since}`;
  const shared = report.shared.map((one) => `warning: ${escapeTerminal(warningText(one))}`);
  const end = `${shared.length === 0 ? '' : codeBlock(shared)}\n${finalLine(report)}\n`;
  yield start;
  const most = mostCharacters - start.length - end.length - leftOutLength;
  const told = enforcementOf(report, limit, most / 2);
  const take = takeRoom(most - told.length);
  if (report.error !== null) {
    const lines = errorLines(report.error, { width: blockWidth, paint: plain });
    yield take(codeBlock(lines)) ?? codeBlock(lines.slice(0, 1).map((line) => head(line, 2000)));
  } else {
    const all = worstFirst(
      report.artifacts.map((artifact) => ({
        artifact,
        groups: groupFindings(artifact.findings, limit, artifact.truncated),
      })),
    );
    yield* overview(all, take);
    yield* details(report, all, limit, take);
  }
  if (told !== '') yield told;
  yield end;
};

/** What a change does to enforcement, as much of it as there is room for. */
function enforcementOf(report: Report, limit: number, most: number): string {
  const { enforcement } = report;
  if (enforcement === undefined) return '';
  const whole = enforcementMarkdown(enforcement, limit);
  const told = whole.length <= most ? whole : enforcementMarkdown(enforcement, 20);
  return isForbidden(report)
    ? `${told}\n${capitalized(forbiddenWords(enforcement).long)}.\n`
    : told;
}

/** Takes a text where there is room for it. */
type Take = (text: string) => string | null;

const leftOutLength = 200;

/** Takes texts as long as there is room for `most` characters of them. */
export function takeRoom(most: number): Take {
  let room = most;
  return (text) => {
    if (text.length > room) return null;
    room -= text.length;
    return text;
  };
}

/** Each artifact that has something to say: whole, without its findings, or not at all. */
function* details(
  report: Report,
  all: readonly Grouped[],
  limit: number,
  take: Take,
): Iterable<string> {
  let left = 0;
  for (const { artifact, groups } of all) {
    if (!hasDetails(artifact, groups)) continue;
    const fewer = groupFindings(artifact.findings, Math.min(limit, 3), artifact.truncated);
    const text =
      take(markdownArtifact(report, artifact, groups, limit)) ??
      take(markdownArtifact(report, artifact, fewer, Math.min(limit, 3)));
    if (text === null) left += 1;
    else yield text;
  }
  if (left > 0) yield `\nThe details of ${left} more are left out here: JSON has all.\n`;
}

function headline(report: Report): string {
  const label = reportLabel(report);
  return report.enforced ? label : `${label} (${notEnforced})`;
}

function* overview(all: readonly Grouped[], take: Take): Iterable<string> {
  const isFolded = all.length > mostRows || all.some(({ artifact }) => artifact.change !== null);
  const told = isFolded ? all.filter(({ artifact }) => !isPlain(artifact)) : all;
  const clean = isFolded ? all.map(({ artifact }) => artifact).filter(isPlain) : [];
  const end = clean.length > 0 ? `\n${plainPhrase(clean)}.\n` : '';
  if (told.length === 0) return yield end;
  const sides = sidesTold(all);
  const heads = ['artifact', 'verdict', 'findings', ...sides];
  yield `${tableLine(heads)}${tableLine(heads.map(() => '---'))}`;
  let rows = 0;
  for (const one of told) {
    const text = rows < mostRows * 2 ? take(overviewRow(one, sides)) : null;
    if (text === null) break;
    rows += 1;
    yield text;
  }
  if (rows < told.length)
    yield `\n${more(told.length - rows)} are not in sync or have something to say.\n`;
  yield end;
}

type SideName = 'reviewed' | 'runtime';

/** The sides that have a column: where there is only one, it has one if a commit pins it. */
function sidesTold(all: readonly Grouped[]): readonly SideName[] {
  if (all.some(({ artifact }) => artifact.state !== null)) return ['reviewed', 'runtime'];
  const isPinned = all.some(
    ({ artifact: { reviewed } }) => (reviewed?.revision.short ?? null) !== null,
  );
  return isPinned ? ['reviewed'] : [];
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |\n`;
}

function overviewRow({ artifact, groups }: Grouped, sides: readonly SideName[]): string {
  const cells = [
    codeText(displayName(artifact)),
    artifact.verdict === 'in-sync' ? verdictLabel(artifact) : `**${verdictLabel(artifact)}**`,
    verdictFacts(artifact, groups).join(', '),
    ...sides.map((name) => {
      const side = artifact[name];
      return side === null ? '' : codeText(briefSide(side));
    }),
  ];
  return tableLine(cells);
}
