import {
  clipTo,
  count,
  KeydriftError,
  type Location,
  type PathContents,
  type PlannedOrder,
  type PutOptions,
  type Refusal,
  type Warning,
} from '../../../model/index.ts';
import { askTogether } from '../../../judge/last-changes.ts';
import type { Moment } from './reviewed.ts';
import { standingsOf, type Overwriting, type Standing } from './standing.ts';

/** What is to be written, what would be overwritten, and what of that is let pass. */
export interface OrderRequest extends Overwriting {
  readonly allow: Allowed;
}

/** What a run or a contract lets pass. */
export interface Allowed {
  readonly rollback: boolean;
  readonly unknownClaim: boolean;
  /** What nobody reviewed, and no version of the object would keep. */
  readonly unreviewed: boolean;
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
 * Whether writes go forward (SPEC §7) and destroy nothing that was never reviewed, in their order. An
 * error stands for one of which it cannot be told.
 */
export async function ordersOf(
  requests: readonly OrderRequest[],
  moment: Moment,
): Promise<readonly (Ordered | KeydriftError)[]> {
  const standings = await standingsOf(requests, moment);
  const losses = await lossesOf(requests, moment);
  const fetches = await Promise.all(
    requests.map(async ({ location }, at) => {
      const found = standings[at]!;
      const isUnknown = !(found instanceof KeydriftError) && found.standing === 'unknown';
      return isUnknown ? fetchOf(location, moment) : null;
    }),
  );
  return requests.map((request, at) => {
    const standing = standings[at]!;
    const lost = losses[at]!;
    if (standing instanceof KeydriftError) return standing;
    if (lost instanceof KeydriftError) return lost;
    const ordered = orderOf(request, standing, fetches[at]!);
    return { ...ordered, refusals: [...ordered.refusals, ...lost] };
  });
}

/** What brings a commit into a clone that lacks it; null: it has no remote to fetch from. */
async function fetchOf(location: Location, { sources }: Moment): Promise<string | null> {
  const source = await sources.of(location);
  if ((await source.hasRemote?.(location).catch(() => true)) === false) return null;
  const [contents] = (await source.contentsOf?.([location]).catch(() => [])) ?? [];
  const isShallow =
    contents !== undefined &&
    !(contents instanceof KeydriftError) &&
    contents.history === 'shallow';
  return `git fetch ${isShallow ? '--unshallow ' : ''}--tags`;
}

/** `fetch`: what brings what this clone does not have; null: nothing. */
function orderOf(request: OrderRequest, found: Standing, fetch: string | null): Ordered {
  const { allow } = request;
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
    const lead = `If it does not matter, say ${flagOf(standing)}. Otherwise`;
    const hint =
      fetch !== null
        ? {
            text: `${lead} fetch what is missing first ("fetch-depth: 0" in a CI checkout)`,
            command: fetch,
          }
        : `${lead} publish from a clone that has it, with its whole history ("fetch-depth: 0" in a CI checkout): this repository has no remote to fetch from.`;
    const error = new KeydriftError('CLAIM_UNKNOWN', said, { hint });
    return { order, refusals: [], warnings: [], error };
  }
  const instead = standing === 'newer' ? 'that commit or a later one' : 'a commit that has both';
  const hint = `Publish ${instead}, once it is reviewed and merged; or, if going back is meant, say ${flagOf(standing)}.`;
  const refusal = { code: refusalCodes[standing], message: said, hint };
  return { order, refusals: [refusal], warnings: [], error: null };
}

const refusalCodes = { newer: 'GOES_BACK', beside: 'BESIDE' } as const;

function flagOf(standing: PlannedOrder['standing']): string {
  return standing === 'unknown' ? '--allow-unknown-claim' : '--allow-rollback';
}

/** What is there, and what would be written over it. */
function sentence(
  { object, commit }: Overwriting,
  { standing, by, commit: there, changes }: PlannedOrder,
): string {
  const written = `commit ${commit.slice(0, 12)}, which would be written`;
  const now =
    there === null
      ? `what is there now (sha256 ${clipTo(object.sha256, 12)})`
      : `there now is commit ${there.slice(0, 12)}${by === 'bytes' ? ' by its bytes' : ''}`;
  if (standing === 'newer') {
    const number = changes === null || changes === 0 ? '' : `${count(changes, 'change')} `;
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
async function lossesOf(
  requests: readonly OrderRequest[],
  { sources }: Moment,
): Promise<readonly (readonly Refusal[] | KeydriftError)[]> {
  const asked = requests.filter(
    ({ object, allow }) => object.overwritten !== 'kept' && !allow.unreviewed,
  );
  const told = await askTogether(
    asked.map(({ location }) => location),
    sources,
    (source, inside) => source.contentsOf?.(inside),
  );
  const found = new Map(asked.map((request, at) => [request, told[at] ?? null]));
  return requests.map((request) => {
    const contents = found.get(request) ?? null;
    if (contents === null) return [];
    return contents instanceof KeydriftError ? contents : lossOf(request, contents);
  });
}

function lossOf(
  { object, names }: OrderRequest,
  { blobs, lfs, history }: PathContents,
): readonly Refusal[] {
  if (names.blobs.some((blob) => blobs.has(blob)) || lfs.has(names.sha256)) return [];
  const [where, fetch] =
    history === 'shallow'
      ? [
          'no reviewed commit of this shallow clone holds it',
          'Look for it in the whole history first ("fetch-depth: 0" in a CI checkout, or git fetch --unshallow). ',
        ]
      : ['no reviewed commit holds it', ''];
  return [
    {
      code: 'UNREVIEWED_CONTENT',
      message: `the bucket keeps no versions, and what is there now (sha256 ${clipTo(object.sha256, 12)}) would be lost: ${where}`,
      hint: `${fetch}Save a copy of the object if it is still wanted as evidence; then say --overwrite-unreviewed.`,
    },
  ];
}
