import { audit as auditArtifacts } from './commands/audit/audit.ts';
import { diff as diffLocations } from './commands/diff/diff.ts';
import { investigate as investigateArtifact } from './commands/investigate/investigate.ts';
import { lint as lintArtifacts } from './commands/lint/lint.ts';
import { cacheDirectory } from './io/cache-directory.ts';
import { version } from './io/io.ts';
import { processIo } from './io/process.ts';
import { errorOf } from './judge/artifact-report.ts';
import type { AppContext } from './judge/context.ts';
import { loadContract as readContract } from './judge/contract.ts';
import type { ContractOptions, JudgeOptions, Selection } from './judge/options.ts';
import { openSources } from './judge/sources.ts';
import { closeSoon } from './judge/time.ts';
import {
  KeydriftError,
  plainFinding,
  type ArtifactReport,
  type Contract,
  type ContractProvenance,
  type Investigation,
  type PolicyKind,
  type Report,
  type ReportError,
  hintOf,
} from './model/index.ts';
import { outputs, reporterOf } from './report/index.ts';

export type { Selection } from './judge/options.ts';
export {
  errorCodes,
  findingKinds,
  KeydriftError,
  type ArtifactContract,
  type ArtifactReport,
  type Cause,
  type Cells,
  type Contract,
  type ContractProvenance,
  type Cost,
  type ErrorCode,
  type Finding,
  type FindingKind,
  type Investigation,
  type Onset,
  type PolicyKind,
  type Report,
  type ReportedRow,
  type ReportError,
  type Revision,
  type Severity,
  type SideReport,
  type State,
  type Step,
  type TimelineEntry,
  type Verdict,
  type Warning,
} from './model/index.ts';

/** What every call may be told. What is left out is the process's own, or as on the command line. */
export interface CallOptions {
  /** Where relative paths start, and where the contract is looked for. */
  readonly workingDirectory?: string;
  /** AWS variables, `KEYDRIFT_VAR_…`, proxies. No other `KEYDRIFT_…` variable is looked at. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly cacheDirectory?: string;
  readonly now?: () => Date;
  /** Ends the call: what was established until then is in the report. */
  readonly signal?: AbortSignal;
  /** Told after each copy: how many are done of how many, and the one just done. */
  readonly progress?: (done: number, total: number, name: string) => void;
  /** Git ref of the reviewed copies; default: `HEAD`. */
  readonly ref?: string;
  readonly endpoint?: string;
  readonly region?: string;
  readonly profile?: string;
  /** `anonymous`: public buckets, without credentials. */
  readonly credentials?: 'chain' | 'anonymous';
  /** Replaces the policy: these kinds fail, others warn. */
  readonly failOn?: readonly PolicyKind[];
  /** Findings listed of each kind and side; 0: all. */
  readonly maxFindings?: number;
  /** Seconds for each copy; null: none. Default: 600. */
  readonly timeout?: number | null;
}

/** What a call that reads a contract may be told besides. */
export interface ContractQuery extends CallOptions {
  /** The contract's file, or `git:REF:PATH`; default: the nearest one above the working directory. */
  readonly config?: string;
  /** SHA-256 that the contract must have, hex. */
  readonly configSha256?: string;
  /** What stands for `${NAME}` in it. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** What `audit` may be told. */
export interface AuditQuery extends ContractQuery {
  /** Artifacts, copies (`calendar@eu`), patterns or locations; default: all. */
  readonly names?: readonly string[];
  /** What chosen artifacts say of themselves. */
  readonly select?: readonly Selection[];
  /** `bundle:DIR`: where reviewed copies are instead of git. */
  readonly against?: string;
  /** `find`: history is asked why a copy drifted. Default: `none`. */
  readonly cause?: 'find' | 'none';
  /** Seconds for all of it; default: none. */
  readonly totalTimeout?: number;
}

/** What `lint` may be told. */
export interface LintQuery extends ContractQuery {
  readonly names?: readonly string[];
  /** What a change is measured against, `origin/main`; default: no change is told. */
  readonly base?: string;
}

/** What `diff` must and may be told. */
export interface DiffQuery extends CallOptions {
  /** Columns that name a unit of work. */
  readonly key: readonly string[];
  /** Columns that the job reads; default: all but the key and the descriptive ones. */
  readonly consumes?: readonly string[];
  /** Columns that never count. */
  readonly descriptive?: readonly string[];
}

/** What `investigate` may be told. */
export interface InvestigateQuery extends ContractQuery {
  /** `bundle:DIR`: where the reviewed copy is instead of git. */
  readonly against?: string;
  /** The slice whose story is told: values of key columns. */
  readonly scope?: Readonly<Record<string, readonly string[]>>;
  /** Points to compare: a VersionId, a commit, a time. */
  readonly from?: string;
  readonly to?: string;
  /** The newest object versions only. */
  readonly maxVersions?: number;
  /** Object versions from this time on only. */
  readonly since?: string;
  /** `s3://bucket/prefix/` where runs are recorded: which of them read what. */
  readonly runs?: string;
  /** Whether digests and counts of earlier calls are used and kept; default: `use`. */
  readonly cache?: 'use' | 'none';
}

/** A contract that was read. */
export interface LoadedContract {
  /** As it is in force now, its globs expanded: before `enforceFrom`, what would fail warns. */
  readonly contract: Contract;
  /** SHA-256 and commit of its file. */
  readonly provenance: ContractProvenance;
}

/**
 * Reads a contract. Throws a `KeydriftError`, for a faulty one `CONTRACT_INVALID` with every problem
 * in `problems`.
 */
export async function loadContract(query: ContractQuery = {}): Promise<LoadedContract> {
  const context = contextOf(query);
  const options = contractOptions(query, context);
  const sources = openSources(context, options);
  try {
    const { contract, provenance } = await readContract(context, options, sources);
    return { contract, provenance };
  } finally {
    await closeSoon(sources);
  }
}

/**
 * Compares every runtime copy of a contract with its reviewed copy, as `keydrift audit` does. Faults
 * are in the report: `error` of the whole, and of each artifact.
 */
export async function audit(query: AuditQuery = {}): Promise<Report> {
  const context = contextOf(query);
  const report = await auditArtifacts(context, {
    ...contractOptions(query, context),
    names: query.names ?? [],
    select: query.select ?? [],
    against: query.against ?? null,
    cause: query.cause ?? 'none',
    totalTimeout: query.totalTimeout ?? null,
    given: [],
  });
  return plainly(report);
}

/** Whoever is handed a report may copy it, and take any of it as JSON. */
function plainly(report: Report): Report {
  const artifacts = report.artifacts.map((artifact) => ({
    ...artifact,
    findings: artifact.findings.map(plainFinding),
  }));
  return { ...report, artifacts };
}

/**
 * Judges one copy, `participants` or `calendar@eu`. Throws a `KeydriftError` where the contract
 * cannot be read or the name is of several copies; a copy without a verdict has `error`.
 */
export async function judge(name: string, query: ContractQuery = {}): Promise<ArtifactReport> {
  const { error, artifacts } = await audit({ ...query, names: [name] });
  if (error !== null) throw thrown(error);
  const [only, another] = artifacts;
  if (only !== undefined && another === undefined) return only;
  throw new KeydriftError('USAGE', `${name} is ${artifacts.length} copies: name one`);
}

/** Judges reviewed copies by their contract, and what a change does to the work. */
export async function lint(query: LintQuery = {}): Promise<Report> {
  const context = contextOf(query);
  return lintArtifacts(context, {
    ...contractOptions(query, context),
    names: query.names ?? [],
    ref: query.ref ?? null,
    base: query.base ?? null,
  });
}

/** Compares any two locations, without a contract: paths, `git:REF:PATH`, `s3://bucket/key`. */
export async function diff(reviewed: string, runtime: string, query: DiffQuery): Promise<Report> {
  const context = contextOf(query);
  const report = await diffLocations(context, {
    ...judgeOptions(query, context),
    reviewed,
    runtime,
    key: query.key,
    consumes: query.consumes ?? null,
    descriptive: query.descriptive ?? [],
  });
  return plainly(report);
}

/** Tells since when, from where and by which change the copies of an artifact differ. */
export async function investigate(
  artifact: string,
  query: InvestigateQuery = {},
): Promise<Investigation> {
  const context = contextOf(query);
  return investigateArtifact(context, {
    ...contractOptions(query, context),
    artifact,
    against: query.against ?? null,
    scope: Object.entries(query.scope ?? {}).map(([column, values]) => ({ column, values })),
    from: query.from ?? null,
    to: query.to ?? null,
    maxVersions: query.maxVersions ?? null,
    since: query.since ?? null,
    cache: query.cache ?? 'use',
    runs: query.runs ?? null,
    given: [],
  });
}

/** How a document is told. */
export interface RenderOptions {
  /** Columns of text; default: 80. */
  readonly width?: number;
  /** Findings shown of each artifact, in text and markdown; default: 20. */
  readonly limit?: number;
}

/**
 * Tells a report or an investigation in one of the outputs: `json`, `text`, `markdown`, `html`,
 * `junit`, … Chunks, because a report may be longer than a string can be. Throws a `TypeError` for
 * an output that cannot show it.
 */
export async function render(
  document: Report | Investigation,
  output: string,
  { width = 80, limit = 20 }: RenderOptions = {},
): Promise<Iterable<string>> {
  const options = { width, color: false, limit, quiet: false };
  if ('artifacts' in document) {
    return (await reporterOf(outputs, output, 'report'))(document, options);
  }
  return (await reporterOf(outputs, output, 'investigation'))(document, options);
}

function contextOf(query: CallOptions): AppContext {
  const io = processIo();
  return {
    version,
    workingDirectory: query.workingDirectory ?? io.workingDirectory,
    environment: query.environment ?? io.environment,
    ...(io.userId === undefined ? {} : { userId: io.userId }),
    now: query.now ?? io.now,
    progress: query.progress ?? (() => undefined),
    ...(query.signal === undefined ? {} : { stop: query.signal }),
  };
}

function judgeOptions(query: CallOptions, { environment }: AppContext): JudgeOptions {
  return {
    ref: query.ref ?? 'HEAD',
    access: {
      endpoint: query.endpoint ?? null,
      region: query.region ?? null,
      profile: query.profile ?? null,
      expectedOwner: null,
      anonymous: query.credentials === 'anonymous',
    },
    failOn: query.failOn === undefined ? null : new Set(query.failOn),
    enforced: true,
    maxFindings: query.maxFindings ?? null,
    cacheDirectory: query.cacheDirectory ?? cacheDirectory(environment),
    timeout: query.timeout === undefined ? 600 : query.timeout,
  };
}

function contractOptions(query: ContractQuery, context: AppContext): ContractOptions {
  return {
    ...judgeOptions(query, context),
    config: query.config ?? null,
    configSha256: query.configSha256 ?? null,
    variables: new Map(Object.entries(query.variables ?? {})),
    refIs: query.ref === undefined ? 'default' : 'given',
    against: null,
    names: [],
  };
}

/** The error that a report tells of, as it was thrown. */
function thrown(error: ReportError): unknown {
  const { code, message } = error;
  return errorOf(error) ?? new KeydriftError(code, message, { hint: hintOf(error) });
}
