import type { ArtifactContract, Contract } from '../model/index.ts';

/** A contract with something made of each artifact, and of what its families find beyond them. */
export function mapArtifacts(
  contract: Contract,
  map: (artifact: ArtifactContract) => ArtifactContract,
  mapStray: (artifact: ArtifactContract) => ArtifactContract = map,
): Contract {
  const { families } = contract;
  const mapped = families?.map((family) => ({
    ...family,
    template: map(family.template),
    places: (paths: readonly string[]) =>
      family.places(paths).map((place) => ({
        ...place,
        stray(path: string) {
          const stray = place.stray(path);
          return stray === null ? null : mapStray(stray);
        },
      })),
  }));
  return {
    ...contract,
    artifacts: contract.artifacts.map(map),
    ...(mapped === undefined ? {} : { families: mapped }),
  };
}
