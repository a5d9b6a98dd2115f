import { parseLocation } from '../../contract/location.ts';
import { policyUnder } from '../../judge/enforcement.ts';
import {
  strictPolicy,
  type ArtifactContract,
  type Limits,
  type Location,
  type PartsLocation,
  type Report,
  type RuntimeCopy,
  type S3Access,
  type Side,
  type StdinLocation,
  type WrittenWords,
} from '../../model/index.ts';
import { judgedBy } from '../../judge/against.ts';
import { chooseOneEach } from '../../judge/choose.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import { judgeInTime } from '../../judge/in-time.ts';
import { redactionOf } from '../../judge/contract.ts';
import type { ContractOptions, JudgeOptions } from '../../judge/options.ts';
import { registriesOf } from '../../judge/registries.ts';
import { reportRun } from '../../judge/report.ts';
import { openSources } from '../../judge/sources.ts';
import { closeSoon } from '../../judge/time.ts';
import { artifactOfWords, type CsvTerm, type NormalizeTerm } from './words.ts';

export interface DiffOptions extends JudgeOptions {
  /** `--contract`: the copy of an artifact by whose contract the two are judged; left out: none's. */
  readonly contract?: Omit<ContractOptions, 'names' | 'against'> & { readonly artifact: string };
  readonly reviewed: string;
  readonly runtime: string;
  /** Key columns, at least one; none with a contract. */
  readonly key: readonly string[];
  /** Those of them that may be empty. */
  readonly optional?: readonly string[];
  readonly normalize?: readonly NormalizeTerm[];
  readonly csv?: readonly CsvTerm[];
  /** `--redact`: values that are told as fingerprints only. */
  readonly redact?: ContractOptions['redact'];
  /** What came on stdin, where a side is `-`; left out: neither is. */
  readonly stdin?: StdinLocation;
  /** Null: every column but the key and the descriptive ones. */
  readonly consumes: readonly string[] | null;
  readonly descriptive: readonly string[];
  /** What makes one copy of a location with a `/` at its end; left out: the contract, or nothing. */
  readonly folder?: Pick<WrittenWords, 'parts' | 'complete'>;
  /** `--limits`, and what the machine has; left out: the defaults. */
  readonly limits?: Partial<Limits>;
}

/** `keydrift diff`: two locations, without a contract or by that of an artifact. */
export function diff(context: AppContext, options: DiffOptions): Promise<Report> {
  return reportRun('diff', context, options.enforced, async () => {
    const parse: ParseSide = (side, access, folder) =>
      options[side] === '-' && options.stdin !== undefined
        ? options.stdin
        : parseLocation(options[side], {
            side,
            directory: context.workingDirectory,
            namedBy: 'person',
            access: access ?? options.access,
            schemes: registriesOf(context).schemes,
            folder: folder ?? options.folder ?? null,
          });
    const sources = openSources(context, options);
    try {
      const artifact =
        options.contract === undefined
          ? implicitContract(
              { ...options, ...(await saidOf(context, options)) },
              parse,
              context,
              sources,
            )
          : await byContract(context, { ...options, contract: options.contract }, sources, parse);
      const judging = { now: context.now(), acceptance: 'apply' } as const;
      const limit = { seconds: options.timeout ?? null, stop: context.stop };
      return [(await judgeInTime(artifact, artifact.copies[0], sources, judging, limit)).report];
    } finally {
      await closeSoon(sources);
    }
  });
}

/** Where a side is, as the command line says it. */
type ParseSide = (side: Side, access?: S3Access | null, folder?: WrittenWords) => Location;

type OneCopy = ArtifactContract & { readonly copies: readonly [RuntimeCopy] };

/** An artifact of a contract, its copies where the command says instead of where it says. */
async function byContract(
  context: AppContext,
  { contract: wanted, failOn: kinds }: DiffOptions & Required<Pick<DiffOptions, 'contract'>>,
  sources: Sources,
  parse: ParseSide,
): Promise<OneCopy> {
  const names = [wanted.artifact];
  const { contract } = await judgedBy(context, { ...wanted, names, against: null }, sources);
  const [chosen] = chooseOneEach(contract, { names }, context);
  const { artifact, copy } = chosen!;
  const policy = policyUnder(copy.policy, { failOn: kinds });
  const reviewed = parse('reviewed', null, artifact.written);
  // It is reached as the contract says of its copy.
  const runtime = parse('runtime', accessOf(copy.location), copy.written);
  // What arrived when is not known of a location that names no ref.
  const hasRefs = sources.scheme(reviewed).forCopy !== undefined;
  const grace = hasRefs ? copy.grace : 0;
  return {
    ...artifact,
    reviewed,
    copies: [{ ...copy, policy, grace, location: runtime, ref: null }],
  };
}

/** How a location is reached; null: its store is not reached by such words. */
function accessOf(location: Location): S3Access | null {
  if (isParts(location)) return accessOf(location.folder.root);
  const access: unknown = 'access' in location ? location.access : null;
  return isAccess(access) ? access : null;
}

function isParts(location: Location): location is PartsLocation {
  return location.kind === 'parts';
}

function isAccess(value: unknown): value is S3Access {
  return typeof value === 'object' && value !== null && 'endpoint' in value;
}

interface Said {
  readonly said: Pick<ArtifactContract, 'key' | 'normalize' | 'csv'>;
}

/** The columns and the dialect; held to a contract's rules where more than names is said. */
async function saidOf(context: AppContext, options: DiffOptions): Promise<Said> {
  const { key, optional = [], normalize = [], csv = [], access } = options;
  if (optional.length + normalize.length + csv.length > 0) {
    return { said: await artifactOfWords(context, { key, optional, normalize, csv }, access) };
  }
  const keys = key.map((column) => ({ column, optional: false }));
  return { said: { key: keys, normalize: new Map(), csv: {} } };
}

/** What the options say, as a contract: every kind fails, and an empty list is drift. */
function implicitContract(
  options: DiffOptions & Said,
  parse: ParseSide,
  context: AppContext,
  sources: Sources,
): OneCopy {
  const reviewed = parse('reviewed');
  const runtime = parse('runtime');
  const { maxFindings: findings = null } = options;
  const policy = policyUnder(strictPolicy, options);
  return {
    name: sources.scheme(runtime).nameOf(runtime),
    formats: registriesOf(context).formats,
    owner: null,
    runbook: null,
    labels: new Map(),
    reviewed,
    copies: [
      {
        name: null,
        location: runtime,
        ref: null,
        policy,
        grace: 0,
        columns: new Map(),
        csv: options.said.csv,
      },
    ],
    key: options.said.key,
    consumes: options.consumes,
    descriptive: options.descriptive,
    normalize: options.said.normalize,
    csv: options.said.csv,
    policy,
    units: { min: 1, max: null },
    maxAmplification: null,
    accept: [],
    ...redactionOf({}, options.redact),
    limits: { ...options.limits, ...(findings === null ? {} : { findings }) },
  };
}
