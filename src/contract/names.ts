import type { ContractFile } from './file.ts';
import type { Path } from './path.ts';
import { nameExpected, namePattern } from './patterns.ts';
import { quote } from './wording.ts';

/**
 * An artifact's name as it stands in `KEYDRIFT_<ARTIFACT>_FILE`: in capitals, every other
 * character than a letter or digit as `_`. Not injective: the contract refuses two that agree.
 */
export function environmentName(artifactName: string): string {
  return artifactName.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

/** Reports artifact names that are none, and two that give one environment name. */
export function checkArtifactNames(file: ContractFile, names: readonly string[]): void {
  const taken = new Map<string, string>();
  for (const name of names) {
    const path = ['artifacts', name];
    checkName(file, path, name);
    const variable = environmentName(name);
    const first = taken.get(variable);
    if (first === undefined) {
      taken.set(variable, name);
      continue;
    }
    const line = file.lineOf(['artifacts', first]);
    const message = `${quote(name)} and ${quote(first)} (line ${line}) are both ${variable} in the environment`;
    file.report(path, message, 'Rename one of the two.');
  }
}

/** Reports a name of an artifact or a copy that breaks the pattern. */
export function checkName(file: ContractFile, path: Path, name: string): void {
  if (namePattern.test(name)) return;
  file.report(path, `${quote(name)} cannot be a name: expected ${nameExpected}`);
}
