import {
  copyName,
  KeydriftError,
  toKeydriftError,
  type PlannedCopy,
  type Publication,
  type PublishedCopy,
  type PublishPlan,
  type Verdict,
} from '../../model/index.ts';
import { reportError } from '../../judge/artifact-report.ts';
import { mapConcurrently } from '../../judge/concurrency.ts';
import type { AppContext } from '../../judge/context.ts';
import { changedSince } from '../../judge/changed-since.ts';
import { chooseCopies, type ChosenCopy } from '../../judge/choose.ts';
import { loadContract } from '../../judge/contract.ts';
import type { ContractChoice, ContractOptions } from '../../judge/options.ts';
import { exitCodeOf, exitCodes } from '../../judge/exit-code.ts';
import { inTime, startClock, waitOf } from '../../judge/time.ts';
import { registriesOf } from '../../judge/registries.ts';
import { examineCopy, planExamined, type PreparedCopy, type PublishTools } from './plan/plan.ts';
import {
  atPlannedCommit,
  namesOfPlan,
  readSavedPlan,
  requireContract,
  requireRef,
  requireSame,
  sealPlan,
  stateChanged,
  type SavedPlan,
} from './saved-plan.ts';
import { openSources } from '../../judge/sources.ts';
import { applyAll, outcomeVerdict, withheld } from './apply.ts';

export interface PublishOptions extends ContractChoice, Pick<ContractOptions, 'select'> {
  /** Artifacts, or copies as participants@eu; none only with `all`, `select` or a saved plan. */
  readonly names: readonly string[];
  /** `--all`: every copy of the contract. */
  readonly all: boolean;
  /** `--changed-since`: of these only what has another reviewed file or entry than at that ref; left out: all. */
  readonly changedSince?: string | null;
  /** `--ref`. */
  readonly ref: string;
  readonly cacheDirectory: string;
  /** `--unconditional`: write where a store does not honour conditions. */
  readonly unconditional: boolean;
  /** `--overwrite-unreviewed`. */
  readonly overwriteUnreviewed: boolean;
  /** `--allow-rollback`. */
  readonly allowRollback: boolean;
  /** `--allow-unknown-claim`. */
  readonly allowUnknownClaim: boolean;
  /** `--timeout` in seconds; null: none. Prompts take no time. */
  readonly timeout: number | null;
  /** How long a write in flight is waited for and read back after the end, in milliseconds. */
  readonly graceMs: number;
  /** `--exit-code`: a dry run that finds something to do says so. */
  readonly tellsToDo: boolean;
  /** `--apply`: its text, its name for messages, and the ref that it must be of; null: a plan is made. */
  readonly saved: {
    readonly text: string;
    readonly file: string;
    readonly ref: string | null;
  } | null;
}

/** Copies planned at once. */
const mostAtOnce = 4;

/** `keydrift publish --dry-run`: what would be done. Nothing is changed anywhere. */
export async function planPublication(
  context: AppContext,
  options: PublishOptions,
): Promise<PublishPlan> {
  try {
    const time = openTime(context, options);
    return await withPlan(context, options, time, async ({ plan }) => plan);
  } catch (thrown) {
    return describePlan(context, options, null, [], ended(thrown, options));
  }
}

/**
 * `keydrift publish`: plans, asks `approve`, and applies. Nothing is written unless every copy of
 * the plan can be; then copies are written in order, and the first failure ends it.
 */
export async function publish(
  context: AppContext,
  options: PublishOptions,
  approve: (plan: PublishPlan) => Promise<boolean>,
): Promise<Publication> {
  const started = context.now();
  const finish = (publications: readonly PublishedCopy[], error: KeydriftError | null) => ({
    schema: 'keydrift.publication/1' as const,
    tool: { name: 'keydrift' as const, version: context.version },
    startedAt: started.toISOString(),
    durationMs: Math.max(0, context.now().getTime() - started.getTime()),
    exitCode:
      error === null ? exitCodeOf(publications.map(outcomeVerdict), true) : exitCodes.noVerdict,
    error: error === null ? null : reportError(error),
    publications,
  });
  try {
    const time = openTime(context, options);
    return await withPlan(context, options, time, async ({ plan, prepared, tools }) => {
      const isDone = plan.publications.every(({ action }) => action === 'none');
      const isSound = plan.publications.every((copy) => planVerdict(copy) !== 'blocked');
      const isApproved = (isSound && !isDone && (await approve(plan))) || isDone;
      if (!isApproved) {
        const otherwise = isSound ? 'declined' : 'not-attempted';
        return finish(
          prepared.map((copy) => withheld(copy, otherwise)),
          null,
        );
      }
      return time(async (stop) => {
        const ending = { stop, graceMs: options.graceMs };
        const published = await applyAll(prepared, tools, ending);
        const isWhole = published.every(({ outcome }) => outcome !== 'not-attempted');
        const isCut = stop.aborted && !isWhole;
        return finish(published, isCut ? ended(stop.reason, options) : null);
      });
    });
  } catch (thrown) {
    return finish([], ended(thrown, options));
  }
}

/** What ended a publication; a time that is over is told as it was given. */
function ended(thrown: unknown, { timeout }: PublishOptions): KeydriftError {
  const error = toKeydriftError(thrown);
  if (error.code !== 'TIMEOUT' || timeout === null) return error;
  const message = `the ${timeout} s of --timeout were over: what was not written by then is not written${waitOf(error)}`;
  const hint = `To wait longer: --timeout ${Math.ceil(2 * timeout)}s`;
  return new KeydriftError('TIMEOUT', message, { hint });
}

/** Does something within what is left of `--timeout`, and until somebody ends the run. */
type Time = <T>(work: (stop: AbortSignal) => Promise<T>) => Promise<T>;

function openTime(context: AppContext, { timeout }: PublishOptions): Time {
  let left = timeout;
  return async (work) => {
    const started = context.now().getTime();
    const clock = startClock(left, context.stop, '--timeout');
    try {
      return await work(clock.signal);
    } finally {
      clock.clear();
      const taken = (context.now().getTime() - started) / 1000;
      if (left !== null) left = Math.max(0, left - taken);
    }
  };
}

interface Planned {
  readonly plan: PublishPlan;
  readonly prepared: readonly PreparedCopy[];
  readonly tools: PublishTools;
}

/** Plans, and hands it on while sources and connections are open. */
async function withPlan<T>(
  context: AppContext,
  options: PublishOptions,
  time: Time,
  use: (planned: Planned) => Promise<T>,
): Promise<T> {
  const saved =
    options.saved === null ? null : await readSavedPlan(options.saved.text, options.saved.file);
  if (saved !== null) requireRef(saved, options.saved?.ref ?? null);
  const asked = saved === null ? options : { ...options, ...saved.options };
  const names = namesOf(options, saved);
  const sources = openSources(context, asked);
  const { ref } = asked;
  try {
    const make = async (): Promise<Planned> => {
      const loaded = await loadContract(context, asked, sources);
      const { contract, provenance } = loaded;
      const { sha256 } = provenance;
      if (saved !== null) requireContract(saved, sha256);
      const named = chooseCopies(contract, { ...options, names }, context);
      const { changedSince: since = null } = options;
      const chosen =
        since === null
          ? named
          : await changedSince(since, named, loaded, { context, choice: asked, sources });
      const now = context.now();
      const { formats } = registriesOf(context);
      const tools = { sources, now, ref, contract: sha256, formats, allow: asked };
      const prepared = await planAll(context, chosen, saved, tools);
      const copies = prepared.map(({ planned }) => planned);
      return { plan: describePlan(context, asked, sha256, copies, null), prepared, tools };
    };
    return await use(await time((stop) => inTime(make, stop)));
  } finally {
    await sources.close();
  }
}

/** The named copies; of a saved plan exactly its own. */
function namesOf(options: PublishOptions, saved: SavedPlan | null): readonly string[] {
  const { names, all, changedSince: since = null, select = [] } = options;
  if (saved !== null) return namesOfPlan(saved, names);
  if (all && names.length + select.length > 0) {
    throw new KeydriftError('USAGE', '--all is every artifact, and some are named as well');
  }
  if (all || since !== null || names.length + select.length > 0) return names;
  throw new KeydriftError('USAGE', 'publish needs the name of an artifact, --all, or a plan', {
    hint: { text: 'Of all that the contract has', command: 'keydrift publish --all --dry-run' },
  });
}

async function planAll(
  context: AppContext,
  chosen: readonly ChosenCopy[],
  saved: SavedPlan | null,
  tools: PublishTools,
): Promise<readonly PreparedCopy[]> {
  let done = 0;
  const pairs = chosen.map((one) => {
    const name = copyName(one.artifact.name, one.copy.name);
    const same = saved?.publications.find((copy) => copyName(copy.name, copy.copy) === name);
    return { one, name, before: same ?? null };
  });
  const examined = await mapConcurrently(pairs, mostAtOnce, async ({ one, name, before }) => {
    const pinned =
      before === null ? one : await atPlannedCommit(one, before, tools.ref, tools.sources);
    const copy = await examineCopy(pinned, tools);
    done += 1;
    context.progress(done, chosen.length, name);
    return copy;
  });
  const all = await planExamined(examined, tools);
  const applied = pairs.flatMap(({ before }, at) => {
    if (before === null || requireSame(before, all[at]!) !== 'applied') return [];
    return [stateChanged(before, all[at]!.planned)];
  });
  // A plan that was applied has nothing left to do; of one that was applied in part, somebody looks.
  const isDone = all.every(({ planned }) => planned.action === 'none');
  if (applied[0] !== undefined && !isDone) throw applied[0];
  return all;
}

function describePlan(
  context: AppContext,
  asked: PublishOptions,
  contract: string | null,
  publications: readonly PlannedCopy[],
  error: KeydriftError | null,
): PublishPlan {
  const { ref, unconditional, overwriteUnreviewed, allowRollback, allowUnknownClaim } = asked;
  return sealPlan({
    schema: 'keydrift.plan/1',
    tool: { name: 'keydrift', version: context.version },
    createdAt: context.now().toISOString(),
    exitCode: error === null ? planCode(publications, asked) : exitCodes.noVerdict,
    error: error === null ? null : reportError(error),
    options: { ref, unconditional, overwriteUnreviewed, allowRollback, allowUnknownClaim },
    contract,
    publications,
  });
}

/** Of a dry run: what is planned is fine, what is refused is a fact, what is unknown no verdict. */
function planCode(
  publications: readonly PlannedCopy[],
  { tellsToDo }: Pick<PublishOptions, 'tellsToDo'>,
): number {
  const verdicts = publications.map(({ action }): Verdict => {
    if (action === 'unknown') return 'indeterminate';
    return action === 'refuse' ? 'drifted' : 'in-sync';
  });
  const code = exitCodeOf(verdicts, true);
  const isDone = publications.every(({ action }) => action === 'none');
  return code === exitCodes.inSync && tellsToDo && !isDone ? exitCodes.toDo : code;
}

function planVerdict({ action }: PlannedCopy): 'open' | 'blocked' {
  return action === 'refuse' || action === 'unknown' ? 'blocked' : 'open';
}
