import { basename, dirname, join, relative } from 'node:path';
import {
  count,
  KeydriftError,
  quote,
  type ArtifactContract,
  type ArtifactFamily,
  type Contract,
  type Problem,
  type StepShape,
} from '../model/index.ts';
import { readAlike, type AlikeArtifacts } from './alike.ts';
import type { ContractDraft, Layers } from './draft.ts';
import { readEngines } from './engines.ts';
import { globOf, readFamily } from './family.ts';
import type { ContractFile } from './file.ts';
import type { ContractText } from './include.ts';
import { checkArtifactNames } from './names.ts';
import type { Reading } from './places.ts';

/** What a contract is read with. */
export interface ContractOptions extends Omit<Reading, 'directory' | 'engines'> {
  /** How it is called in messages; default: its path. */
  readonly shown?: string;
}

/** How the texts of a contract are read. */
export interface ContractReader {
  /** Null: another one has to. */
  open(text: string): ContractFile | null;
  /**
   * What is left of a file once every misshapen value was reported and taken out; null: nothing is.
   * `unsure`: another reader has to look.
   */
  shape(file: ContractFile, steps: readonly StepShape[]): ContractDraft | null | 'unsure';
}

/** One file of a contract. */
interface Part {
  readonly file: ContractFile;
  /** Null: nothing is left to check. */
  readonly draft: ContractDraft | null;
  /** Absolute. */
  readonly directory: string;
  /** Its path from the contract's own folder; null: it is the contract's own file. */
  readonly shown: string | null;
  readonly defaults: Layers;
}

/**
 * The texts of a contract as the Contract that they state (SPEC §3); null: another reader has to read
 * them. Throws one `CONTRACT_INVALID` whose `problems` are those of all files, each sorted by line.
 */
export function readContract(
  root: ContractText,
  options: ContractOptions,
  reader: ContractReader,
): Contract | null {
  const { shown = root.path } = options;
  const parts = partsOf(root, root, [], { ...options, reader });
  if (parts === null) return null;
  checkArtifactNames(
    parts.flatMap(({ file, draft, shown: at }) =>
      namesOf(file, draft).map((name) => ({ name, file, shown: at })),
    ),
  );
  const engines = readEngines(
    parts.map(({ file, draft, directory }) => ({ file, engines: draft?.engines, directory })),
    options,
  );
  const read = parts.flatMap((part) => readPart(part, { ...options, engines }));
  const problems = parts.flatMap(problemsOf);
  if (problems.length > 0) {
    throw invalid(options.committed === null ? basename(root.path) : shown, problems);
  }
  const artifacts = read.filter((one): one is ArtifactContract => !isFamily(one));
  const families = read.flatMap((one, at) => {
    if (!isFamily(one)) return [];
    return [{ ...one, after: read.slice(0, at).filter((other) => !isFamily(other)).length }];
  });
  return { path: shown, artifacts, ...(families.length === 0 ? {} : { families }) };
}

function isFamily(read: ArtifactContract | ArtifactFamily): read is ArtifactFamily {
  return 'member' in read;
}

function partsOf(
  root: ContractText,
  { path, text, included, faults }: ContractText,
  above: Layers,
  options: ContractOptions & { readonly reader: ContractReader },
): readonly Part[] | null {
  const file = options.reader.open(text);
  if (file === null) return null;
  const draft = options.reader.shape(file, options.steps);
  if (draft === 'unsure') return null;
  for (const { index, message, hint } of faults) file.report(['include', index], message, hint);
  const own = draft?.defaults;
  const defaults: Layers =
    own === undefined
      ? above
      : [{ rank: 'defaults', file, words: own, path: ['defaults'] }, ...above];
  const folder = dirname(path);
  const { committed } = options;
  const part = {
    file,
    draft,
    directory: committed === null ? folder : join(committed.repository, folder),
    shown: path === root.path ? null : relative(dirname(root.path), path),
    defaults,
  };
  const parts: Part[] = [part];
  for (const other of included) {
    const further = partsOf(root, other, defaults, options);
    if (further === null) return null;
    for (const one of further) parts.push(one);
  }
  return parts;
}

function namesOf(file: ContractFile, draft: ContractDraft | null): readonly string[] {
  return draft?.artifacts === undefined ? [] : file.namesIn(['artifacts']);
}

function readPart(
  part: Part,
  options: Omit<Reading, 'directory'>,
): readonly (ArtifactContract | ArtifactFamily)[] {
  const { file, draft, directory, defaults } = part;
  const reading = { ...options, directory };
  const alike: AlikeArtifacts = new Map();
  return namesOf(file, draft).flatMap((name) => {
    const artifact = draft?.artifacts?.[name];
    if (artifact === undefined) return [];
    const glob = globOf(artifact);
    if (glob !== null) return readFamily(file, name, artifact, glob, { reading, defaults }) ?? [];
    for (const word of ['overrides', 'ignore'] as const) {
      if (artifact[word] === undefined) continue;
      const hint = 'Remove it, or let "reviewed" stand for many: support/*.csv';
      file.report(['artifacts', name, word], `${quote(word)} is a word of a glob`, hint);
    }
    return readAlike(file, name, artifact, { reading, defaults }, alike) ?? [];
  });
}

/** A file's problems by their lines; those of an included file say which it is. */
function problemsOf({ file, shown }: Part): readonly Problem[] {
  const sorted = [...file.problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  if (shown === null) return sorted;
  return sorted.map((problem) => ({
    ...problem,
    path: problem.path === '' ? shown : `${shown}: ${problem.path}`,
  }));
}

function invalid(name: string, problems: readonly Problem[]): KeydriftError {
  return new KeydriftError('CONTRACT_INVALID', `${name}: ${count(problems.length, 'problem')}`, {
    problems,
  });
}
