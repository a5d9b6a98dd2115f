import { copyName, KeydriftError, type Contract } from '../model/index.ts';
import { chooseCopies, type ChosenCopy } from './contract.ts';

/**
 * One copy of each artifact that is named, or of every one.
 * Throws `USAGE` where an artifact has several copies and none, or more than one, is named.
 */
export function chooseOneEach(contract: Contract, names: readonly string[]): ChosenCopy[] {
  const chosen = chooseCopies(contract, names);
  for (const { artifact } of chosen) {
    const copies = chosen.filter((other) => other.artifact === artifact);
    if (copies.length === 1) continue;
    const all = artifact.copies.map(({ name }) => copyName(artifact.name, name));
    throw new KeydriftError('USAGE', `${artifact.name} has several copies: one must be named`, {
      hint: `Name the one that is read: ${all.join(', ')}.`,
    });
  }
  return chosen;
}
