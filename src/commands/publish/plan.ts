import { noFindings } from '../../compare/index.ts';
import {
  KeydriftError,
  toKeydriftError,
  type ArtifactContract,
  type ObjectWrite,
  type PinnedCopy,
  type PlannedCopy,
  type PlannedSource,
  type PublishReason,
  type RuntimeCopy,
  type S3Location,
} from '../../model/index.ts';
import type { ObjectState, S3Writer } from '../../sources/s3/index.ts';
import { reportError } from '../../judge/artifact-report.ts';
import { untilStill } from '../../judge/attempts.ts';
import type { ChosenCopy } from '../../judge/contract.ts';
import { evidenceRefusals, judgeObject, type JudgedObject, type Moment } from './object.ts';
import { readReviewed } from './reviewed.ts';
import { attributeReasons, wantedWrite, type WantedWrite } from './write.ts';

/** What a run of `publish` works with. */
export interface PublishTools extends Moment {
  readonly publisher: S3Writer;
  /** The run's `--ref`. */
  readonly ref: string;
  /** SHA-256 of the contract's file. */
  readonly contract: string;
  readonly conditional: 'conditional' | 'unconditional';
  readonly unreviewed: 'refuse' | 'overwrite';
}

/** A copy in a plan, and what is needed to write it; null where nothing is to be written. */
export interface PreparedCopy {
  readonly chosen: ChosenCopy;
  readonly planned: PlannedCopy;
  readonly work: PublishWork | null;
}

export interface PublishWork {
  readonly location: S3Location;
  /** The reviewed bytes. */
  readonly copy: PinnedCopy;
  readonly source: PlannedSource;
  readonly write: ObjectWrite;
}

/** Plans one copy, and changes nothing. It never throws: what could not be established is told. */
export async function planCopy(chosen: ChosenCopy, tools: PublishTools): Promise<PreparedCopy> {
  try {
    return await untilStill(() => planOnce(chosen, tools));
  } catch (thrown) {
    const error = reportError(toKeydriftError(thrown));
    const planned = { ...unplanned(chosen), action: 'unknown', error } as const;
    return { chosen, planned, work: null };
  }
}

async function planOnce(chosen: ChosenCopy, tools: PublishTools): Promise<PreparedCopy> {
  const { artifact, copy } = chosen;
  const { sources, publisher, unreviewed } = tools;
  const location = writableLocation(artifact, copy);
  const reviewed = await readReviewed(artifact, copy, tools.ref, tools);
  const before = unplanned(chosen);
  const target = { ...before.target, endpoint: await publisher.endpointOf(location) };
  const { source } = reviewed;
  const facts = { ...before, target, reviewed: source, warnings: reviewed.warnings };
  if (source === null) {
    const planned = { ...facts, action: 'refuse', refusals: reviewed.refusals } as const;
    return { chosen, planned, work: null };
  }
  const tags = (copy.put?.tags ?? null) === null ? 'needed' : 'optional';
  const object = await publisher.look(location, tags);
  const judged =
    object === null
      ? null
      : await judgeObject(artifact, copy, location, reviewed.commit, object, tools);
  const reasons = reasonsFor(source, judged, object, copy);
  const evidence =
    judged === null || reasons.length === 0 || unreviewed === 'overwrite'
      ? []
      : await evidenceRefusals(judged, reviewed.location, sources);
  const refusals = [...reviewed.refusals, ...evidence];
  const wanted = await wantedFor(chosen, tools, location, object, reviewed.copy, source);
  const planned: PlannedCopy = {
    ...facts,
    runtime: judged?.object ?? null,
    state: judged?.drift.state ?? 'missing',
    counts: judged?.drift.counts ?? noFindings(),
    refusals,
    reasons,
    action: actionOf(refusals.length > 0 ? 'refused' : 'allowed', reasons, object),
    write: reasons.length === 0 ? null : wanted.write,
    warnings: [...facts.warnings, ...(reasons.length === 0 ? [] : wanted.warnings)],
  };
  const isWritten = planned.action === 'create' || planned.action === 'replace';
  const work = { location, copy: reviewed.copy, source, write: wanted.write };
  return { chosen, planned, work: isWritten ? work : null };
}

/** Throws `NOT_SUPPORTED` for a runtime copy that is no object, or one version of it. */
function writableLocation({ name }: ArtifactContract, { location }: RuntimeCopy): S3Location {
  if (location.kind !== 's3') {
    throw new KeydriftError(
      'NOT_SUPPORTED',
      `the runtime copy of ${name} is no S3 object: publish writes to s3:// only`,
      { hint: 'Copy the file by other means, or let "runtime" be s3://BUCKET/KEY.' },
    );
  }
  if (location.versionId === null) return location;
  throw new KeydriftError(
    'NOT_SUPPORTED',
    `the runtime copy of ${name} is one version of an object, which cannot be written anew`,
    { hint: 'Remove ?versionId= from its location.' },
  );
}

/** Same bytes are up to date, whichever commit they claim: commits share files. */
function reasonsFor(
  source: PlannedSource,
  judged: JudgedObject | null,
  object: ObjectState | null,
  { put }: RuntimeCopy,
): readonly PublishReason[] {
  if (judged === null || object === null) return ['missing'];
  if (judged.object.sha256 !== source.sha256) return ['bytes'];
  const claim: readonly PublishReason[] = judged.object.claim?.fits === false ? ['claim'] : [];
  return [...claim, ...attributeReasons(object, put ?? null)];
}

function actionOf(
  verdict: 'refused' | 'allowed',
  reasons: readonly PublishReason[],
  object: ObjectState | null,
): PlannedCopy['action'] {
  if (verdict === 'refused') return 'refuse';
  if (reasons.length === 0) return 'none';
  return object === null ? 'create' : 'replace';
}

async function wantedFor(
  { copy }: ChosenCopy,
  { contract, conditional }: PublishTools,
  location: S3Location,
  object: ObjectState | null,
  reviewed: PinnedCopy,
  source: PlannedSource,
): Promise<WantedWrite> {
  const { commit, path, blob, sha256, digest } = source;
  const head: Uint8Array[] = [];
  const range = { start: 0, end: Math.min(16, reviewed.bytes) };
  for await (const chunk of reviewed.open(range)) head.push(chunk);
  return wantedWrite({
    object,
    put: copy.put ?? null,
    key: location.key,
    claim: { commit, path, blob, sha256, digest, contract },
    conditional,
    head: Buffer.concat(head),
  });
}

/** A copy of which nothing is known yet. */
function unplanned({ artifact, copy }: ChosenCopy): PlannedCopy {
  const { location } = copy;
  const text =
    location.kind === 's3'
      ? `s3://${location.bucket}/${location.key}`
      : 'path' in location
        ? location.path
        : '';
  return {
    name: artifact.name,
    copy: copy.name,
    owner: artifact.owner,
    runbook: artifact.runbook,
    action: 'unknown',
    reasons: [],
    target: {
      location: text,
      endpoint: null,
      expectedOwner: location.kind === 's3' ? location.access.expectedOwner : null,
    },
    reviewed: null,
    runtime: null,
    state: null,
    counts: noFindings(),
    write: null,
    refusals: [],
    warnings: [],
    error: null,
  };
}
