import { join } from 'node:path';
import { KeydriftError, toKeydriftError, shellQuote } from '../../model/index.ts';
import { commitOf } from './commit.ts';

import { once } from './once.ts';
import type { OpenRepository, Repository } from './repository.ts';
import { treeEntries, type TreeEntry } from './tree-object.ts';

/** A file of a commit: of a submodule, where an outer repository says which commit that is. */
export interface FileAtCommit {
  readonly opened: OpenRepository;
  /** From the root of that repository. */
  readonly path: string;
  readonly ref: string;
  /** The submodules that lead to it, `libs/tables`; empty: none do. */
  readonly through: string;
}

/** A submodule on the way to a path, and the commit that a tree pins of it. */
interface Link {
  readonly path: string;
  readonly pinned: string;
}

/** Opens the checked-out repository of a submodule; null: it is not checked out. */
export type OpenSubmodule = (outer: Repository, path: string) => Promise<OpenRepository | null>;

/**
 * A path at a ref, through the submodules that lead to it: of each, the commit that the outer
 * repository pins, whatever is checked out. A full id that the outer repository does not have may be
 * one of the submodule's own. Throws `GIT_SUBMODULE_BEHIND` where a pinned commit is not at hand.
 */
export async function throughSubmodules(
  { opened, path }: { readonly opened: OpenRepository; readonly path: string },
  ref: string,
  openSubmodule: OpenSubmodule,
): Promise<FileAtCommit> {
  const link = await linkTo(opened, ref, path).catch(async (thrown: unknown) => {
    const own = await ownCommit(opened, ref, path, openSubmodule, toKeydriftError(thrown));
    return { path: own, pinned: ref };
  });
  if (link === null) return { opened, path, ref, through: '' };
  const inner = await openSubmodule(opened.repository, link.path);
  if (inner === null || !(await hasCommit(inner, link.pinned))) {
    throw await behind(opened, ref, link, inner);
  }
  const rest = { opened: inner, path: path.slice(link.path.length + 1) };
  const found = await throughSubmodules(rest, link.pinned, openSubmodule);
  return { ...found, through: join(link.path, found.through) };
}

/** The submodule on the way to a path whose own commit a ref is; throws `error` where none has it. */
async function ownCommit(
  opened: OpenRepository,
  ref: string,
  path: string,
  openSubmodule: OpenSubmodule,
  error: KeydriftError,
): Promise<string> {
  if (error.code !== 'GIT_UNKNOWN_REF' || !/^[0-9a-f]{40,64}$/.test(ref)) throw error;
  const link = await linkTo(opened, 'HEAD', path).catch(() => null);
  const inner = link === null ? null : await openSubmodule(opened.repository, link.path);
  if (link === null || inner === null || !(await hasCommit(inner, ref))) throw error;
  return link.path;
}

/** The first submodule that leads to a path in a commit; null: none does. */
async function linkTo(opened: OpenRepository, ref: string, path: string): Promise<Link | null> {
  const parts = path.split('/');
  if (parts.length < 2) return null;
  const { id } = await commitOf(opened, ref);
  const { trees, batch } = opened;
  let tree = `${id}^{tree}`;
  for (const [index, name] of parts.slice(0, -1).entries()) {
    const entries: ReadonlyMap<string, TreeEntry> | null = await once(trees, tree, async () =>
      treeEntries((await batch.read(tree)).bytes, id.length / 2),
    ).catch(() => null);
    const entry = entries?.get(name);
    if (entry?.mode === '160000') {
      return { path: parts.slice(0, index + 1).join('/'), pinned: entry.id };
    }
    if (entry?.mode !== '40000') return null;
    tree = entry.id;
  }
  return null;
}

async function hasCommit({ batch }: OpenRepository, id: string): Promise<boolean> {
  return (await batch.read(`${id}^{commit}`).catch(() => null)) !== null;
}

async function behind(
  { repository }: OpenRepository,
  ref: string,
  { path, pinned }: Link,
  inner: OpenRepository | null,
): Promise<KeydriftError> {
  const stands =
    inner === null
      ? 'it is not checked out'
      : await commitOf(inner, 'HEAD').then(
          ({ id }) => `it stands at ${id}, and does not have that commit`,
          () => 'it has no commit checked out',
        );
  return new KeydriftError(
    'GIT_SUBMODULE_BEHIND',
    `${repository.name}: ${ref} pins the submodule ${path} at ${pinned}; here ${stands}`,
    {
      hint: {
        text: 'Fetch it',
        command: `git -C ${shellQuote(repository.directory)} submodule update --init -- ${shellQuote(path)}`,
      },
    },
  );
}
