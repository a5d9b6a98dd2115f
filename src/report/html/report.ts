import type { ArtifactReport, EnforcementReport, Report } from '../../model/index.ts';
import { enforcementCounts, enforcementLines } from '../enforcement.ts';
import { nextBrief, nextCommand } from '../command.ts';
import type { Reporter } from '../reporter.ts';
import { shortTime } from '../revision.ts';
import { shareWarnings, type SharedReport } from '../shared.ts';
import {
  artifactFacts,
  displayName,
  finalLine,
  reportLabel,
  transitionsLine,
  verdictCounts,
} from '../summary.ts';
import { capitalized, notEnforced } from '../wording.ts';
import {
  artifactBody,
  artifactSentences,
  artifactTitle,
  errorPart,
  h2,
  h3,
  verdictBadge,
  warningPart,
} from './artifact.ts';
import { documentChunks } from './document.ts';
import { embed, fleetLimits, islandChunks, pageLimits, type Embedded } from './island.ts';
import { foreign, markup, nothing, type Markup } from './markup.ts';
import { commandMarkup, contactsLine, stepsPart } from './now.ts';
import { anchorOf, fleetFacts, hasPart, mostParts, overview } from './fleet.ts';

/** A page of its own for a browser: an overview of the artifacts, then each that has more to say. */
export const html: Reporter = function* html(whole) {
  const report = shareWarnings(whole);
  const isFleet = report.artifacts.length > mostParts;
  const embedded = embed(report.artifacts, isFleet ? fleetLimits : pageLimits);
  const artifacts = report.artifacts.map((artifact, at) => ({
    artifact,
    embedded: embedded[at] ?? { total: 0, findings: [], texts: [], shapes: [] },
  }));
  const investigated = report.command === 'audit' || report.command === 'run' ? 'by-name' : 'never';
  yield* documentChunks(
    titleOf(report),
    parts(report, artifacts),
    islandChunks(artifacts, { timeline: [], slice: null }, investigated, (artifact, at) =>
      artifacts.length > 1 ? fleetFacts(report, artifact, at) : null,
    ),
  );
};

interface Told {
  readonly artifact: ArtifactReport;
  readonly embedded: Embedded;
}

function* parts(report: SharedReport, artifacts: readonly Told[]): Iterable<Markup> {
  const only = artifacts.length === 1 ? artifacts[0] : undefined;
  yield pageHead(
    `keydrift ${report.command}`,
    report,
    only === undefined
      ? markup`${report.command} ${verdictBadge(report.verdict, reportLabel(report))}`
      : artifactTitle(only.artifact),
    only === undefined ? verdictCounts(report) : artifactFacts(only.artifact),
    only === undefined ? nothing : contactsLine(only.artifact),
  );
  yield markup`<main>
`;
  if (report.error !== null) yield errorPart(report.error);
  const since = transitionsLine(report);
  if (since !== null) {
    yield markup`<p class="note">${capitalized(since)}</p>
`;
  }
  if (only === undefined && artifacts.length > 0) yield overview(report);
  if (report.shared.length > 0) {
    yield markup`<section>${warningPart(report.shared, h2)}</section>
`;
  }
  for (const [at, { artifact, embedded }] of artifacts.entries()) {
    if (only !== undefined || hasPart(report, artifact)) {
      yield artifactSection(report, artifact, embedded, at);
    }
  }
  const { enforcement } = report;
  if (enforcement !== undefined && enforcementCounts(enforcement) !== 'as before')
    yield enforcementPart(enforcement);
  yield pageFoot(report, finalLine(report));
}

/** Words of the contract that a page tells of. */
const wordsListed = 500;

/** What a change of the contract does to what is enforced. */
function enforcementPart(enforcement: EnforcementReport): Markup {
  const [heading = '', ...lines] = enforcementLines(enforcement, wordsListed);
  return markup`<section>${h2(capitalized(heading))}
<ul>${lines.map((line) => markup`<li>${foreign(line.trim())}</li>`)}</ul></section>
`;
}

/** The head of a page: what ran and when, its title, what was found in short. */
export function pageHead(
  command: string,
  { startedAt, enforced }: Pick<Report, 'startedAt' | 'enforced'>,
  title: Markup,
  facts: string,
  contacts: Markup = nothing,
): Markup {
  return markup`<header>
<p class="brand">${command} <span>${shortTime(startedAt)}</span>${enforced ? null : markup` <strong class="not-enforced">${notEnforced}</strong>`}</p>
<h1>${title}</h1>
${facts === '' ? null : markup`<p class="found">${facts}</p>`}
${contacts}</header>
`;
}

/** The foot of a page, and the end of its main part. */
export function pageFoot(
  { version, durationMs }: Pick<Report, 'version' | 'durationMs'>,
  line: string,
): Markup {
  return markup`</main>
<footer><p>${line}</p><p>Made by keydrift ${version} in ${durationMs} ms. This page is complete in itself: it loads nothing and sends nothing.</p></footer>
`;
}

function artifactSection(
  report: Report,
  artifact: ArtifactReport,
  embedded: Embedded,
  at: number,
): Markup {
  const several = report.artifacts.length > 1;
  const title = several
    ? markup`<h2 id="${anchorOf(at)}-title">${artifactTitle(artifact)}</h2><p class="found">${artifactFacts(artifact)}</p>`
    : markup`<h2 id="${anchorOf(at)}-title" class="unseen">${foreign(displayName(artifact))}</h2>`;
  const command = nextCommand(report, artifact, { total: embedded.total, hidden: 0 });
  const brief = command === null ? null : nextBrief(artifact, command);
  return markup`<section class="artifact" id="${anchorOf(at)}" aria-labelledby="${anchorOf(at)}-title">${title}
${artifactSentences(artifact, report, [])}
${stepsPart(artifact.whatToDo)}
${artifactBody(artifact, embedded, at, h3)}
${command === null ? null : markup`<p class="next">${command.endsWith(' --format json') ? 'All as JSON' : brief === null ? 'Next' : markup`Next, ${brief}`}: <code>${commandMarkup(command)}</code></p>`}
</section>
`;
}

function titleOf(report: Report): string {
  const [first] = report.artifacts;
  const name = report.artifacts.length === 1 && first !== undefined ? ` ${displayName(first)}` : '';
  return `keydrift ${report.command}${name}: ${reportLabel(report)}`;
}
