import { basename, join, posix } from 'node:path';
import { readIncluded, type ContractStore, type ContractText } from '../contract/index.ts';
import {
  KeydriftError,
  isUnset,
  type Bundle,
  type BundleLocation,
  type Location,
  type BundlePlace,
  type Contract,
  type ContractProvenance,
  type Warning,
} from '../model/index.ts';
import { isChosen } from './choose.ts';
import type { AppContext, Sources } from './context.ts';
import { contractHash, findContract, noContract } from './contract-files.ts';
import {
  contractOf,
  loadContract,
  requirePinned,
  type LoadedContract,
  mapArtifacts,
} from './contract.ts';
import type { ContractOptions } from './options.ts';
import { parseAgainst } from './place.ts';

/** What a run judges by. */
export interface JudgedBy {
  /** Its reviewed locations are in git, or with `--against` in the bundle. */
  readonly contract: Contract;
  /** True of every copy of the run. */
  readonly warnings: readonly Warning[];
  /** As it was read from its file; null: a bundle is judged by. */
  readonly loaded: LoadedContract | null;
}

/** A contract's texts, and what it is called. */
interface Named {
  readonly shown: string;
  readonly text: ContractText;
}

/**
 * The contract of a run, and where its reviewed copies are: in git, or with `--against` in a
 * bundle. Then the contract is the local one where there is one, else the bundle's own; a local one
 * with other bytes than the bundle's is `BUNDLE_CONTRACT_DIFFERS`, unless `--config` asks for it by
 * name: then it counts, with a warning. `--config` may also be the bundle itself.
 */
export async function judgedBy(
  context: AppContext,
  options: Omit<ContractOptions, 'failOn' | 'enforced' | 'cacheDirectory' | 'ref'> & StrayOptions,
  sources: Sources,
): Promise<JudgedBy> {
  const { against, config, access } = options;
  if (against === null) {
    const loaded = await loadContract(context, options, sources);
    const contract = await withAskedStrays(loaded.contract, options, context, sources);
    return { contract, warnings: [], loaded };
  }
  const place = parseAgainst(against, context, access);
  const bundle = await readBundle(place, sources);
  const bundled = await bundledContract(bundle, context);
  const found = config === against ? null : await findContract(context, options, sources);
  if (found === null && config !== null && config !== against) throw noContract(config);
  const local = found === null ? null : { ...found, text: await readIncluded(found, found.store) };
  const sha256 = contractHash((local ?? bundled).text);
  requirePinned(sha256, options);
  const differs = sha256 !== contractHash(bundled.text);
  if (differs && local !== null && config === null) {
    throw otherContract(local, bundled, bundle, against);
  }
  // With a bundle, its manifest is what a contract is compared with.
  const provenance: ContractProvenance = {
    sha256,
    commit: differs ? null : bundle.manifest.contract.commit,
    uncommitted: false,
  };
  const { text, ...named } = local ?? { ...bundled, committed: null };
  const { listInBundle } = await import('./families.ts');
  const list = listInBundle(bundle);
  const contract = await contractOf(named, text, context, options, provenance, list);
  const moved = fromBundle(contract, place);
  return {
    contract: await withAskedStrays(moved, options, context, sources),
    warnings: differs && local !== null ? [differsWarning(local, bundled, bundle)] : [],
    loaded: null,
  };
}

/** A location of a bundle: of an artifact, or where none is asked for yet, of the bundle itself. */
function locationIn(place: BundlePlace, artifact: string): BundleLocation {
  return { kind: 'bundle', place, artifact, copy: null, arrival: null };
}

async function readBundle(place: BundlePlace, sources: Sources): Promise<Bundle> {
  const bundle = await (await sources.of(locationIn(place, ''))).readBundle?.(place);
  if (bundle !== undefined) return bundle;
  throw new KeydriftError('NOT_SUPPORTED', `no bundle can be read from ${place.shown}`);
}

/** The bundle's contract as if it stood in the working directory: where runtime paths start. */
async function bundledContract(
  { manifest }: Bundle,
  { workingDirectory }: AppContext,
): Promise<Named> {
  const { path, text, included = [] } = manifest.contract;
  const at = join(workingDirectory, basename(path));
  const texts = new Map(included.map((one) => [join(workingDirectory, one.path), one.text]));
  const bytes = Buffer.from(text);
  return { shown: at, text: await readIncluded({ path: at, bytes }, storeOf(texts)) };
}

/** Contracts that are at hand, by their paths. */
function storeOf(texts: ReadonlyMap<string, string>): ContractStore {
  return {
    read: (path) => {
      const text = texts.get(path);
      return Promise.resolve(text === undefined ? null : Buffer.from(text));
    },
    list: (folder) => {
      const inside = [...texts.keys()].flatMap((path) => {
        const name = posix.relative(folder, path);
        if (name === '' || name.startsWith('../')) return [];
        const slash = name.indexOf('/');
        return [slash === -1 ? name : name.slice(0, slash + 1)];
      });
      return Promise.resolve([...new Set(inside)]);
    },
  };
}

/** Whether a reviewed copy is no file at all; where it is at home does not matter to a bundle. */
function isNowhere(reviewed: Location): boolean {
  return isUnset(reviewed) && reviewed.fault.code !== 'VARIABLE_UNSET';
}

/** The same contract, its reviewed copies in a bundle. */
function fromBundle(contract: Contract, place: BundlePlace): Contract {
  return mapArtifacts(
    contract,
    (artifact) =>
      isNowhere(artifact.reviewed)
        ? artifact
        : { ...artifact, reviewed: locationIn(place, artifact.name) },
    ({ unexplained: fault, ...stray }) =>
      fault === undefined
        ? stray
        : { ...stray, reviewed: { kind: 'unset', shown: stray.name, fault }, unexplained: fault },
  );
}

/**
 * With the objects that no reviewed file explains, where a run may judge them: without names, by a
 * glob, or where a name is none of a reviewed file. A store is asked for no more than that.
 */
async function withAskedStrays(
  contract: Contract,
  { names, strays = 'named' }: Pick<ContractOptions, 'names'> & Partial<StrayOptions>,
  context: AppContext,
  sources: Sources,
): Promise<Contract> {
  if (contract.families === undefined) return contract;
  const isOpen =
    strays === 'all' && (names.length === 0 || names.some((name) => /[*?]/.test(name)));
  const isAsked = isOpen || names.some((name) => !isChosen(contract, name, context));
  if (!isAsked || contract.families === undefined) return contract;
  const { withStrays } = await import('./families.ts');
  return withStrays(contract, sources);
}

/** Whether objects that no reviewed file explains are looked for: `all`, or those that are named. */
export interface StrayOptions {
  readonly strays?: 'all' | 'named';
}

function otherContract(
  local: Named,
  bundled: Named,
  bundle: Bundle,
  against: string,
): KeydriftError {
  return new KeydriftError('BUNDLE_CONTRACT_DIFFERS', differing(local, bundled, bundle), {
    hint: `One of the two is stale. Make the bundle again, or say which contract counts: --config ${against} for the bundle's own, --config ${local.shown} for the local one`,
  });
}

function differsWarning(local: Named, bundled: Named, bundle: Bundle): Warning {
  const message = differing(local, bundled, bundle);
  return { code: 'CONTRACT_DIFFERS', message, side: 'reviewed', line: null };
}

function differing(local: Named, bundled: Named, { manifest }: Bundle): string {
  const short = ({ text }: Named): string => contractHash(text).slice(0, 12);
  const { commit } = manifest.contract;
  return `${local.shown} (sha256 ${short(local)}) is not the contract of the bundle (commit ${commit.slice(0, 12)}, sha256 ${short(bundled)})`;
}
