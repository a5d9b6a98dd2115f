import { basename, join, relative } from 'node:path';
import { formatByName } from '../../formats/index.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import { registriesOf } from '../../judge/registries.ts';
import { KeydriftError, shellQuote, type S3Access } from '../../model/index.ts';
import { escapeTerminal } from '../../report/index.ts';
import {
  entriesOf,
  folderOf,
  namesBelow,
  namesFile,
  type ContractPlace,
  type Repository,
} from './places.ts';

/** A table of the repository, and where its name stands in a store. */
export interface Candidate {
  /** From the working directory. */
  readonly path: string;
  readonly objects: readonly string[];
  /** Whether the contract names it already. */
  readonly isKnown: boolean;
}

export interface CandidateRequest {
  readonly context: AppContext;
  readonly sources: Sources;
  readonly inside: string | null;
  readonly access: S3Access;
  readonly contract: ContractPlace;
  /** Null: there is none. */
  readonly repository: Repository | null;
}

/** The tables of the repository, those first whose names stand in the store. Throws `USAGE`. */
export async function findCandidates({
  context,
  sources,
  inside,
  access,
  contract,
  repository,
}: CandidateRequest): Promise<readonly Candidate[]> {
  const { schemes, formats } = registriesOf(context);
  if (repository === null || repository.files.length === 0) {
    throw new KeydriftError('USAGE', 'no repository with a commit is here to look for tables in', {
      hint: {
        text: 'Name a file, an object, or - for stdin',
        command: 'keydrift init FILE',
      },
    });
  }
  const objects =
    inside === null
      ? new Map<string, readonly string[]>()
      : await namesBelow(folderOf(inside, { schemes, access }), sources);
  const isNamed = namedIn(contract);
  const found = repository.files.flatMap(({ name }): readonly Candidate[] => {
    const format = formatByName(formats, name)?.format ?? null;
    const there = objects.get(basename(name)) ?? [];
    // Documents are configuration as often: candidates only where an object has the name.
    const isTable = format !== null && (format.document === undefined || there.length > 0);
    if (!isTable) return [];
    const absolute = join(repository.root, name);
    const path = relative(context.workingDirectory, absolute);
    return [{ path, objects: there, isKnown: isNamed(absolute) }];
  });
  return found.toSorted((a, b) => rank(a) - rank(b) || (a.path < b.path ? -1 : 1));
}

function rank({ isKnown, objects }: Candidate): number {
  return (isKnown ? 2 : 0) + (objects.length === 0 ? 1 : 0);
}

/** Whether the contract, or one that it includes, names an absolute path as reviewed. */
function namedIn(contract: ContractPlace): (file: string) => boolean {
  const entries = [contract, ...contract.included].flatMap(entriesOf);
  return (file) => entries.some((entry) => namesFile(entry, file));
}

const mostListed = 100;

/** The candidates for a person, and what to type for the first of them. */
export function candidateLines(
  found: readonly Candidate[],
  { inside, given }: { readonly inside: string | null; readonly given: string },
): readonly string[] {
  if (found.length === 0) {
    return [
      'no table is committed here; one that is not committed yet is named: keydrift init FILE',
    ];
  }
  const shown = found.slice(0, mostListed);
  const rest = found.length - shown.length;
  const next = shown.find(({ isKnown }) => !isKnown);
  const option = inside === null ? '' : ` --in ${shellQuote(inside)}`;
  return [
    ...shown.flatMap(({ path, objects, isKnown }) => [
      `${escapeTerminal(path)}${isKnown ? '  (in the contract)' : ''}`,
      ...objects.slice(0, 5).map((text) => `  ${escapeTerminal(text)}`),
      ...(objects.length > 5 ? [`  … and ${objects.length - 5} more`] : []),
    ]),
    ...(rest > 0 ? [`… and ${rest} more`] : []),
    '',
    ...(next === undefined
      ? ['nothing new to propose: each is in the contract', `next     keydrift audit${given}`]
      : [`next     keydrift init ${shellQuote(next.path)}${option}${given}`]),
  ];
}
