import { contractFile } from './file.ts';
import type { ContractReader } from './parse.ts';
import { isPlainlyShaped } from './plain-shape.ts';
import { readPlain } from './plain.ts';

/**
 * Reads what nearly all contracts are, and is sure of it; all else, and whatever may be wrong, it
 * leaves to the thorough reader, whose parser and schema take most of a start.
 */
export const plainly: ContractReader = {
  open(text) {
    const plain = readPlain(text);
    if (plain === null) return null;
    return contractFile({ places: plain.places, problems: [], data: () => plain.data });
  },
  shape: ({ data }) => (isPlainlyShaped(data) ? data : 'unsure'),
};
