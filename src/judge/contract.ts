import {
  parseContract,
  readIncluded,
  type ContractText,
  type Variables,
} from '../contract/index.ts';
import { compressionNames, isEncoding } from '../formats/index.ts';
import {
  type ArtifactContract,
  type Contract,
  KeydriftError,
  policyOf,
  toKeydriftError,
  wholeOf,
  type ContractProvenance,
  type ErrorCode,
  type GitLocation,
  type Limits,
  type Policy,
} from '../model/index.ts';
import { stepShapes } from '../normalize/index.ts';
import type { AppContext, Sources } from './context.ts';
import { contractHash, findContract, noContract, type ContractFile } from './contract-files.ts';
import type { ListFamily } from './families.ts';
import type { ContractChoice } from './options.ts';
import { createRedaction } from './redact.ts';
import { registriesOf } from './registries.ts';

/** A contract that was read, and what is known of its file. */
export interface LoadedContract {
  /** As it is in force now: before `enforceFrom`, what would fail warns. */
  readonly contract: Contract;
  /** As it is written, whatever the day. */
  readonly declared: Contract;
  /** The same, with what its globs name. */
  readonly expanded: Contract;
  readonly provenance: ContractProvenance;
  /** Its files that HEAD lacks or has otherwise, those that it includes too; absolute. */
  readonly uncommitted: readonly string[];
  readonly file: ContractFile;
  readonly text: ContractText;
}

/**
 * Finds and reads the contract: the named one, or the nearest one above the working directory; one that
 * was found already is `file`.
 */
export async function loadContract(
  context: AppContext,
  choice: ContractChoice,
  sources: Sources,
  list?: ListFamily,
  file: ContractFile | null = null,
): Promise<LoadedContract> {
  const found = file ?? (await findContract(context, choice, sources));
  if (found === null) throw noContract(choice.config);
  const text = await readIncluded(found, found.store);
  const { provenance, uncommitted } = await provenanceOf(found, text, sources);
  requirePinned(provenance.sha256, choice);
  const declared = await declaredContract(found, text, context, choice);
  const expanded = await withFamilies(declared, sources, list);
  const contract = inForce(expanded, context, choice, provenance);
  return { contract, declared, expanded, provenance, uncommitted, file: found, text };
}

/** Texts of a contract as the contract that they state, in force now, with what its globs name. */
export async function contractOf(
  file: Pick<ContractFile, 'committed' | 'shown'>,
  text: ContractText,
  context: AppContext,
  choice: ContractChoice,
  provenance: ContractProvenance,
  list: ListFamily,
): Promise<Contract> {
  const { expandFamilies } = await import('./families.ts');
  const declared = await expandFamilies(await declaredContract(file, text, context, choice), list);
  return inForce(declared, context, choice, provenance);
}

/** Texts of a contract as the contract that they state, whatever the day. */
export function declaredContract(
  { committed, shown }: Pick<ContractFile, 'committed' | 'shown'>,
  text: ContractText,
  context: AppContext,
  choice: ContractChoice,
): Promise<Contract> {
  const { access, variables = new Map<string, string>(), limits: caps = {} } = choice;
  const { schemes, formats } = registriesOf(context);
  return parseContract(text, {
    shown,
    committed,
    variables: variablesOf(variables, context.environment),
    steps: stepShapes,
    schemes,
    access,
    caps,
    forms: { formats: Object.keys(formats), compressions: compressionNames, isEncoding },
  });
}

/** A contract with what its globs name; `list` left out: of what is committed. */
async function withFamilies(
  declared: Contract,
  sources: Sources,
  list: ListFamily | undefined,
): Promise<Contract> {
  if (declared.families === undefined) return declared;
  const { expandFamilies, listIn } = await import('./families.ts');
  return expandFamilies(declared, list ?? listIn(sources, 'committed'));
}

/** `--var`, and `KEYDRIFT_VAR_NAME`: never another variable, which may hold a secret. */
function variablesOf(
  given: ReadonlyMap<string, string>,
  environment: AppContext['environment'],
): Variables {
  return (name) => {
    const own = `KEYDRIFT_VAR_${name}`;
    return given.get(name) ?? (Object.hasOwn(environment, own) ? environment[own] : undefined);
  };
}

/** The limits of an artifact and of each of its copies, with what a caller says of them. */
function withLimits(
  { limits, copies }: ArtifactContract,
  said: Partial<Limits>,
): Pick<ArtifactContract, 'limits' | 'copies'> {
  return {
    limits: { ...limits, ...said },
    copies: copies.map((copy) =>
      copy.limits === undefined ? copy : { ...copy, limits: { ...copy.limits, ...said } },
    ),
  };
}

/** What the contract weighs today: before `enforceFrom`, what would fail warns. */
function inForce(
  contract: Contract,
  { now, registries }: AppContext,
  { maxFindings: findings = null, redact }: ContractChoice,
  provenance: ContractProvenance,
): Contract {
  const today = now();
  const formats = registries === undefined ? null : { formats: registries.formats };
  return mapArtifacts(contract, (artifact) => {
    const hidden = redactionOf(artifact, redact);
    const limited = findings === null ? null : withLimits(artifact, { findings });
    // What is added stands first: behind a spread it gives each object a shape of its own.
    const said = { contract: provenance, ...artifact, ...formats, ...limited, ...hidden };
    if (artifact.enforceFrom === undefined) return said;
    const { enforceFrom, ...words } = said;
    if (today >= new Date(`${enforceFrom}T00:00:00Z`)) return words;
    const copies = said.copies.map((copy) => ({ ...copy, policy: softened(copy.policy) }));
    return { ...said, policy: softened(artifact.policy), copies };
  });
}

/** What of an artifact is not told: what the contract says, and a flag beside it. */
export function redactionOf(
  { redact: named = [] }: Pick<ArtifactContract, 'redact'>,
  by: ContractChoice['redact'],
): Pick<ArtifactContract, 'redaction'> {
  if (named.length === 0 && by === undefined) return {};
  const columns = new Set([...named, ...(by?.columns ?? [])]);
  if (columns.size === 0) return {};
  return { redaction: createRedaction(columns, new Set(named), by?.key ?? null) };
}

function softened(policy: Policy): Policy {
  return policyOf((kind) => (policy[kind] === 'fail' ? 'warn' : policy[kind]));
}

/** What is known of a contract's file. Without a repository nothing is said of commits. */
async function provenanceOf(
  found: ContractFile,
  text: ContractText,
  sources: Sources,
): Promise<Pick<LoadedContract, 'provenance' | 'uncommitted'>> {
  const sha256 = contractHash(text);
  const { commit } = found;
  if (commit !== null) {
    return { provenance: { sha256, commit, uncommitted: false }, uncommitted: [] };
  }
  const copy = await sources.pin(atHead(found.path), 'bytes if any').catch(toKeydriftError);
  const isKnown = !(copy instanceof KeydriftError) || isUncommitted(copy.code);
  const uncommitted = isKnown ? await uncommittedOf(text, sources) : [];
  const at = copy instanceof KeydriftError ? null : (copy.revision.facts.commit ?? null);
  const [first] = uncommitted;
  const file = first === undefined ? null : await pathOf(first, found, sources);
  const provenance = {
    sha256,
    commit: at,
    uncommitted: uncommitted.length > 0,
    ...(uncommitted.length === 0 ? {} : { files: uncommitted }),
    ...(file === null ? {} : { file }),
  };
  return { provenance, uncommitted };
}

/** A file of the contract from the root of its repository; null: it is in none. */
export async function pathOf(
  path: string,
  { committed, commit }: Pick<ContractFile, 'committed' | 'commit'>,
  sources: Sources,
): Promise<string | null> {
  if (committed !== null) return path;
  const at: GitLocation = { kind: 'git', repository: null, path, ref: commit };
  return (await (await sources.of(at)).pathOf?.(at).catch(() => null)) ?? null;
}

/** Whether git says that HEAD has no such file: a repository without a commit has reviewed nothing. */
export function isUncommitted(code: ErrorCode): boolean {
  return ['GIT_PATH_NOT_FOUND', 'GIT_NOT_A_FILE', 'GIT_UNKNOWN_REF'].includes(code);
}

function atHead(path: string): GitLocation {
  return { kind: 'git', repository: null, path, ref: 'HEAD' };
}

/** Files of a contract that HEAD lacks or has otherwise. */
async function uncommittedOf(
  { path, bytes, included }: ContractText,
  sources: Sources,
): Promise<readonly string[]> {
  const copy = await sources.pin(atHead(path), 'bytes if any').catch(() => null);
  const same = copy !== null && Buffer.compare(await wholeOf(copy), bytes) === 0;
  const others = await Promise.all(included.map((one) => uncommittedOf(one, sources)));
  return [...(same ? [] : [path]), ...others.flat()];
}

/** `--config-sha256`: the contract is the one that was meant, wherever it lies. */
export function requirePinned(
  sha256: string,
  { configSha256 = null, config }: Pick<ContractChoice, 'config' | 'configSha256'>,
): void {
  if (configSha256 === null || configSha256.toLowerCase() === sha256) return;
  throw new KeydriftError(
    'CONTRACT_MISMATCH',
    `${config ?? 'the contract'} has sha256 ${sha256}, not ${configSha256}`,
    { hint: 'It is not the contract that --config-sha256 pins: restore it, or pin the new one.' },
  );
}

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
