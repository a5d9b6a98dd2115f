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
import { chooseCopies, type ChosenCopy } from '../../judge/choose.ts';
import { loadContract } from '../../judge/contract.ts';
import type { ContractChoice, ContractOptions } from '../../judge/options.ts';
import { exitCodeOf, exitCodes } from '../../judge/exit-code.ts';
import { applyCopy } from './apply.ts';
import { planCopy, type PreparedCopy, type PublishTools } from './plan.ts';
import {
  atPlannedCommit,
  readSavedPlan,
  requireContract,
  requireRef,
  requireSame,
  sealPlan,
  type SavedPlan,
} from './saved-plan.ts';
import { openSources } from '../../judge/sources.ts';

export interface PublishOptions extends ContractChoice, Pick<ContractOptions, 'select'> {
  /** Artifacts, or copies as participants@eu; none only with `all`, `select` or a saved plan. */
  readonly names: readonly string[];
  /** `--all`: every copy of the contract. */
  readonly all: boolean;
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
    return await withPlan(context, options, async ({ plan }) => plan);
  } catch (thrown) {
    return describePlan(context, options, null, [], toKeydriftError(thrown));
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
    return await withPlan(context, options, async ({ plan, prepared, tools }) => {
      const isDone = plan.publications.every(({ action }) => action === 'none');
      const isSound = plan.publications.every((copy) => planVerdict(copy) !== 'blocked');
      const isApproved = (isSound && !isDone && (await approve(plan))) || isDone;
      const published = isApproved
        ? await applyAll(prepared, tools)
        : prepared.map((copy) => withheld(copy, isSound ? 'declined' : 'not-attempted'));
      return finish(published, null);
    });
  } catch (thrown) {
    return finish([], toKeydriftError(thrown));
  }
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
    const { contract, provenance } = await loadContract(context, asked, sources);
    const { sha256 } = provenance;
    if (saved !== null) requireContract(saved, sha256);
    const chosen = chooseCopies(contract, { ...options, names }, context);
    const now = context.now();
    const tools: PublishTools = { sources, now, ref, contract: sha256, allow: asked };
    const prepared = await planAll(context, chosen, saved, tools);
    const copies = prepared.map(({ planned }) => planned);
    const plan = describePlan(context, asked, sha256, copies, null);
    return await use({ plan, prepared, tools });
  } finally {
    await sources.close();
  }
}

/** The named copies; of a saved plan exactly its own. */
function namesOf(
  { names, all, select = [] }: PublishOptions,
  saved: SavedPlan | null,
): readonly string[] {
  if (saved === null) {
    if (all && names.length + select.length > 0) {
      throw new KeydriftError('USAGE', '--all is every artifact, and some are named as well');
    }
    if (all || names.length + select.length > 0) return names;
    throw new KeydriftError('USAGE', 'publish needs the name of an artifact, --all, or a plan', {
      hint: 'For example: keydrift publish participants --dry-run',
    });
  }
  const planned = saved.publications.map(({ name, copy }) => copyName(name, copy));
  const other = names.find(
    (name) =>
      !saved.publications.some(
        ({ name: artifact, copy }) => artifact === name || copyName(artifact, copy) === name,
      ),
  );
  const missing = saved.publications.find(
    ({ name, copy }) => !names.includes(name) && !names.includes(copyName(name, copy)),
  );
  if (names.length === 0 || (other === undefined && missing === undefined)) return planned;
  throw new KeydriftError(
    'USAGE',
    `a plan is applied as it is: this one is of ${planned.join(', ')}, not of ${names.join(', ')}`,
    { hint: 'Leave the names out, or make a plan of these.' },
  );
}

async function planAll(
  context: AppContext,
  chosen: readonly ChosenCopy[],
  saved: SavedPlan | null,
  tools: PublishTools,
): Promise<readonly PreparedCopy[]> {
  let done = 0;
  return mapConcurrently(chosen, mostAtOnce, async (one) => {
    const name = copyName(one.artifact.name, one.copy.name);
    const before = saved?.publications.find((copy) => copyName(copy.name, copy.copy) === name);
    const pinned =
      before === undefined ? one : await atPlannedCommit(one, before, tools.ref, tools.sources);
    const prepared = await planCopy(pinned, tools);
    if (before !== undefined) requireSame(before, prepared.planned);
    done += 1;
    context.progress(done, chosen.length, name);
    return prepared;
  });
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

/** In order; after a failure somebody must look before more is changed. */
async function applyAll(
  prepared: readonly PreparedCopy[],
  tools: PublishTools,
): Promise<readonly PublishedCopy[]> {
  const published: PublishedCopy[] = [];
  for (const copy of prepared) {
    const isEnded = published.some(({ outcome }) => outcome === 'failed');
    published.push(
      copy.work === null || isEnded
        ? withheld(copy, 'not-attempted')
        : await applyCopy(copy, copy.work, tools),
    );
  }
  return published;
}

/** A copy that is not written: there is nothing to do, it is refused, or `otherwise`. */
function withheld(
  { planned }: PreparedCopy,
  otherwise: 'declined' | 'not-attempted',
): PublishedCopy {
  const outcomes = {
    none: 'up-to-date',
    refuse: 'refused',
    unknown: 'failed',
    create: otherwise,
    replace: otherwise,
  } as const;
  return { ...planned, outcome: outcomes[planned.action], written: null, now: null };
}

/** What is not written though it should be stays drift; what failed is no verdict. */
function outcomeVerdict({ outcome }: PublishedCopy): Verdict {
  switch (outcome) {
    case 'published':
    case 'up-to-date':
      return 'in-sync';
    case 'refused':
    case 'declined':
    case 'not-attempted':
      return 'drifted';
    case 'failed':
      return 'indeterminate';
  }
}
