import { access, constants, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { KeydriftError, shellQuote, type ByteRange, type Environment } from '../../model/index.ts';
import { pinFile, type OpenFiles } from '../file/file.ts';
import { checkedRange, rangeWithin, type Checksum } from './bytes.ts';
import { commonDirectoryOf } from './discover.ts';
import { withSettings } from './environment.ts';
import { saidBy } from './failure.ts';
import { heardAs, outputOf, startProgram, type GitChild, type GitExit } from './process.ts';
import { once } from './once.ts';
import { askGit } from './queries.ts';
import type { Repository } from './repository.ts';

/** What a Git LFS pointer stands for. */
export interface LfsPointer {
  /** The pointer file itself. */
  readonly text: Uint8Array;
  readonly sha256: string;
  readonly bytes: number;
}

/** A file of this size or more is never taken for a pointer (the Git LFS specification). */
export const pointerLimit = 1024;

const signature = 'version https://git-lfs.github.com/spec/v1\n';

/** Reads a Git LFS pointer; null: it is a file like any other. */
export function readPointer(bytes: Uint8Array): LfsPointer | null {
  if (bytes.length >= pointerLimit) return null;
  const text = Buffer.from(bytes).toString('utf8');
  if (!text.startsWith(signature)) return null;
  const sha256 = /^oid sha256:([0-9a-f]{64})$/m.exec(text)?.[1];
  const size = /^size (\d{1,15})$/m.exec(text)?.[1];
  if (sha256 === undefined || size === undefined) return null;
  return { text: bytes.slice(), sha256, bytes: Number(size) };
}

/** What a run follows pointers with. */
export interface LfsRun extends OpenFiles {
  readonly running: Set<GitChild>;
  /** `never`: what is not at hand stays there. */
  readonly fetch: 'allowed' | 'never';
  /** Whether a git-lfs answers, by its path; asked once a run. */
  readonly answering: Map<string, Promise<boolean>>;
  /** Where the objects of a repository come from, by its git directory; asked once a run. */
  readonly configured: Map<string, Promise<Settings>>;
}

/** Names of git's configuration and what they are set to. */
type Settings = readonly (readonly [name: string, value: string])[];

/**
 * Throws `GIT_LFS_UNAVAILABLE` where the pointer at `path` cannot be followed, and `NEEDS_FETCH`
 * where its object is not at hand and nothing may be fetched.
 */
export async function requireLfs(
  repository: Repository,
  pointer: LfsPointer,
  path: string,
  { fetch, answering }: LfsRun,
): Promise<void> {
  if ((await storedAt(repository, pointer)) !== null) return;
  if (fetch === 'never') {
    throw new KeydriftError(
      'NEEDS_FETCH',
      `${repository.name}: ${path} is stored in Git LFS, and its object is not at hand`,
      {
        hint: {
          text: 'Say --fetch, or fetch it before',
          command: `git -C ${shellQuote(repository.directory)} lfs pull`,
        },
      },
    );
  }
  const program = await programOf(repository.environment);
  const isThere =
    program !== null && (await once(answering, program, () => answers(program, repository)));
  if (!isThere) throw lfsMissing(repository, path);
}

async function answers(program: string, { environment }: Repository): Promise<boolean> {
  const { GIT_DIR: _directory, GIT_WORK_TREE: _tree, ...plain } = environment;
  const started = startProgram(program, ['version'], { environment: plain, directory: tmpdir() });
  const child = heardAs(`git-lfs version in ${tmpdir()}`, started);
  child.hold();
  child.stdin.end();
  child.stdout.resume();
  return (await child.exit).code === 0;
}

/**
 * The bytes that a pointer stands for: of the repository's own store, or as `git-lfs smudge` fetches
 * them; their length and sha256 are checked.
 */
export async function* smudged(
  repository: Repository,
  pointer: LfsPointer,
  run: LfsRun,
  range: ByteRange | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const failure = (found: string): KeydriftError => lfsFailure(repository, pointer, found);
  const checksum: Checksum = {
    bytes: pointer.bytes,
    algorithm: 'sha256',
    prefix: '',
    digest: pointer.sha256,
  };
  const wanted = rangeWithin(pointer.bytes, range);
  const stored = await storedAt(repository, pointer);
  if (stored !== null) {
    const copy = await pinFile(stored, stored, run);
    yield* checkedRange(copy.open(), wanted, checksum, failure);
    return;
  }
  const place = await makePlace(repository, run);
  try {
    const onFailure = (exit: GitExit): KeydriftError => failure(saidBy(exit));
    const start = (): GitChild => startSmudge(place, pointer);
    yield* checkedRange(outputOf(start, run.running, onFailure), wanted, checksum, failure);
  } finally {
    await rm(place.directory, { recursive: true, force: true });
  }
}

/** Where an object is in the repository's own store; null: it is not. */
async function storedAt(repository: Repository, { sha256 }: LfsPointer): Promise<string | null> {
  const store = join(await commonDirectoryOf(repository.gitDirectory), 'lfs', 'objects');
  const path = join(store, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  return (await stat(path).catch(() => null))?.isFile() === true ? path : null;
}

/** Where git-lfs works: a repository of its own, which nobody else has configured. */
interface LfsPlace {
  readonly program: string;
  readonly directory: string;
  readonly environment: Environment;
}

/** Of a checkout's configuration: where its objects come from and with what header. All of it is data. */
const copied =
  /^(?:lfs\.url|remote\.[^\n]*\.(?:url|lfsurl)|http\.(?:[^\n]*\.)?extraheader|url\.[^\n]*\.insteadof)$/i;

/** Nothing but HTTP as git-lfs itself speaks it: a custom transfer is a program. */
const lfsSettings: Settings = [
  ['lfs.basictransfersonly', 'true'],
  ['lfs.standalonetransferagent', ''],
  ['lfs.fetchinclude', ''],
  ['lfs.fetchexclude', ''],
];

/**
 * A private place with the settings of a repository that say where its objects are. Neither its
 * configuration nor an `.lfsconfig` is found from there.
 */
async function makePlace(repository: Repository, run: LfsRun): Promise<LfsPlace> {
  const program = await programOf(repository.environment);
  if (program === null) throw lfsMissing(repository, 'a file');
  const directory = await mkdtemp(join(tmpdir(), 'keydrift-lfs-'));
  for (const name of ['objects', 'refs']) await mkdir(join(directory, name));
  await writeFile(join(directory, 'HEAD'), 'ref: refs/heads/none\n');
  await writeFile(join(directory, 'config'), '[core]\nbare = true\nrepositoryformatversion = 0\n');
  // What a person does not want in a working tree is wanted here, and LFS has its own transports.
  const {
    GIT_LFS_SKIP_SMUDGE: _skip,
    GIT_ALLOW_PROTOCOL: _none,
    GIT_WORK_TREE: _tree,
    GIT_OBJECT_DIRECTORY: _objects,
    ...environment
  } = repository.environment;
  const { gitDirectory } = repository;
  const own = await once(run.configured, gitDirectory, () => settingsOf(repository));
  const settings = [...own, ...lfsSettings];
  return {
    program,
    directory,
    environment: { ...withSettings(environment, settings), GIT_DIR: directory },
  };
}

async function settingsOf(repository: Repository): Promise<Settings> {
  if (repository.url !== null) return [['remote.origin.url', repository.url]];
  const listed = await askGit(repository, ['config', '--local', '--null', '--list']);
  return (listed ?? '').split('\0').flatMap((entry) => {
    const end = entry.indexOf('\n');
    const name = end < 0 ? entry : entry.slice(0, end);
    return end >= 0 && copied.test(name) ? [[name, entry.slice(end + 1)] as const] : [];
  });
}

/** The git-lfs of PATH, by its path: `git lfs` would run what a checkout calls so. */
async function programOf({ PATH = '' }: Environment): Promise<string | null> {
  for (const folder of PATH.split(delimiter)) {
    // An empty one, or a relative one, is the directory that a checkout may be in.
    if (!isAbsolute(folder)) continue;
    const program = join(folder, 'git-lfs');
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  return null;
}

function startSmudge({ program, directory, environment }: LfsPlace, pointer: LfsPointer): GitChild {
  const child = startProgram(program, ['smudge'], { environment, directory });
  child.stdin.end(pointer.text);
  return heardAs(`git-lfs smudge in ${directory}`, child);
}

function lfsMissing(repository: Repository, path: string): KeydriftError {
  return new KeydriftError(
    'GIT_LFS_UNAVAILABLE',
    `${repository.name}: ${path} is stored in Git LFS, and git-lfs is not installed here`,
    {
      hint: 'Install git-lfs, so that "git-lfs version" answers; keydrift then reads it by itself.',
    },
  );
}

function lfsFailure(repository: Repository, pointer: LfsPointer, found: string): KeydriftError {
  const oid = pointer.sha256.slice(0, 12);
  return new KeydriftError(
    'GIT_FAILED',
    `${repository.name}: git-lfs did not give the ${pointer.bytes} bytes of object ${oid} (${found})`,
    { hint: { text: 'See why', command: `git -C ${shellQuote(repository.directory)} lfs pull` } },
  );
}
