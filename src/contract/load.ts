import type { Contract } from '../model/index.ts';
import type { ContractText } from './include.ts';
import type { ContractOptions } from './parse.ts';

/** As `parseContract` of parse.ts: a run without a contract loads neither YAML nor a schema. */
export async function parseContract(
  root: ContractText,
  options: ContractOptions,
): Promise<Contract> {
  const parser = await import('./parse.ts');
  return parser.parseContract(root, options);
}
