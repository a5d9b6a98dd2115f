import { noFindings } from '../../../compare/index.ts';
import { contentTypeByName } from '../../../formats/index.ts';
import {
  KeydriftError,
  type ArtifactContract,
  type FormatRegistry,
  type Location,
  type ObjectState,
  type ObjectWrite,
  type PinnedCopy,
  type PlannedCopy,
  type PlannedSource,
  type PublishPlan,
  type PublishReason,
  type Writer,
} from '../../../model/index.ts';
import { reportError } from '../../../judge/artifact-report.ts';
import { redactThrown } from '../../../judge/redact.ts';
import { untilStill } from '../../../judge/attempts.ts';
import type { Sources } from '../../../judge/context.ts';
import type { ChosenCopy } from '../../../judge/choose.ts';
import { evidenceRefusals, orderOf } from '../claim.ts';
import { changeFromNothing, compareObject } from './object.ts';
import { readReviewed, type Moment, type ReviewedToPublish } from './reviewed.ts';
import { attributeReasons, wantedWrite, type WantedWrite } from './write.ts';
import type { ScannedCopy } from '../../../judge/request.ts';

/** What a run of `publish` works with. */
export interface PublishTools extends Moment {
  /** The run's `--ref`. */
  readonly ref: string;
  /** SHA-256 of the contract's file. */
  readonly contract: string;
  readonly formats: FormatRegistry;
  readonly allow: Pick<
    PublishPlan['options'],
    'unconditional' | 'overwriteUnreviewed' | 'allowRollback' | 'allowUnknownClaim'
  >;
}

/** A copy in a plan, and what is needed to write it; null where nothing is to be written. */
export interface PreparedCopy {
  readonly chosen: ChosenCopy;
  readonly planned: PlannedCopy;
  readonly work: PublishWork | null;
  /** How it would be written, also where nothing is to do; left out: it cannot be told. */
  readonly wanted?: ObjectWrite;
  /** What the object has that is there; left out: there is none, or it cannot be told. */
  readonly held?: ObjectState['attributes'];
}

export interface PublishWork {
  readonly location: Location;
  readonly writer: Writer;
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
    const error = reportError(redactThrown(thrown, chosen.artifact));
    const planned = { ...unplanned(chosen, tools), action: 'unknown', error } as const;
    return { chosen, planned, work: null };
  }
}

async function planOnce(chosen: ChosenCopy, tools: PublishTools): Promise<PreparedCopy> {
  const { artifact, copy } = chosen;
  const { location } = copy;
  const { writer, mostBytes } = await writerOf(artifact, location, tools.sources);
  const reviewed = await readReviewed(artifact, copy, mostBytes, tools);
  const before = unplanned(chosen, tools);
  const target = { ...before.target, endpoint: await writer.endpointOf(location) };
  const { source, scanned } = reviewed;
  const facts = { ...before, target, reviewed: source, warnings: reviewed.warnings };
  if (source === null || scanned === null) {
    const planned = { ...facts, action: 'refuse', refusals: reviewed.refusals } as const;
    return { chosen, planned, work: null };
  }
  try {
    const tags = (copy.put?.tags ?? null) === null ? 'needed' : 'optional';
    const object = await writer.look(location, tags);
    const found =
      object === null
        ? { state: 'missing' as const, change: await changeFromNothing(artifact, scanned) }
        : await planOver(chosen, location, { ...reviewed, source, scanned }, object, tools);
    const reasons = 'reasons' in found ? found.reasons : (['missing'] as const);
    const refusals = [...reviewed.refusals, ...('refusals' in found ? found.refusals : [])];
    const wanted = await wantedFor(chosen, tools, location, object, reviewed.copy, source);
    const planned: PlannedCopy = {
      ...facts,
      ...found,
      refusals,
      reasons,
      write: reasons.length === 0 ? null : wanted.write,
      warnings: [
        ...facts.warnings,
        ...('warnings' in found ? found.warnings : []),
        ...(reasons.length === 0 ? [] : wanted.warnings),
      ],
    };
    const action = actionOf(planned, object);
    const isWritten = action === 'create' || action === 'replace';
    const work = { location, writer, copy: reviewed.copy, source, write: wanted.write };
    const { write } = wanted;
    return {
      chosen,
      planned: { ...planned, action },
      work: isWritten ? work : null,
      wanted: write,
      ...(object === null ? {} : { held: object.attributes }),
    };
  } finally {
    scanned.keyset.release();
  }
}

type ReadableReviewed = ReviewedToPublish & {
  readonly source: PlannedSource;
  readonly scanned: ScannedCopy;
};

/** What overwriting an object comes to. */
async function planOver(
  chosen: ChosenCopy,
  location: Location,
  reviewed: ReadableReviewed,
  state: ObjectState,
  tools: PublishTools,
): Promise<
  Pick<
    PlannedCopy,
    | 'runtime'
    | 'state'
    | 'counts'
    | 'change'
    | 'order'
    | 'reasons'
    | 'refusals'
    | 'warnings'
    | 'error'
  >
> {
  const { sources, allow } = tools;
  const compared = await compareObject(chosen, location, reviewed.scanned, state, sources);
  const { object, names } = compared;
  const facts = { runtime: object, state: compared.state, counts: compared.counts };
  const isChanged = names !== null || compared.change?.units.length !== 0;
  const nothing = { order: null, refusals: [], error: null };
  const change = isChanged ? compared.change : null;
  const told = { ...facts, change, ...nothing, warnings: compared.warnings };
  if (names === null) {
    const claim: readonly PublishReason[] = object.claim?.fits === false ? ['claim'] : [];
    return { ...told, reasons: [...claim, ...attributeReasons(state, chosen.copy.put ?? null)] };
  }
  const { order, refusals, warnings, error } = await orderOf({
    sources,
    now: tools.now,
    location: reviewed.location,
    commit: reviewed.commit,
    object,
    names,
    allow: {
      rollback: allow.allowRollback,
      unknownClaim: allow.allowUnknownClaim,
      order: chosen.copy.put?.order ?? null,
    },
  });
  const evidence = allow.overwriteUnreviewed
    ? []
    : await evidenceRefusals(object, names, reviewed.location, sources);
  return {
    ...told,
    reasons: ['bytes'],
    order,
    refusals: [...refusals, ...evidence],
    warnings: [...compared.warnings, ...warnings],
    error: error === null ? null : reportError(error),
  };
}

/** Throws `NOT_SUPPORTED` for a runtime copy that is no object, or one version of it. */
async function writerOf(
  { name }: ArtifactContract,
  location: Location,
  sources: Sources,
): Promise<{ readonly writer: Writer; readonly mostBytes: number }> {
  const { version, mostBytes = Infinity } = sources.scheme(location);
  const writer = (await sources.of(location)).writer?.();
  if (writer === undefined) {
    throw new KeydriftError(
      'NOT_SUPPORTED',
      `the runtime copy of ${name} is no S3 object: publish writes to s3:// only`,
      { hint: 'Copy the file by other means, or let "runtime" be s3://BUCKET/KEY.' },
    );
  }
  if ((version?.of(location) ?? null) === null) return { writer, mostBytes };
  throw new KeydriftError(
    'NOT_SUPPORTED',
    `the runtime copy of ${name} is one version of an object, which cannot be written anew`,
    { hint: 'Remove ?versionId= from its location.' },
  );
}

function actionOf(
  { error, refusals, reasons }: PlannedCopy,
  object: ObjectState | null,
): PlannedCopy['action'] {
  if (refusals.length > 0) return 'refuse';
  if (error !== null) return 'unknown';
  if (reasons.length === 0) return 'none';
  return object === null ? 'create' : 'replace';
}

async function wantedFor(
  { copy }: ChosenCopy,
  { contract, allow, sources, formats }: PublishTools,
  location: Location,
  object: ObjectState | null,
  reviewed: PinnedCopy,
  source: PlannedSource,
): Promise<WantedWrite> {
  const { commit, committedAt, path, blob, sha256, digest } = source;
  const head: Uint8Array[] = [];
  const range = { start: 0, end: Math.min(16, reviewed.bytes) };
  for await (const chunk of reviewed.open(range)) head.push(chunk);
  return wantedWrite({
    object,
    put: copy.put ?? null,
    contentType: contentTypeByName(formats, sources.scheme(location).nameOf(location)),
    claim: { commit, committedAt, path, blob, sha256, digest, contract },
    conditional: allow.unconditional ? 'unconditional' : 'conditional',
    head: Buffer.concat(head),
  });
}

/** A copy of which nothing is known yet. */
function unplanned({ artifact, copy }: ChosenCopy, { sources }: PublishTools): PlannedCopy {
  const { location } = copy;
  const scheme = sources.scheme(location);
  return {
    name: artifact.name,
    copy: copy.name,
    owner: artifact.owner,
    runbook: artifact.runbook,
    action: 'unknown',
    reasons: [],
    target: {
      location: scheme.textOf(location),
      endpoint: null,
      expectedOwner: scheme.ownerOf?.(location) ?? null,
    },
    reviewed: null,
    runtime: null,
    state: null,
    counts: noFindings(),
    order: null,
    change: null,
    write: null,
    refusals: [],
    warnings: [],
    error: null,
  };
}
