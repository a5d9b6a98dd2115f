export { compareEnforcement } from './enforcement.ts';
export { notReviewed } from './family.ts';
export { contractJsonSchema } from './json-schema.ts';
export { readIncluded, type ContractStore, type ContractText } from './include.ts';
export { parseLocation, type LocationOptions } from './location.ts';
export { contractCandidates, environmentName } from './names.ts';
export { parseContract, type ContractOptions } from './parse.ts';
export type { CommittedPlace } from './places.ts';
export type { Variables } from './variables.ts';
