import type { Contract } from '../model/index.ts';
import { contractFile, type ContractFile } from './file.ts';
import type { ContractText } from './include.ts';
import { readContract, type ContractOptions, type ContractReader } from './parse.ts';
import { readPlain } from './plain.ts';
import { checkShape } from './shape.ts';
import { parseYaml } from './syntax.ts';
import { convertTree } from './tree.ts';

/** Reads every text, and tells all that is wrong with it: with the YAML parser and the schema. */
const thoroughly: ContractReader = { open: readContractFile, shape: checkShape };

/** Reads the text of a contract: syntax and doubled names; knows no word of it yet. */
export function readContractFile(text: string): ContractFile {
  const plain = readPlain(text);
  if (plain !== null) {
    return contractFile({ places: plain.places, problems: [], data: () => plain.data });
  }
  const parsed = parseYaml(text);
  const { problems } = parsed;
  return contractFile({
    places: new Map(),
    problems,
    data: (places, report) =>
      problems.length > 0 ? undefined : convertTree({ ...parsed, places, report }),
  });
}

/**
 * The texts of a contract, YAML or JSON, as the Contract that they state (SPEC §3).
 * Throws one `CONTRACT_INVALID` whose `problems` are those of all files, each sorted by line.
 */
export function parseContract(root: ContractText, options: ContractOptions): Contract {
  return readContract(root, options, thoroughly)!;
}
