import type { VNode } from 'preact';
import type { TimelineEntry } from '../../../model/index.ts';
import { byCodeUnits } from '../../../model/names.ts';
import { shortTime } from '../../revision.ts';
import { times } from '../../wording.ts';
import { eventBy, eventFacts, eventHeads, eventName, relationText } from '../event-facts.ts';
import { DataTable, paperSize, type Column, type Medium } from './data-table.tsx';

interface EventItem {
  readonly entry: TimelineEntry;
  /** Its place in the timeline, the newest first. */
  readonly at: number;
}

/** Every event of both histories. */
export function Events({
  items,
  medium,
}: {
  readonly items: readonly EventItem[];
  readonly medium: Medium;
}): VNode {
  return (
    <DataTable
      name="Events"
      columns={columns}
      rows={items}
      idOf={({ at }) => at}
      detail={({ entry }) => <EventDetail entry={entry} />}
      size={medium === 'paper' ? paperSize : 10}
      rest="closed"
    />
  );
}

/** All that is known of an event. */
export function EventDetail({ entry }: { readonly entry: TimelineEntry }): VNode {
  return (
    <dl class="facts">
      {eventFacts(entry).map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

const columns: readonly Column<EventItem>[] = [
  // Of one moment, the timeline's own order holds.
  { ...shortColumn('at', ({ at }) => shortTime(at)), compare: (a, b) => b.at - a.at },
  shortColumn('side', ({ side }) => side),
  shortColumn('event', eventName),
  longColumn('by', eventBy),
  numberColumn('units', ({ units }) => units, String),
  numberColumn('amplification', ({ amplification }) => amplification, times),
  longColumn('relation', relationText),
];

function textColumn(
  id: keyof typeof eventHeads,
  text: (entry: TimelineEntry) => string,
): Column<EventItem> {
  return {
    id,
    head: eventHeads[id],
    compare: (a, b) => byCodeUnits(text(a.entry), text(b.entry)),
    cell: ({ entry }) => <bdi>{text(entry)}</bdi>,
  };
}

function shortColumn(...column: Parameters<typeof textColumn>): Column<EventItem> {
  return { ...textColumn(...column), look: 'short' };
}

function longColumn(...column: Parameters<typeof textColumn>): Column<EventItem> {
  return { ...textColumn(...column), look: 'long' };
}

function numberColumn(
  id: keyof typeof eventHeads,
  value: (entry: TimelineEntry) => number | null,
  show: (value: number) => string,
): Column<EventItem> {
  return {
    id,
    head: eventHeads[id],
    look: 'number',
    compare: (a, b) => (value(a.entry) ?? -1) - (value(b.entry) ?? -1),
    cell: ({ entry }) => {
      const number = value(entry);
      return number === null ? '' : show(number);
    },
  };
}
