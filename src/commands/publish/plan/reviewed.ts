import { countKind } from '../../../report/index.ts';
import {
  countFindings,
  findingsVerdict,
  onlyFindings,
  type FindingSet,
} from '../../../compare/index.ts';
import {
  faultClass,
  KeydriftError,
  toKeydriftError,
  type ArtifactContract,
  type Location,
  type PinnedCopy,
  type PlannedSource,
  type Refusal,
  type RuntimeCopy,
  type Warning,
} from '../../../model/index.ts';
import type { Sources } from '../../../judge/context.ts';
import { toldWarnings } from '../../../judge/artifact-report.ts';
import { redactThrown } from '../../../judge/redact.ts';
import { pinNamed, scanReviewed } from '../../../judge/copies.ts';
import { reviewedLocation } from '../../../judge/pair.ts';
import {
  isSaidAlike,
  reviewedRequest,
  runtimeRequest,
  type ScannedCopy,
} from '../../../judge/request.ts';
import { fileReport, scanCopy } from '../../../judge/scan.ts';
import { weighReviewed } from '../../../judge/weigh.ts';

/** Where copies come from, and the moment that the contract is held against. */
export interface Moment {
  readonly sources: Sources;
  readonly now: Date;
}

/** A reviewed copy, read and judged: what is published is a commit's file. */
export interface ReviewedToPublish {
  readonly copy: PinnedCopy;
  readonly commit: string;
  readonly location: Location;
  /** Null where its content cannot be read, as is `source`. */
  readonly scanned: ScannedCopy | null;
  readonly source: PlannedSource | null;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
}

/** Reads a reviewed copy and judges it by its contract. `mostBytes`: what can be written at once. */
export async function readReviewed(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  mostBytes: number,
  { sources, now }: Moment,
): Promise<ReviewedToPublish> {
  const location = reviewedLocation(artifact, copy, sources);
  const store = await sources.of(location);
  const path = await store.pathOf?.(location);
  if (path === undefined) throw notCommitted(artifact);
  const pinned = await pinNamed(location, 'reviewed', sources);
  const { commit, committedAt, blob } = pinned.revision.facts;
  if (commit === undefined || committedAt === undefined || blob === undefined) {
    throw notCommitted(artifact);
  }
  const branch = await store.branchOfHead?.(location);
  const at = sources.scheme(location).forCopy?.(location, { name: null, ref: commit });
  const read = { copy: pinned, commit, location: at ?? location };
  let scanned: ScannedCopy;
  try {
    scanned = await scanReviewed(pinned, reviewedRequest(artifact));
  } catch (thrown) {
    return {
      ...read,
      scanned: null,
      source: null,
      refusals: [unreadable(redactThrown(thrown, artifact))],
      warnings: [],
    };
  }
  const { revision: _revision, claim: _claim, ...facts } = fileReport(scanned);
  const { found, warnings } = await weighReviewed(artifact, copy.policy, scanned, now);
  return {
    ...read,
    scanned,
    source: {
      ...(branch === undefined ? {} : { branch }),
      commit,
      committedAt,
      path,
      blob,
      ...facts,
    },
    refusals: [
      ...brokenRefusals(found),
      ...(await formRefusals(
        artifact,
        copy,
        scanned,
        sources.scheme(copy.location).nameOf(copy.location),
      )),
      ...sizeRefusals(pinned.bytes, mostBytes),
    ],
    warnings: [...scanned.warnings, ...warnings, ...warnedFindings(found)],
  };
}

function notCommitted({ name }: ArtifactContract): KeydriftError {
  return new KeydriftError(
    'NOT_SUPPORTED',
    `the reviewed copy of ${name} is not in git: only a commit is published`,
    { hint: 'Let "reviewed" be a path in git, or git:REF:PATH.' },
  );
}

/** A fault of content is a fact; whatever else is thrown is no verdict. */
function unreadable(thrown: unknown): Refusal {
  const error = toKeydriftError(thrown);
  if (faultClass(error) !== 'content') throw error;
  const { code, message, hint } = error;
  return {
    code: 'REVIEWED_UNREADABLE',
    message: `the reviewed copy cannot be read (${code}): ${message}`,
    hint: hint ?? 'Fix it in git first.',
  };
}

function brokenRefusals(found: FindingSet): readonly Refusal[] {
  const failing = onlyFindings(found, ({ severity }) => severity === 'fail');
  if (findingsVerdict(failing) === 'in-sync') return [];
  const reasons = failing.findings.flatMap(({ kind, reason }) =>
    kind === 'bounds' && reason !== null ? [reason] : [],
  );
  const told = [...countTexts(failing), ...reasons].join('; ');
  return [
    {
      code: 'REVIEWED_BROKEN',
      message: `the reviewed copy breaks its own contract: ${told}`,
      hint: 'Fix it in git first.',
    },
  ];
}

function warnedFindings(found: FindingSet): readonly Warning[] {
  const warned = onlyFindings(found, ({ severity }) => severity === 'warn');
  return countTexts(warned).map((text) => ({
    code: 'REVIEWED_WARNING',
    message: `the reviewed copy has ${text}, which the policy lets pass`,
    side: 'reviewed',
    line: null,
  }));
}

function countTexts(found: FindingSet): readonly string[] {
  return Object.entries(countFindings(found)).flatMap(([kind, count]) =>
    count === 0 ? [] : [countKind(count, kind)],
  );
}

/**
 * The reviewed bytes as the contract reads this runtime copy, under the name that they would have
 * there: where it says another format, other columns or another dialect, they would be drift as soon
 * as they are written; and where the name alone says another compression, a job that goes by it stops.
 */
async function formRefusals(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  reviewed: ScannedCopy,
  path: string,
): Promise<readonly Refusal[]> {
  const { copy: pinned } = reviewed;
  const isNamedAlike = endingOf(path) === endingOf(pinned.path ?? '');
  if (isNamedAlike && isSaidAlike(artifact, copy)) return [];
  const counterpart = reviewed.plan.consumed.map(({ name }) => name);
  let why: string;
  try {
    const read = await scanCopy({ ...pinned, path }, runtimeRequest(artifact, copy, counterpart));
    read.keyset.release();
    const unsaid = toldWarnings(artifact, read.warnings).find(
      ({ code }) => code === 'COMPRESSION_BY_CONTENT',
    );
    if (read.keyset.digest !== reviewed.keyset.digest) why = 'it has other units';
    else if (unsaid === undefined) return [];
    else why = unsaid.message;
  } catch (thrown) {
    const error = redactThrown(thrown, artifact);
    if (faultClass(error) !== 'content') throw error;
    why = error.message;
  }
  return [
    {
      code: 'OTHER_FORM',
      message: `the contract reads this runtime copy in another form (format, compression, encoding, columns, csv) than the reviewed one, and publish writes bytes as they stand: with those in it, ${why}`,
      hint: 'Let another job convert it, or let this copy be named and described as the reviewed one (`format`, `compression`, `columns`, `csv` …) once its readers take that form.',
    },
  ];
}

/** What a name says of its format: `.csv.gz`. */
function endingOf(name: string): string {
  return /(?:\.[a-z][a-z0-9]*)*$/i.exec(name)?.[0].toLowerCase() ?? '';
}

/** More than one PUT can carry. */
export function sizeRefusals(bytes: number, mostBytes: number): readonly Refusal[] {
  if (bytes <= mostBytes) return [];
  return [
    {
      code: 'TOO_LARGE',
      message: `the reviewed copy has ${bytes} bytes: one PUT, which is all or nothing, carries at most ${mostBytes} (${Math.floor(mostBytes / 1024 ** 3)} GiB)`,
      hint: 'Split the artifact.',
    },
  ];
}
