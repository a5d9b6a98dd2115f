import { findingsVerdict } from '../../compare/index.ts';
import {
  isFileSide,
  KeydriftError,
  type ArtifactContract,
  type ArtifactReport,
  type BundlePlace,
  type Contract,
  type PinnedCopy,
  type Report,
} from '../../model/index.ts';
import { reportArtifact } from '../../judge/artifact-report.ts';
import { withAttempts } from '../../judge/attempts.ts';
import { writeBundle, type WrittenBundle, type Candidate, type SoundCopy } from './write.ts';
import { mapConcurrently } from '../../judge/concurrency.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import { contractAtCommit, type CommittedContract } from '../../judge/committed-contract.ts';
import { chooseArtifacts, viewOf } from '../../judge/choose.ts';
import { contractOf, requirePinned } from '../../judge/contract.ts';
import { contractHash } from '../../judge/contract-files.ts';
import { listIn } from '../../judge/families.ts';
import type { ContractChoice, ContractOptions } from '../../judge/options.ts';
import { pinNamed, scanReviewed } from '../../judge/copies.ts';
import { exitCodes } from '../../judge/exit-code.ts';
import { reviewedLocation } from '../../judge/pair.ts';
import { parsePlace } from '../../judge/place.ts';
import { reportRun } from '../../judge/report.ts';
import { reviewedRequest } from '../../judge/request.ts';
import { openSources } from '../../judge/sources.ts';
import { weighReviewed } from '../../judge/weigh.ts';

export interface BundleOptions extends ContractChoice, Pick<ContractOptions, 'select'> {
  /** Chosen artifacts; none: all. */
  readonly names: readonly string[];
  /** `--out`: a directory, or `s3://bucket/prefix`. */
  readonly out: string;
  /** `--ref`: the commit that is bundled, contract included. */
  readonly ref: string;
  /** `--history` in seconds, or null. */
  readonly historySeconds: number | null;
  readonly cacheDirectory: string;
}

/** What became of a bundle: the judgement of its copies, and what was written, if anything was. */
export interface BundleRun {
  readonly report: Report;
  readonly written: WrittenBundle | null;
}

/** Copies judged at once. */
const mostAtOnce = 4;

/**
 * `keydrift bundle`: the reviewed copies of a commit, judged by the contract of that commit, into a
 * directory or a prefix. Nothing is written unless every one of them holds its contract.
 */
export async function bundle(context: AppContext, options: BundleOptions): Promise<BundleRun> {
  let written: WrittenBundle | null = null;
  const report = await reportRun('bundle', context, true, async () => {
    const place = parsePlace(options.out, context, options.access);
    const sources = openSources(context, options);
    try {
      const committed = await contractAtCommit(context, options, sources);
      const { commit, text } = committed;
      const provenance = { sha256: contractHash(text), commit, uncommitted: false };
      requirePinned(provenance.sha256, options);
      const list = listIn(sources, 'committed');
      const contract = await contractOf(committed, text, context, options, provenance, list);
      const { reports, sound } = await judgeAll(contract, context, options, sources);
      if (sound !== null) written = await write(place, committed, sound, context, options, sources);
      return reports;
    } finally {
      await sources.close();
    }
  });
  // A broken copy is final, whatever else could not be established: a retry bundles nothing.
  const exitCode = report.verdict === 'drifted' ? exitCodes.drift : report.exitCode;
  return { report: { ...report, exitCode }, written };
}

/** Every chosen copy by its contract; `sound` is null unless all of them hold. */
async function judgeAll(
  contract: Contract,
  context: AppContext,
  options: BundleOptions,
  sources: Sources,
): Promise<{ reports: ArtifactReport[]; sound: SoundCopy[] | null }> {
  const candidates = chooseArtifacts(contract, options, context).flatMap((artifact) =>
    candidatesOf(artifact, sources),
  );
  const sound: SoundCopy[] = [];
  let done = 0;
  const reports = await mapConcurrently(candidates, mostAtOnce, async (candidate) => {
    const report = await judgeCandidate(candidate, sources, context.now(), (one) =>
      sound.push(one),
    );
    done += 1;
    context.progress(done, candidates.length, candidate.artifact.name);
    return report;
  });
  return { reports, sound: reports.every(({ verdict }) => verdict === 'in-sync') ? sound : null };
}

/** The reviewed copy, and that of each runtime copy which names a ref of its own. */
function candidatesOf(artifact: ArtifactContract, sources: Sources): Candidate[] {
  const named = artifact.copies.filter(({ name, ref }) => name !== null && ref !== null);
  const others = artifact.copies.filter((copy) => !named.includes(copy));
  const of = (copy: ArtifactContract['copies'][number]): Candidate => ({
    artifact: viewOf(artifact, copy),
    copy: named.includes(copy) ? copy.name : null,
    location: reviewedLocation(artifact, copy, sources),
  });
  return [...others.slice(0, 1), ...named].map(of);
}

async function judgeCandidate(
  candidate: Candidate,
  sources: Sources,
  now: Date,
  keep: (sound: SoundCopy) => void,
): Promise<ArtifactReport> {
  const { artifact, copy, location } = candidate;
  let pinned: PinnedCopy | null = null;
  const judgement = await withAttempts(async () => {
    if ((await sources.of(location)).pathOf === undefined) throw notInGit(artifact);
    pinned = await pinNamed(location, 'reviewed', sources);
    const reviewed = await scanReviewed(pinned, reviewedRequest(artifact));
    const weighed = await weighReviewed(artifact, artifact.policy, reviewed, now);
    reviewed.keyset.release();
    return { verdict: findingsVerdict(weighed.found), state: null, reviewed, ...weighed };
  });
  // There is one side only, and `state` speaks of a runtime copy.
  const report = reportArtifact(artifact, copy, { ...judgement, state: null });
  const { reviewed: side, verdict } = report;
  if (pinned !== null && side !== null && isFileSide(side) && verdict === 'in-sync') {
    keep({ ...candidate, pinned, side });
  }
  return report;
}

function notInGit({ name }: ArtifactContract): KeydriftError {
  return new KeydriftError(
    'NOT_SUPPORTED',
    `the reviewed copy of ${name} is not in git: a bundle is made of a commit`,
    { hint: 'Let "reviewed" be a path or git:REF:PATH, or name the artifacts to bundle.' },
  );
}

async function write(
  place: BundlePlace,
  contract: CommittedContract,
  copies: readonly SoundCopy[],
  { version }: AppContext,
  { historySeconds }: BundleOptions,
  sources: Sources,
): Promise<WrittenBundle> {
  return writeBundle({ place, contract, copies, version, historySeconds, sources });
}
