import { isAbsolute } from 'node:path';
import {
  toKeydriftError,
  type ArtifactContract,
  type ArtifactReport,
  type GitLocation,
  type Location,
  type Step,
  type Warning,
} from '../../model/index.ts';
import type { Sources } from '../../judge/context.ts';
import type { ContractFile } from '../../judge/contract-files.ts';
import { isUncommitted } from '../../judge/contract.ts';
import { committing } from '../../sources/index.ts';

/** What a working tree is linted by. */
interface Linted {
  readonly options: { readonly base: string | null; readonly ref: string | null };
  readonly sources: Sources;
  readonly file: ContractFile;
  /** Files of the contract that HEAD lacks or has otherwise. */
  readonly uncommitted: readonly string[];
  readonly workingDirectory: string;
}

/** Commits what the other commands look for in commits, and do not find there yet. */
export async function commitSteps(
  { reviewed }: ArtifactContract,
  { warnings, verdict }: ArtifactReport,
  location: Location,
  { options, sources, file, uncommitted: ofContract, workingDirectory }: Linted,
): Promise<readonly Step[]> {
  const path = sources.scheme(reviewed).textOf(reviewed);
  const isReviewed = warnings.some(({ code }) => code === 'REVIEWED_UNCOMMITTED');
  // What breaks its contract is mended first, and another repository has its own ways.
  if (options.ref !== null || verdict !== 'in-sync' || !isReviewed || !isAbsolute(path)) return [];
  const root = await (await sources.of(location)).repositoryOf?.(location).catch(() => null);
  if (!root) return [];
  const own = await rootOf(file, sources);
  if (own !== root.directory) {
    const text =
      'commit it in its submodule, and here that commit: every command but lint goes by what HEAD pins';
    return [{ kind: 'fix', text, commands: [] }];
  }
  const text = 'commit it: every command but lint goes by commits';
  const command = committing([...ofContract, path], root.directory, workingDirectory);
  return [{ kind: 'fix', text, commands: [command] }];
}

/** Where the repository of a contract is; null: it is in none. */
export async function rootOf(
  { path, committed }: ContractFile,
  sources: Sources,
): Promise<string | null> {
  const at: GitLocation = {
    kind: 'git',
    repository: committed?.repository ?? null,
    path,
    ref: null,
  };
  const found = (await sources.of(at)).repositoryOf?.(at);
  return (await found?.catch(() => null))?.directory ?? null;
}

/**
 * What was judged is the working tree's, and HEAD has another one, or none. An edit is told as such
 * where nothing else tells it: with `--base` the change is.
 */
export async function editWarnings(
  { reviewed }: ArtifactContract,
  { location, shown }: { readonly location: Location; readonly shown: string },
  { options, sources }: Pick<Linted, 'options' | 'sources'>,
): Promise<readonly Warning[]> {
  if (location === reviewed) return [];
  let what = 'was edited and not committed';
  try {
    const { warnings = [] } = await sources.pin(reviewed, 'bytes if any');
    const isEdited = warnings.some(({ code }) => code === 'REVIEWED_UNCOMMITTED');
    if (!isEdited || options.base !== null) return [];
  } catch (thrown) {
    if (!isUncommitted(toKeydriftError(thrown).code)) return [];
    what = 'is not in git at HEAD';
  }
  const message = `${shown} ${what}: lint looks at the working tree, every other command at commits`;
  return [{ code: 'REVIEWED_UNCOMMITTED', message, side: 'reviewed', line: null }];
}
