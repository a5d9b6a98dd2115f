export { contractCandidates } from './candidates.ts';
export { contractJsonSchema } from './json-schema.ts';
export { parseLocation, type LocationOptions } from './location.ts';
export { environmentName } from './names.ts';
export { parseContract, type ContractOptions } from './parse.ts';
export type { Unset } from './unset.ts';
