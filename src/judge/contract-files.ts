import type { Stats } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, posix, resolve } from 'node:path';
import {
  contractCandidates,
  type CommittedPlace,
  type ContractStore,
  type ContractText,
} from '../contract/index.ts';
import {
  KeydriftError,
  sha256Hex,
  toKeydriftError,
  wholeOf,
  type GitLocation,
  type RevisionFacts,
} from '../model/index.ts';
import { readNamed } from '../sources/index.ts';
import type { AppContext, Sources } from './context.ts';
import type { ContractChoice } from './options.ts';

/** A contract's file, read and not yet parsed. */
export interface ContractFile {
  /** Absolute, or from the root of a commit. */
  readonly path: string;
  /** How it is called in messages. */
  readonly shown: string;
  readonly bytes: Uint8Array;
  /** Where the files are that it includes. */
  readonly store: ContractStore;
  /** Null: it lies in a working tree, or in none. */
  readonly committed: CommittedPlace | null;
  /** Commit that it was read from; null: from a file. */
  readonly commit: string | null;
  /** Of that commit; left out: it was read from a file. */
  readonly facts?: RevisionFacts;
}

/** The contract's file: the named one, or the nearest above the working directory; or null. */
export async function findContract(
  context: AppContext,
  choice: ContractChoice,
  sources: Sources,
): Promise<ContractFile | null> {
  const { workingDirectory } = context;
  const { config } = choice;
  if (config?.startsWith('git:') === true) return committedContract(context, choice, sources);
  for (const path of contractPaths(workingDirectory, config)) {
    const above = config === null && dirname(path) !== resolve(workingDirectory);
    const check = above ? (stats: Stats) => requireTrusted(path, stats, context) : null;
    const bytes = await readIfThere(path, check);
    if (bytes !== null) {
      return { path, shown: path, bytes, store: fileStore, committed: null, commit: null };
    }
  }
  return null;
}

/** Where a contract may be, nearest first. */
export function contractPaths(workingDirectory: string, config: string | null): readonly string[] {
  return config === null
    ? contractCandidates(workingDirectory)
    : [resolve(workingDirectory, config)];
}

/** The contract of `--config git:REF:PATH`. */
async function committedContract(
  { workingDirectory }: AppContext,
  { config, refIs }: ContractChoice,
  sources: Sources,
): Promise<ContractFile> {
  const shown = config ?? '';
  const [, ref = '', path = ''] = /^git:([^:]+):(.+)$/s.exec(shown) ?? [];
  if (ref === '') {
    throw new KeydriftError('LOCATION_INVALID', `--config ${shown}: expected git:REF:PATH`, {
      hint: 'For the contract of the commit that is checked out: git:HEAD:keydrift.yaml',
    });
  }
  const at = (inside: string, commit: string): GitLocation => ({
    kind: 'git',
    repository: workingDirectory,
    path: inside,
    ref: commit,
  });
  const copy = await sources.pin(at(path, ref));
  const { facts } = copy.revision;
  const { commit = ref } = facts;
  const repository = await (await sources.of(at(path, ref))).repositoryOf?.(at(path, ref));
  if (repository === undefined) throw new KeydriftError('INTERNAL', `${shown} has no repository`);
  return {
    path,
    shown,
    bytes: await wholeOf(copy),
    store: commitStore(sources, (inside) => at(inside, commit)),
    committed: {
      repository: repository.directory,
      kind: repository.kind,
      ref: refIs === 'given' ? null : ref,
    },
    commit,
    facts,
  };
}

/** Contracts of a commit. */
export function commitStore(
  sources: Sources,
  locate: (path: string) => GitLocation,
): ContractStore {
  return {
    async read(path) {
      try {
        return await wholeOf(await sources.pin(locate(path), 'bytes if any'));
      } catch (thrown) {
        const { code } = toKeydriftError(thrown);
        if (code === 'GIT_PATH_NOT_FOUND') return null;
        throw thrown;
      }
    },
    async list(folder) {
      const at = locate(folder);
      return (await (await sources.of(at)).namesIn?.(at)) ?? [];
    },
  };
}

const fileStore: ContractStore = {
  read: (path) => readIfThere(path, null),
  async list(folder) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    return entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  },
};

/**
 * A contract above the working directory was named by nobody: whoever may write there, in `/tmp`
 * say, must not decide what is proven (SPEC §4).
 */
function requireTrusted(
  path: string,
  { uid, mode }: Stats,
  { userId, environment }: AppContext,
): void {
  if (userId === undefined) return;
  const trusted = [userId, 0, Number(environment['SUDO_UID'] ?? userId)];
  const why = !trusted.includes(uid)
    ? `it belongs to another user (uid ${uid})`
    : (mode & 0o002) !== 0
      ? 'everybody may write to it'
      : null;
  if (why === null) return;
  throw new KeydriftError(
    'CONTRACT_UNTRUSTED',
    `${path} is above the working directory, and ${why}`,
    {
      hint: `To use it all the same, name it: --config ${path}`,
    },
  );
}

async function readIfThere(
  path: string,
  check: ((stats: Stats) => void) | null,
): Promise<Uint8Array | null> {
  try {
    return await readNamed(path, (kind) => endless(path, kind), check);
  } catch (cause) {
    if (cause instanceof KeydriftError) throw cause;
    const code = cause instanceof Error && 'code' in cause ? cause.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new KeydriftError('CONTRACT_UNREADABLE', `${path} cannot be read (${String(code)})`, {
      cause,
    });
  }
}

function endless(path: string, kind: string): KeydriftError {
  return new KeydriftError('CONTRACT_UNREADABLE', `${path} is ${kind}, not a regular file`, {
    hint: '--config (KEYDRIFT_CONFIG) and include: name files: write it to one first, and name that.',
  });
}

/**
 * SHA-256 of a contract, hex: of its file; where it includes others, of the lines that `sha256sum`
 * prints of all of them, its own first, paths as `include` finds them.
 */
export function contractHash(root: ContractText): string {
  if (root.included.length === 0) return sha256Hex(root.bytes);
  const all = ({ path, bytes, included }: ContractText): readonly string[] => [
    `${sha256Hex(bytes)}  ${pathFrom(root.path, path)}\n`,
    ...included.flatMap(all),
  ];
  return sha256Hex(all(root).join(''));
}

function pathFrom(root: string, path: string): string {
  return posix.relative(posix.dirname(root), path);
}

/** The error where no contract is. */
export function noContract(config: string | null): KeydriftError {
  return config === null
    ? new KeydriftError('CONTRACT_NOT_FOUND', 'no keydrift.yaml here or in any directory above', {
        hint: {
          text: 'Change to the directory of the contract, or name it: --config FILE. `keydrift init FILE` proposes one; to compare two copies without',
          command: 'keydrift diff REVIEWED RUNTIME --key COLUMN',
        },
      })
    : new KeydriftError('CONTRACT_NOT_FOUND', `there is no contract ${config}`, {
        hint: 'Look for a typo in --config (or in KEYDRIFT_CONFIG).',
      });
}
