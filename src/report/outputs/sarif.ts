import {
  kindEntry,
  sha256Hex,
  type ArtifactReport,
  type Finding,
  type Report,
  type ReportError,
} from '../../model/index.ts';
import { escapeTerminal } from '../escape.ts';
import { weakerMessages } from '../enforcement.ts';
import { issuesOf, reviewedPath, withName, type Issue } from '../issues.ts';
import { jsonChunks, lines, spread, type Json, type JsonObject } from '../json-encode.ts';
import type { Reporter } from '../reporter.ts';
import { isForbidding } from '../summary.ts';
import { stateWords } from '../wording.ts';

/** Code scanning shows so many results of one run. */
const mostResults = 5000;

/**
 * SARIF 2.1.0, for code scanning: a result for each finding, state, error and warning, at the line
 * of the reviewed copy where there is one, with the runtime copy beside it. Its fingerprint stays the same
 * as long as the finding does, wherever its rows stand. Accepted findings are suppressed results.
 */
export const report: Reporter = (told) => {
  const found = told.artifacts.flatMap((artifact) =>
    [...issuesOf(artifact)].map((issue) => ({ artifact, issue })),
  );
  // What fails comes first where not all can be told.
  const ranked = (['error', 'warning', 'note'] as const).flatMap((level) =>
    found.filter(({ issue }) => issue.level === level),
  );
  const shown = ranked.slice(0, mostResults);
  const rules = [...new Set(shown.map(({ issue }) => issue.rule))];
  const print = fingerprints();
  return jsonChunks({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: spread([
      spread({
        tool: {
          driver: { name: 'keydrift', semanticVersion: told.version, rules: rules.map(ruleOf) },
        },
        automationDetails: { id: `keydrift/${told.command}/` },
        columnKind: 'utf16CodeUnits',
        invocations: [invocationOf(told, ranked.length - shown.length)],
        results: lines(shown, ({ artifact, issue }) =>
          resultOf(artifact, issue, rules.indexOf(issue.rule), print(artifact, issue)),
        ),
      }),
    ]),
  });
};

const states: readonly (readonly [state: string, words: string])[] = Object.entries(stateWords);

function ruleOf(id: string): JsonObject {
  const words =
    kindEntry(id)?.words({ reviewed: 'reviewed', runtime: 'runtime' }) ??
    states.find((state) => state[0] === id)?.[1] ??
    id;
  return { id, shortDescription: { text: words } };
}

function resultOf(
  artifact: ArtifactReport,
  issue: Issue,
  ruleIndex: number,
  fingerprint: string,
): JsonObject {
  const { rule, level, hint, finding } = issue;
  const related = runtimeRows(artifact, finding);
  const { owner, runbook } = artifact;
  return {
    ruleId: rule,
    ruleIndex,
    level,
    message: { text: withName(artifact, issue) + (hint === null ? '' : `\nhint: ${hint}`) },
    locations: [locationOf(issue.file ?? placeOf(artifact), issue.line)],
    ...(related.length === 0 ? {} : { relatedLocations: related }),
    partialFingerprints: { 'keydrift/v1': fingerprint },
    ...(finding?.transition === undefined
      ? {}
      : { baselineState: finding.transition.change === 'new' ? 'new' : 'unchanged' }),
    ...(finding?.accepted === undefined
      ? {}
      : { suppressions: [{ kind: 'inSource', justification: finding.accepted.reason }] }),
    properties: { artifact: artifact.name, copy: artifact.copy, owner, runbook },
  };
}

/** What was reviewed, in the repository; of what nobody reviewed the runtime copy. */
function placeOf(artifact: ArtifactReport): string {
  return reviewedPath(artifact) ?? artifact.runtime?.location ?? artifact.name;
}

function runtimeRows({ runtime }: ArtifactReport, finding: Finding | null): readonly JsonObject[] {
  if (runtime === null || finding === null) return [];
  return finding.rows
    .filter(({ side }) => side === 'runtime')
    .map(({ line }, at) => ({ id: at, ...locationOf(runtime.location, line === 0 ? null : line) }));
}

/**
 * A file of the repository as a relative address; a location keeps its scheme. Through UTF-8: half of
 * a surrogate pair has no address.
 */
function locationOf(place: string, line: number | null): JsonObject {
  const [, scheme = '', path = ''] = /^([a-z][a-z0-9+.-]+:(?:\/\/)?)?(.*)$/s.exec(place) ?? [];
  const encoded = Buffer.from(path).toString().split('/').map(encodeURIComponent).join('/');
  const region = line === null || line < 1 ? {} : { region: { startLine: line } };
  return { physicalLocation: { artifactLocation: { uri: scheme + encoded }, ...region } };
}

/**
 * A finding by what it says, without its rows' places. Of several that say the same each has the
 * number that it is among them.
 */
function fingerprints(): (artifact: ArtifactReport, issue: Issue) => string {
  const seen = new Map<string, number>();
  return ({ name, copy }, { rule, message, finding }) => {
    const what =
      finding === null
        ? [message.replaceAll(/\d+/g, '#')]
        : [finding.side, finding.key ?? [finding.reason, finding.rows[0]?.values ?? null]];
    const text = JSON.stringify([name, copy, rule, what]);
    const before = seen.get(text) ?? 0;
    seen.set(text, before + 1);
    return sha256Hex(`${text}${before}`).slice(0, 32);
  };
}

function invocationOf(told: Report, left: number): JsonObject {
  const { error, exitCode, startedAt, durationMs, enforcement } = told;
  const notes: Json[] = [
    ...(left === 0
      ? []
      : [{ level: 'warning', message: { text: `${left} more results are left out` } }]),
    ...(error === null ? [] : errorNotes(error, told.given)),
    ...(enforcement === undefined ? [] : weakerMessages(enforcement)).map(({ message, place }) => ({
      level: isForbidding(told) ? 'error' : 'warning',
      message: { text: message },
      ...(place === null ? {} : { locations: [locationOf(place.file, place.line)] }),
    })),
  ];
  return {
    executionSuccessful: error === null,
    exitCode,
    startTimeUtc: startedAt,
    endTimeUtc: new Date(Date.parse(startedAt) + durationMs).toISOString(),
    toolExecutionNotifications: notes,
  };
}

/** The error, and every problem of a contract at its line. */
function errorNotes(error: ReportError, given: Report['given'] = []): readonly Json[] {
  const config = given.find(([name]) => name === 'config')?.[1] ?? 'keydrift.yaml';
  return [
    {
      level: 'error',
      descriptor: { id: error.code },
      message: { text: escapeTerminal(error.message) },
    },
    ...error.problems.map(({ line, path, message }) => ({
      level: 'error',
      message: { text: escapeTerminal(`${path}: ${message}`) },
      locations: [locationOf(config, line)],
    })),
  ];
}
