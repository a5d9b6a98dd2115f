import { findingsVerdict } from '../../compare/index.ts';
import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  faultClass,
  KeydriftError,
  quote,
  sha256Of,
  shellQuote,
  toKeydriftError,
  type ArtifactContract,
  type ArtifactReport,
  type GitLocation,
  type Location,
  type Report,
  type Step,
  type Warning,
} from '../../model/index.ts';
import { warningsOfContract } from '../../report/index.ts';
import { reportArtifact, type Judgement } from '../../judge/artifact-report.ts';
import { describeChange, hidingAlike } from './change.ts';
import { removedByChange } from './removed.ts';
import { commitSteps, editWarnings, rootOf } from './uncommitted.ts';
import { isWeaker, placesIn, readBaseContract, type BaseContract } from './enforcement.ts';
import { contractAtCommit } from '../../judge/committed-contract.ts';
import { mapConcurrently } from '../../judge/concurrency.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import { chooseArtifacts, viewOf } from '../../judge/choose.ts';
import { isUncommitted, loadContract } from '../../judge/contract.ts';
import { listIn } from '../../judge/families.ts';
import { findContract, noContract, type ContractFile } from '../../judge/contract-files.ts';
import { exitCodeOf } from '../../judge/exit-code.ts';
import { byPolicy } from '../../judge/pair.ts';
import { reduceAlone } from '../../judge/planned.ts';
import { failedJudgement, withAttempts } from '../../judge/attempts.ts';
import { pinOrAbsent, scanReviewed } from '../../judge/copies.ts';
import { policyUnder, weakenedBy } from '../../judge/enforcement.ts';
import type { ContractOptions } from '../../judge/options.ts';
import { reportRun } from '../../judge/report.ts';
import { idleSteps } from '../../judge/misspelled.ts';
import { reviewedRequest } from '../../judge/request.ts';
import { hazardWarnings } from '../../judge/readers.ts';
import { wholeCopy } from '../../judge/scan.ts';
import { weighReviewed } from '../../judge/weigh.ts';
import { openSources } from '../../judge/sources.ts';
import { isWithin } from '../../sources/index.ts';
import { closeSoon, inTime, startClock } from '../../judge/time.ts';

export interface LintOptions extends Omit<ContractOptions, 'ref' | 'against'> {
  /** `--ref`: the commit to judge; null: the working tree as it stands. */
  readonly ref: string | null;
  /** `--base`: what the change is measured against; null: no change is told. */
  readonly base: string | null;
  /** `forbidden` (`--forbid-weaker`): a change that enforces less fails; default: it is told. */
  readonly weaker?: 'told' | 'forbidden';
  /** `allowed` (`--fetch`): what lies elsewhere is read; default: it is skipped. */
  readonly fetch?: 'allowed' | 'never';
}

/** Copies judged at once. */
const mostAtOnce = 4;

/** What all artifacts of a run are judged with. */
interface LintRun {
  readonly options: LintOptions;
  readonly sources: Sources;
  readonly now: Date;
  readonly file: ContractFile;
  /** Of all artifacts that the contract has now. */
  readonly names: ReadonlySet<string>;
  readonly placeOf: ReturnType<typeof placesIn>;
  /** Files of the contract that HEAD lacks or has otherwise. */
  readonly uncommitted: readonly string[];
  readonly workingDirectory: string;
  /** Null: no change is told. */
  readonly base: BaseContract | null;
}

/** `keydrift lint`: each reviewed copy against its contract, and what a change does to the work. */
export async function lint(context: AppContext, options: LintOptions): Promise<Report> {
  let base: BaseContract | null = null;
  const report = await reportRun('lint', context, options.enforced, async (noted) => {
    const clock = startClock(options.timeout ?? null, context.stop, '--timeout');
    const { fetch = 'never', ref } = options;
    const sources = openSources(context, { ...options, ref: ref ?? 'HEAD', fetch });
    const now = context.now();
    let done = 0;
    try {
      const list = listIn(sources, ref === null ? 'worktree' : 'committed', fetch);
      const found = await judgedContract(context, options, sources);
      const loaded = await loadContract(context, options, sources, list, found);
      const { file, uncommitted } = loaded;
      const artifacts = chooseArtifacts(loaded.contract, options, context);
      for (const { name, policy } of artifacts) {
        const weakened = weakenedBy({ artifact: name, copy: null }, policy, options);
        if (weakened !== null) noted.push(weakened);
      }
      const asked = { context, choice: options, sources };
      base =
        options.base === null
          ? null
          : await readBaseContract(loaded, artifacts, { ...asked, baseRef: options.base }).catch(
              (error: unknown) => {
                // Each artifact tells it of its own change; what is forbidden must be known.
                if (options.weaker === 'forbidden') throw error;
                return null;
              },
            );
      const { workingDirectory } = context;
      const names = new Set(loaded.contract.artifacts.map(({ name }) => name));
      const run: LintRun = {
        options,
        sources,
        now,
        file,
        names,
        placeOf: placesIn(loaded, sources),
        uncommitted,
        workingDirectory,
        base,
      };
      return await mapConcurrently(artifacts, mostAtOnce, async (artifact) => {
        const judged = await inTime(() => lintArtifact(artifact, run), clock.signal).catch(
          (error: unknown) =>
            reportArtifact(artifact, null, {
              ...failedJudgement(toKeydriftError(error)),
              state: null,
            }),
        );
        done += 1;
        context.progress(done, artifacts.length, artifact.name);
        return judged;
      });
    } finally {
      clock.clear();
      await closeSoon(sources);
    }
  });
  return withEnforcement(report, base, options);
}

/** With `--ref` the contract of that commit, as its rows; null: the one that is here. */
async function judgedContract(
  context: AppContext,
  { ref, ...choice }: LintOptions,
  sources: Sources,
): Promise<ContractFile | null> {
  if (ref === null) return null;
  try {
    return await contractAtCommit(context, { ...choice, ref }, sources);
  } catch (thrown) {
    const { code } = toKeydriftError(thrown);
    // One that is in no repository has no other commit.
    if (code === 'GIT_NOT_A_REPOSITORY') return null;
    if (code !== 'CONTRACT_NOT_FOUND' && code !== 'GIT_PATH_NOT_FOUND') throw thrown;
    const here = await findContract(context, choice, sources);
    if (here === null) throw noContract(choice.config);
    const atHead: GitLocation = { kind: 'git', repository: null, path: here.path, ref: 'HEAD' };
    const copy = await sources.pin(atHead, 'bytes if any').catch(toKeydriftError);
    if (copy instanceof KeydriftError) {
      // One that nobody committed yet can only be this one, which is warned of.
      if (isUncommitted(copy.code)) return here;
      throw copy;
    }
    const path = copy.path ?? here.path;
    throw new KeydriftError('CONTRACT_NOT_FOUND', `${ref} has no contract ${path}`, {
      hint: `To judge its files by the contract that is checked out: --config ${shellQuote(`git:HEAD:${path}`)}`,
    });
  }
}

/** The report, with what the change does to enforcement; where that is forbidden it fails. */
function withEnforcement(
  report: Report,
  base: BaseContract | null,
  { weaker, enforced }: LintOptions,
): Report {
  if (base === null || report.error !== null) return report;
  const told = { ...report, enforcement: base.report };
  if (weaker !== 'forbidden' || !isWeaker(base.report)) return told;
  const verdicts = [...report.artifacts.map(({ verdict }) => verdict), 'drifted' as const];
  return { ...told, verdict: 'drifted', exitCode: exitCodeOf(verdicts, enforced) };
}

async function lintArtifact(chosen: ArtifactContract, run: LintRun): Promise<ArtifactReport> {
  const before = beforeOf(chosen, run);
  const artifact = before === null ? chosen : hidingAlike(chosen, before, run.options.redact);
  const judgement = await withAttempts(() => lintOnce(artifact, before, run));
  const isNamed = run.options.names.length > 0;
  if (judgement.error?.code === 'NEEDS_FETCH' && !isNamed) {
    const skipped = { verdict: 'in-sync', state: null, skipped: 'needs --fetch' } as const;
    return reportArtifact(artifact, null, skipped);
  }
  // There is one side only, and `state` speaks of a runtime copy.
  const judged = { ...byPolicy(judgement, artifact.policy), state: null } as const;
  const report = reportArtifact(artifact, null, judged);
  const commits = await commitSteps(
    artifact,
    report,
    lintedLocation(artifact.reviewed, null, run.sources),
    run,
  );
  const steps = [...sourceSteps(artifact, report, run), ...commits];
  const told = { ...report, warnings: await placedWarnings(report, run) };
  return steps.length === 0 ? told : { ...told, whatToDo: steps };
}

/** Warnings, those of the contract with where it says what they are of. */
function placedWarnings(
  { name, warnings }: ArtifactReport,
  { placeOf }: LintRun,
): Promise<readonly Warning[]> {
  return Promise.all(
    warnings.map(async (warning) => {
      const word = warningsOfContract[warning.code];
      if (word === undefined) return warning;
      const place = await placeOf({ artifact: name, copy: null, word });
      return place === null ? warning : { ...warning, place };
    }),
  );
}

/** The artifact as the base has it: by its name, or, where that was renamed to it, by its reviewed file. */
function beforeOf(
  { name, reviewed }: ArtifactContract,
  { base, names, sources }: LintRun,
): ArtifactContract | null {
  const known = base?.contract?.artifacts ?? [];
  const place = (one: Location): string => sources.scheme(one).textOf(one);
  const isSame = (one: ArtifactContract): boolean =>
    !names.has(one.name) && place(one.reviewed) === place(reviewed);
  return known.find((one) => one.name === name) ?? known.find(isSame) ?? null;
}

/** What brings another tool's contract back together with what was made of it. */
function sourceSteps(
  { from }: ArtifactContract,
  report: ArtifactReport,
  run: LintRun,
): readonly Step[] {
  const isOther = report.warnings.some(({ code }) => code === 'SOURCE_CHANGED');
  if (from === undefined || !isOther) return [];
  const file = lintedLocation(from.location, run.options.ref, run.sources);
  const command = `keydrift init --from ${shellQuote(run.sources.scheme(file).textOf(file))}`;
  const text = 'see what is proposed now, and pin what it was made from again';
  return [{ kind: 'fix', text, commands: [command] }];
}

async function lintOnce(
  artifact: ArtifactContract,
  declared: ArtifactContract | null,
  run: LintRun,
): Promise<Judgement> {
  const { options, sources, now, file } = run;
  const policy = policyUnder(artifact.policy, options);
  const location = lintedLocation(artifact.reviewed, options.ref, sources);
  await requireInside(location, file, sources);
  const copy = await pinOrAbsent(location, 'reviewed', sources);
  if (copy instanceof KeydriftError) {
    throw await removedByChange(copy, { artifact, declared, location }, run);
  }
  const reviewed = await reduceAlone(
    artifact,
    await scanReviewed(copy, reviewedRequest(artifact), wholeCopy, 'broken'),
  );
  for (const own of artifact.copies.filter((one) => one.own !== undefined && one.ref === null)) {
    // What a copy says while its key is migrated has to fit this reviewed copy as well.
    const request = reviewedRequest(viewOf(artifact, own));
    (await scanReviewed(copy, request, wholeCopy, 'broken')).keyset.release();
  }
  const { found, warnings: accepted } = await weighReviewed(artifact, policy, reviewed, now);
  const hazards = await hazardWarnings(reviewed, artifact.readers);
  const source = await sourceWarnings(artifact, { options, sources, file });
  const warnings = [
    ...(await editWarnings(artifact, { location, shown: copy.location }, { options, sources })),
    ...hazards,
    ...idleSteps(reviewed),
    ...accepted,
    ...source,
  ];
  const judgement = {
    verdict: findingsVerdict(found),
    state: null,
    reviewed,
    found,
  } as const;
  if (options.base === null) {
    reviewed.keyset.release();
    return { ...judgement, warnings };
  }
  const before = declared ?? artifact;
  const change = await describeChange(
    { artifact, before, base: options.base },
    reviewed,
    before === artifact ? location : lintedLocation(before.reviewed, options.ref, sources),
    sources,
  );
  reviewed.keyset.release();
  return { ...judgement, change: change.report, warnings: [...warnings, ...change.warnings] };
}

/** The contract of another tool that an artifact was made from is no longer that one. */
async function sourceWarnings(
  { from }: ArtifactContract,
  { options, sources, file }: Pick<LintRun, 'options' | 'sources' | 'file'>,
): Promise<readonly Warning[]> {
  if (from === undefined) return [];
  const location = lintedLocation(from.location, options.ref, sources);
  const shown = sources.scheme(location).textOf(location);
  await requireInside(location, file, sources);
  let now: string;
  try {
    now = await sha256Of(await sources.pin(location, 'bytes if any'));
  } catch (thrown) {
    const error = toKeydriftError(thrown);
    if (faultClass(error) !== 'absent') throw error;
    const message = `${shown}, which this was made from, is not there`;
    return [{ code: 'SOURCE_CHANGED', message, side: null, line: null }];
  }
  if (now === from.sha256) return [];
  const message = `${shown}, which this was made from, has changed (sha256 ${now.slice(0, 12)}): another contract may be proposed of it now`;
  return [{ code: 'SOURCE_CHANGED', message, side: null, line: null }];
}

/**
 * A reviewed file that is in no commit has to lie in the contract's repository: a pull request must
 * not have other files of the machine read, and shown.
 */
async function requireInside(
  location: Location,
  file: ContractFile,
  sources: Sources,
): Promise<void> {
  const scheme = sources.scheme(location);
  const path = scheme.pathOf?.(location);
  if (path === undefined) return;
  const root = await realpath((await rootOf(file, sources)) ?? dirname(file.path));
  const real = await realpath(path).catch(() => path);
  if (isWithin(root, real)) return;
  throw new KeydriftError(
    'LOCATION_INVALID',
    `reviewed location ${quote(scheme.textOf(location))}: lint reads no file outside ${root}`,
    { hint: 'Put it into the repository, or audit it.', place: { side: 'reviewed' } },
  );
}

/** What the contract pins stays pinned; otherwise the ref that was asked for, or the working tree. */
function lintedLocation(reviewed: Location, ref: string | null, sources: Sources): Location {
  if (ref !== null) return reviewed;
  return sources.scheme(reviewed).inWorkingTree?.(reviewed) ?? reviewed;
}
