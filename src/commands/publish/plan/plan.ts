import { noFindings } from '../../../compare/index.ts';
import { contentTypeOf } from '../../../formats/index.ts';
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
import { reportError, toldWarnings } from '../../../judge/artifact-report.ts';
import { redactThrown } from '../../../judge/redact.ts';
import { untilStill } from '../../../judge/attempts.ts';
import type { Sources } from '../../../judge/context.ts';
import type { ChosenCopy } from '../../../judge/choose.ts';
import { changeFromNothing, compareObject } from './object.ts';
import { ordersOf, type Ordered, type OrderRequest } from './order.ts';
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

/** A copy as far as both its sides tell of it. */
export interface ExaminedCopy {
  /** What is to be asked of the history; null: nothing. */
  readonly question: OrderRequest | null;
  /** The copy in a plan, once that is answered. */
  readonly plan: (answer: Ordered | KeydriftError | null) => PreparedCopy;
}

/**
 * Reads both sides of a copy, and changes nothing. It never throws: what could not be established is
 * told in the plan.
 */
export async function examineCopy(chosen: ChosenCopy, tools: PublishTools): Promise<ExaminedCopy> {
  try {
    return await untilStill(() => examineOnce(chosen, tools));
  } catch (thrown) {
    return { question: null, plan: () => unknownCopy(chosen, tools, thrown) };
  }
}

/** The copies in a plan, in their order; the history is asked for all of them at once. */
export async function planExamined(
  examined: readonly ExaminedCopy[],
  tools: PublishTools,
): Promise<readonly PreparedCopy[]> {
  const questions = examined.flatMap(({ question }) => question ?? []);
  const answers = await ordersOf(questions, tools);
  const answered = new Map(questions.map((question, at) => [question, answers[at]!]));
  return examined.map(({ question, plan }) => {
    const prepared = plan(question === null ? null : answered.get(question)!);
    const { chosen, planned } = prepared;
    const warnings = toldWarnings(chosen.artifact, planned.warnings);
    return { ...prepared, planned: { ...planned, warnings } };
  });
}

function unknownCopy(chosen: ChosenCopy, tools: PublishTools, thrown: unknown): PreparedCopy {
  const error = reportError(redactThrown(thrown, chosen.artifact));
  const planned = { ...unplanned(chosen, tools), action: 'unknown', error } as const;
  return { chosen, planned, work: null };
}

async function examineOnce(chosen: ChosenCopy, tools: PublishTools): Promise<ExaminedCopy> {
  const { artifact, copy } = chosen;
  const { location } = copy;
  const { writer, mostBytes } = await writerOf(artifact, location, tools.sources);
  const reviewed = await readReviewed(artifact, copy, mostBytes, tools);
  const before = unplanned(chosen, tools);
  const target = { ...before.target, endpoint: await writer.endpointOf(location) };
  const { copy: pinned, source, scanned } = reviewed;
  const { warnings, refusals: broken } = reviewed;
  const facts = { ...before, target, reviewed: source };
  if (source === null || scanned === null) {
    const planned = { ...facts, action: 'refuse', refusals: broken, warnings } as const;
    return { question: null, plan: () => ({ chosen, planned, work: null }) };
  }
  try {
    const tags = (copy.put?.tags ?? null) === null ? 'needed' : 'optional';
    const object = await writer.look(location, tags);
    const { question, found } =
      object === null
        ? { question: null, found: await foundNothing(artifact, scanned) }
        : await findOver(chosen, location, { ...reviewed, source, scanned }, object, tools);
    const wanted = await wantedFor(chosen, tools, location, object, pinned, source);
    const { write } = wanted;
    return {
      question,
      plan(answer) {
        if (answer instanceof KeydriftError) return unknownCopy(chosen, tools, answer);
        const { order = null, error = null } = answer ?? {};
        const isAsIs = found.reasons.length === 0;
        const planned: PlannedCopy = {
          ...facts,
          ...found,
          order,
          refusals: [...broken, ...(answer?.refusals ?? [])],
          write: isAsIs ? null : write,
          warnings: [
            ...warnings,
            ...found.warnings,
            ...(answer?.warnings ?? []),
            ...(isAsIs ? [] : wanted.warnings),
          ],
          error: error === null ? null : reportError(error),
        };
        const action = actionOf(planned, object);
        const isWritten = action === 'create' || action === 'replace';
        const work = { location, writer, copy: pinned, source, write };
        return {
          chosen,
          planned: { ...planned, action },
          work: isWritten ? work : null,
          wanted: write,
          ...(object === null ? {} : { held: object.attributes }),
        };
      },
    };
  } finally {
    scanned.keyset.release();
  }
}

/** What is there, and why it would be overwritten. */
type FoundObject = Pick<
  PlannedCopy,
  'runtime' | 'state' | 'counts' | 'change' | 'reasons' | 'warnings'
>;

async function foundNothing(
  artifact: ArtifactContract,
  scanned: ScannedCopy,
): Promise<FoundObject> {
  return {
    runtime: null,
    state: 'missing',
    counts: noFindings(),
    change: await changeFromNothing(artifact, scanned),
    reasons: ['missing'],
    warnings: [],
  };
}

type ReadableReviewed = ReviewedToPublish & {
  readonly source: PlannedSource;
  readonly scanned: ScannedCopy;
};

/** What overwriting an object comes to, but for what the history says of it. */
async function findOver(
  chosen: ChosenCopy,
  location: Location,
  reviewed: ReadableReviewed,
  state: ObjectState,
  { sources, allow }: PublishTools,
): Promise<{ readonly question: OrderRequest | null; readonly found: FoundObject }> {
  const compared = await compareObject(chosen, location, reviewed.scanned, state, sources);
  const { object, names } = compared;
  const isChanged = names !== null || compared.change?.units.length !== 0;
  const told = {
    runtime: object,
    state: compared.state,
    counts: compared.counts,
    change: isChanged ? compared.change : null,
    warnings: compared.warnings,
  };
  const { put = null } = chosen.copy;
  if (names === null) {
    const claim: readonly PublishReason[] = object.claim?.fits === false ? ['claim'] : [];
    const reasons = [...claim, ...attributeReasons(state, put)];
    return { question: null, found: { ...told, reasons } };
  }
  const question = {
    location: reviewed.location,
    commit: reviewed.commit,
    object,
    names,
    allow: {
      rollback: allow.allowRollback,
      unknownClaim: allow.allowUnknownClaim,
      unreviewed: allow.overwriteUnreviewed,
      order: put?.order ?? null,
    },
  };
  return { question, found: { ...told, reasons: ['bytes'] } };
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
  const first = Buffer.concat(head);
  return wantedWrite({
    object,
    put: copy.put ?? null,
    contentType: contentTypeOf(formats, sources.scheme(location).nameOf(location), first),
    claim: { commit, committedAt, path, blob, sha256, digest, contract },
    conditional: allow.unconditional ? 'unconditional' : 'conditional',
    head: first,
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
