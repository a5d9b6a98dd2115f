import { createHash } from 'node:crypto';
import {
  KeydriftError,
  type ArtifactContract,
  type ArtifactReport,
  type GitLocation,
  type PinnedCopy,
  type PlannedObject,
  type PublishedClaim,
  type Refusal,
  type RuntimeCopy,
  type S3Location,
} from '../../model/index.ts';
import type { ObjectState } from '../../sources/s3/index.ts';
import { claimReport } from '../../judge/claim.ts';
import type { Sources } from '../../judge/context.ts';
import { pinNamed } from '../../judge/copies.ts';
import { judgeCopy } from '../../judge/pair.ts';

/** Where copies come from, and the moment that the contract is held against. */
export interface Moment {
  readonly sources: Sources;
  readonly now: Date;
}

/** The object that is there, read and compared with what would be written. */
export interface JudgedObject {
  readonly object: PlannedObject;
  readonly drift: ArtifactReport;
  /** Hashes that name its content in git; null where nobody needs them. */
  readonly content: ContentHashes | null;
}

/** A content's name in git: as a blob of either kind of repository, and to Git LFS. */
export interface ContentHashes {
  readonly sha1: string;
  readonly sha256: string;
  readonly lfs: string;
}

/**
 * Judges an object as the audit does, against one commit. Throws `COPY_CHANGED` when another
 * revision was judged than was looked at, and what the audit could not establish.
 */
export async function judgeObject(
  artifact: ArtifactContract,
  copy: RuntimeCopy,
  location: S3Location,
  commit: string,
  state: ObjectState,
  { sources, now }: Moment,
): Promise<JudgedObject> {
  // Deployment lag is what a publication ends: it excuses nothing here.
  const asked = { ...copy, ref: commit, grace: 0 };
  const drift = await judgeCopy(artifact, asked, sources, { now, acceptance: 'apply' });
  if (drift.state === 'missing') throw changed(location);
  if (drift.verdict === 'indeterminate') throw toError(drift);
  const { runtime: side } = drift;
  const isEvidence = state.overwritten === 'lost' && drift.state !== 'identical';
  const hashed = side === null || isEvidence ? await hashContent(location, state, sources) : null;
  if (side !== null && !isRevision(side.revision, state)) throw changed(location);
  const { versionId, etag, lastModified, bytes, overwritten } = state;
  const claim = hashed === null ? (side?.claim ?? null) : hashed.claim;
  return {
    object: {
      versionId,
      etag,
      lastModified,
      bytes,
      sha256: side?.sha256 ?? hashed?.content.lfs ?? '',
      rows: side?.rows ?? null,
      units: side?.units ?? null,
      digest: side?.digest ?? null,
      claim,
      overwritten,
    },
    drift,
    content: hashed?.content ?? null,
  };
}

/**
 * Refuses to destroy what nobody reviewed: in a bucket without versions it would be the only
 * evidence of what has run.
 */
export async function evidenceRefusals(
  { object, content }: JudgedObject,
  location: GitLocation,
  sources: Sources,
): Promise<readonly Refusal[]> {
  if (content === null || object.overwritten === 'kept') return [];
  const reviewed = await sources.contentsOf(location);
  const blob = content[reviewed.algorithm];
  if (reviewed.blobs.has(blob) || reviewed.lfs.has(content.lfs)) return [];
  const where =
    reviewed.history === 'shallow'
      ? 'no reviewed commit of this shallow clone holds it'
      : 'no reviewed commit holds it';
  const fetch =
    reviewed.history === 'shallow'
      ? 'Fetch the whole history first ("fetch-depth: 0", git fetch --unshallow). '
      : '';
  return [
    {
      code: 'UNREVIEWED_CONTENT',
      message: `the bucket keeps no versions, and what is there now (sha256 ${object.sha256.slice(0, 12)}…) would be lost: ${where}`,
      hint: `${fetch}Save a copy of the object if it is still wanted as evidence; then say --overwrite-unreviewed.`,
    },
  ];
}

interface Hashed {
  readonly content: ContentHashes;
  readonly claim: PlannedObject['claim'];
}

async function hashContent(
  location: S3Location,
  state: ObjectState,
  sources: Sources,
): Promise<Hashed> {
  const pinned = await pinNamed(location, 'runtime', sources);
  if (!isRevision(pinned.revision, state)) throw changed(location);
  const content = await hashesOf(pinned);
  return { content, claim: claimReport(pinned, content.lfs) };
}

/** Reads a copy once for all of its names in git. */
async function hashesOf(copy: PinnedCopy): Promise<ContentHashes> {
  const header = `blob ${copy.bytes}\0`;
  const sha1 = createHash('sha1').update(header);
  const sha256 = createHash('sha256').update(header);
  const lfs = createHash('sha256');
  for await (const chunk of copy.open()) {
    for (const hash of [sha1, sha256, lfs]) hash.update(chunk);
  }
  return { sha1: sha1.digest('hex'), sha256: sha256.digest('hex'), lfs: lfs.digest('hex') };
}

function isRevision(revision: PinnedCopy['revision'], state: ObjectState): boolean {
  return (
    revision.kind === 's3' && revision.etag === state.etag && revision.versionId === state.versionId
  );
}

function changed({ bucket, key }: S3Location): KeydriftError {
  return new KeydriftError('COPY_CHANGED', `s3://${bucket}/${key} changed while it was looked at`);
}

function toError({ error }: ArtifactReport): KeydriftError {
  if (error === null) return new KeydriftError('INTERNAL', 'no verdict, and no error');
  const { code, message, hint, place, problems } = error;
  return new KeydriftError(code, message, { hint, place, problems });
}

/** Whether an object claims exactly this, and holds it. */
export function claims(
  { claim, sha256 }: PlannedObject,
  wanted: Readonly<Record<keyof PublishedClaim, string>>,
): boolean {
  return claim?.fits === true && sha256 === wanted.sha256 && claim.commit === wanted.commit;
}
