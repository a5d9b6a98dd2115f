import { policyUnder } from '../../judge/enforcement.ts';
import {
  beginEvent,
  KeydriftError,
  nothingFound,
  toKeydriftError,
  withFacts,
  type ArtifactReport,
  type GivenOption,
  type Investigation,
  type Location,
  type ReportError,
} from '../../model/index.ts';
import { judgedBy } from '../../judge/against.ts';
import { reportError } from '../../judge/artifact-report.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import type { ChosenCopy } from '../../judge/choose.ts';
import { exitCodeOf, exitCodes } from '../../judge/exit-code.ts';
import { comparePoints } from './compare-points.ts';
import { openContents } from '../../judge/explain/contents.ts';
import { priceRuntime } from './cost.ts';
import { factsName, openFactsMemory } from '../../judge/explain/facts-memory.ts';
import { explainDrift, withLastChange } from '../../judge/explain/explain.ts';
import { searchMoments, searchReason } from './bisect.ts';
import { findOnset } from './onset.ts';
import { readReviewed } from '../../judge/explain/reviewed.ts';
import { tellRuns } from './runs.ts';
import { tellSlice } from './slice.ts';
import { parseTime } from './time.ts';
import { readMoments } from '../../judge/explain/moments.ts';
import { buildTimeline } from './timeline.ts';
import { listVersions } from './versions.ts';
import { redactThrown } from '../../judge/redact.ts';
import { judgeCopyPinned, reviewedLocation } from '../../judge/pair.ts';
import { keepSmall } from '../../judge/memory.ts';
import type { ContractOptions } from '../../judge/options.ts';
import { chooseOneEach } from '../../judge/choose.ts';
import { resolveScope, type ScopeTerm } from '../../judge/scope.ts';
import { openFactsCache } from '../../sources/facts/cache.ts';
import { openSources } from '../../judge/sources.ts';
import { closeSoon, inTime, startClock } from '../../judge/time.ts';
import type { Judging } from '../../judge/weigh.ts';
import { withSteps } from '../what-to-do.ts';

export interface InvestigateOptions extends Omit<ContractOptions, 'names'> {
  /** `participants`, or one of its copies: `participants@eu`. */
  readonly artifact: string;
  /** `--scope`: the slice whose story is told; none: no story. */
  readonly scope: readonly ScopeTerm[];
  /** `--from` and `--to`: points to compare; null: the reviewed copy, and the runtime copy, now. */
  readonly from: string | null;
  readonly to: string | null;
  /** `--max-versions`, the newest ones; null: all. */
  readonly maxVersions: number | null;
  /** `--since`: a time, as it was written; null: from the beginning. */
  readonly since: string | null;
  /** Whether digests and counts of earlier runs are used and kept. */
  readonly cache: 'use' | 'none';
  /** `--runs`: where runs are recorded; null: their story is not told. */
  readonly runs: string | null;
  /** Options of the command line, which the commands that are told repeat. */
  readonly given: readonly GivenOption[];
}

/** What a run establishes step by step; an error keeps what stands already. */
type Established = {
  -readonly [K in keyof Investigation]: Investigation[K];
};

/** `keydrift investigate`: since when, from where, by which change, which slices, at what cost. */
export async function investigate(
  context: AppContext,
  options: InvestigateOptions,
): Promise<Investigation> {
  const started = context.now();
  const established = nothingYet(context, options, started);
  const sources = openSources(context, options);
  const clock = startClock(options.timeout ?? null, context.stop, '--timeout');
  try {
    await inTime(async () => {
      const names = [options.artifact];
      const { contract } = await judgedBy(context, { ...options, names }, sources);
      const [chosen] = chooseOneEach(contract, { names }, context);
      const { artifact } = chosen!;
      await establish(established, { chosen: chosen!, context, options, sources }).catch(
        (thrown: unknown) => {
          throw redactThrown(thrown, artifact);
        },
      );
    }, clock.signal);
  } catch (thrown) {
    established.error = reportError(toKeydriftError(thrown));
  } finally {
    clock.clear();
    await closeSoon(sources);
  }
  const { error, artifact } = established;
  return {
    ...established,
    durationMs: Math.max(0, context.now().getTime() - started.getTime()),
    ...outcome(artifact, error, options.enforced),
  };
}

interface Subject {
  readonly chosen: ChosenCopy;
  readonly context: AppContext;
  readonly options: InvestigateOptions;
  readonly sources: Sources;
}

/** The whole investigation of one copy: how it stands, both histories, and what they say. */
async function establish(
  established: Established,
  { chosen: { artifact, copy: named }, context, options, sources }: Subject,
): Promise<void> {
  const now = context.now();
  const policy = policyUnder(named.policy, options);
  const copy = { ...named, policy };
  const scope = resolveScope(artifact, options.scope);
  if (scope !== null) requireBytes([artifact.reviewed, copy.location], sources);
  const reviewedAt = reviewedLocation(artifact, copy, sources);
  established.places = {
    reviewed: sources.scheme(reviewedAt).textOf(reviewedAt),
    runtime: sources.scheme(copy.location).textOf(copy.location),
  };
  const window = { since: timeOf(options.since, now), max: options.maxVersions };
  const progress = (done: number, total: number): void => {
    context.progress(done, total, artifact.name);
  };

  // How it stands now: the same judgement as the audit's.
  const judging: Judging = { now, acceptance: 'apply' };
  const {
    report,
    runtime: judged,
    pair,
  } = await step('judging the copies', () => judgeCopyPinned(artifact, copy, sources, judging));
  const runtime = judged === null ? null : keepSmall(judged);
  const tell = async (told: ArtifactReport): Promise<void> => {
    const { timeline } = established;
    const { given } = options;
    const { workingDirectory } = context;
    const { reviewed: reach } = established.history;
    const known = { artifact, copy, report: told, runtime, timeline, reach, sources, given };
    established.artifact = await withSteps({ ...known, workingDirectory });
  };
  await tell(report);

  // Both histories. What cannot be had is said, and the rest is told.
  const cache = openFactsCache(options.cache === 'use' ? options.cacheDirectory : null);
  const memory = openFactsMemory(await cache.load(factsName(artifact, copy)));
  const contents = openContents(artifact, copy, memory);
  const reviewed = await step('reading the history in git', () =>
    readReviewed(reviewedAt, sources, now),
  );
  const versions = await step('listing object versions', () =>
    listVersions({
      copy,
      pinned: runtime,
      sources,
      window,
      memory,
      endpoint: endpointOf(context, options),
      progress,
    }),
  );
  established.history = {
    reviewed: reviewed.history?.reach ?? null,
    runtime: versions.reach,
    reasons: [...reviewed.reasons, ...versions.reasons],
  };
  const histories = {
    changes: reviewed.history?.changes ?? [],
    versions: versions.versions,
    allVersions: versions.reach === 'versioned',
    allChanges: reviewed.history?.reach === 'complete',
  };
  try {
    const known = { contents, runtime, pair, histories, reviewed, report, progress };
    const explained = { ...known, tables: 'held' } as const;
    const told = {
      ...withLastChange(report, reviewed.history),
      cause: await step('looking for the cause', () => explainDrift(explained)),
    };
    await tell(told);
    const searched = await step('comparing versions and commits', async () =>
      runtime?.lake === undefined ? null : searchMoments(histories, contents, policy, progress),
    );
    const moments = searched?.moments ?? (await readMoments(histories, contents, progress));
    const missed = searched === null ? null : searchReason(searched);
    if (missed !== null) tellReason(established, missed);
    established.timeline = await buildTimeline(histories, moments, contents);
    await tell(told);
    const found = await step('looking for the begin', () =>
      findOnset({
        histories,
        moments,
        contents,
        policy,
        now,
        findings: told.findings,
        redaction: artifact.redaction,
        ...(searched === null ? {} : { searched }),
      }),
    );
    established.onset = found.onset;
    if (found.reason !== null) tellReason(established, found.reason);
    await tell({
      ...told,
      findings: told.findings.map((one) => {
        const began = found.beganWith(one);
        return began === undefined ? one : withFacts(one, { began });
      }),
    });
    if (scope !== null) {
      const blame = (lines: readonly number[]) => reviewed.blame(lines);
      established.slice = await step('following the slice', () =>
        tellSlice({ artifact, copy, scope, moments, blame, progress }),
      );
    }
    established.cost = await step('listing what is scanned', () =>
      priceRuntime({ artifact, copy, runtime, sources }),
    );
    if (options.runs !== null) {
      const { onset, cost } = established;
      const since = onset === null ? window.since : new Date(onset.at);
      const asked = { artifact, copy, versions: histories.versions, runtime, cost, since, now };
      const { access } = options;
      const url = options.runs;
      established.runs = await step('reading the records of runs', () =>
        tellRuns({ context, sources, access, url, ...asked }),
      );
    }
    if (options.from !== null || options.to !== null) {
      const points = { histories, moments, reviewed: reviewed.location, sources, now };
      const { from, to } = options;
      established.comparison = await comparePoints({ artifact, copy, contents, from, to, points });
    }
  } finally {
    contents.close();
    const fault = await cache.close();
    if (fault !== null) {
      tellReason(established, `what was read is not kept for the next run: ${fault}`);
    }
  }
}

/** Tells what of the histories is not at hand. */
function tellReason(established: Established, reason: string): void {
  const { reasons, ...rest } = established.history;
  established.history = { ...rest, reasons: [...reasons, reason] };
}

/** Does one step, and tells that it is at it. */
async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const end = beginEvent('step', what);
  try {
    return await work();
  } finally {
    end();
  }
}

/** A slice is followed through the bytes of each version. */
function requireBytes(locations: readonly Location[], sources: Sources): void {
  if (!locations.some((one) => sources.scheme(one).holds === 'rows')) return;
  throw new KeydriftError('NOT_SUPPORTED', '--scope: a slice of a table is not followed', {
    hint: 'A run with --scope judges it now; --from and --to compare two snapshots.',
  });
}

function timeOf(text: string | null, now: Date): Date | null {
  if (text === null) return null;
  const time = parseTime(text, now);
  if (time !== null) return time;
  throw new KeydriftError('USAGE', `--since ${text} is no time`, {
    hint: 'Say 2026-11-01, 2026-11-01T03:00Z, or "2 weeks ago".',
  });
}

/** Tells stores apart that have buckets of one name. */
function endpointOf({ environment }: AppContext, { access }: InvestigateOptions): string {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL } = environment;
  return access.endpoint ?? AWS_ENDPOINT_URL_S3 ?? AWS_ENDPOINT_URL ?? 'aws';
}

/** The verdict is the artifact's; drift that was established stays one, whatever failed later. */
function outcome(
  artifact: ArtifactReport | null,
  error: ReportError | null,
  enforced: boolean,
): Pick<Investigation, 'verdict' | 'exitCode'> {
  if (artifact === null) return { verdict: 'indeterminate', exitCode: exitCodes.noVerdict };
  const { verdict } = artifact;
  const failed = error !== null && verdict !== 'drifted';
  const exitCode = failed ? exitCodes.noVerdict : exitCodeOf([verdict], enforced);
  return { verdict: failed ? 'indeterminate' : verdict, exitCode };
}

function nothingYet(
  { version }: AppContext,
  { enforced, given }: InvestigateOptions,
  started: Date,
): Established {
  return {
    version,
    startedAt: started.toISOString(),
    durationMs: 0,
    verdict: 'indeterminate',
    exitCode: exitCodes.noVerdict,
    enforced,
    given,
    error: null,
    ...nothingFound,
  };
}
