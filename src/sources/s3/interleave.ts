import type { ObjectVersion } from '../../model/index.ts';

/** A version or a delete marker of a listing. */
export interface ListedVersion extends Omit<ObjectVersion, 'location'> {
  /** Whether the store says that it is what stands there now. */
  readonly latest: boolean;
}

/**
 * Versions and delete markers of one key, each the newest first, as one list.
 *
 * Times have whole seconds, and the SDK gives two lists, so what happened within a second cannot be
 * told from them. The order in which the store's answer names both does tell, and is taken
 * (`told`), where it has one: some stores name all versions before all markers, which shows where
 * neighbours of both sorts contradict their times, or where what is current does not come first.
 * Then the times decide; within a second a version counts as newer than a marker (who replaces by
 * deleting and writing leaves that), but what is current is the newest of all.
 */
export function interleave(told: readonly ListedVersion[]): readonly ListedVersion[] {
  return isInOrder(told) ? told : byTime(told);
}

function isInOrder(told: readonly ListedVersion[]): boolean {
  return told.every(({ deleted, latest, lastModified }, at) => {
    const newer = told[at - 1];
    if (newer === undefined) return true;
    return !latest && (newer.deleted === deleted || newer.lastModified >= lastModified);
  });
}

/** A merge of both lists: each keeps its own order, whatever its times say. */
function byTime(told: readonly ListedVersion[]): readonly ListedVersion[] {
  const versions = told.filter(({ deleted }) => !deleted);
  const markers = told.filter(({ deleted }) => deleted);
  const merged: ListedVersion[] = [];
  for (;;) {
    const [version] = versions;
    const [marker] = markers;
    if (version === undefined || marker === undefined) return [...merged, ...versions, ...markers];
    const isMarker =
      marker.latest || (!version.latest && marker.lastModified > version.lastModified);
    merged.push(isMarker ? marker : version);
    (isMarker ? markers : versions).shift();
  }
}
