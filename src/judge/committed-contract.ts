import { readIncluded, type ContractText } from '../contract/index.ts';
import {
  KeydriftError,
  toKeydriftError,
  wholeOf,
  type GitLocation,
  type PinnedCopy,
} from '../model/index.ts';
import type { AppContext, Sources } from './context.ts';
import { commitStore, contractPaths, findContract, type ContractFile } from './contract-files.ts';
import type { ContractChoice } from './options.ts';

/** A contract's file as a commit has it. */
export interface CommittedContract extends ContractFile {
  readonly text: ContractText;
  readonly commit: string;
  readonly committedAt: string;
  readonly blob: string;
  /** From the root of its repository. */
  readonly pathInRepository: string;
}

function at(path: string): GitLocation {
  return { kind: 'git', repository: null, path, ref: null };
}

/** The contract of `--config git:REF:PATH`. */
async function namedCommit(
  context: AppContext,
  choice: ContractChoice,
  sources: Sources,
): Promise<CommittedContract> {
  const found = await findContract(context, choice, sources);
  const { commit, committedAt, blob } = found?.facts ?? {};
  if (found === null || commit === undefined || committedAt === undefined || blob === undefined) {
    throw new KeydriftError('INTERNAL', `${choice.config} is no contract of a commit`);
  }
  const text = await readIncluded(found, found.store);
  return { ...found, text, commit, committedAt, blob, pathInRepository: found.path };
}

/**
 * The contract of the run's commit, never that of the working tree: the named one, or the nearest
 * that the commit has above the working directory. Throws `CONTRACT_NOT_FOUND`.
 */
export async function contractAtCommit(
  context: AppContext,
  choice: ContractChoice & { readonly ref: string },
  sources: Sources,
): Promise<CommittedContract> {
  const { config, ref } = choice;
  if (config?.startsWith('git:') === true) return namedCommit(context, choice, sources);
  const paths = contractPaths(context.workingDirectory, config);
  for (const [index, path] of paths.entries()) {
    const location = at(path);
    let copy: PinnedCopy;
    try {
      copy = await sources.pin(location, config === null ? 'bytes if any' : 'bytes');
    } catch (thrown) {
      const { code } = toKeydriftError(thrown);
      if (config !== null) throw thrown;
      if (code === 'GIT_PATH_NOT_FOUND') continue;
      // Above the root of the repository nothing is committed any more.
      if (code === 'GIT_NOT_A_REPOSITORY' && index > 0) break;
      throw thrown;
    }
    const { commit, committedAt, blob } = copy.revision.facts;
    const pathInRepository = await (await sources.of(location)).pathOf?.(location);
    if (commit === undefined || committedAt === undefined || blob === undefined) break;
    if (pathInRepository === undefined) break;
    const store = commitStore(sources, at);
    const file = { path, shown: path, bytes: await wholeOf(copy), store, committed: null };
    const text = await readIncluded(file, store);
    return { ...file, text, commit, committedAt, blob, pathInRepository };
  }
  const uncommitted = await findContract(context, { ...choice, config: null }, sources);
  throw new KeydriftError(
    'CONTRACT_NOT_FOUND',
    `${ref} has no keydrift.yaml here or in any directory above`,
    {
      hint:
        uncommitted === null
          ? 'Change to the directory of the contract, or name it: --config FILE'
          : `The working tree has ${uncommitted.path}: commit it, for what is not committed was not reviewed.`,
    },
  );
}
