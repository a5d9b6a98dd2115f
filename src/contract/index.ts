export { compareEnforcement, compareReading } from './enforcement.ts';
export { globNames } from './glob.ts';
export { readIncluded, type ContractStore, type ContractText } from './include.ts';
export { parseLocation } from './location.ts';
export { contractCandidates, environmentName } from './names.ts';
export { parseContract } from './load.ts';
export type { ContractOptions } from './parse.ts';
export type { CommittedPlace } from './places.ts';
export type { Variables } from './variables.ts';
