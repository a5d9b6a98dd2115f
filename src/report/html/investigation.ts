import type {
  ArtifactReport,
  Investigation,
  Onset,
  RunStory,
  TimelineEntry,
  VersionEntry,
} from '../../model/index.ts';
import { count } from '../../model/names.ts';
import { isAt } from '../investigation/fold.ts';
import { ownOnsetTexts, toldChanges, versionNames } from '../investigation/onset.ts';
import { runSentence, runsSentence } from '../investigation/runs.ts';
import {
  beganWithOnset,
  beginningsOf,
  costSentence,
  historySentences,
  nothingBegun,
  onsetSentences,
  pointName,
  type Beginnings,
} from '../investigation/sentences.ts';
import type { ReportOptions } from '../reporter.ts';
import { findingSentence } from '../issues.ts';
import { briefTime, shortTime } from '../revision.ts';
import { groupFindings, hiddenIn } from '../select.ts';
import { artifactFacts, displayName, verdictLabel } from '../summary.ts';
import {
  byteSize,
  capitalized,
  countsPhrase,
  duration,
  more,
  notEnforced,
  times,
  verdictWords,
} from '../wording.ts';
import {
  artifactBody,
  artifactSentences,
  artifactTitle,
  errorPart,
  h2,
  h3,
  verdictBadge,
} from './artifact.ts';
import { costPart } from './cost.ts';
import { documentChunks } from './document.ts';
import { eventsPart } from './events.ts';
import { embed, islandChunks, type Embedded } from './island.ts';
import { foreign, markup, nothing, type Markup } from './markup.ts';
import { contactsLine, stepsPart, writerPart, wrongNow } from './now.ts';
import { pageFoot, pageHead } from './report.ts';
import { onPage, sentenceMarkup } from './sentence.ts';
import { slicePart } from './slice.ts';
import { timelineDrawing } from './timeline.ts';

/** Events that a page draws and lists at most, the newest. */
const mostEvents = 5000;

/**
 * A page of its own for a browser: what happened in sentences, both histories drawn, the findings,
 * one slice's story, the cost. In chunks, as every reporter.
 */
export function* investigationHtml(
  investigation: Investigation,
  _options: ReportOptions,
): Iterable<string> {
  const { artifact, comparison, slice } = investigation;
  const artifacts = [artifact, comparison?.artifact ?? null].filter((one) => one !== null);
  const embedded = embed(artifacts);
  const told = artifacts.map((one, at) => ({
    artifact: one,
    embedded: embedded[at] ?? { total: 0, findings: [], texts: [], shapes: [] },
  }));
  const timeline = investigation.timeline.slice(0, mostEvents);
  yield* documentChunks(
    titleOf(investigation),
    parts({ ...investigation, timeline }, told),
    islandChunks(told, { timeline, slice }, 'by-name'),
  );
}

interface Told {
  readonly artifact: ArtifactReport;
  readonly embedded: Embedded;
}

function* parts(investigation: Investigation, told: readonly Told[]): Iterable<Markup> {
  const { artifact, error, verdict } = investigation;
  yield pageHead(
    'keydrift investigate',
    investigation,
    artifact === null
      ? markup`investigate ${verdictBadge(verdict, verdictWords[verdict].label)}`
      : artifactTitle(artifact),
    artifact === null ? '' : artifactFacts(artifact),
    artifact === null ? nothing : contactsLine(artifact),
  );
  yield markup`<main>
`;
  if (error !== null) yield errorPart(error);
  const at = artifact === null ? -1 : 0;
  const own = told[at];
  if (own !== undefined) yield firstScreen(investigation, own.artifact);
  yield writtenBy(investigation);
  yield timelinePart(investigation);
  yield slicePart(investigation.slice);
  if (own !== undefined) {
    yield markup`<section>${artifactBody(own.artifact, own.embedded, at, h2)}</section>
`;
  }
  yield costPart(investigation.cost);
  yield runsPart(investigation.runs ?? null);
  const compared = told[at + 1];
  if (compared !== undefined) yield comparisonPart(investigation, compared, at + 1);
  yield pageFoot(investigation, finalSentence(investigation));
}

/** What is wrong now, why and since when, and what to do about it: before all else. */
function firstScreen(investigation: Investigation, artifact: ArtifactReport): Markup {
  const { onset, cost, timeline } = investigation;
  const again = cost === null ? null : costSentence(cost);
  const sentences = [
    ...(onset === null ? [] : sinceSentences(onset, beginningsOf(artifact), timeline)),
    ...(again === null ? [] : [capitalized(again)]),
  ];
  const wrong = wrongNow(artifact);
  const steps = stepsPart(artifact.whatToDo);
  return markup`<div class="first">
<section aria-labelledby="what">${wrong === nothing ? null : markup`<h2 id="now">Wrong now</h2>${wrong}`}
<h2 id="what">What happened</h2>
${artifactSentences(artifact, investigation, sentences)}
</section>
${onsetPart(investigation, artifact)}
${steps === nothing ? null : markup`<section aria-labelledby="do"><h2 id="do">What to do</h2>${steps}</section>`}
</div>
<section aria-label="Key figures">${keyFigures(investigation, artifact)}</section>
`;
}

function sinceSentences(
  onset: Onset,
  begun: Beginnings,
  timeline: readonly TimelineEntry[],
): readonly string[] {
  const [since = '', ...rest] = onsetSentences(onset, begun, timeline, onPage);
  return rest.length === 0 ? [`Drifted since ${since}`] : [since, ...rest];
}

/** Findings of the onset that are told. */
const onsetFindings = 6;

/** What the versions changed with which that began what is wrong now. */
function onsetPart({ onset }: Investigation, artifact: ArtifactReport): readonly Markup[] {
  if (onset === null) return [];
  return toldChanges(onset, beginningsOf(artifact)).map(([point, change], at) => {
    const groups = groupFindings(change.findings, onsetFindings);
    const rest = hiddenIn(groups);
    const found = countsPhrase(change.counts);
    const id = at === 0 ? 'onset' : `onset-${at + 1}`;
    return markup`<section aria-labelledby="${id}"><h2 id="${id}">What ${pointName(point)} changed</h2>
<p>Against the one before it: ${found === '' ? 'nothing that counts' : found}.</p>
<ul class="wrong">${groups
      .flatMap(({ shown }) => shown)
      .map((finding) => markup`<li>${foreign(findingSentence(finding, versionNames))}</li>`)}${
      rest > 0 ? markup`<li class="note">${more(rest)}</li>` : null
    }</ul></section>
`;
  });
}

/** Where it stands who wrote the version that began what is wrong now. */
function writtenBy({ onset, artifact, timeline }: Investigation): Markup {
  const begun = artifact === null ? nothingBegun : beginningsOf(artifact);
  const later = begun.points.find(({ side }) => side === 'runtime');
  const point = onset === null || beganWithOnset(onset, begun) ? onset : later;
  const entry = timeline.find(
    (one): one is VersionEntry =>
      one.side === 'runtime' && point !== undefined && point !== null && isAt(one, point),
  );
  return writerPart(entry, artifact?.runtime?.location);
}

/** The figures that are asked for first. */
function keyFigures({ onset, cost, timeline }: Investigation, artifact: ArtifactReport): Markup {
  const redundant = artifact.runtime?.redundant ?? 0;
  const figures: (readonly [label: string, value: string])[] = [
    ...(onset === null
      ? []
      : ([
          ['drifted since', shortTime(onset.at)],
          ['lasting', duration(onset.lastedMs)],
        ] as const)),
    ['amplification', times(artifact.amplification)],
    ['redundant executions per run', String(redundant)],
    ...(cost === null || cost.redundantBytes === null
      ? []
      : ([['scanned again per run', byteSize(cost.redundantBytes)]] as const)),
  ];
  return markup`<dl class="figures">${figures.map(
    ([label, value]) => markup`<div><dt>${label}</dt><dd>${value}</dd></div>`,
  )}</dl>
${onset === null ? null : onsetKinds(onset, beginningsOf(artifact), timeline)}`;
}

/** Since when the kinds stand that did not begin with the drift. */
function onsetKinds(onset: Onset, begun: Beginnings, timeline: readonly TimelineEntry[]): Markup {
  const kinds = ownOnsetTexts(onset, begun, timeline);
  if (kinds.length === 0) return nothing;
  const rest = kinds.length - mostKinds;
  return markup`<ul class="since">${kinds
    .slice(0, mostKinds)
    .map(([kind, words]) => markup`<li><span class="kind ${kind}">${kind}</span> ${words}</li>`)}${
    rest > 0 ? markup`<li class="note">${more(rest)}</li>` : null
  }</ul>`;
}

/** Lines of kinds that the page lists. */
const mostKinds = 20;

/** Runs that a page lists, the newest. */
const mostRuns = 100;

/** Which recorded runs read the drifted copy since it began to drift, and what that made in all. */
function runsPart(story: RunStory | null): Markup {
  if (story === null) return nothing;
  const { since, place, runs, unread } = story;
  const rest = runs.length - mostRuns;
  const items = runs.slice(0, mostRuns).map((run) => markup`<li>${runSentence(run)}</li>`);
  return markup`<section aria-labelledby="runs"><h2 id="runs">Runs since ${briefTime(since)}</h2>
<p class="found">${capitalized(runsSentence(story))}</p>
<p class="note">Recorded at ${foreign(place)}${unread > 0 ? `; ${count(unread, 'record')} could not be read` : ''}.</p>
${items.length === 0 ? null : markup`<ul>${items}${rest > 0 ? markup`<li>${more(rest)}</li>` : null}</ul>`}
</section>
`;
}

function timelinePart(investigation: Investigation): Markup {
  const limits = historySentences(investigation.history).map(
    (text) => markup`<li>${sentenceMarkup(text)}</li>`,
  );
  const { timeline } = investigation;
  if (timeline.length === 0 && limits.length === 0) return nothing;
  return markup`<section aria-labelledby="timeline"><h2 id="timeline">Timeline</h2>
${limits.length === 0 ? null : markup`<ul class="limits">${limits}</ul>`}
${timelineDrawing(timeline, investigation)}
${timeline.length === 0 ? null : eventsPart(timeline)}
</section>
`;
}

function comparisonPart(
  { comparison }: Investigation,
  { artifact, embedded }: Told,
  at: number,
): Markup {
  if (comparison === null) return nothing;
  const [from, to] = [comparison.from, comparison.to].map(
    (point) => markup`<code>${foreign(pointName(point))}</code> of ${shortTime(point.at)}`,
  );
  return markup`<section aria-labelledby="comparison"><h2 id="comparison">Two points compared</h2>
<p>From ${from ?? null} (shown as reviewed) to ${to ?? null} (shown as runtime): ${artifactFacts(artifact)}</p>
${artifactBody(artifact, embedded, at, h3)}
</section>
`;
}

function titleOf({ artifact, verdict }: Investigation): string {
  if (artifact === null) return `keydrift investigate: ${verdictWords[verdict].label}`;
  return `keydrift investigate ${displayName(artifact)}: ${verdictLabel(artifact)}`;
}

function finalSentence({ verdict, exitCode, enforced, timeline }: Investigation): string {
  const { summary } = verdictWords[verdict];
  const events = count(timeline.length, 'event');
  return `keydrift: ${enforced ? '' : `${notEnforced}: `}${summary}, ${events} (exit code ${exitCode})`;
}
