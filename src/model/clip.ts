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
