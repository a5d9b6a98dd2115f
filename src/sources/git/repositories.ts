import { dirname, join, posix } from 'node:path';
import { KeydriftError, toKeydriftError, type GitLocation } from '../../model/index.ts';
import { openBatch } from './cat-file.ts';
import { once } from './once.ts';
import type { Remote, RemoteAccess } from './remote.ts';
import {
  findAround,
  findRepository,
  pathWithin,
  type FolderPlace,
  type GitUser,
  type OpenRepository,
  type Repository,
} from './repository.ts';
import { throughSubmodules, type FileAtCommit, type OpenSubmodule } from './submodule.ts';
import { treePath } from './tree.ts';
import { isUrl } from './url.ts';

/** A location, found: the repository that answers for it, and the path from its root. */
export interface Found {
  readonly opened: OpenRepository;
  readonly path: string;
  /** Where the file itself lies, if that is another one: it must be a submodule. */
  readonly nearest: { readonly opened: OpenRepository; readonly path: string } | null;
}

/** The repositories of a run; each is found, fetched and opened once. */
export interface Repositories {
  /** Throws `GIT_UNTRUSTED` for a contract's path that leads out of the contract's repository. */
  find(location: GitLocation): Promise<Found>;
  /** The file at a ref, through submodules. Throws `GIT_UNTRUSTED` and `GIT_SUBMODULE_BEHIND`. */
  atRef(found: Found, ref: string): Promise<FileAtCommit>;
  /** What tells a copy of another repository apart: ` in ../calendar-repo`; empty for the own one. */
  suffix(location: GitLocation, repository: Repository): Promise<string>;
  close(): Promise<void>;
}

/** `directory` is the run's own, from which other repositories are named. */
export function openRepositories(
  directory: string,
  cacheDirectory: string,
  user: GitUser,
  access: RemoteAccess,
): Repositories {
  const around = new Map<string, Promise<Repository>>();
  const byGit = new Map<string, Promise<Repository>>();
  const folders = new Map<string, Promise<FolderPlace>>();
  const remotes = new Map<string, Promise<Remote>>();
  const open = new Map<string, OpenRepository>();
  const locally = (at: string): Promise<Repository> =>
    once(around, at, () => findRepository(at, user, byGit));
  const remotely = (url: string): Promise<Remote> =>
    once(remotes, url, async () => {
      const { fetchRemote } = await import('./remote.ts');
      return fetchRemote(url, cacheDirectory, user.environment, access);
    });
  const opened = (repository: Repository): OpenRepository => {
    const known = open.get(repository.gitDirectory);
    if (known !== undefined) return known;
    const fresh = {
      repository,
      batch: openBatch(repository),
      commits: new Map(),
      trees: new Map(),
      chains: new Map(),
      walks: new Map(),
      branches: new Map(),
      searched: new Set<string>(),
      ancestries: new Map(),
      standings: new Map(),
    };
    open.set(repository.gitDirectory, fresh);
    return fresh;
  };
  const openSubmodule: OpenSubmodule = async ({ root }, path) => {
    if (root === null) return null;
    const at = join(root, path);
    const repository = await locally(at).catch(() => null);
    return repository?.root === at ? opened(repository) : null;
  };
  const aroundPath = async (path: string, within: string | undefined): Promise<Found> => {
    const folder = dirname(path);
    const place = await once(folders, folder, () => findAround(folder, locally));
    const { repository } = place;
    const near = { opened: opened(repository), path: pathWithin(path, place) };
    const own = within === undefined ? null : await locally(within).catch(noRepository);
    if (own === null || own.gitDirectory === repository.gitDirectory) {
      return { opened: near.opened, path: near.path, nearest: null };
    }
    const outside = posix.relative(own.directory, repository.directory);
    if (own.root === null || outside.startsWith('../')) throw foreign(path, repository, own);
    const whole = pathWithin(path, { ...place, repository: own });
    return { opened: opened(own), path: whole, nearest: near };
  };
  return {
    async find({ repository: named, path, within }) {
      if (named === null) return aroundPath(path, within);
      const inside = treePath(path);
      const repository = isUrl(named) ? (await remotely(named)).repository : await locally(named);
      return { opened: opened(repository), path: inside, nearest: null };
    },
    async atRef(found, ref) {
      const file = await throughSubmodules(found, ref, openSubmodule);
      const { nearest } = found;
      if (nearest === null || nearest.opened === file.opened) return file;
      throw foreign(found.path, nearest.opened.repository, found.opened.repository);
    },
    async suffix(location, repository) {
      if (location.repository === null) return '';
      if (repository.url !== null) return ` in ${repository.name}`;
      const own = await locally(directory).catch(() => null);
      if (own?.gitDirectory === repository.gitDirectory) return '';
      return ` in ${posix.relative(directory, repository.directory) || '.'}`;
    },
    async close() {
      await Promise.all([...open.values()].map(({ batch }) => batch.close()));
      const fetched = await Promise.allSettled(remotes.values());
      for (const remote of fetched) if (remote.status === 'fulfilled') await remote.value.remove();
    },
  };
}

/** A contract may be in no repository, and then answers for no other. */
function noRepository(thrown: unknown): null {
  const error = toKeydriftError(thrown);
  if (error.code !== 'GIT_NOT_A_REPOSITORY') throw error;
  return null;
}

function foreign(path: string, nearest: Repository, own: Repository): KeydriftError {
  return new KeydriftError(
    'GIT_UNTRUSTED',
    `${path} is in the repository ${nearest.directory}, which is neither the contract's (${own.directory}) nor a submodule of it`,
    { hint: 'If it is meant, let the contract name it: reviewed: {repo: DIRECTORY, path: PATH}.' },
  );
}
