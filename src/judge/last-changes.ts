import type { ArtifactReport, Location, Source } from '../model/index.ts';
import type { Sources } from './context.ts';
import { reviewedLocation, type AuditedCopy } from './pair.ts';

/** Of so many copies it is told; of a larger fleet of those alone that have something to tell. */
const mostAsked = 100;

/**
 * The reports of copies, each with the commit that last changed its reviewed file beside that of its
 * ref, where the history is at hand.
 */
export async function withLastChanges(
  copies: readonly AuditedCopy[],
  sources: Sources,
): Promise<readonly ArtifactReport[]> {
  const reports = copies.map(({ judged }) => judged.report);
  const committed = copies.filter(({ judged }) => isCommitted(judged.report));
  const isFew = committed.length <= mostAsked;
  const told = isFew ? committed : committed.filter(({ judged }) => !isPlain(judged.report));
  const asked = told.slice(0, mostAsked);
  const locations = asked.map(({ artifact, copy }) => reviewedLocation(artifact, copy, sources));
  const changes = await askTogether(locations, sources, (source, inside) =>
    source.lastChanges?.(inside),
  );
  const found = new Map(asked.map((one, at) => [one, changes[at] ?? null]));
  return copies.map((one, at) => {
    const report = reports[at]!;
    const changedIn = found.get(one) ?? null;
    if (report.reviewed === null || changedIn === null) return report;
    return { ...report, reviewed: { ...report.reviewed, changedIn } };
  });
}

/** Whether there is nothing to explain of a copy, and nothing to be done. */
export function isPlain({ verdict, state, pending }: ArtifactReport): boolean {
  const isSame = state === 'identical' || state === 'equivalent';
  return verdict === 'in-sync' && pending !== true && isSame;
}

function isCommitted({ reviewed }: ArtifactReport): boolean {
  return reviewed?.revision.facts.commit !== undefined;
}

/**
 * What stores tell of locations, in their order, those of one store asked at once; null: nothing.
 * `places`: where those of a store stand among all.
 */
export async function askTogether<T>(
  locations: readonly Location[],
  sources: Sources,
  ask: (
    source: Source,
    inside: readonly Location[],
    places: readonly number[],
  ) => Promise<readonly T[]> | undefined,
): Promise<readonly (T | null)[]> {
  const inStore = new Map<Source, number[]>();
  for (const [at, location] of locations.entries()) {
    const source = await sources.of(location);
    const known = inStore.get(source);
    if (known === undefined) inStore.set(source, [at]);
    else known.push(at);
  }
  const told = locations.map((): T | null => null);
  for (const [source, places] of inStore) {
    const inside = places.map((at) => locations[at]!);
    const found = await ask(source, inside, places);
    for (const [index, at] of places.entries()) told[at] = found?.[index] ?? null;
  }
  return told;
}
