import type { TimelineEntry } from '../../model/index.ts';
import { times } from '../wording.ts';
import { markup, nothing, type Markup } from './markup.ts';
import { percent, type TimeScale } from './scale.ts';

/** Heights in pixels: where the line for the highest and for no repetition stand. */
const top = 8;
const bottom = 64;

interface Step {
  readonly value: number | null;
  readonly from: number;
  readonly to: number;
}

/**
 * How often the average unit ran, version by version of the runtime copy: a step chart on the
 * timeline's scale. Nothing where no version has units.
 */
export function amplificationChart(
  oldestFirst: readonly TimelineEntry[],
  scale: TimeScale,
): Markup {
  const versions = oldestFirst.filter(({ side }) => side === 'runtime');
  const steps = versions.map((version, at): Step => {
    const next = versions[at + 1];
    return {
      value: version.amplification,
      from: scale.place(Date.parse(version.at)),
      to: next === undefined ? 100 : scale.place(Date.parse(next.at)),
    };
  });
  const values = steps.flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return nothing;
  const most = values.reduce((high, value) => Math.max(high, value), 1);
  const now = versions.at(-1)?.amplification ?? null;
  const height = (value: number): number =>
    most === 1 ? bottom : Math.round(bottom - ((value - 1) / (most - 1)) * (bottom - top));
  return markup`<p class="chart-title">Amplification: <b>${times(now)}</b> now, at most ${times(most)}</p>
<div class="drawing"><div class="gutter" aria-hidden="true">${most === 1 ? null : markup`<span class="most">${times(most)}</span>`}<span class="least">1.00&times;</span></div>
<svg class="plot amplification" role="img" aria-label="Amplification of the runtime copy: at most ${times(most)}, now ${times(now)}">
<line class="ground" x1="0" x2="100%" y1="${bottom}" y2="${bottom}"/>
${steps.map((step, at) => stepMarkup(step, steps[at - 1] ?? null, height))}
<line class="cursor" y1="0" y2="${bottom}" x1="-9" x2="-9"/>
</svg></div>`;
}

function stepMarkup(
  { value, from, to }: Step,
  before: Step | null,
  height: (value: number) => number,
): Markup {
  if (value === null) return nothing;
  const y = height(value);
  const riser =
    before === null || before.value === null
      ? null
      : markup`<line class="step" x1="${percent(from)}" x2="${percent(from)}" y1="${height(before.value)}" y2="${y}"/>`;
  return markup`<rect class="area" x="${percent(from)}" width="${percent(Math.max(0, to - from))}" y="${y}" height="${bottom - y}"/>${riser}<line class="step" x1="${percent(from)}" x2="${percent(to)}" y1="${y}" y2="${y}"/>`;
}
