import { render } from 'preact';
import type { TimelineEntry } from '../../../model/index.ts';
import { eventName } from '../event-facts.ts';
import { EventDetail } from './events.tsx';

/** Where an arrow key leads from an event. */
const steps: Readonly<Record<string, (from: number, last: number) => number>> = {
  ArrowRight: (from) => from + 1,
  ArrowLeft: (from) => from - 1,
  Home: () => 0,
  End: (_from, last) => last,
};

/**
 * Lets the drawn events be met by mouse and by keyboard: one of them is in the tab order, arrows
 * move on, up and down to the other lane; the event's facts stand below the drawing.
 */
export function enliven(timeline: readonly TimelineEntry[], detail: HTMLElement): void {
  const marks = [...document.querySelectorAll<SVGSVGElement>('.lanes .mark')];
  const cursors = [...document.querySelectorAll('.timeline .cursor')];
  let chosen: SVGSVGElement | null = null;
  const entryOf = (mark: SVGSVGElement): TimelineEntry | undefined =>
    timeline[Number(mark.dataset['event'])];
  const choose = (mark: SVGSVGElement): void => {
    const entry = entryOf(mark);
    if (mark === chosen || entry === undefined) return;
    chosen?.setAttribute('tabindex', '-1');
    chosen?.classList.remove('chosen');
    mark.setAttribute('tabindex', '0');
    mark.classList.add('chosen');
    chosen = mark;
    for (const cursor of cursors) {
      for (const end of ['x1', 'x2']) cursor.setAttribute(end, mark.getAttribute('x') ?? '');
    }
    detail.hidden = false;
    render(<Detail entry={entry} />, detail);
  };
  for (const [at, mark] of marks.entries()) {
    mark.addEventListener('pointerenter', () => choose(mark));
    mark.addEventListener('focus', () => choose(mark));
    mark.addEventListener('click', () => mark.focus());
    mark.addEventListener('keydown', (event) => {
      const step = steps[event.key];
      const next =
        step === undefined ? across(event.key, marks, at) : marks[step(at, marks.length - 1)];
      if (next === undefined) return;
      event.preventDefault();
      next.focus();
    });
  }
  const first = marks.findLast((mark) => entryOf(mark)?.current === true) ?? marks.at(-1);
  if (first !== undefined) choose(first);
}

function Detail({ entry }: { readonly entry: TimelineEntry }): preact.VNode {
  return (
    <>
      <p class="lead">
        {entry.side} <bdi>{eventName(entry)}</bdi>
        {entry.current ? ' (current)' : ''}
      </p>
      <EventDetail entry={entry} />
    </>
  );
}

/** The event nearest in order on the other lane; up is the reviewed copy. */
function across(
  key: string,
  marks: readonly SVGSVGElement[],
  from: number,
): SVGSVGElement | undefined {
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined;
  const isThere = (mark: SVGSVGElement | undefined): boolean =>
    mark !== undefined && mark.classList.contains('runtime') === (key === 'ArrowDown');
  for (let away = 1; away < marks.length; away += 1) {
    const near = [marks[from - away], marks[from + away]].find(isThere);
    if (near !== undefined) return near;
  }
  return undefined;
}
