import { dayMs, type Investigation, type Relation, type TimelineEntry } from '../../model/index.ts';
import { shortTime } from '../revision.ts';
import { amplificationChart } from './amplification.ts';
import { eventSentence } from './event-facts.ts';
import { markWords } from '../investigation/entry.ts';
import { markup, nothing, type Markup } from './markup.ts';
import { percent, timeScale, type TimeScale } from './scale.ts';

/** Heights of the drawing, in pixels from its top; style.css has the labels beside them. */
const lanes = { reviewed: 36, runtime: 92 } as const;
const band = { top: 55, height: 18 } as const;
const tickCount = 5;

/** What the eye is told of a relation: by colour, and by shape or pattern as well. */
type Look = 'same' | 'drift' | 'gone' | 'none';

const looks: Readonly<Record<Relation, Look>> = {
  identical: 'same',
  equivalent: 'same',
  drifted: 'drift',
  unreadable: 'drift',
  'other-columns': 'drift',
  unreviewed: 'drift',
  missing: 'gone',
};

/**
 * The timeline drawn, oldest left: the reviewed and the runtime copy's events on a lane each,
 * between them how the two stood to each other, below how much work was repeated. It is as wide as
 * its place: everything across is in percent. `entries` are newest first.
 */
export function timelineDrawing(
  entries: readonly TimelineEntry[],
  { onset, startedAt }: Pick<Investigation, 'onset' | 'startedAt'>,
): Markup {
  if (entries.length === 0) return nothing;
  const times = entries.map(({ at }) => Date.parse(at));
  const scale = timeScale([...times, Date.parse(startedAt)]);
  const oldestFirst = entries.toReversed();
  return markup`<figure class="timeline">
${legend()}
<div class="drawing"><div class="gutter" aria-hidden="true"><span class="lane-reviewed">reviewed</span><span class="lane-runtime">runtime</span></div>
<svg class="plot lanes" role="group" aria-label="Events of both histories, oldest first; arrow keys move from one to the next">
${patterns()}
<line class="lane" x1="0" x2="100%" y1="${lanes.reviewed}" y2="${lanes.reviewed}"/>
<line class="lane" x1="0" x2="100%" y1="${lanes.runtime}" y2="${lanes.runtime}"/>
${bandOf(oldestFirst, scale)}
${onset === null ? null : onsetMark(scale.place(Date.parse(onset.at)))}
<line class="cursor" y1="14" y2="110" x1="-9" x2="-9"/>
${oldestFirst.map((entry, at) => mark(entry, entries.length - 1 - at, scale))}
</svg></div>
${amplificationChart(oldestFirst, scale)}
<div class="drawing"><div class="gutter"></div>${axis(scale)}</div>
<figcaption>Times are UTC. Quiet stretches are shortened.</figcaption>
</figure>`;
}

/** Which look a mark or a stretch of the band has. */
function lookOf({ relation }: TimelineEntry): Look {
  return relation === null ? 'none' : looks[relation];
}

/** How the copies stood to each other from each event on; equal stretches are one. */
function bandOf(oldestFirst: readonly TimelineEntry[], scale: TimeScale): readonly Markup[] {
  const decisive = oldestFirst.filter((entry) => entry.side === 'runtime' || entry.inForce);
  const starts = decisive.filter((entry, at) => {
    const before = decisive[at - 1];
    return before === undefined || lookOf(before) !== lookOf(entry);
  });
  return starts.flatMap((entry, at) => {
    const look = lookOf(entry);
    if (look === 'none') return [];
    const from = scale.place(Date.parse(entry.at));
    const next = starts[at + 1];
    const to = next === undefined ? 100 : scale.place(Date.parse(next.at));
    return [
      markup`<rect class="band ${look}" x="${percent(from)}" width="${percent(Math.max(0, to - from))}" y="${band.top}" height="${band.height}"/>`,
    ];
  });
}

function mark(entry: TimelineEntry, index: number, scale: TimeScale): Markup {
  const side = entry.side === 'reviewed' && !entry.inForce ? 'branch' : entry.side;
  const y = side === 'branch' ? lanes.reviewed - 13 : lanes[entry.side];
  const look = entry.deleted ? 'gone' : lookOf(entry);
  const current = entry.current ? ' current' : '';
  return markup`<svg class="mark ${look} ${side}${current}" x="${percent(scale.place(Date.parse(entry.at)))}" y="${y}" overflow="visible" role="img" tabindex="-1" data-event="${index}" aria-label="${eventSentence(entry)}"><circle class="hit" r="11"/>${shape(look)}</svg>
`;
}

function shape(look: Look): Markup {
  if (look === 'drift') return markup`<path d="M0-7 7 0 0 7-7 0Z"/>`;
  if (look === 'gone') return markup`<path d="M-5-5 5 5M-5 5 5-5"/>`;
  return look === 'none' ? markup`<circle r="3.5"/>` : markup`<circle r="5"/>`;
}

function onsetMark(place: number): Markup {
  const side = place > 60 ? 'end' : 'start';
  return markup`<g class="onset" aria-hidden="true"><line x1="${percent(place)}" x2="${percent(place)}" y1="0" y2="112"/><text x="${percent(place)}" y="10" dx="${side === 'end' ? -5 : 5}" text-anchor="${side}">onset</text></g>`;
}

function axis(scale: TimeScale): Markup {
  const steps = Array.from({ length: tickCount }, (_, at) => (100 * at) / (tickCount - 1));
  const times = steps.map((step) => scale.timeAt(step));
  const labels = labelsOf(times);
  const anchors = ['start', 'middle', 'middle', 'middle', 'end'];
  const ticks = steps.map(
    (step, at) =>
      markup`<text x="${percent(step)}" y="14" text-anchor="${anchors[at] ?? 'middle'}">${labels[at] ?? ''}</text>`,
  );
  return markup`<svg class="plot axis" aria-hidden="true">${ticks}</svg>`;
}

/** Times as short as they differ: days, minutes or seconds; one that is the same even so stands once. */
function labelsOf(times: readonly number[]): readonly string[] {
  const close = (times.at(-1) ?? 0) - (times[0] ?? 0) < 4 * dayMs;
  const iso = times.map((time) => shortTime(new Date(time).toISOString().replace(/\.\d+Z$/, 'Z')));
  const forms = [...(close ? [] : [[0, 10]]), [5, 16], [11, 19]].map(([from, to]) =>
    iso.map((time) => time.slice(from, to)),
  );
  const apart = forms.find((labels) => new Set(labels).size === labels.length);
  return (
    apart ?? (forms.at(-1) ?? []).map((label, at, all) => (label === all[at - 1] ? '' : label))
  );
}

/** Hatching: drift is seen without its colour. */
function patterns(): Markup {
  return markup`<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"/><line class="hatch-line" y2="6"/></pattern></defs>`;
}

function legend(): Markup {
  return markup`<ul class="legend">${[
    legendEntry('same', markWords.same),
    legendEntry('drift', markWords.drift),
    legendEntry('gone', markWords.gone),
    legendEntry('none', markWords.none),
  ]}</ul>`;
}

function legendEntry(look: Look, text: string): Markup {
  return markup`<li><svg class="mark ${look}" width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true">${shape(look)}</svg>${text}</li>`;
}
