import { createHash } from 'node:crypto';
import {
  KeydriftError,
  type BundledCopy,
  type BundledVersion,
  type BundleManifest,
  type BundlePlace,
  type GitLocation,
  type PinnedCopy,
  type S3Location,
} from '../../model/index.ts';
import type { BundleContent, BundleStore } from '../../sources/bundle/index.ts';
import type { SoundCopy } from './bundle.ts';
import type { CommittedContract } from './committed-contract.ts';
import type { AppContext, Sources } from '../../judge/context.ts';

/** A bundle that stands in its place. */
export interface WrittenBundle {
  /** As `--against` takes it, without `bundle:`. */
  readonly place: string;
  readonly manifest: BundleManifest;
  /** The manifest as it was written. */
  readonly text: string;
  /** Of that text, hex. */
  readonly sha256: string;
}

interface BundleRequest {
  readonly place: BundlePlace;
  readonly contract: CommittedContract;
  readonly copies: readonly SoundCopy[];
  readonly version: string;
  readonly environment: AppContext['environment'];
  readonly cacheDirectory: string;
  readonly historySeconds: number | null;
  readonly sources: Sources;
}

/** Contents by their sha256, so that each is written once. */
type Contents = Map<string, BundleContent>;

/** Writes contents first and the manifest last; until then the old bundle stands. */
export async function writeBundle(request: BundleRequest): Promise<WrittenBundle> {
  const { bundledName, manifestText, placeText } = await import('../../sources/bundle/index.ts');
  const contents: Contents = new Map();
  const artifacts: BundledCopy[] = [];
  for (const sound of request.copies) artifacts.push(await describeCopy(sound, request, contents));
  const nameOf = ({ artifact, copy }: BundledCopy): string => bundledName(artifact, copy);
  artifacts.sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  const manifest: BundleManifest = {
    schema: 'keydrift.bundle/1',
    tool: { name: 'keydrift', version: request.version },
    contract: describeContract(request.contract),
    historySeconds: request.historySeconds,
    artifacts,
  };
  const text = manifestText(manifest);
  const bytes = Buffer.from(text);
  const { store, end } = await openStore(request);
  try {
    for (const content of contents.values()) await store.put(content);
    await store.commit(bytes, new Set(contents.keys()));
  } finally {
    await store.close();
    await end();
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { place: placeText(request.place), manifest, text, sha256 };
}

async function describeCopy(
  { artifact, copy, location, pinned, side }: SoundCopy,
  { historySeconds, sources }: BundleRequest,
  contents: Contents,
): Promise<BundledCopy> {
  const { revision } = pinned;
  if (location.kind !== 'git' || revision.kind !== 'git') {
    throw new KeydriftError('INTERNAL', `${pinned.location} is no copy of a commit`);
  }
  const { fileName } = await import('../../sources/bundle/index.ts');
  const { bytes, sha256, digest, rows, units, redundant, invalid } = side;
  contents.set(sha256, { sha256, bytes, open: () => pinned.open() });
  return {
    artifact: artifact.name,
    copy,
    commit: revision.commit,
    committedAt: revision.committedAt,
    path: await sources.pathOf(location),
    blob: revision.blob,
    bytes,
    sha256,
    file: fileName(sha256),
    digest,
    rows,
    units,
    redundant,
    invalid,
    versions:
      historySeconds === null
        ? []
        : await describeVersions(location, revision, historySeconds, { sources, contents }),
  };
}

/** The versions that were in force within the time before the commit's own, newest first. */
async function describeVersions(
  location: GitLocation,
  { committedAt }: { readonly committedAt: string },
  seconds: number,
  { sources, contents }: { readonly sources: Sources; readonly contents: Contents },
): Promise<readonly BundledVersion[]> {
  const { fileName } = await import('../../sources/bundle/index.ts');
  const now = new Date(committedAt);
  const since = new Date(now.getTime() - seconds * 1000);
  const { versions, cutOff } = await sources.versionsInForce(location, { since, now });
  if (cutOff) throw historyCutOff(location);
  const bundled: BundledVersion[] = [];
  for (const { copy, arrivedAt, replacedAt } of versions) {
    if (copy?.revision.kind !== 'git') continue;
    const sha256 = await hashOf(copy);
    const { bytes } = copy;
    const { commit, blob } = copy.revision;
    if (!contents.has(sha256)) contents.set(sha256, { sha256, bytes, open: () => copy.open() });
    const file = fileName(sha256);
    bundled.push({ commit, arrivedAt, replacedAt, blob, bytes, sha256, file });
  }
  return bundled;
}

/** Two clones of one commit must give one bundle: a shallow one does not know enough. */
function historyCutOff({ path }: GitLocation): KeydriftError {
  return new KeydriftError(
    'GIT_HISTORY_CUT_OFF',
    `this clone is shallow: which versions of ${path} were in force before is not known`,
    { hint: 'Fetch the history: "fetch-depth: 0" in a CI checkout, or git fetch --unshallow' },
  );
}

function describeContract(contract: CommittedContract): BundleManifest['contract'] {
  const { commit, committedAt, blob, bytes, pathInRepository } = contract;
  return {
    commit,
    committedAt,
    path: pathInRepository,
    blob,
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    // A byte order mark stays: the text must give the same bytes again.
    text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
  };
}

/** The store of a place, and what ends what it is written with. */
async function openStore({
  place,
  environment,
  cacheDirectory,
  sources,
}: BundleRequest): Promise<{ store: BundleStore; end: () => Promise<void> }> {
  const { openDirectoryStore, openPrefixStore } = await import('../../sources/bundle/index.ts');
  if (place.kind === 'directory') {
    const store = await openDirectoryStore(place.path, place.shown);
    return { store, end: () => Promise.resolve() };
  }
  const { openS3Writer } = await import('../../sources/s3/index.ts');
  const writer = openS3Writer({ environment, cacheDirectory });
  const access = {
    pin: (location: S3Location) => sources.pin(location),
    putContent: writer.putContent,
  };
  return { store: openPrefixStore(place, access), end: () => writer.close() };
}

async function hashOf(copy: PinnedCopy): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of copy.open()) hash.update(chunk);
  return hash.digest('hex');
}
