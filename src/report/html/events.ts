import type { TimelineEntry } from '../../model/index.ts';
import { shortTime } from '../revision.ts';
import { times } from '../wording.ts';
import { eventBy, eventHeads, eventName, relationText } from './event-facts.ts';
import { foreign, markup, type Markup } from './markup.ts';
import { staticTable } from './table.ts';

/** Events that stand in the page itself, for a reader without scripts. */
const staticEvents = 10;

/** The events as a table, newest first, where the page's script puts one of all. */
export function eventsPart(timeline: readonly TimelineEntry[]): Markup {
  const { units, amplification, ...texts } = eventHeads;
  const columns = [
    { head: texts.at, look: 'short' as const },
    { head: texts.side, look: 'short' as const },
    { head: texts.event, look: 'short' as const },
    { head: texts.by, look: 'long' as const },
    { head: units, look: 'number' as const },
    { head: amplification, look: 'number' as const },
    { head: texts.relation, look: 'long' as const },
  ];
  const shown = timeline.slice(0, staticEvents);
  const rest =
    timeline.length > shown.length
      ? markup`<p class="note">${`The newest ${shown.length} of ${timeline.length} events.`}</p>`
      : null;
  return markup`<div id="event-detail" class="detail" hidden></div>
<h3>Every event</h3>
<div id="events">${staticTable('Events', columns, shown.map(eventCells))}${rest}</div>`;
}

function eventCells(entry: TimelineEntry): readonly (Markup | string | number)[] {
  return [
    shortTime(entry.at),
    entry.side,
    foreign(eventName(entry)),
    foreign(eventBy(entry)),
    entry.units ?? '',
    entry.amplification === null ? '' : times(entry.amplification),
    relationText(entry),
  ];
}
