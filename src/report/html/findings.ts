import { copySides, type ArtifactReport, type Finding } from '../../model/index.ts';
import { count } from '../../model/names.ts';
import { showValue } from '../escape.ts';
import { keyPairs } from '../key-pairs.ts';
import { kindText } from '../select.ts';
import { more } from '../wording.ts';
import {
  findingHeads,
  keyColumns,
  keyValue,
  placeText,
  severityText,
  whatText,
} from './finding-facts.ts';
import type { Embedded } from './island.ts';
import { foreign, markup, nothing, type Markup } from './markup.ts';
import { staticTable, type StaticCell } from './table.ts';

/** Findings that stand in the page itself, for a reader without scripts. */
const staticFindings = 25;
const pairsListed = 20;

/**
 * The findings of an artifact: the first ones as a table, in the place where the page's script puts
 * one of all that are embedded. `at` is the artifact's place in the island.
 */
export function findingsPart(embedded: Embedded, at: number, heading: Markup): Markup {
  const { total, findings } = embedded;
  if (total === 0) return nothing;
  const shown = findings.slice(0, staticFindings);
  const keys = keyColumns(findings);
  const columns = [
    { head: findingHeads.kind, look: 'short' as const },
    ...keys.map((column) => ({ head: showValue(column) })),
    { head: findingHeads.side, look: 'short' as const },
    { head: findingHeads.reviewed, look: 'number' as const },
    { head: findingHeads.runtime, look: 'number' as const },
    { head: findingHeads.what, look: 'long' as const },
    { head: findingHeads.severity, look: 'short' as const },
  ];
  const rest =
    total > shown.length
      ? markup`<p class="note">${`The first ${shown.length} of ${count(total, 'finding')}.`}</p>`
      : null;
  return markup`${heading}
${leftOut(embedded)}
<div class="findings" data-findings="${at}">${staticTable(
    'Findings',
    columns,
    shown.map((finding) => staticRow(finding, keys)),
  )}${rest}</div>
`;
}

/** Pairs of keys that are taken for others than they are. */
export function pairPart(artifact: ArtifactReport): Markup {
  const { said, rest } = keyPairs(artifact, pairsListed);
  if (said.length === 0) return nothing;
  return markup`<ul class="respelled">${said.map(
    ({ lead, reviewed, verb, runtime }) =>
      markup`<li>${lead}: ${foreign(reviewed)} (reviewed) ${verb} ${foreign(runtime)} (runtime)</li>`,
  )}${rest.map(([lead, left]) => markup`<li>${lead}: ${more(left)}</li>`)}</ul>`;
}

/** What each kind among the findings means. */
export function kindList(findings: readonly Finding[]): Markup {
  const kinds = new Set(findings.map(({ kind }) => kind));
  return markup`<dl class="kinds">${[...kinds].map(
    (kind) =>
      markup`<div><dt><span class="kind ${kind}">${kind}</span></dt><dd>${kindText(kind, copySides)}</dd></div>`,
  )}</dl>`;
}

function leftOut({ total, findings }: Embedded): Markup {
  return total === findings.length
    ? nothing
    : markup`<p class="note"><b>This page holds the first ${findings.length} of ${total} findings</b>, so that a browser can open it. A report of <code>--format json</code> has all.</p>`;
}

function staticRow(finding: Finding, keys: readonly string[]): readonly StaticCell[] {
  return [
    markup`<span class="kind ${finding.kind}">${finding.kind}</span>`,
    ...keys.map((column) => foreign(keyValue(finding, column))),
    finding.side,
    rowsCell(finding, 'reviewed'),
    rowsCell(finding, 'runtime'),
    foreign(whatText(finding)),
    markup`<span class="severity ${finding.severity}">${severityText(finding)}</span>`,
  ];
}

function rowsCell(finding: Finding, side: 'reviewed' | 'runtime'): Markup {
  return markup`${finding.rowCount[side]} <span class="place">${placeText(finding, side)}</span>`;
}
