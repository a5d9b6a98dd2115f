import leven from 'leven';

const shown = 3;

/**
 * The names that were probably meant, nearest first, at most three: those that end alike
 * (`main`, `origin/main`), in other capitals, or a few characters away.
 */
export function nearestNames(wanted: string, names: Iterable<string>): string[] {
  const tolerance = Math.max(2, Math.floor(wanted.length / 4));
  const ranked: { name: string; distance: number }[] = [];
  for (const name of names) {
    const distance = distanceBetween(wanted, name, tolerance);
    if (distance <= tolerance) ranked.push({ name, distance });
  }
  ranked.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return ranked.slice(0, shown).map(({ name }) => name);
}

function distanceBetween(wanted: string, name: string, tolerance: number): number {
  if (comparable(name) === comparable(wanted)) return 0;
  if (comparable(lastPart(name)) === comparable(lastPart(wanted))) return 1;
  if (Math.abs(name.length - wanted.length) > tolerance) return Number.POSITIVE_INFINITY;
  return leven(wanted, name);
}

/** Names that file systems and people take for one: capitals, and composed or decomposed letters. */
function comparable(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
