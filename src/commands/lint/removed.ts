import type { SaidWord } from '../../contract/index.ts';
import {
  count,
  KeydriftError,
  shellQuote,
  type ArtifactContract,
  type ContractPlace,
  type Location,
  type PinnedCopy,
} from '../../model/index.ts';
import type { Sources } from '../../judge/context.ts';
import { pinOrAbsent, scanReviewed } from '../../judge/copies.ts';
import { reviewedRequest } from '../../judge/request.ts';
import { sideReport, wholeCopy } from '../../judge/scan.ts';
import { baseLocation } from './change.ts';

/** What a removed file is looked for in, and told by. */
interface RemovedFrom {
  readonly options: { readonly base: string | null; readonly ref: string | null };
  readonly sources: Sources;
  /** Of all artifacts that the contract has now. */
  readonly names: ReadonlySet<string>;
  readonly placeOf: (said: SaidWord) => Promise<ContractPlace | null>;
}

/** The error of a reviewed copy that is not there; where the base has it, with what the change does. */
export async function removedByChange(
  missing: KeydriftError,
  {
    artifact,
    declared,
    location,
  }: {
    readonly artifact: ArtifactContract;
    /** As the base has it; null: it does not. */
    readonly declared: ArtifactContract | null;
    readonly location: Location;
  },
  { options, sources, names, placeOf }: RemovedFrom,
): Promise<KeydriftError> {
  const { base, ref } = options;
  const before =
    base === null ? null : await baseLocation(location, base, sources).catch(() => null);
  if (before === null) return missing;
  const copy = await pinOrAbsent(before.at, 'reviewed', sources);
  if (copy instanceof KeydriftError) return missing;
  const contract = await placeOf({ artifact: artifact.name, copy: null, word: 'reviewed' });
  const where = contract === null ? '' : ` (${contract.file} line ${contract.line})`;
  const place = { ...missing.place, ...(contract === null ? {} : { contract }) };
  const source = await sources.of(before.at);
  const path = (await source.pathOf?.(before.at)) ?? sources.scheme(location).textOf(location);
  const gone = `${path} is not in ${ref ?? 'the working tree'}`;
  if (place.renamedTo !== undefined) {
    const message = `${gone}: this change renames it, and the contract has the old name`;
    const hint = `Name the new path in the contract${where}: ${place.renamedTo}`;
    return new KeydriftError(missing.code, message, { hint, place, cause: missing });
  }
  const units = await unitsIn(copy, declared ?? artifact);
  const lost = `${units === null ? 'its units' : count(units, 'unit')} of ${base} ${units === 1 ? 'does' : 'do'} not run any more`;
  // A contract of no artifacts is none.
  const entry =
    names.size === 1
      ? `It is the last artifact of the contract: remove that too${where}, and the checks that read it`
      : `Take the artifact out of the contract too${where}, which --forbid-weaker tells as weaker: a reviewer has to let it pass`;
  const root = await source.repositoryOf?.(location);
  const from = (copy.revision.facts.commit ?? '').slice(0, 12);
  return new KeydriftError(missing.code, `${gone}: this change removes it: ${lost}`, {
    hint: {
      text: `${entry}; or restore it${ref === null ? '' : ` on ${ref}`}`,
      command: `git -C ${shellQuote(root?.directory ?? '.')} restore --source=${from} -- ${shellQuote(path)}`,
    },
    place,
    cause: missing,
  });
}

/** What a removed artifact had at the base, `3 units of lookups/eu.csv`; null: nobody can tell. */
export async function whatRan(
  artifact: ArtifactContract,
  base: string,
  sources: Sources,
): Promise<string | null> {
  try {
    const { at } = await baseLocation(artifact.reviewed, base, sources);
    const path = await (await sources.of(at)).pathOf?.(at);
    const units = await unitsIn(await sources.pin(at), artifact);
    if (path === undefined) return null;
    return units === null ? path : `${count(units, 'unit')} of ${path}`;
  } catch {
    return null;
  }
}

/** How many units a copy has by a contract; null: it cannot be read by it. */
async function unitsIn(copy: PinnedCopy, artifact: ArtifactContract): Promise<number | null> {
  try {
    const scanned = await scanReviewed(copy, reviewedRequest(artifact), wholeCopy, 'broken');
    scanned.keyset.release();
    return sideReport(scanned).units;
  } catch {
    return null;
  }
}
