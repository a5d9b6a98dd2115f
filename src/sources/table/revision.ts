import {
  clipTo,
  count,
  sha256Hex,
  timeText,
  type LakeRow,
  type Revision,
} from '../../model/index.ts';

/** A snapshot or version of a table, which never changes. */
export function snapshotRevision(id: string, at: string): Revision {
  return {
    facts: { snapshot: id, committedAt: at },
    at,
    short: clipTo(id, 12),
    text: `snapshot ${id} of ${timeText(at)}`,
    word: `snapshot:${id}`,
    content: `snapshot ${id}`,
  };
}

/** The files of a table that keeps no snapshots, each with what tells its contents apart. */
export function listingRevision(
  files: readonly { readonly name: string; readonly mark: string; readonly at: string }[],
): Revision {
  const at = files.reduce((last, file) => (file.at > last ? file.at : last), '');
  const sorted = files.map(({ name, mark }) => JSON.stringify([name, mark])).sort();
  const listing = sha256Hex(sorted.join('\n'));
  return {
    facts: { listing, modifiedAt: at },
    at,
    short: `listing ${listing.slice(0, 8)}`,
    text: `listing ${listing.slice(0, 16)} of ${count(files.length, 'file')}, modified ${timeText(at)}`,
    word: `listing:${listing}`,
    content: `listing ${listing}`,
  };
}

/** The same of what an engine tells of each file: path, size, and when it was modified, as SQL's text. */
export function toldListing(rows: readonly LakeRow[]): Revision {
  return listingRevision(
    rows.map(([name, size, at]) => ({
      name: name ?? '',
      mark: `${size} ${at}`,
      at: isoOf(at ?? ''),
    })),
  );
}

/** A timestamp of SQL in UTC, to the second, as ISO 8601. */
export function isoOf(text: string): string {
  return `${text.slice(0, 10)}T${text.slice(11, 19)}Z`;
}
