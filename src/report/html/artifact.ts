import type { ArtifactReport, Report, Verdict, Warning } from '../../model/index.ts';
import { errorLines } from '../error.ts';
import { workSentences } from '../sentences.ts';
import { plain } from '../style.ts';
import { displayName, verdictLabel, warningTexts } from '../summary.ts';
import { more } from '../wording.ts';
import { changePart, type Heading } from './change.ts';
import { findingsPart, kindList, pairPart } from './findings.ts';
import type { Embedded } from './island.ts';
import { foreign, markup, nothing, type Markup } from './markup.ts';
import { webLink } from './now.ts';
import { causePart, sentenceMarkup } from './sentence.ts';
import { sidesTable } from './sides.ts';

const warningsListed = 50;
const errorWidth = 100;

export const h2: Heading = (text) => markup`<h2>${text}</h2>`;
export const h3: Heading = (text) => markup`<h3>${text}</h3>`;

/** A verdict as a label, in words first. */
export function verdictBadge(verdict: Verdict, label: string): Markup {
  return markup`<span class="verdict ${verdict}">${label}</span>`;
}

/** `participants: DRIFTED`, and what was found. */
export function artifactTitle(artifact: ArtifactReport): Markup {
  return markup`${foreign(displayName(artifact))} ${verdictBadge(artifact.verdict, verdictLabel(artifact))}`;
}

/** What the artifact's state means: cause first, `between` in sentences, then the work. */
export function artifactSentences(
  artifact: ArtifactReport,
  { startedAt }: Pick<Report, 'startedAt'>,
  between: readonly string[],
): Markup {
  const work = workSentences(artifact);
  const sentences = [...between, ...work].map((text) => markup`<li>${sentenceMarkup(text)}</li>`);
  return markup`${causePart(artifact.cause ?? null, startedAt)}${
    sentences.length === 0 ? null : markup`<ul class="sentences">${sentences}</ul>`
  }`;
}

/** What stands below the sentences: findings, change, the copies, warnings, whom to ask. */
export function artifactBody(
  artifact: ArtifactReport,
  embedded: Embedded,
  at: number,
  heading: Heading,
): Markup {
  const { change, error } = artifact;
  return markup`${error === null ? null : errorPart(error)}
${findingsPart(embedded, at, heading('Findings'))}
${kindList(embedded.findings)}
${pairPart(artifact)}
${change === null ? null : changePart(change, artifact, heading)}
${warningPart(artifact.warnings, heading)}
${heading('The copies')}
${sidesTable(artifact)}
${contacts(artifact)}
`;
}

/** An error, every problem with its place. */
export function errorPart(error: Parameters<typeof errorLines>[0]): Markup {
  const lines = errorLines(error, { width: errorWidth, paint: plain });
  return markup`<pre class="error">${lines.map(
    (line) => markup`${line}
`,
  )}</pre>`;
}

/** Warnings, as many as a person reads. */
export function warningPart(warnings: readonly Warning[], heading: Heading): Markup {
  if (warnings.length === 0) return nothing;
  const told = warningTexts(warnings);
  const rest = told.length - warningsListed;
  return markup`${heading('Warnings')}
<ul>${told
    .slice(0, warningsListed)
    .map(
      ({ text }) => markup`<li>${foreign(text)}</li>`,
    )}${rest > 0 ? markup`<li>${more(rest)}</li>` : null}</ul>`;
}

function contacts({ owner, runbook, labels }: ArtifactReport): Markup {
  const facts = [
    ...(owner === null ? [] : [['owner', foreign(owner)] as const]),
    ...(runbook === null ? [] : [['runbook', webLink(runbook)] as const]),
    ...[...labels].map(([name, value]) => [name, foreign(value)] as const),
  ];
  if (facts.length === 0) return nothing;
  return markup`<dl class="facts">${facts.map(
    ([label, value]) => markup`<div><dt>${foreign(label)}</dt><dd>${value}</dd></div>`,
  )}</dl>`;
}
