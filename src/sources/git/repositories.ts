import { dirname, posix } from 'node:path';
import type { GitLocation } from '../../model/index.ts';
import { openBatch } from './cat-file.ts';
import type { Environment } from './environment.ts';
import { once } from './once.ts';
import { fetchRemote, type Remote, type RemoteLimits } from './remote.ts';
import {
  findAround,
  findRepository,
  pathWithin,
  type FolderPlace,
  type OpenRepository,
  type Repository,
} from './repository.ts';
import { treePath } from './tree.ts';
import { isUrl } from './url.ts';

/** A location, found: the repository, and the path from its root. */
export interface Found {
  readonly opened: OpenRepository;
  readonly path: string;
}

/** The repositories of a run; each is found, fetched and opened once. */
export interface Repositories {
  find(location: GitLocation): Promise<Found>;
  /** What tells a copy of another repository apart: ` in ../calendar-repo`; empty for the own one. */
  suffix(location: GitLocation, repository: Repository): Promise<string>;
  close(): Promise<void>;
}

/** `directory` is the run's own, from which other repositories are named. */
export function openRepositories(
  directory: string,
  cacheDirectory: string,
  environment: Environment,
  limits: RemoteLimits,
): Repositories {
  const around = new Map<string, Promise<Repository>>();
  const folders = new Map<string, Promise<FolderPlace>>();
  const remotes = new Map<string, Promise<Remote>>();
  const open = new Map<string, OpenRepository>();
  const locally = (at: string): Promise<Repository> =>
    once(around, at, () => findRepository(at, environment));
  const remotely = (url: string): Promise<Remote> =>
    once(remotes, url, () => fetchRemote(url, cacheDirectory, environment, limits));
  const opened = (repository: Repository): OpenRepository => {
    const known = open.get(repository.gitDirectory);
    if (known !== undefined) return known;
    const fresh = {
      repository,
      batch: openBatch(repository),
      commits: new Map(),
      trees: new Map(),
    };
    open.set(repository.gitDirectory, fresh);
    return fresh;
  };
  return {
    async find({ repository: named, path }) {
      if (named === null) {
        const folder = dirname(path);
        const place = await once(folders, folder, () => findAround(folder, locally));
        return { opened: opened(place.repository), path: pathWithin(path, place) };
      }
      const within = treePath(path);
      const repository = isUrl(named) ? (await remotely(named)).repository : await locally(named);
      return { opened: opened(repository), path: within };
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
