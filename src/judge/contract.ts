import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { contractCandidates, parseContract, type Unset } from '../contract/index.ts';
import {
  copyName,
  KeydriftError,
  nearestHint,
  type ArtifactContract,
  type Contract,
  type RuntimeCopy,
  type S3Access,
} from '../model/index.ts';
import { stepShapes } from '../normalize/index.ts';
import type { AppContext } from './context.ts';
import { registriesOf } from './registries.ts';

/** Finds and reads the contract: the named file, or the nearest one above the working directory. */
export async function loadContract(
  context: AppContext,
  config: string | null,
  access: S3Access,
): Promise<Contract> {
  return (await loadContractFile(context, config, access)).contract;
}

/** The contract, and the SHA-256 of its file in hex. */
export async function loadContractFile(
  context: AppContext,
  config: string | null,
  access: S3Access,
): Promise<{ readonly contract: Contract; readonly sha256: string }> {
  const found = await findContract(context, config);
  if (found === null) throw noContract(config);
  const sha256 = createHash('sha256').update(found.bytes).digest('hex');
  return { contract: contractOf(found, context, access), sha256 };
}

/** A contract's file, read and not yet parsed. */
export interface ContractFile {
  /** Absolute. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** The contract's file: the named one, or the nearest above the working directory; or null. */
export async function findContract(
  { workingDirectory }: AppContext,
  config: string | null,
): Promise<ContractFile | null> {
  for (const path of contractPaths(workingDirectory, config)) {
    const bytes = await readIfThere(path);
    if (bytes !== null) return { path, bytes };
  }
  return null;
}

/** Where a contract may be, nearest first. */
export function contractPaths(workingDirectory: string, config: string | null): readonly string[] {
  return config === null
    ? contractCandidates(workingDirectory)
    : [resolve(workingDirectory, config)];
}

/** A contract's file as the contract that it states. */
export function contractOf(
  { path, bytes }: ContractFile,
  context: AppContext,
  access: S3Access,
  unset: Unset = 'refused',
): Contract {
  const { environment } = context;
  const { schemes } = registriesOf(context);
  const text = decode(path, bytes);
  const steps = stepShapes;
  const contract = parseContract(text, { path, environment, steps, access, schemes, unset });
  const { registries } = context;
  if (registries === undefined) return contract;
  const { formats } = registries;
  return { ...contract, artifacts: contract.artifacts.map((one) => ({ ...one, formats })) };
}

/** The error where no contract is. */
export function noContract(config: string | null): KeydriftError {
  return config === null
    ? new KeydriftError('CONTRACT_NOT_FOUND', 'no keydrift.yaml here or in any directory above', {
        hint: 'Change to the directory of the contract, or name it: --config FILE. To compare two copies without one: keydrift diff REVIEWED RUNTIME --key COLUMN',
      })
    : new KeydriftError('CONTRACT_NOT_FOUND', `there is no contract ${config}`, {
        hint: 'Look for a typo in --config (or in KEYDRIFT_CONFIG).',
      });
}

async function readIfThere(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : null;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new KeydriftError('CONTRACT_UNREADABLE', `${path} cannot be read (${String(code)})`, {
      cause,
    });
  }
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new KeydriftError('CONTRACT_UNREADABLE', `${path} is not UTF-8 text`, { cause });
  }
}

/** One runtime copy of one artifact, chosen to be judged. */
export interface ChosenCopy {
  readonly artifact: ArtifactContract;
  readonly copy: RuntimeCopy;
}

/**
 * The copies that names choose (`participants`, `participants@eu`), in contract order; every one
 * without names. Throws `UNKNOWN_ARTIFACT` for a name that is none, with the nearest.
 */
export function chooseCopies(contract: Contract, names: readonly string[]): ChosenCopy[] {
  const all = contract.artifacts.flatMap((artifact) =>
    artifact.copies.map((copy) => ({ artifact, copy })),
  );
  if (names.length === 0) return all;
  const known = new Set(
    all.flatMap(({ artifact, copy }) => [artifact.name, copyName(artifact.name, copy.name)]),
  );
  checkNames(names, known);
  return all.filter(
    ({ artifact, copy }) =>
      names.includes(artifact.name) || names.includes(copyName(artifact.name, copy.name)),
  );
}

/** The artifacts that names choose, in contract order; every one without names. */
export function chooseArtifacts(contract: Contract, names: readonly string[]): ArtifactContract[] {
  if (names.length === 0) return [...contract.artifacts];
  checkNames(names, new Set(contract.artifacts.map(({ name }) => name)));
  return contract.artifacts.filter(({ name }) => names.includes(name));
}

function checkNames(names: readonly string[], known: ReadonlySet<string>): void {
  const unknown = names.find((name) => !known.has(name));
  if (unknown === undefined) return;
  throw new KeydriftError('UNKNOWN_ARTIFACT', `the contract has no artifact ${unknown}`, {
    hint: nearestHint(unknown, [...known]),
  });
}
