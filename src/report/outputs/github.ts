import type { ArtifactReport, Report } from '../../model/index.ts';
import { count } from '../../model/names.ts';
import { describeError } from '../error.ts';
import { escapeTerminal, head } from '../escape.ts';
import { forbiddenWords, weakerMessages } from '../enforcement.ts';
import { issuesOf, reviewedPath, type Issue } from '../issues.ts';
import type { Reporter } from '../reporter.ts';
import {
  artifactFacts,
  displayName,
  finalLine,
  isForbidding,
  transitionsLine,
  worstFirst,
} from '../summary.ts';
import { more } from '../wording.ts';

/** GitHub shows so many annotations of a step, of each level. */
const mostOfLevel = 10;
/** It cuts a title and a message. */
const longestTitle = 200;
const longestMessage = 4000;

/**
 * Workflow commands of GitHub Actions: annotations at the reviewed copy's lines. Of each level at
 * most ten, which is what GitHub shows of a step: every finding where there are so few, else one for
 * each kind of an artifact, else one for each artifact, worst first. The step summary is markdown's.
 */
export const report: Reporter = function* github(told) {
  if (told.error !== null) yield* errorAnnotations(told, told.error);
  yield* weakerAnnotations(told);
  const told_ = worstFirst(told.artifacts.map((artifact) => ({ artifact })));
  for (const level of ['error', 'warning'] as const) {
    const all = told_.flatMap(({ artifact }) => {
      const issues = [...issuesOf(artifact)].filter((issue) => issue.level === level);
      return issues.length === 0 ? [] : [{ artifact, issues }];
    });
    for (const annotation of aggregated(all)) yield command(level, annotation);
  }
  const since = transitionsLine(told);
  if (since !== null) yield `${since}\n`;
  yield `${finalLine(told)}\n`;
};

interface Found {
  readonly artifact: ArtifactReport;
  readonly issues: readonly Issue[];
}

interface Annotation {
  readonly file: string | null;
  readonly line: number | null;
  readonly title: string;
  readonly message: string;
}

/** As fine as ten annotations can be. */
function aggregated(all: readonly Found[]): readonly Annotation[] {
  const each = all.flatMap(({ artifact, issues }) =>
    issues.map((issue) => annotate(artifact, [issue], `${displayName(artifact)}: ${issue.rule}`)),
  );
  if (each.length <= mostOfLevel) return each;
  const byRule = all.flatMap(({ artifact, issues }) =>
    [...new Set(issues.map(({ rule }) => rule))].map((rule) => {
      const own = issues.filter((issue) => issue.rule === rule);
      return annotate(artifact, own, `${displayName(artifact)}: ${own.length} ${rule}`);
    }),
  );
  if (byRule.length <= mostOfLevel) return byRule;
  const byArtifact = all.map(({ artifact, issues }) =>
    annotate(artifact, issues, `${displayName(artifact)}: ${artifactFacts(artifact)}`),
  );
  const shown = byArtifact.slice(
    0,
    byArtifact.length > mostOfLevel ? mostOfLevel - 1 : mostOfLevel,
  );
  const left = all.slice(shown.length).map(({ artifact }) => displayName(artifact));
  if (left.length === 0) return shown;
  const rest = {
    file: null,
    line: null,
    title: `keydrift: ${count(left.length, 'more artifact')}`,
  };
  return [...shown, { ...rest, message: left.join(', ') }];
}

function annotate(artifact: ArtifactReport, issues: readonly Issue[], title: string): Annotation {
  const { owner, runbook } = artifact;
  const contact = [
    ...(owner === null ? [] : [`Owner: ${escapeTerminal(owner)}`]),
    ...(runbook === null ? [] : [`Runbook: ${escapeTerminal(runbook)}`]),
  ];
  const shown = issues
    .slice(0, 10)
    .map(({ message, hint }) => (hint === null ? message : `${message}\nhint: ${hint}`));
  const rest = issues.length - shown.length;
  const lines = [...shown, ...(rest > 0 ? [more(rest)] : []), ...contact];
  const placed = issues.find((issue) => issue.line !== null) ?? issues[0];
  const { file = null, line = null, of } = placed ?? {};
  const place = file ?? (of === 'contract' ? null : reviewedPath(artifact));
  return { file: place, line, title, message: lines.join('\n') };
}

/** What is weaker at its line of the contract: an error where that is forbidden. */
function* weakerAnnotations(told: Report): Iterable<string> {
  const { enforcement } = told;
  if (enforcement === undefined) return;
  const level = isForbidding(told) ? 'error' : 'warning';
  const all = weakerMessages(enforcement);
  const shown = all.slice(0, all.length > mostOfLevel ? mostOfLevel - 1 : mostOfLevel);
  const title = `keydrift: ${forbiddenWords(enforcement).short}`;
  for (const { message, place } of shown) {
    yield command(level, { file: place?.file ?? null, line: place?.line ?? null, title, message });
  }
  const left = all.slice(shown.length);
  if (left.length === 0) return;
  const message = left.map((one) => one.message).join('\n');
  yield command(level, {
    file: null,
    line: null,
    title: `${title}: ${more(left.length)}`,
    message,
  });
}

/** Every problem of a contract at its line. */
function* errorAnnotations(
  { given = [] }: Report,
  error: NonNullable<Report['error']>,
): Iterable<string> {
  const config = given.find(([name]) => name === 'config')?.[1] ?? 'keydrift.yaml';
  const problems = error.problems.slice(0, mostOfLevel - 1);
  const message = describeError(error, { width: 100, color: false });
  yield command('error', { file: null, line: null, title: `keydrift: ${error.code}`, message });
  for (const { line, path, message: what, hint } of problems) {
    const text = escapeTerminal(`${path}: ${what}${hint === null ? '' : ` (${hint})`}`);
    yield command('error', { file: config, line, title: `keydrift: ${error.code}`, message: text });
  }
}

function command(level: 'error' | 'warning', { file, line, title, message }: Annotation): string {
  const properties = [
    ...(file === null ? [] : [`file=${property(file)}`]),
    ...(file === null || line === null ? [] : [`line=${line}`]),
    `title=${property(head(title, longestTitle))}`,
  ];
  const text = message.split('\n').map(escapeTerminal).join('\n');
  return `::${level} ${properties.join(',')}::${data(head(text, longestMessage))}\n`;
}

/** As the runner takes them apart again. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(escapeTerminal(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
