import { dirname, join, resolve } from 'node:path';
import { quote } from '../model/index.ts';
import type { ContractFile, Path } from './file.ts';
import { nameExpected, namePattern } from './vocabulary.ts';

const fileNames: readonly string[] = ['keydrift.yaml', 'keydrift.yml', 'keydrift.json'];

/**
 * Where a contract may stand, nearest first: each of its file names in an absolute directory, then
 * in every one above it. Path arithmetic: nothing is read.
 */
export function contractCandidates(directory: string): readonly string[] {
  const candidates: string[] = [];
  let current = resolve(directory);
  for (;;) {
    for (const name of fileNames) candidates.push(join(current, name));
    const above = dirname(current);
    if (above === current) return candidates;
    current = above;
  }
}

/**
 * An artifact's name as it stands in `KEYDRIFT_<ARTIFACT>_FILE`: in capitals, every other
 * character than a letter or digit as `_`. Not injective: the contract refuses two that agree.
 */
export function environmentName(artifactName: string): string {
  return artifactName.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

/**
 * What an artifact may not be called in the environment: `KEYDRIFT_ENDPOINT_URL` is an option, and
 * `KEYDRIFT_OVERRIDE_…` and `KEYDRIFT_VAR_…` say something of other names.
 */
const own = /^(?:ENDPOINT|(?:OVERRIDE|VAR)(?:_.*)?)$/;

/** An artifact's name, and where it stands. */
export interface NamedArtifact {
  readonly name: string;
  readonly file: ContractFile;
  /** Of the file, for a message in another one; null: the contract's own. */
  readonly shown: string | null;
}

/**
 * Reports artifact names that are none, that stand twice, that give one environment name, or one of
 * keydrift's own.
 */
export function checkArtifactNames(artifacts: readonly NamedArtifact[]): void {
  const taken = new Map<string, NamedArtifact>();
  for (const artifact of artifacts) {
    const { name, file } = artifact;
    const path = ['artifacts', name];
    checkName(file, path, name);
    const variable = environmentName(name);
    if (own.test(variable)) {
      const message = `${quote(name)} is keydrift's own in the environment (KEYDRIFT_${variable}_…)`;
      file.report(path, message, 'Rename it.');
    }
    const first = taken.get(variable);
    if (first === undefined) {
      taken.set(variable, artifact);
      continue;
    }
    const line = `line ${first.file.lineOf(['artifacts', first.name])}`;
    const where = first.file === file ? line : `${first.shown ?? 'the contract'}, ${line}`;
    const message =
      first.name === name
        ? `${quote(name)} is an artifact already (${where})`
        : `${quote(name)} and ${quote(first.name)} (${where}) are both ${variable} in the environment`;
    file.report(path, message, 'Rename one of the two.');
  }
}

/** Reports a name of an artifact or a copy that breaks the pattern. */
export function checkName(file: ContractFile, path: Path, name: string): void {
  if (namePattern.test(name)) return;
  // As in a template of names; what a glob captures stands in its locations.
  const hint = name.includes('{')
    ? 'One entry for many files has a plain name, and {name} stands in its reviewed: support/{name}.csv.'
    : null;
  file.report(path, `${quote(name)} cannot be a name: expected ${nameExpected}`, hint);
}
