import { judgedBy, type JudgedBy } from '../../judge/against.ts';
import { chooseCopies, type ChosenCopy, isInShard } from '../../judge/choose.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import { weakenedBy } from '../../judge/enforcement.ts';
import { openSoundFiles } from '../../judge/evidence.ts';
import { isPlain, withLastChanges } from '../../judge/last-changes.ts';
import type { AuditedCopy } from '../../judge/pair.ts';
import { reportRun } from '../../judge/report.ts';
import { openSources } from '../../judge/sources.ts';
import { closeSoon, inTime, startClock } from '../../judge/time.ts';
import { warnOfUnused } from '../../judge/unused.ts';
import type { Judging } from '../../judge/weigh.ts';
import { KeydriftError, type ArtifactReport, type Report } from '../../model/index.ts';
import type { Earlier } from './earlier.ts';
import { judgeAll, type AuditOptions, type Fleet } from './judge-all.ts';

/** `keydrift audit`: every runtime copy of the contract against its reviewed copy. */
export async function audit(context: AppContext, options: AuditOptions): Promise<Report> {
  const { shard = null, previous = null, state = null } = options;
  const inShard = (judged: Report): Report => (shard === null ? judged : { ...judged, shard });
  if (previous === null && state === null) {
    return inShard(await judgeFleet(context, options, () => Promise.resolve()));
  }
  const { readEarlier, tellTransitions } = await import('./earlier.ts');
  const sources = openSources(context, options);
  try {
    const known: { earlier: Earlier } = { earlier: { run: null, revision: null } };
    const judged = await judgeFleet(context, options, async () => {
      known.earlier = await readEarlier(context, options, sources);
    });
    return await tellTransitions(inShard(judged), known.earlier, context, options, sources);
  } finally {
    await closeSoon(sources);
  }
}

async function judgeFleet(
  context: AppContext,
  options: AuditOptions,
  begin: () => Promise<void>,
): Promise<Report> {
  const { changedSince: ref = null } = options;
  const asked = { of: 0 };
  const report = await reportRun('audit', context, options.enforced, async (noted) => {
    await begin();
    const sources = openSources(context, options);
    const sound = openSoundFiles(options.cacheDirectory, context.version);
    const now = context.now();
    const judging: Judging = { now, acceptance: options.acceptance ?? 'apply', sound };
    const total = startClock(options.totalTimeout ?? null, context.stop, '--total-timeout');
    try {
      const judged = await inTime(
        () => judgedBy(context, { ...options, strays: 'all' }, sources),
        total.signal,
      );
      const chosen = await chooseFleet(judged, context, options, sources, asked);
      for (const { artifact, copy } of chosen) {
        const names = { artifact: artifact.name, copy: copy.name };
        const weakened = weakenedBy(names, copy.policy, options);
        if (weakened !== null) noted.push(weakened);
      }
      requireLastingNames(chosen, options);
      const { warnings } = judged;
      const fleet = { context, options, sources, judging, warnings, stop: total.signal };
      const audited = await judgeAll(fleet, chosen);
      return warnOfUnused(chosen, await tellMore(fleet, audited));
    } finally {
      total.clear();
      await sound.close();
      await closeSoon(sources);
    }
  });
  return ref === null ? report : { ...report, changedSince: { ref, of: asked.of } };
}

/** The reports of judged copies, with causes and what can be done, where there is something to tell. */
async function tellMore(
  { context, options, sources, stop }: Fleet,
  audited: readonly AuditedCopy[],
): Promise<readonly ArtifactReport[]> {
  const plain = audited.map(({ judged: { report } }) => report);
  const allPlain = plain.every(isPlain);
  const ask = async (): Promise<readonly ArtifactReport[]> => {
    if (allPlain) return withLastChanges(audited, sources);
    const { explainAll } = await import('../../judge/causes.ts');
    return explainAll(audited, sources, context);
  };
  // History that comes too late takes no verdict back.
  const reports =
    options.cause === 'find'
      ? await inTime(ask, stop).catch((error: unknown) => {
          if (stop.aborted) return plain;
          throw error;
        })
      : plain;
  if (allPlain) return reports;
  const { withSteps } = await import('../what-to-do.ts');
  const { given } = options;
  const { workingDirectory } = context;
  const told: ArtifactReport[] = [];
  for (const [at, { artifact, copy, judged }] of audited.entries()) {
    const { runtime } = judged;
    const report = reports[at]!;
    const known = { artifact, copy, report, runtime, sources, workingDirectory, given };
    told.push(await withSteps(known));
  }
  return told;
}

/** Throws `USAGE` where findings are named by fingerprints that no later run would make again. */
function requireLastingNames(
  chosen: readonly ChosenCopy[],
  { previous = null, state = null, redact }: AuditOptions,
): void {
  const isCompared = previous !== null || state !== null;
  if (!isCompared || (redact?.key ?? null) !== null) return;
  const hidden = chosen.find(({ artifact }) => artifact.redaction !== undefined);
  if (hidden === undefined) return;
  throw new KeydriftError(
    'USAGE',
    `${hidden.artifact.name} is redacted, and its fingerprints are of one run: all would be new`,
    { hint: 'Name a key that stays: --redact-key, or KEYDRIFT_REDACT_KEY.' },
  );
}

/** The copies that are asked for, by name, word and shard; counts them, and leaves those that changed. */
async function chooseFleet(
  { contract, loaded }: JudgedBy,
  context: AppContext,
  options: AuditOptions,
  sources: Sources,
  asked: { of: number },
): Promise<readonly ChosenCopy[]> {
  const { shard = null, changedSince: ref = null } = options;
  const named = chooseCopies(contract, options, context);
  const chosen =
    shard === null ? named : named.filter(({ artifact }) => isInShard(artifact.name, shard));
  asked.of = chosen.length;
  if (ref === null) return chosen;
  if (loaded !== null) {
    const { changedSince } = await import('../../judge/changed-since.ts');
    return changedSince(ref, chosen, loaded, { context, choice: options, sources });
  }
  throw new KeydriftError('USAGE', '--changed-since asks git, and --against is judged by', {
    hint: 'Leave out one of the two.',
  });
}
