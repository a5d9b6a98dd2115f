import { join } from 'node:path';
import { findingsVerdict } from '../../compare/index.ts';
import { judgeRuntimeAlone } from '../../judge/alone.ts';
import {
  reportArtifact,
  reportError,
  toldWarnings,
  type Judgement,
} from '../../judge/artifact-report.ts';
import { failedJudgement, withAttempts } from '../../judge/attempts.ts';
import type { ChosenCopy } from '../../judge/choose.ts';
import { handedBackWarning, releasedSince } from '../../judge/claim.ts';
import type { Sources } from '../../judge/context.ts';
import { pinBoth, pinOrAbsent, releaseCopies, scanNamed } from '../../judge/copies.ts';
import { policyUnder } from '../../judge/enforcement.ts';
import { holdLimit } from '../../judge/limits.ts';
import { keepSmall } from '../../judge/memory.ts';
import { judgePinned, policyVerdict, reviewedLocation } from '../../judge/pair.ts';
import { reduceAlone } from '../../judge/planned.ts';
import { runtimeRequest, type ScannedCopy } from '../../judge/request.ts';
import { contractOfScope, createScopeValues, type Scope } from '../../judge/scope.ts';
import { inTime } from '../../judge/time.ts';
import {
  defaultLimits,
  faultClass,
  KeydriftError,
  quote,
  toKeydriftError,
  type ArtifactContract,
  type ArtifactReport,
  type PinnedCopy,
  type Warning,
} from '../../model/index.ts';
import { placeholdersOf } from './child-command.ts';
import type { RunOptions } from './context.ts';
import { spoolCopy, type SpooledCopy, type SpoolRoom } from './spool.ts';
import { weighJudgement } from './weigh.ts';
import { extensionsOf } from './words.ts';

/** A copy that was judged from the very bytes that a command may get. */
export interface JudgedCopy {
  readonly chosen: ChosenCopy;
  readonly report: ArtifactReport;
  readonly scope: Scope | null;
  /** The columns of the reviewed copy in their order; none where it was not read. */
  readonly columns: readonly string[];
  /** The copy that is used, spooled; null where it is not there or could not be read. */
  readonly spooled: SpooledCopy | null;
  /** In its place a table, as it was pinned. */
  readonly table: PinnedCopy | null;
  /** The same copy as it was scanned; null where its content cannot be read. */
  readonly scanned: ScannedCopy | null;
  /** Numbers of its records that repeat a unit, without the first of each; of a runtime copy. */
  readonly redundant: Uint32Array;
  /** Whether all that its readers take otherwise is gone where it is written anew. */
  readonly spelling: boolean;
  /** The runtime copy as it was pinned, to be looked at again; null where there was none. */
  readonly runtime: PinnedCopy | null;
}

/** Where copies come from, and where they are spooled. */
export interface RunSources {
  readonly sources: Sources;
  readonly directory: string;
  /** The moment that `accept` and `grace` are held against. */
  readonly now: Date;
  /** Aborted when the run's time is over, or somebody ends it. */
  readonly stop: AbortSignal;
  /** True of every copy of the run. */
  readonly warnings: readonly Warning[];
  /** What all copies of the run take. */
  readonly room: SpoolRoom;
}

interface Attempt {
  table: PinnedCopy | null;
  spooled: SpooledCopy | null;
  runtime: PinnedCopy | null;
}

/** Pins both copies, spools the one that is used, and judges that file. It never throws. */
export async function judgeForRun(
  chosen: ChosenCopy,
  scope: Scope | null,
  options: RunOptions,
  from: RunSources,
): Promise<JudgedCopy> {
  const policy = policyUnder(chosen.copy.policy, options);
  const artifact = contractOfScope(chosen.artifact, scope);
  const { readers } = chosen.copy;
  const form = readers === undefined ? {} : { readers: { ...readers, form: options.as } };
  const judged = { artifact, copy: { ...chosen.copy, policy, ...form } };
  const attempt: Attempt = { spooled: null, table: null, runtime: null };
  const judgement = await withAttempts(async () => {
    attempt.spooled = null;
    attempt.table = null;
    attempt.runtime = null;
    const judging = (): Promise<Judgement> =>
      judgeOnce(judged, scope, options, { ...from, attempt });
    const once = await inTime(judging, from.stop);
    return await inTime(() => checkScope(once, chosen.artifact, scope), from.stop);
  });
  const state = options.basis === 'contract' ? null : judgement.state;
  const warnings = [...from.warnings, ...(scope === null ? [] : [scopeWarning(scope)])];
  const told = { ...judgement, state, warnings: [...(judgement.warnings ?? []), ...warnings] };
  const weighed = weighJudgement(told, options.use, policy);
  const { use } = options;
  const report = {
    ...reportArtifact(artifact, chosen.copy.name, weighed),
    ...(use === 'runtime' ? {} : { use }),
  };
  const scanned = options.use === 'reviewed' ? judgement.reviewed : judgement.runtime;
  return {
    chosen,
    report: options.use === 'reviewed' ? await warnedOfBack(report, judged, from) : report,
    scope,
    redundant: judgement.redundant ?? new Uint32Array(),
    spelling: judgement.spelling === true,
    columns: judgement.reviewed?.table.columns ?? [],
    scanned: scanned ?? null,
    ...attempt,
  };
}

/** A run with the reviewed copy, where the runtime copy is of a newer commit: what is told of it. */
async function warnedOfBack(
  report: ArtifactReport,
  { artifact, copy }: ChosenCopy,
  { sources, stop }: RunSources,
): Promise<ArtifactReport> {
  if (report.reviewed === null || report.verdict === 'indeterminate') return report;
  const location = reviewedLocation(artifact, copy, sources);
  // What comes too late takes no verdict back.
  const released = await inTime(() => releasedSince(report, location, sources), stop).catch(
    () => null,
  );
  if (released === null || released.ahead === 'unmerged') return report;
  const told = toldWarnings(artifact, [handedBackWarning(released, report.reviewed.revision)]);
  return { ...report, warnings: [...report.warnings, ...told] };
}

async function judgeOnce(
  judged: ChosenCopy,
  scope: Scope | null,
  options: RunOptions,
  { sources, now, directory, attempt, room }: RunSources & { readonly attempt: Attempt },
): Promise<Judgement> {
  const { use, basis } = options;
  const { artifact, copy } = judged;
  const location = reviewedLocation(artifact, copy, sources);
  const [pinnedReviewed, pinnedRuntime] = await pinBoth(
    basis === 'contract' ? Promise.resolve(null) : pinOrAbsent(location, 'reviewed', sources),
    pinOrAbsent(copy.location, 'runtime', sources),
  );
  if (!(pinnedRuntime instanceof KeydriftError)) attempt.runtime = pinnedRuntime;
  if ([location, copy.location].some((one) => sources.scheme(one).holds === 'rows')) {
    requireNoFile(artifact.name, options);
  }
  const handed = use === 'reviewed' ? location : copy.location;
  const name = sources.scheme(handed).nameOf(handed);
  const path = join(directory, artifact.name + extensionsOf(name));
  const spool = async (pinned: PinnedCopy | KeydriftError): Promise<PinnedCopy | KeydriftError> => {
    if (pinned instanceof KeydriftError) return pinned;
    if (pinned.lake !== undefined) {
      attempt.table = pinned;
      return pinned;
    }
    const side = use === 'reviewed' ? 'reviewed' : 'runtime';
    const { bytes: limit } = { ...defaultLimits, ...(copy.limits ?? artifact.limits) };
    holdLimit('bytes', pinned.bytes, limit, side);
    attempt.spooled = await spoolCopy(pinned, path, room, limit);
    return keepSmall(attempt.spooled.copy);
  };
  try {
    const runtime = use === 'reviewed' ? pinnedRuntime : await spool(pinnedRuntime);
    if (pinnedReviewed === null) return await judgeByContract(judged, runtime, scope);
    const reviewed = use === 'reviewed' ? await spool(pinnedReviewed) : pinnedReviewed;
    const lag = { artifact, copy, reviewed: location, sources, now, scope };
    return await judgePinned(lag, { now, acceptance: 'honour' }, { reviewed, runtime });
  } finally {
    await releaseCopies([pinnedReviewed, pinnedRuntime]);
  }
}

/** A table is handed over by its name and snapshot: what is asked of a file is refused. */
function requireNoFile(name: string, { use, as, stage, command }: RunOptions): void {
  const asked = [
    ...(use === 'runtime' ? [] : [`--use ${use}`]),
    ...(as === 'stored' ? [] : [`--as ${as}`]),
    ...(stage === null ? [] : ['--stage']),
    ...(command !== null && placeholdersOf(command, [name]).length > 0 ? [`{${name}}`] : []),
  ];
  const [first] = asked;
  if (first === undefined) return;
  throw new KeydriftError(
    'NOT_SUPPORTED',
    `${first}: ${name} is a table, and no file is handed over`,
    {
      hint: 'Its name and snapshot are in KEYDRIFT_<ARTIFACT>_TABLE and _SNAPSHOT.',
    },
  );
}

/** The runtime copy alone: what it repeats, what is invalid, which bounds it breaks. */
async function judgeByContract(
  { artifact, copy }: ChosenCopy,
  runtimeCopy: PinnedCopy | KeydriftError,
  scope: Scope | null,
): Promise<Judgement> {
  if (runtimeCopy instanceof KeydriftError) {
    const error = reportError(runtimeCopy);
    return { verdict: policyVerdict(copy, 'missing'), state: 'missing', error };
  }
  const request = runtimeRequest(artifact, copy, null);
  const runtime = await reduceAlone(artifact, await scanNamed(runtimeCopy, request, { scope }));
  const { found, redundant, warnings } = await judgeRuntimeAlone(artifact, copy, runtime);
  runtime.keyset.release();
  return { verdict: findingsVerdict(found), state: null, runtime, found, redundant, warnings };
}

/** A scope that nothing is in was misspelled, or the run has no work: nobody can tell. */
async function checkScope(
  judgement: Judgement,
  artifact: ArtifactContract,
  scope: Scope | null,
): Promise<Judgement> {
  if (scope === null || (judgement.error ?? null) !== null) return judgement;
  const units = [judgement.reviewed, judgement.runtime].map(
    (side) => side?.keyset.table.units ?? 0,
  );
  if (units.some((count) => count > 0)) return judgement;
  const near = await nearestTo(judgement, artifact, scope);
  return failedJudgement(
    new KeydriftError('SCOPE_EMPTY', `the scope ${scope.shown} selects no unit of either copy`, {
      hint: `${near}Values are compared after normalization; look for a typo, or leave out --scope.`,
    }),
  );
}

/** `Did you mean region=EU? `, by a second reading of the copies; empty: nothing is near. */
async function nearestTo(
  { reviewed, runtime }: Judgement,
  artifact: ArtifactContract,
  scope: Scope,
): Promise<string> {
  const values = createScopeValues(artifact, scope);
  for (const side of [reviewed, runtime]) {
    if (side === undefined || side === null) continue;
    // What cannot be read again has nothing near: the fault to be told is that of the scope.
    await values.take(side.table, side.plan).catch((thrown: unknown) => {
      if (faultClass(toKeydriftError(thrown)) === 'internal') throw thrown;
    });
  }
  const told = values
    .nearest()
    .flatMap(([column, all]) => all.map((value) => `${column}=${quote(value)}`));
  return told.length === 0 ? '' : `Did you mean ${told.join(' or ')}? `;
}

function scopeWarning({ shown }: Scope): NonNullable<Judgement['warnings']>[number] {
  const message = `only the scope ${shown} was judged`;
  return { code: 'SCOPED', message, side: null, line: null };
}
