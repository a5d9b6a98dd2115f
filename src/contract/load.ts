import type { Contract } from '../model/index.ts';
import type { ContractText } from './include.ts';
import type { ContractOptions } from './parse.ts';

/**
 * As `parseContract` of thoroughly.ts; the YAML parser and the schema are loaded for what is not
 * plainly a contract, and a run without one loads nothing.
 */
export async function parseContract(
  root: ContractText,
  options: ContractOptions,
): Promise<Contract> {
  const { readContract } = await import('./parse.ts');
  const { plainly } = await import('./plainly.ts');
  const plain = readContract(root, options, plainly);
  if (plain !== null) return plain;
  const thorough = await import('./thoroughly.ts');
  return thorough.parseContract(root, options);
}
