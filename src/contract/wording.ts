import leven from 'leven';

const quotedLength = 80;

/** Text in quotes for a message: escaped, and clipped to 80 characters. */
export function quote(text: string): string {
  return JSON.stringify(text.length > quotedLength ? `${text.slice(0, quotedLength)}…` : text);
}

/** A hint for an unknown name: the nearest known one by edit distance, or all of them. */
export function nearestHint(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known);
  return nearest === null ? `Known here: ${known.join(', ')}.` : `Did you mean ${nearest}?`;
}

/** The nearest known name, the first of equals; null where none is near enough to be meant. */
function nearestName(name: string, known: readonly string[]): string | null {
  // Edit distance is quadratic: nobody means a known name by a text of this length.
  if (name.length > quotedLength) return null;
  let nearest: string | null = null;
  let least = Math.max(1, Math.floor(name.length / 2)) + 1;
  for (const candidate of known) {
    // `opt` stands for `optional`, though it is many letters away.
    const begun = name.length > 1 && candidate.toLowerCase().startsWith(name.toLowerCase());
    const distance = begun ? 1 : leven(name.toLowerCase(), candidate.toLowerCase());
    if (distance >= least) continue;
    nearest = candidate;
    least = distance;
  }
  return nearest;
}
