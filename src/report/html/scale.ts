/** Where a time stands on the drawing, in percent of its width, and back. */
export interface TimeScale {
  readonly place: (time: number) => number;
  readonly timeAt: (place: number) => number;
}

/** Percent that two events are apart at least, as far as there is room for it in this share. */
const leastGap = 1.4;
const mostShared = 0.6;
const margin = 1.5;

/**
 * A scale for events of very uneven density: a year of quiet and an hour of trouble. Later is always
 * further right; quiet stretches are shortened, busy ones spread. `times` are in milliseconds.
 */
export function timeScale(times: readonly number[]): TimeScale {
  const stops = [...new Set(times)].sort((a, b) => a - b);
  const [first = 0] = stops;
  const last = stops.at(-1) ?? first;
  const evenShare = Math.min(mostShared, (leastGap / 100) * (stops.length - 1));
  const places = stops.map((time, at) => {
    const clock = last === first ? 0.5 : (time - first) / (last - first);
    const order = stops.length === 1 ? 0.5 : at / (stops.length - 1);
    return margin + (100 - 2 * margin) * ((1 - evenShare) * clock + evenShare * order);
  });
  return {
    place: (time) => interpolate(stops, places, time),
    timeAt: (place) => interpolate(places, stops, place),
  };
}

/** A percentage as an attribute has it. */
export function percent(place: number): string {
  return `${Number(place.toFixed(2))}%`;
}

/** The value at `x` of the line through ascending points; its ends are held. */
function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  let [low, high] = [0, xs.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((xs[middle] ?? 0) <= x) low = middle;
    else high = middle - 1;
  }
  const [x0 = 0, x1] = [xs[low], xs[low + 1]];
  const [y0 = 0, y1] = [ys[low], ys[low + 1]];
  if (x1 === undefined || y1 === undefined || x <= x0) return y0;
  return y0 + ((x - x0) / (x1 - x0)) * (y1 - y0);
}
