import type { ArtifactReport, Investigation, Onset } from '../../model/index.ts';
import {
  costSentence,
  historySentences,
  onsetSentence,
  ownOnsets,
  pointName,
} from '../investigation/sentences.ts';
import type { ReportOptions } from '../reporter.ts';
import { briefTime, shortTime } from '../revision.ts';
import { displayName, verdictLabel } from '../summary.ts';
import {
  byteSize,
  capitalized,
  count,
  duration,
  notEnforced,
  times,
  verdictWords,
} from '../wording.ts';
import {
  artifactBody,
  artifactFacts,
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
  );
  yield markup`<main>
`;
  if (error !== null) yield errorPart(error);
  const at = artifact === null ? -1 : 0;
  const own = told[at];
  if (own !== undefined) yield whatHappened(investigation, own.artifact);
  yield timelinePart(investigation);
  yield slicePart(investigation.slice);
  if (own !== undefined) {
    yield markup`<section>${artifactBody(own.artifact, own.embedded, at, h2)}</section>
`;
  }
  yield costPart(investigation.cost);
  const compared = told[at + 1];
  if (compared !== undefined) yield comparisonPart(investigation, compared, at + 1);
  yield pageFoot(investigation, finalSentence(investigation));
}

function whatHappened(investigation: Investigation, artifact: ArtifactReport): Markup {
  const { onset, cost, timeline } = investigation;
  const again = cost === null ? null : costSentence(cost);
  const sentences = [
    ...(onset === null ? [] : [`Drifted since ${onsetSentence(onset, timeline, onPage)}`]),
    ...(again === null ? [] : [capitalized(again)]),
  ];
  return markup`<section aria-labelledby="what"><h2 id="what">What happened</h2>
${artifactSentences(artifact, investigation, sentences)}
${keyFigures(investigation, artifact)}
</section>
`;
}

/** The figures that are asked for first. */
function keyFigures({ onset, cost }: Investigation, artifact: ArtifactReport): Markup {
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
${onset === null ? null : onsetKinds(onset)}`;
}

/** Since when the kinds stand that did not begin with the drift. */
function onsetKinds(onset: Onset): Markup {
  const kinds = ownOnsets(onset);
  if (kinds.length === 0) return nothing;
  return markup`<ul class="since">${kinds.map(
    ([kind, point]) =>
      markup`<li><span class="kind ${kind}">${kind}</span> since ${briefTime(point.at)}, with <code>${pointName(point)}</code></li>`,
  )}</ul>`;
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
