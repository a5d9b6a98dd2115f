import { posix } from 'node:path';
import type { ContractText } from '../../contract/index.ts';
import {
  copyName,
  KeydriftError,
  sha256Hex,
  sha256Of,
  type ArtifactContract,
  type BundleManifest,
  type BundlePlace,
  type BundledCopy,
  type BundledVersion,
  type FileSideReport,
  type KnownBytes,
  type Location,
  type PinnedCopy,
  type RevisionFacts,
} from '../../model/index.ts';
import type { CommittedContract } from '../../judge/committed-contract.ts';
import { owners } from '../../io/private/owner.ts';
import type { Sources } from '../../judge/context.ts';

/** A reviewed copy that goes into the bundle, and the runtime copy that it is for. */
export interface Candidate {
  readonly artifact: ArtifactContract;
  readonly copy: string | null;
  readonly location: Location;
}

/** A candidate that holds its contract. */
export interface SoundCopy extends Candidate {
  readonly pinned: PinnedCopy;
  readonly side: FileSideReport;
}

/** A bundle that stands in its place. */
export interface WrittenBundle {
  /** As `--against` takes it, without `bundle:`. */
  readonly place: string;
  readonly manifest: BundleManifest;
  /** The manifest as it was written. */
  readonly text: string;
  /** Of that text, hex. */
  readonly sha256: string;
  /** What a person should know of the place. */
  readonly notes: readonly string[];
}

interface BundleRequest {
  readonly place: BundlePlace;
  readonly contract: CommittedContract;
  readonly copies: readonly SoundCopy[];
  readonly version: string;
  readonly historySeconds: number | null;
  readonly sources: Sources;
}

/** Contents by their sha256, so that each is written once. */
type Contents = Map<string, KnownBytes>;

/** Writes contents first and the manifest last; until then the old bundle stands. */
export async function writeBundle(request: BundleRequest): Promise<WrittenBundle> {
  const { manifestText, openBundleStore } = await import('../../sources/bundle/index.ts');
  const contents: Contents = new Map();
  const artifacts: BundledCopy[] = [];
  for (const sound of request.copies) artifacts.push(await describeCopy(sound, request, contents));
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
  const store = await openBundleStore(request.place, request.sources, owners);
  try {
    for (const content of contents.values()) await store.put(content);
    await store.commit(bytes, new Set(contents.keys()));
  } finally {
    await store.close();
  }
  const sha256 = sha256Hex(bytes);
  return { place: request.place.shown, manifest, text, sha256, notes: store.notes };
}

function nameOf({ artifact, copy }: BundledCopy): string {
  return copyName(artifact, copy);
}

async function describeCopy(
  { artifact, copy, location, pinned, side }: SoundCopy,
  { historySeconds, sources }: BundleRequest,
  contents: Contents,
): Promise<BundledCopy> {
  const source = await sources.of(location);
  const facts = commitFacts(pinned);
  const { fileName } = await import('../../sources/bundle/index.ts');
  const { bytes, sha256, digest, rows, units, redundant, invalid } = side;
  contents.set(sha256, { sha256, bytes, open: () => pinned.open() });
  return {
    artifact: artifact.name,
    copy,
    commit: facts.commit,
    committedAt: facts.committedAt,
    path: (await source.pathOf?.(location)) ?? '',
    blob: facts.blob,
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
        : await describeVersions(location, facts, historySeconds, { sources, contents }),
  };
}

/** The versions that were in force within the time before the commit's own, newest first. */
async function describeVersions(
  location: Location,
  { committedAt }: { readonly committedAt: string },
  seconds: number,
  { sources, contents }: { readonly sources: Sources; readonly contents: Contents },
): Promise<readonly BundledVersion[]> {
  const { fileName } = await import('../../sources/bundle/index.ts');
  const now = new Date(committedAt);
  const since = new Date(now.getTime() - seconds * 1000);
  const source = await sources.of(location);
  const found = await source.versionsInForce?.(location, { since, now });
  const { versions, cutOff } = found ?? { versions: [], cutOff: false };
  if (cutOff) {
    const hasRemote = (await source.hasRemote?.(location)) ?? true;
    throw historyCutOff(sources.scheme(location).textOf(location), hasRemote ? 'remote' : 'none');
  }
  const bundled: BundledVersion[] = [];
  for (const { copy, arrivedAt, replacedAt } of versions) {
    if (copy === null) continue;
    const sha256 = await sha256Of(copy);
    const { bytes } = copy;
    const { commit, blob } = commitFacts(copy);
    if (!contents.has(sha256)) contents.set(sha256, { sha256, bytes, open: () => copy.open() });
    const file = fileName(sha256);
    bundled.push({ commit, arrivedAt, replacedAt, blob, bytes, sha256, file });
  }
  return bundled;
}

/** The commit's facts of a copy that was asked of a commit. */
function commitFacts({
  location,
  revision,
}: PinnedCopy): Required<Pick<RevisionFacts, 'commit' | 'committedAt' | 'blob'>> {
  const { commit, committedAt, blob } = revision.facts;
  if (commit !== undefined && committedAt !== undefined && blob !== undefined) {
    return { commit, committedAt, blob };
  }
  throw new KeydriftError('INTERNAL', `${location} is no copy of a commit`);
}

/** Two clones of one commit must give one bundle: a shallow one does not know enough. */
function historyCutOff(path: string, from: 'remote' | 'none'): KeydriftError {
  return new KeydriftError(
    'GIT_HISTORY_CUT_OFF',
    `this clone is shallow: which versions of ${path} were in force before is not known`,
    {
      hint:
        from === 'remote'
          ? {
              text: 'Fetch the history ("fetch-depth: 0" in a CI checkout)',
              command: 'git fetch --unshallow',
            }
          : 'Make it from a clone that has its history ("fetch-depth: 0" in a CI checkout): this one has no remote to fetch from.',
    },
  );
}

function describeContract(contract: CommittedContract): BundleManifest['contract'] {
  const { commit, committedAt, blob, bytes, pathInRepository, text: root } = contract;
  const included = includedIn(root, root);
  return {
    commit,
    committedAt,
    path: pathInRepository,
    blob,
    bytes: bytes.length,
    sha256: sha256Hex(bytes),
    text: whole(bytes),
    ...(included.length === 0 ? {} : { included }),
  };
}

/** A byte order mark stays: the text must give the same bytes again. */
function whole(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

/** Every text that a contract includes, however deep. */
function includedIn(
  root: ContractText,
  { included }: ContractText,
): readonly { readonly path: string; readonly text: string }[] {
  return included.flatMap((one) => [
    { path: posix.relative(posix.dirname(root.path), one.path), text: whole(one.bytes) },
    ...includedIn(root, one),
  ]);
}
