import leven from 'leven';

/** The start of a text, and `…` where that is not all: ids, and what a stranger wrote. */
export function clipTo(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…` : text;
}

/** What of a text of a file is told at most: its start and its end. */
const longestMessage = 4000;
const keptEnd = 500;

/**
 * A text that is told, bounded: what stands in a file may be megabytes long, and nobody reads it.
 * The cut is shown as `…`, and never within a surrogate pair.
 */
export function clipMessage(text: string): string {
  if (text.length <= longestMessage) return text;
  const start = text.slice(0, longestMessage - keptEnd).replace(/[\ud800-\udbff]$/, '');
  return `${start}…${text.slice(-keptEnd).replace(/^[\udc00-\udfff]/, '')}`;
}

const quotedLength = 80;

/** Text in quotes for a message: escaped, and clipped to 80 characters. */
export function quote(text: string): string {
  return JSON.stringify(clipTo(text, quotedLength));
}

const mostTold = 3;

/** Edit distance is quadratic: nobody means a known name by a text of this length. */
const longest = 200;

/**
 * The known names that were probably meant, nearest first and in the order given, at most three:
 * alike but for capitals, blanks around them or how a letter is composed; alike in the last part of
 * a path; begun (`opt` for `optional`); or a few letters away. None is near to `zzz`.
 */
export function nearestNames(wanted: string, known: Iterable<string>): readonly string[] {
  if (wanted.length > longest) return [];
  const most = mostEdits(wanted.length);
  const ranked: { readonly name: string; readonly distance: number }[] = [];
  for (const name of known) {
    const distance = distanceOf(alike(wanted), alike(name), most);
    if (distance <= most) ranked.push({ name, distance });
  }
  ranked.sort((a, b) => a.distance - b.distance);
  return ranked.slice(0, mostTold).map(({ name }) => name);
}

/** A hint for an unknown name: the nearest known ones, or what there is. */
export function nearestHint(wanted: string, known: readonly string[]): string {
  const near = nearestNames(wanted, known);
  if (near.length > 0) return `Did you mean ${near.join(' or ')}?`;
  if (known.length <= mostListed) return `Known here: ${known.join(', ')}.`;
  return `There are ${known.length}, and none is spelled nearly so.`;
}

const mostListed = 40;

/** The one limit: a letter of a short name, two of a longer one, a quarter of a long one. */
function mostEdits(length: number): number {
  return length < 4 ? 1 : Math.max(2, Math.floor(length / 4));
}

function distanceOf(wanted: string, name: string, most: number): number {
  if (name === wanted) return 0;
  const begun = wanted.length > 1 && name.startsWith(wanted);
  if (begun || lastPart(name) === lastPart(wanted)) return 1;
  return Math.abs(name.length - wanted.length) > most
    ? Number.POSITIVE_INFINITY
    : leven(wanted, name);
}

/** Names that file systems and people take for one. */
function alike(name: string): string {
  return name.normalize('NFC').trim().toLowerCase();
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
