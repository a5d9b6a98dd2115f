import { basename, dirname } from 'node:path';
import {
  KeydriftError,
  type Contract,
  type Problem,
  type S3Access,
  type Schemes,
  type StepShape,
} from '../model/index.ts';
import { readArtifact } from './artifact.ts';
import { readContractFile } from './file.ts';
import { checkArtifactNames } from './names.ts';
import { checkShape } from './shape.ts';
import type { Unset } from './unset.ts';

export interface ContractOptions {
  /** Absolute path of the contract's file; its relative locations start in that directory. */
  readonly path: string;
  /** Where `${NAME}` comes from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /**
   * Where an unset variable is no error, because the caller uses no location of that side; default:
   * nowhere.
   */
  readonly unset?: Unset;
  /** The table of normalization steps. */
  readonly steps: readonly StepShape[];
  /** From flags and KEYDRIFT_ variables: what it names wins over a copy's own words. */
  readonly access: S3Access;
  /** The stores that locations may be in. */
  readonly schemes: Schemes;
}

/**
 * The text of a contract, YAML or JSON, as the Contract it states (SPEC §3).
 * Throws one `CONTRACT_INVALID` whose `problems` are all of the file's, sorted by line.
 */
export function parseContract(text: string, options: ContractOptions): Contract {
  const file = readContractFile(text, options.environment, options.unset ?? 'refused');
  const draft = checkShape(file, options.steps);
  const names = draft?.artifacts === undefined ? [] : file.namesIn(['artifacts']);
  checkArtifactNames(file, names);
  const reading = {
    directory: dirname(options.path),
    steps: options.steps,
    access: options.access,
    schemes: options.schemes,
  };
  const artifacts = names.flatMap((name) => {
    const artifact = draft?.artifacts?.[name];
    return artifact === undefined ? [] : (readArtifact(file, name, artifact, reading) ?? []);
  });
  if (file.problems.length > 0) throw invalid(options.path, file.problems);
  return { path: options.path, artifacts };
}

function invalid(path: string, problems: readonly Problem[]): KeydriftError {
  const sorted = [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  const count = sorted.length === 1 ? '1 problem' : `${sorted.length} problems`;
  return new KeydriftError('CONTRACT_INVALID', `${basename(path)}: ${count}`, {
    problems: sorted,
  });
}
