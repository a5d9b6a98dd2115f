import {
  KeydriftError,
  toKeydriftError,
  type Location,
  type PinnedCopy,
  type PlannedObject,
  type PlannedOrder,
  type PutOptions,
  type Refusal,
  type ReviewedHistory,
  type Warning,
} from '../../model/index.ts';
import type { Sources } from '../../judge/context.ts';
import type { ContentNames } from '../../sources/index.ts';

/** What is to be written, and what would be overwritten. */
export interface OrderRequest {
  readonly sources: Sources;
  readonly now: Date;
  /** The written file, its ref the commit. */
  readonly location: Location;
  readonly commit: string;
  readonly object: PlannedObject;
  readonly names: ContentNames;
  readonly allow: Allowed;
}

/** What a run or a contract lets pass. */
export interface Allowed {
  readonly rollback: boolean;
  readonly unknownClaim: boolean;
  readonly order: PutOptions['order'];
}

/** What the history says of a write, and what keeps it from being done. */
export interface Ordered {
  readonly order: PlannedOrder;
  readonly refusals: readonly Refusal[];
  readonly warnings: readonly Warning[];
  readonly error: KeydriftError | null;
}

/**
 * Whether a write goes forward (SPEC §7): by the object's claim first, if it fits its bytes, else by
 * the bytes. A claim is text of a stranger: it only ever tells which commit is meant, never what the
 * bytes are.
 */
export async function orderOf(request: OrderRequest): Promise<Ordered> {
  const { allow } = request;
  const found = await standingOf(request);
  const { standing } = found;
  if (standing === 'forward' || standing === 'unreviewed') {
    return { order: { ...found, allowedBy: null }, refusals: [], warnings: [], error: null };
  }
  const isFlag = standing === 'unknown' ? allow.unknownClaim : allow.rollback;
  const allowedBy = allow.order === 'any' ? 'contract' : isFlag ? 'flag' : null;
  const order = { ...found, allowedBy } as const;
  const said = sentence(request, order);
  if (allowedBy !== null) {
    const why = allowedBy === 'contract' ? 'put: {order: any}' : flagOf(standing);
    const message = `${said}; ${why} lets it`;
    const code = standing === 'unknown' ? 'CLAIM_UNKNOWN' : refusalCodes[standing];
    const warning: Warning = { code, message, side: 'runtime', line: null };
    return { order, refusals: [], warnings: [warning], error: null };
  }
  if (standing === 'unknown') {
    const hint = {
      text: `If it does not matter, say ${flagOf(standing)}. Otherwise fetch what is missing first (all of it where the clone is shallow: "fetch-depth: 0" in a CI checkout, --unshallow in place of --tags)`,
      command: 'git fetch --tags',
    };
    const error = new KeydriftError('CLAIM_UNKNOWN', said, { hint });
    return { order, refusals: [], warnings: [], error };
  }
  const instead = standing === 'newer' ? 'that commit or a later one' : 'a commit that has both';
  const hint = `Publish ${instead}; or, if going back is meant, say ${flagOf(standing)}.`;
  const refusal = { code: refusalCodes[standing], message: said, hint };
  return { order, refusals: [refusal], warnings: [], error: null };
}

const refusalCodes = { newer: 'GOES_BACK', beside: 'BESIDE' } as const;

function flagOf(standing: PlannedOrder['standing']): string {
  return standing === 'unknown' ? '--allow-unknown-claim' : '--allow-rollback';
}

type Found = Omit<PlannedOrder, 'allowedBy'>;

async function standingOf(request: OrderRequest): Promise<Found> {
  const { location, names } = request;
  const history = await historyOf(location, request);
  if (history instanceof KeydriftError) throw history;
  const claim = claimedCommit(request);
  const isEarlier = history.changes.some(({ copy }) => copy !== null && isNamed(copy, names));
  if (claim === null) {
    if (isEarlier) return known('forward', 'bytes', null);
    return (await byBranches(request)) ?? unseen(history);
  }
  const place = await placeOf(claim, request);
  // A revert has older bytes and is newer all the same.
  if (place === 'newer') {
    const changes = await changesSince(claim, history, request);
    return { ...known('newer', 'claim', claim), changes };
  }
  if (place === 'earlier' || isEarlier) return known('forward', 'claim', claim);
  const byBytes = await byBranches(request);
  // A history that is cut off may lack what joins the two.
  if (place === 'beside' && history.reach === 'complete') {
    return byBytes?.standing === 'newer' ? byBytes : known('beside', 'claim', claim);
  }
  return byBytes ?? known('unknown', 'claim', claim);
}

function known(standing: Found['standing'], by: Found['by'], commit: string | null): Found {
  return { standing, by, commit, changes: null };
}

async function historyOf(
  location: Location,
  { sources, now }: OrderRequest,
): Promise<ReviewedHistory | KeydriftError> {
  const found = await (await sources.of(location)).reviewedHistories?.([location], now);
  return found?.[0] ?? new KeydriftError('INTERNAL', 'a history was asked for, and none came');
}

/** The written file as another commit has it. */
function atCommit({ sources, location }: OrderRequest, ref: string): Location {
  return sources.scheme(location).forCopy?.(location, { name: null, ref }) ?? location;
}

/** Bytes that nothing at hand has, and that claim nothing. */
function unseen({ reach }: ReviewedHistory): Found {
  return known(reach === 'complete' ? 'unreviewed' : 'unknown', null, null);
}

/** The commit of a claim that fits the bytes, by its SHA-256 and by its blob; null: there is none. */
function claimedCommit({ object: { claim }, names }: OrderRequest): string | null {
  if (claim === null || claim.fits !== true || claim.commit === null) return null;
  if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(claim.commit)) return null;
  return claim.blob === null || names.blobs.includes(claim.blob) ? claim.commit : null;
}

function isNamed({ revision }: PinnedCopy, { blobs }: ContentNames): boolean {
  const { blob } = revision.facts;
  return blob !== undefined && blobs.includes(blob);
}

/** Where a commit stands, seen from the one that would be written. */
async function placeOf(
  commit: string,
  request: OrderRequest,
): Promise<'earlier' | 'newer' | 'beside' | 'unknown'> {
  const { sources, location, commit: written } = request;
  const source = await sources.of(location);
  try {
    if (await source.isInHistory?.(location, commit)) return 'earlier';
    const isNewer = await source.isInHistory?.(atCommit(request, commit), written);
    return isNewer === true ? 'newer' : 'beside';
  } catch (thrown) {
    const { code } = toKeydriftError(thrown);
    if (code === 'GIT_UNKNOWN_REF' || code === 'GIT_BAD_REF') return 'unknown';
    throw thrown;
  }
}

/** The bytes among what branches and tags hold that the written commit does not contain. */
async function byBranches(request: OrderRequest): Promise<Found | null> {
  const { sources, location, names } = request;
  const [unmerged = []] = (await (await sources.of(location)).unmergedChanges?.([location])) ?? [];
  if (unmerged instanceof KeydriftError) throw unmerged;
  const holding = unmerged.find(({ copy }) => isNamed(copy, names));
  if (holding === undefined) return null;
  const { commit } = holding;
  if ((await placeOf(commit, request)) !== 'newer') return known('beside', 'bytes', commit);
  const history = await historyOf(location, request);
  const changes =
    history instanceof KeydriftError ? null : await changesSince(commit, history, request);
  return { ...known('newer', 'bytes', commit), changes };
}

/** Changes of the file up to a commit that another history does not have. */
async function changesSince(
  commit: string,
  { changes: before }: ReviewedHistory,
  request: OrderRequest,
): Promise<number | null> {
  const history = await historyOf(atCommit(request, commit), request);
  if (history instanceof KeydriftError) return null;
  const seen = new Set(before.map((change) => change.commit));
  return history.changes.filter((change) => !seen.has(change.commit)).length;
}

/** What is there, and what would be written over it. */
function sentence(
  { object, commit }: OrderRequest,
  { standing, by, commit: there, changes }: PlannedOrder,
): string {
  const written = `commit ${commit.slice(0, 12)}, which would be written`;
  const now =
    there === null
      ? `what is there now (sha256 ${object.sha256.slice(0, 12)}…)`
      : `there now is commit ${there.slice(0, 12)}${by === 'bytes' ? ' by its bytes' : ''}`;
  if (standing === 'newer') {
    const number =
      changes === null || changes === 0 ? '' : `${changes} change${changes === 1 ? '' : 's'} `;
    return `it goes back: ${now}, ${number}newer than ${written}`;
  }
  if (standing === 'beside') return `${now}, on another line of history than ${written}`;
  return there === null
    ? `${now} may be newer than ${written}: this clone is shallow, and has no commit with it`
    : `${now}, as it claims, which this clone does not have: whether it is newer than ${written}, cannot be told`;
}

/**
 * Refuses to destroy what nobody reviewed: in a bucket without versions it would be the only
 * evidence of what has run.
 */
export async function evidenceRefusals(
  object: PlannedObject,
  names: ContentNames,
  location: Location,
  sources: Sources,
): Promise<readonly Refusal[]> {
  if (object.overwritten === 'kept') return [];
  const contents = await (await sources.of(location)).contentsOf?.(location);
  if (contents === undefined) return [];
  const { blobs, lfs, history } = contents;
  if (names.blobs.some((blob) => blobs.has(blob)) || lfs.has(names.sha256)) return [];
  const [where, fetch] =
    history === 'shallow'
      ? [
          'no reviewed commit of this shallow clone holds it',
          'Fetch the whole history first ("fetch-depth: 0" in a CI checkout). ',
        ]
      : ['no reviewed commit holds it', ''];
  return [
    {
      code: 'UNREVIEWED_CONTENT',
      message: `the bucket keeps no versions, and what is there now (sha256 ${object.sha256.slice(0, 12)}…) would be lost: ${where}`,
      hint: `${fetch}Save a copy of the object if it is still wanted as evidence; then say --overwrite-unreviewed.`,
    },
  ];
}
