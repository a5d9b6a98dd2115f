import {
  faultClass,
  folderRevision,
  KeydriftError,
  matchesGlob,
  matchesPathGlob,
  needsFetch,
  sha256Hex,
  sha256Of,
  sumLine,
  toKeydriftError,
  type CopyPart,
  type ListedFile,
  type PartsLocation,
  type PinnedCopy,
  type Source,
  type SourceContext,
} from '../../model/index.ts';

/** Each part is pinned by a request of its own. */
const mostParts = 10_000;
const mostAtOnce = 8;

/** What a folder holds: its parts, other files, and what its marker is. */
interface Holding {
  readonly parts: readonly ListedFile[];
  readonly others: readonly string[];
  /** Equal text: the same parts, and the same marker. */
  readonly content: string;
}

/**
 * Folders whose files are one copy: each part is pinned by itself, and the folder by the list of
 * them. Throws `PARTS_NOT_FOUND`, `COPY_INCOMPLETE` without the marker, `COPY_CHANGED` where a part
 * goes while it is pinned, and `TOO_LARGE`.
 */
export function openPartsSource({
  stores,
  fetch,
}: Pick<SourceContext, 'stores' | 'fetch'>): Source<PartsLocation> {
  const look = async (location: PartsLocation): Promise<Holding> => {
    const { root } = location.folder;
    if (fetch === 'never' && stores.scheme(root).isRemote?.(root) === true) {
      throw needsFetch(location.shown);
    }
    const store = await stores.of(root);
    if (store.list === undefined) {
      throw new KeydriftError('NOT_SUPPORTED', `${location.shown}: its store lists no folders`);
    }
    return holdingOf(location, await store.list(location.folder));
  };
  return {
    async pin(location) {
      const holding = await look(location);
      const parts = await pinAll(location, holding.parts, (part) =>
        stores.pin(part.location, 'revision'),
      );
      const requireStill = async (): Promise<void> => {
        const now = await look(location).catch((thrown: unknown) => {
          const error = toKeydriftError(thrown);
          const isGone = faultClass(error) === 'absent' || error.code === 'COPY_INCOMPLETE';
          throw isGone ? changed(location, error.message, error) : error;
        });
        if (now.content !== holding.content) {
          throw changed(location, whatChanged(holding.parts, now.parts));
        }
      };
      return folderCopy(location, parts, holding.others, requireStill);
    },
    close: () => Promise.resolve(),
  };
}

/** What of a listing is the copy. */
function holdingOf(location: PartsLocation, listed: readonly ListedFile[]): Holding {
  const { shown, complete } = location;
  const marker = listed.find(({ name }) => name === complete);
  if (complete !== null && marker === undefined) {
    throw new KeydriftError('COPY_INCOMPLETE', `${shown} has no ${complete}: it is not complete`, {
      hint: 'Whoever writes it puts that file last. Try again when it is done.',
    });
  }
  const data = listed.filter(({ name }) => name !== complete && isData(name));
  const parts = data.filter(({ name }) => isPart(name, location.parts));
  const others = data.filter((file) => !parts.includes(file)).map(({ name }) => name);
  if (parts.length === 0) {
    const beside =
      others.length === 0
        ? ''
        : `; ${others.length === 1 ? 'one other file lies' : `${others.length} other files lie`} there: ${others.slice(0, 3).join(', ')}${others.length > 3 ? ', …' : ''}`;
    throw new KeydriftError(
      'PARTS_NOT_FOUND',
      `no file below ${shown} is a part (${location.parts})${beside}`,
    );
  }
  if (parts.length > mostParts) {
    throw new KeydriftError(
      'TOO_LARGE',
      `${shown} has ${parts.length} parts, the most is ${mostParts}`,
      {
        hint: 'Name a folder further in, or let its writer make fewer and larger files.',
      },
    );
  }
  const content = JSON.stringify([
    marker?.content ?? null,
    parts.map(({ name, content: of }) => [name, of]),
  ]);
  return { parts, others, content };
}

/**
 * Whether readers of folders take a file for data: not what begins with `_` or `.`, or lies in such
 * a folder (but `_day=1` is a partition), and no marker of a folder.
 */
function isData(path: string): boolean {
  if (path === '' || path.endsWith('/') || path.endsWith('_$folder$')) return false;
  const names = path.split('/');
  return names.every((name, at) => {
    if (name.startsWith('.')) return false;
    const isPartition = at < names.length - 1 && name.includes('=');
    return isPartition || !name.startsWith('_');
  });
}

function isPart(path: string, glob: string): boolean {
  if (glob.includes('/')) return matchesPathGlob(path, glob);
  return matchesGlob(path.slice(path.lastIndexOf('/') + 1), glob);
}

async function pinAll(
  location: PartsLocation,
  listed: readonly ListedFile[],
  pin: (file: ListedFile) => Promise<PinnedCopy>,
): Promise<readonly CopyPart[]> {
  const parts: CopyPart[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let at = next; at < listed.length; at = next) {
      next += 1;
      const file = listed[at]!;
      const copy = await pin(file).catch((thrown: unknown) => {
        // What fails once, fails for all of them.
        next = listed.length;
        const error = toKeydriftError(thrown);
        throw faultClass(error) === 'absent'
          ? changed(location, `${file.name} is gone`, error)
          : error;
      });
      // A listing of git knows no more than the length of a Git LFS pointer.
      if (copy.bytes !== file.bytes && copy.revision.facts.blob === undefined) {
        throw changed(location, `${file.name} has another length`);
      }
      parts[at] = { name: file.name, copy };
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, work));
  return parts;
}

function folderCopy(
  location: PartsLocation,
  parts: readonly CopyPart[],
  others: readonly string[],
  requireStill: () => Promise<void>,
): PinnedCopy {
  const revisions = parts.map(({ copy }) => copy.revision);
  const list = JSON.stringify(parts.map(({ name, copy }) => [name, copy.revision.content]));
  const digest = sha256Hex(list);
  return {
    location: location.shown,
    revision: folderRevision(revisions, digest),
    bytes: parts.reduce((sum, { copy }) => sum + copy.bytes, 0),
    folder: { parts, others, requireStill },
    async *open() {
      for (const { name, copy } of parts) {
        yield Buffer.from(sumLine({ name, sha256: await sha256Of(copy) }));
      }
    },
  };
}

function whatChanged(before: readonly ListedFile[], now: readonly ListedFile[]): string {
  const known = new Map(before.map(({ name, content }) => [name, content]));
  const names = new Set(now.map(({ name }) => name));
  const added = now.find(({ name }) => !known.has(name));
  if (added !== undefined) return `${added.name} was added`;
  const gone = before.find(({ name }) => !names.has(name));
  if (gone !== undefined) return `${gone.name} is gone`;
  const other = now.find(({ name, content }) => known.get(name) !== content);
  return other === undefined ? 'its marker was written anew' : `${other.name} was replaced`;
}

function changed({ shown }: PartsLocation, how: string, cause?: unknown): KeydriftError {
  return new KeydriftError('COPY_CHANGED', `${shown} changed while it was read: ${how}`, {
    cause,
    hint: 'Somebody writes to it. Try again when the writer is done.',
  });
}
