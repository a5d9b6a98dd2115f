import {
  faultClass,
  objectRevision,
  toKeydriftError,
  type ObjectVersion,
  type ObjectVersions,
  type PinnedCopy,
  type RuntimeCopy,
  type VersionWindow,
} from '../../model/index.ts';
import { reportError } from '../../judge/artifact-report.ts';
import { mapConcurrently } from '../../judge/concurrency.ts';
import type { Sources } from '../../judge/context.ts';
import type { FactsMemory, Content } from '../../judge/explain/facts-memory.ts';
import type { RuntimeVersion } from '../../judge/explain/moments.ts';

/** The versions of a runtime copy that are known, the newest first. */
export interface RuntimeHistory {
  readonly versions: readonly RuntimeVersion[];
  readonly reach: 'versioned' | 'unversioned' | 'cut-off' | null;
  /** Why it is not at hand, as sentences. */
  readonly reasons: readonly string[];
}

export interface VersionsRequest {
  readonly copy: RuntimeCopy;
  /** As it was pinned now; null: it is not there, or could not be reached. */
  readonly pinned: PinnedCopy | null;
  readonly sources: Sources;
  readonly window: VersionWindow;
  readonly memory: FactsMemory;
  /** Where versions are told apart by their endpoint, too. */
  readonly endpoint: string;
  readonly progress: (done: number, total: number) => void;
}

/** Versions asked for their metadata at once. */
const mostAtOnce = 8;

/** Every version of a runtime copy, none of their bytes read yet. */
export async function listVersions(request: VersionsRequest): Promise<RuntimeHistory> {
  const { copy, sources, window } = request;
  const { location } = copy;
  let listed: ObjectVersions | undefined;
  try {
    listed = await (await sources.of(location)).objectVersions?.(location, window);
  } catch (thrown) {
    const { message, hint } = toKeydriftError(thrown);
    const why = hint === null ? message : `${message} (${hint})`;
    return onlyNow(request, `the versions of the object could not be listed: ${why}`);
  }
  if (listed === undefined) {
    return onlyNow(
      request,
      'no earlier versions of the runtime copy are kept where it is: only what it holds now is known',
    );
  }
  const named = sources.scheme(location).version?.of(location) ?? null;
  // A contract that names a version reads that one, whatever came later.
  const asked =
    named === null
      ? listed.versions
      : listed.versions.filter(({ versionId }) => versionId === named);
  const unlisted = pinnedUnlisted(listed, request);
  const versions = [
    ...(unlisted === null ? [] : onlyNow(request, unlisted).versions),
    ...(await openVersions(asked, request)),
  ];
  const reasons = [...(listed.faults ?? []), ...(unlisted === null ? [] : [unlisted])];
  if (listed.versioning === 'unversioned') return { versions, reach: 'unversioned', reasons };
  return { versions, reach: listed.cutOff ? 'cut-off' : 'versioned', reasons };
}

/** Why a listing is short: it has to name the version that was read a moment ago. */
function pinnedUnlisted(
  { versions, versioning }: ObjectVersions,
  { pinned }: VersionsRequest,
): string | null {
  const versionId = pinned?.revision.facts.versionId ?? null;
  if (versionId === null || versioning === 'unversioned') return null;
  if (versions.some((one) => one.versionId === versionId)) return null;
  return `the store's list of versions lacks version ${versionId}, which was read: what came between is not known`;
}

/** A history of what is there now alone. */
function onlyNow({ pinned, copy }: VersionsRequest, reason: string): RuntimeHistory {
  if (pinned === null) return { versions: [], reach: null, reasons: [reason] };
  const { revision, bytes } = pinned;
  const version: ObjectVersion = {
    location: copy.location,
    versionId: revision.facts.versionId ?? null,
    lastModified: revision.at,
    deleted: false,
    etag: revision.facts.etag ?? null,
    bytes,
  };
  const content: Content = { side: 'runtime', name: 'now', lasting: false, copy: pinned };
  const claim = pinned.claim ?? null;
  return {
    versions: [{ version, content, taken: 'own', claim, error: null }],
    reach: null,
    reasons: [reason],
  };
}

/**
 * Listed versions with their contents. Of past versions with an equal ETag and size the oldest is read,
 * with which something began, and the newest, which could be restored; the others are taken for the
 * oldest. The present one is always read itself.
 */
async function openVersions(
  listed: readonly ObjectVersion[],
  request: VersionsRequest,
): Promise<readonly RuntimeVersion[]> {
  let done = 0;
  const opened = await mapConcurrently(listed, mostAtOnce, async (version) => {
    const found = await openVersion(version, request);
    done += 1;
    request.progress(done, listed.length);
    return found;
  });
  const past = opened.slice(1).filter(({ content }) => content !== null);
  const newest = new Map<string, RuntimeVersion>();
  const oldest = new Map<string, RuntimeVersion>();
  for (const one of past) {
    const id = likeness(one);
    if (!newest.has(id)) newest.set(id, one);
    oldest.set(id, one);
  }
  return opened.map((one) => {
    const first = oldest.get(likeness(one));
    const isOwn = one === opened[0] || one === first || one === newest.get(likeness(one));
    if (isOwn || first === undefined || one.content === null) return one;
    if (request.memory.recall(one.content) !== null) return one;
    return { ...one, content: first.content, taken: 'etag' };
  });
}

/** What versions have in common that are taken for one another; without an ETag, none are. */
function likeness({ version: { etag, bytes, versionId } }: RuntimeVersion): string {
  return etag === null ? `own ${versionId}` : `${etag} ${bytes}`;
}

async function openVersion(
  version: ObjectVersion,
  { sources, memory, endpoint }: VersionsRequest,
): Promise<RuntimeVersion> {
  const { location, versionId, deleted } = version;
  const nothing = { version, content: null, taken: 'own', claim: null, error: null } as const;
  if (deleted) return nothing;
  const name = `version ${endpoint} ${sources.scheme(location).textOf(location)}`;
  const lasting = versionId !== null && versionId !== 'null';
  const known: Content = { side: 'runtime', name, lasting, copy: openLater(version, sources) };
  if (sources.scheme(location).holds === 'rows')
    return { ...nothing, content: snapshotContent(known, version, sources) };
  if (memory.recall(known) !== null) {
    return { ...nothing, content: known, claim: memory.recallClaim(known) };
  }
  try {
    // Most are not read: what was remembered of equal bytes tells of them.
    const copy = await sources.pin(location, 'revision');
    const content: Content = { ...known, copy };
    const claim = copy.claim ?? null;
    memory.rememberClaim(content, claim);
    return { ...nothing, content, claim };
  } catch (thrown) {
    const error = toKeydriftError(thrown);
    if (faultClass(error) === 'internal') throw error;
    return { ...nothing, error: reportError(error) };
  }
}

/** A snapshot, which its engine is asked of when it is held against something. */
function snapshotContent(known: Content, { location }: ObjectVersion, sources: Sources): Content {
  let pinned: Promise<PinnedCopy> | null = null;
  // Snapshots of two services may have one number.
  const engine = JSON.stringify('engine' in location ? location.engine : null);
  return {
    ...known,
    name: `${known.name} ${engine}`,
    pin: () => (pinned ??= sources.pin(location)),
  };
}

/** A version that is pinned when its bytes are wanted after all. */
function openLater(
  { location, versionId, etag, lastModified, bytes }: ObjectVersion,
  sources: Sources,
): PinnedCopy {
  return {
    location: sources.scheme(location).textOf(location),
    revision: objectRevision({ versionId, etag: etag ?? '', lastModified }),
    bytes: bytes ?? 0,
    async *open(range) {
      const purpose = range === undefined ? 'bytes' : 'revision';
      yield* (await sources.pin(location, purpose)).open(range);
    },
  };
}
