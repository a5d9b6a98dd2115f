import type { BlamedLine, SlicePoint, SliceRow, SliceStory } from '../../model/index.ts';
import { count } from '../../model/names.ts';
import { showCell, showValue } from '../escape.ts';
import { diffLead } from '../investigation/slice.ts';
import { pointName } from '../investigation/sentences.ts';
import { shortCommit, shortTime } from '../revision.ts';
import { capitalized, more } from '../wording.ts';
import { h3 } from './artifact.ts';
import { foreign, markup, nothing, type Markup } from './markup.ts';
import { staticTable } from './table.ts';

const pointsListed = 100;

/** The element whose content tells the story, also where a finding's key asks for it. */
const storyId = 'slice-story';

/** One slice through both histories: its rows now, what changed it, who wrote its lines. */
export function slicePart(slice: SliceStory | null): Markup {
  if (slice === null) return nothing;
  const { scope, rowCount, points, blame, diff } = slice;
  const rest = points.length - pointsListed;
  const name = scope.map(
    ([column, values], at) =>
      markup`${at === 0 ? null : ', '}${foreign(`${showValue(column)} = ${values.map(showValue).join(' or ')}`)}`,
  );
  return markup`<section aria-labelledby="slice"><h2 id="slice">One slice: ${name}</h2>
<div id="${storyId}">
<p>Now ${count(rowCount.reviewed, 'row')} in the reviewed copy and ${count(rowCount.runtime, 'row')} in the runtime copy.</p>
${diff === null ? markup`<p>Its rows are the same in both copies.</p>` : diffPart(diff)}
${points.length === 0 ? null : h3('Through the histories, newest first')}
<ol class="story">${points.slice(0, pointsListed).map(pointItem)}</ol>
${rest > 0 ? markup`<p class="note">${more(rest)}</p>` : null}
${blamePart(blame)}
</div></section>
`;
}

function pointItem(point: SlicePoint): Markup {
  const { change, at, rowCount, rows } = point;
  return markup`<li><p><span class="change ${change}">${change}</span> ${shortTime(at)}, ${point.side} <code>${pointName(point)}</code>: ${count(rowCount, 'row')}</p>${rowsTable(rows, rowCount)}</li>
`;
}

function rowsTable(rows: readonly SliceRow[], total: number): Markup {
  const [first] = rows;
  if (first === undefined) return nothing;
  const columns = [
    { head: 'line', look: 'number' as const },
    ...first.values.map(([column]) => ({ head: showValue(column) })),
  ];
  const cells = rows.map(({ line, values }) => [
    line,
    ...values.map(([, value]) => foreign(showCell(value))),
  ]);
  const rest = total - rows.length;
  return markup`${staticTable('Rows of the slice', columns, cells)}${rest > 0 ? markup`<p class="note">${more(rest)}</p>` : null}`;
}

function diffPart(diff: string): Markup {
  const lines = diff.replace(/\n$/, '').split('\n');
  return markup`<p>${capitalized(diffLead)}:</p>
<pre class="diff" tabindex="0" role="region" aria-label="Difference of its rows, reviewed to runtime">${lines.map(
    (line) => markup`<span class="${lineClass(line)}">${line}</span>
`,
  )}</pre>`;
}

function lineClass(line: string): string {
  if (/^(?:---|\+\+\+|@@|===|Index:|\\)/.test(line)) return 'about';
  return line.startsWith('-') ? 'minus' : line.startsWith('+') ? 'plus' : 'same';
}

function blamePart(blame: readonly BlamedLine[]): Markup {
  if (blame.length === 0) return nothing;
  const columns = [
    { head: 'line', look: 'number' as const },
    { head: 'commit', look: 'short' as const },
    { head: 'author' },
    { head: 'subject' },
    { head: 'at', look: 'short' as const },
  ];
  const rows = blame.map(({ line, commit, author, subject, at }) => [
    line,
    markup`<code>${shortCommit(commit)}</code>`,
    foreign(showValue(author)),
    foreign(showValue(subject)),
    shortTime(at),
  ]);
  return markup`${h3('Who last changed its lines of the reviewed copy')}
${staticTable('Blame', columns, rows)}`;
}
