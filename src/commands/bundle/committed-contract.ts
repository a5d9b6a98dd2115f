import { parseLocation } from '../../contract/index.ts';
import {
  KeydriftError,
  toKeydriftError,
  type PinnedCopy,
  type S3Access,
} from '../../model/index.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import { registriesOf } from '../../judge/registries.ts';
import { contractPaths, findContract, type ContractFile } from '../../judge/contract.ts';

/** A contract's file as a commit has it. */
export interface CommittedContract extends ContractFile {
  readonly commit: string;
  readonly committedAt: string;
  readonly blob: string;
  /** From the root of its repository. */
  readonly pathInRepository: string;
}

/**
 * The contract of the run's commit, never that of the working tree: the named one, or the nearest
 * that the commit has above the working directory. Throws `CONTRACT_NOT_FOUND`.
 */
export async function contractAtCommit(
  context: AppContext,
  {
    config,
    ref,
    access,
  }: { readonly config: string | null; readonly ref: string; readonly access: S3Access },
  sources: Sources,
): Promise<CommittedContract> {
  const { workingDirectory: directory } = context;
  const { schemes } = registriesOf(context);
  const paths = contractPaths(context.workingDirectory, config);
  for (const [index, path] of paths.entries()) {
    const location = parseLocation(path, { side: 'reviewed', directory, access, schemes });
    let copy: PinnedCopy;
    try {
      copy = await sources.pin(location);
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
    return { path, bytes: await bytesOf(copy), commit, committedAt, blob, pathInRepository };
  }
  const uncommitted = await findContract(context, null);
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

async function bytesOf(copy: PinnedCopy): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of copy.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
