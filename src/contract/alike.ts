import { perObject, type ArtifactContract } from '../model/index.ts';
import { readArtifact, type ArtifactReading } from './artifact.ts';
import type { ArtifactDraft } from './draft.ts';
import type { ContractFile, Path } from './file.ts';
import { readLocation, readReviewed } from './places.ts';
import { readAccess, type Reach } from './access.ts';

/** An artifact that was read without a problem, and how its copies are reached. */
interface Alike {
  readonly artifact: ArtifactContract;
  readonly reach: Reach;
}

/** Artifacts of a file by what they say but for their places. */
export type AlikeArtifacts = Map<string, Alike>;

/** What an artifact says beside two texts that say where its copies lie; null: it has no such texts. */
export const wordsBesidePlaces: (draft: object) => string | null = perObject((draft: object) => {
  const { reviewed, runtime, ...words }: Partial<Record<string, unknown>> = draft;
  const isPlain = typeof runtime === 'string' && typeof reviewed === 'string';
  return isPlain ? JSON.stringify(words) : null;
});

/** A path beside the contract: what is read of it depends on nothing else that an artifact says. */
const barePath = /^[\w./-]+$/;

/**
 * As `readArtifact`. A contract of a thousand entries says the same of nearly all of them: what was
 * read of the first is true of each other that only lies elsewhere, and its places are read.
 */
export function readAlike(
  file: ContractFile,
  name: string,
  draft: ArtifactDraft,
  how: Pick<ArtifactReading, 'reading' | 'defaults'>,
  known: AlikeArtifacts,
): ArtifactContract | null {
  const id = wordsBesidePlaces(draft);
  const isBare = typeof draft.reviewed === 'string' && barePath.test(draft.reviewed);
  if (id === null || !isBare || draft.cost !== undefined) {
    return readArtifact(file, name, draft, how);
  }
  const alike = known.get(id);
  if (alike !== undefined) return placed(file, name, alike, draft, how.reading);
  // Names that are numbers stand first in data, wherever the file has them.
  if (/"\d+":/.test(id)) return readArtifact(file, name, draft, how);
  const before = file.problems.length;
  const read = readArtifact(file, name, draft, how);
  if (read?.copies.length === 1 && file.problems.length === before) {
    const layer = { rank: 'artifact', file, words: draft, path: ['artifacts', name] } as const;
    known.set(id, { artifact: read, reach: readAccess([layer, ...how.defaults], how.reading) });
  }
  return read;
}

/** The artifact at places of its own. */
function placed(
  file: ContractFile,
  name: string,
  { artifact, reach }: Alike,
  { reviewed: reviewedText, runtime }: ArtifactDraft,
  reading: ArtifactReading['reading'],
): ArtifactContract | null {
  const at = (word: string): Path => ['artifacts', name, word];
  const reviewed = readReviewed(
    file,
    reviewedText,
    {
      reach: { access: reach.access, unset: [] },
      path: at('reviewed'),
      folder: artifact.written ?? null,
    },
    reading,
  );
  const copies = artifact.copies.flatMap((copy) => {
    const place = {
      side: 'runtime',
      reach,
      path: at('runtime'),
      folder: copy.written ?? null,
    } as const;
    const location =
      typeof runtime === 'string' ? readLocation(file, runtime, place, reading) : null;
    return location === null ? [] : [{ ...copy, location }];
  });
  return reviewed === null ? null : { ...artifact, name, reviewed, copies };
}
