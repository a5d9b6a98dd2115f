import { findingsVerdict } from '../../compare/index.ts';
import {
  toKeydriftError,
  type ArtifactContract,
  type ArtifactReport,
  type Location,
  type Report,
  type Warning,
} from '../../model/index.ts';
import { reportArtifact, type Judgement } from '../../judge/artifact-report.ts';
import { describeChange } from './change.ts';
import { mapConcurrently } from '../../judge/concurrency.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import { chooseArtifacts } from '../../judge/choose.ts';
import { loadContract } from '../../judge/contract.ts';
import { failedJudgement, withAttempts } from '../../judge/attempts.ts';
import { pinNamed, scanNamed } from '../../judge/copies.ts';
import { policyUnder, weakenedBy } from '../../judge/enforcement.ts';
import type { ContractOptions } from '../../judge/options.ts';
import { reportRun } from '../../judge/report.ts';
import { reviewedRequest } from '../../judge/request.ts';
import { hazardWarnings } from '../../judge/readers.ts';
import type { ScannedCopy } from '../../judge/scan.ts';
import { weighReviewed } from '../../judge/weigh.ts';
import { openSources } from '../../judge/sources.ts';
import { closeSoon, inTime, startClock } from '../../judge/time.ts';

export interface LintOptions extends Omit<ContractOptions, 'ref' | 'against'> {
  /** `--ref`: the commit to judge; null: the working tree as it stands. */
  readonly ref: string | null;
  /** `--base`: what the change is measured against; null: no change is told. */
  readonly base: string | null;
}

/** Copies judged at once. */
const mostAtOnce = 4;

/** `keydrift lint`: each reviewed copy against its contract, and what a change does to the work. */
export function lint(context: AppContext, options: LintOptions): Promise<Report> {
  return reportRun('lint', context, options.enforced, async (noted) => {
    const clock = startClock(options.timeout ?? null, context.stop, '--timeout');
    const sources = openSources(context, { ...options, ref: options.ref ?? 'HEAD' });
    const now = context.now();
    let done = 0;
    try {
      const { contract } = await loadContract(context, options, sources);
      const artifacts = chooseArtifacts(contract, options, context);
      for (const { name, policy } of artifacts) {
        const weakened = weakenedBy({ artifact: name, copy: null }, policy, options);
        if (weakened !== null) noted.push(weakened);
      }
      return await mapConcurrently(artifacts, mostAtOnce, async (artifact) => {
        const report = await inTime(
          () => lintArtifact(artifact, options, sources, now),
          clock.signal,
        ).catch((error: unknown) =>
          reportArtifact(artifact, null, {
            ...failedJudgement(toKeydriftError(error)),
            state: null,
          }),
        );
        done += 1;
        context.progress(done, artifacts.length, artifact.name);
        return report;
      });
    } finally {
      clock.clear();
      await closeSoon(sources);
    }
  });
}

async function lintArtifact(
  artifact: ArtifactContract,
  options: LintOptions,
  sources: Sources,
  now: Date,
): Promise<ArtifactReport> {
  const judgement = await withAttempts(() => lintOnce(artifact, options, sources, now));
  // There is one side only, and `state` speaks of a runtime copy.
  return reportArtifact(artifact, null, { ...judgement, state: null });
}

async function lintOnce(
  artifact: ArtifactContract,
  options: LintOptions,
  sources: Sources,
  now: Date,
): Promise<Judgement> {
  const policy = policyUnder(artifact.policy, options);
  const location = lintedLocation(artifact.reviewed, options.ref, sources);
  const copy = await pinNamed(location, 'reviewed', sources);
  const reviewed = await scanNamed(copy, reviewedRequest(artifact));
  const { found, warnings: accepted } = await weighReviewed(artifact, policy, reviewed, now);
  const hazards = await hazardWarnings(reviewed, artifact.readers);
  const warnings = [...hazards, ...idleSteps(artifact, reviewed), ...accepted];
  const judgement = {
    verdict: findingsVerdict(found),
    state: null,
    reviewed,
    found,
  } as const;
  if (options.base === null) return { ...judgement, warnings };
  const change = await describeChange(artifact, reviewed, location, options.base, sources);
  return { ...judgement, change: change.report, warnings: [...warnings, ...change.warnings] };
}

/** What the contract pins stays pinned; otherwise the ref that was asked for, or the working tree. */
function lintedLocation(reviewed: Location, ref: string | null, sources: Sources): Location {
  if (ref !== null) return reviewed;
  return sources.scheme(reviewed).inWorkingTree?.(reviewed) ?? reviewed;
}

/** Normalization steps that change nothing: their column is neither key nor consumed here. */
function idleSteps({ normalize }: ArtifactContract, { plan }: ScannedCopy): Warning[] {
  const decisive = new Set([...plan.key, ...plan.consumed].map(({ name }) => name));
  return [...normalize.keys()]
    .filter((column) => !decisive.has(column))
    .map((column) => ({
      code: 'IDLE_STEP',
      message: `normalize.${column} does nothing: the column is neither key nor consumed`,
      side: 'reviewed' as const,
      line: null,
    }));
}
