import { copyFile, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeydriftError, shellQuote, type Environment } from '../../model/index.ts';
import { makeDirectories } from '../facts/private.ts';
import { offline, online } from './environment.ts';
import { gitFailure, saidBy } from './failure.ts';
import { runGit, runRemote, type GitExit, type GitPlace } from './process.ts';
import type { Repository } from './repository.ts';
import { cacheNameOf, checkUrl, shownUrl } from './url.ts';

/** How long a remote is waited for. */
export interface RemoteLimits {
  /** In which it must say something, in milliseconds. */
  readonly silenceMs: number;
}

/** Whether remotes are fetched from at all. */
export interface RemoteAccess extends RemoteLimits {
  readonly fetch: 'allowed' | 'never';
}

/** A remote repository as it was when it was fetched. */
export interface Remote {
  readonly repository: Repository;
  /** Removes what only this run needs. */
  remove(): Promise<void>;
}

const refspecs: readonly string[] = [
  '+refs/heads/*:refs/heads/*',
  '+refs/tags/*:refs/tags/*',
  // The remote's default branch. A pattern, because HEAD by its full name fails where it is unborn.
  '+HEA*:refs/keydrift/HEA*',
];
const unused = 7 * 24 * 3600 * 1000;

/**
 * Fetches all branches and tags of a URL, or throws `GIT_FETCH_FAILED`: never stale.
 *
 * Runs share the objects, which git only ever adds to, and nothing else. The refs of a run live in
 * a bare repository of its own, so runs at the same time need no lock and an interrupted one leaves
 * nothing half. The refs of the last complete run are where a fetch starts from (it downloads what
 * is new); pruned and forced, they end as the remote's own.
 */
export async function fetchRemote(
  url: string,
  cacheDirectory: string,
  environment: Environment,
  { silenceMs, fetch }: RemoteAccess,
): Promise<Remote> {
  checkUrl(url);
  if (fetch === 'never') throw needsFetch(url);
  const { home, directory, forget } = await makeHome(join(cacheDirectory, 'git', cacheNameOf(url)));
  const place: GitPlace = {
    directory,
    environment: bound(online(environment, silenceMs), home, directory),
    name: shownUrl(url),
  };
  const remove = (): Promise<void> => rm(forget, { recursive: true, force: true });
  try {
    await fetchInto(place, url, home, silenceMs);
  } catch (error) {
    await remove();
    throw error;
  }
  const local = { ...place, environment: offline(place.environment) };
  const repository = { ...local, root: null, gitDirectory: directory, shallow: false, url };
  return { repository, remove };
}

/** Where a fetched repository is. */
interface Home {
  /** What runs share. */
  readonly home: string;
  /** The run's own repository. */
  readonly directory: string;
  /** What goes when the run ends. */
  readonly forget: string;
}

/** With the user's caches; where there can be none, in a private directory of this run. */
async function makeHome(cached: string): Promise<Home> {
  try {
    await makeDirectories(join(cached, 'objects'));
    await removeUnused(cached);
    const directory = await mkdtemp(join(cached, 'run-'));
    return { home: cached, directory, forget: directory };
  } catch {
    const home = await mkdtemp(join(tmpdir(), 'keydrift-git-'));
    await makeDirectories(join(home, 'objects'));
    return { home, directory: await mkdtemp(join(home, 'run-')), forget: home };
  }
}

/** Names the run's repository outright: `safe.bareRepository` and discovery have no say in it. */
function bound(environment: Environment, home: string, directory: string): Environment {
  return {
    ...environment,
    GIT_DIR: directory,
    GIT_OBJECT_DIRECTORY: join(home, 'objects'),
    GIT_DEFAULT_REF_FORMAT: 'files',
  };
}

async function fetchInto(
  place: GitPlace,
  url: string,
  home: string,
  silenceMs: number,
): Promise<void> {
  const made = await runGit(place, ['init', '--quiet', '--bare', '--template=']);
  if (made.code !== 0) throw gitFailure(place, made, 'making its cache');
  await writeFile(join(place.directory, 'HEAD'), 'ref: refs/keydrift/HEAD\n');
  const known = join(home, 'packed-refs');
  await copyFile(known, join(place.directory, 'packed-refs')).catch(() => undefined);
  const settings = ['core.hooksPath=/dev/null', 'gc.auto=0', 'maintenance.auto=false'];
  const args = [
    ...settings.flatMap((setting) => ['-c', setting]),
    'fetch',
    // As a sign of life.
    '--progress',
    '--no-tags',
    '--prune',
    '--no-write-fetch-head',
    '--no-recurse-submodules',
    '--end-of-options',
    url,
    ...refspecs,
  ];
  const fetched = await runRemote(place, args, silenceMs);
  if (fetched.silent) throw silentRemote(place, silenceMs);
  if (fetched.code !== 0) throw fetchFailed(place, fetched, home);
  await rememberRefs(place, known);
}

/** For the next fetch to start from; without it, that one only downloads more. */
async function rememberRefs(place: GitPlace, known: string): Promise<void> {
  const packed = await runGit(place, ['pack-refs', '--all']);
  if (packed.code !== 0) return;
  const copy = join(place.directory, 'packed-refs.copy');
  await copyFile(join(place.directory, 'packed-refs'), copy)
    .then(() => rename(copy, known))
    .catch(() => undefined);
}

/** Killed runs leave their few refs behind. */
async function removeUnused(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith('run-')) continue;
    const made = await stat(join(home, name)).catch(() => null);
    if (made !== null && Date.now() - made.mtimeMs > unused) {
      await rm(join(home, name), { recursive: true, force: true });
    }
  }
}

const hints: readonly (readonly [pattern: RegExp, hint: string])[] = [
  [/transport '.*' not allowed/, 'Only https, ssh, git and file URLs are fetched.'],
  [
    /could not resolve host|Could not resolve hostname/i,
    'The host has no address here: check the name, the network and the proxy.',
  ],
  [
    /Authentication failed|could not read (Username|Password)|Permission denied|403/,
    'git found no accepted credentials here. Set up a credential helper, http.extraHeader or an SSH key, so that git asks nothing.',
  ],
  [
    /Host key verification failed/,
    'Add the host to ~/.ssh/known_hosts (ssh-keyscan prints its keys: compare them).',
  ],
  [
    /not found|does not appear to be a git repository|does not exist/,
    'Check the URL. Some hosts also say so for want of access.',
  ],
];

function needsFetch(url: string): KeydriftError {
  return new KeydriftError(
    'NEEDS_FETCH',
    `${shownUrl(url)} is remote, and nothing is fetched here`,
    {
      hint: 'Say --fetch, or let the contract name a clone of it: repo: DIRECTORY.',
    },
  );
}

/** What asks a remote by itself, without its credentials. */
function asking({ name }: GitPlace, text: string): { text: string; command: string } {
  return { text: `${text} See whether it answers`, command: `git ls-remote ${shellQuote(name)}` };
}

function silentRemote(place: GitPlace, silenceMs: number): KeydriftError {
  return new KeydriftError(
    'GIT_FETCH_TIMEOUT',
    `${place.name} cannot be fetched: nothing came from there for ${Math.ceil(silenceMs / 1000)} s`,
    { hint: asking(place, 'Look for a proxy or a firewall in between.') },
  );
}

function fetchFailed(place: GitPlace, exit: GitExit, home: string): KeydriftError {
  if (exit.startError !== null || exit.stderr.includes('dubious ownership')) {
    return gitFailure(place, exit, 'fetching');
  }
  const known = hints.find(([pattern]) => pattern.test(exit.stderr))?.[1];
  return new KeydriftError('GIT_FETCH_FAILED', `${place.name} cannot be fetched: ${saidBy(exit)}`, {
    hint: asking(
      place,
      known ?? `An older copy is never used. If the cache is damaged, delete ${home}.`,
    ),
  });
}
