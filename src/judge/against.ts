import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import {
  KeydriftError,
  type Bundle,
  type BundleLocation,
  type BundlePlace,
  type Contract,
  type Warning,
} from '../model/index.ts';
import type { AppContext, Sources } from './context.ts';
import {
  contractOf,
  findContract,
  loadContract,
  noContract,
  type ContractFile,
} from './contract.ts';
import type { ContractOptions } from './options.ts';
import { parseAgainst } from './place.ts';

/** What a run judges by. */
export interface JudgedBy {
  /** Its reviewed locations are in git, or with `--against` in the bundle. */
  readonly contract: Contract;
  /** True of every copy of the run. */
  readonly warnings: readonly Warning[];
}

/**
 * The contract of a run, and where its reviewed copies are: in git, or with `--against` in a
 * bundle. Then the contract is the local one where there is one, else the bundle's own; a local one
 * with other bytes than the bundle's is `BUNDLE_CONTRACT_DIFFERS`, unless `--config` asks for it by
 * name: then it counts, with a warning. `--config` may also be the bundle itself.
 */
export async function judgedBy(
  context: AppContext,
  options: Pick<ContractOptions, 'against' | 'config' | 'access'>,
  sources: Sources,
): Promise<JudgedBy> {
  const { against, config, access } = options;
  if (against === null) {
    return { contract: await loadContract(context, config, access), warnings: [] };
  }
  const place = parseAgainst(against, context, access);
  const bundle = await readBundle(place, sources);
  const local = config === against ? null : await findContract(context, config);
  if (local === null && config !== null && config !== against) throw noContract(config);
  const differs = local !== null && hashOf(local) !== bundle.manifest.contract.sha256;
  if (differs && config === null) throw otherContract(local, bundle, against);
  const file = local ?? bundledContract(bundle, context);
  const contract = contractOf(file, context, access, 'open in reviewed');
  return {
    contract: fromBundle(contract, place),
    warnings: differs ? [differsWarning(local, bundle)] : [],
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
function bundledContract({ manifest }: Bundle, { workingDirectory }: AppContext): ContractFile {
  const { path, text } = manifest.contract;
  return { path: join(workingDirectory, basename(path)), bytes: Buffer.from(text) };
}

/** The same contract, its reviewed copies in a bundle. */
function fromBundle(contract: Contract, place: BundlePlace): Contract {
  return {
    ...contract,
    artifacts: contract.artifacts.map((artifact) => ({
      ...artifact,
      reviewed: locationIn(place, artifact.name),
    })),
  };
}

function otherContract(local: ContractFile, bundle: Bundle, against: string): KeydriftError {
  return new KeydriftError('BUNDLE_CONTRACT_DIFFERS', differing(local, bundle), {
    hint: `One of the two is stale. Make the bundle again, or say which contract counts: --config ${against} for the bundle's own, --config ${local.path} for the local one`,
  });
}

function differsWarning(local: ContractFile, bundle: Bundle): Warning {
  const message = differing(local, bundle);
  return { code: 'CONTRACT_DIFFERS', message, side: 'reviewed', line: null };
}

function differing(local: ContractFile, { manifest }: Bundle): string {
  const { commit, sha256 } = manifest.contract;
  return `${local.path} (sha256 ${hashOf(local).slice(0, 12)}) is not the contract of the bundle (commit ${commit.slice(0, 12)}, sha256 ${sha256.slice(0, 12)})`;
}

function hashOf({ bytes }: ContractFile): string {
  return createHash('sha256').update(bytes).digest('hex');
}
