import {
  KeydriftError,
  timeText,
  type Location,
  type Side,
  type TimelinePoint,
} from '../../model/index.ts';
import type { Sources } from '../../judge/context.ts';
import { reviewedContent } from '../../judge/explain/find-cause.ts';
import { parseTime } from './time.ts';
import type { Histories, Moment } from '../../judge/explain/moments.ts';
import type { Content } from '../../judge/explain/facts-memory.ts';

/** A point of either history, and what stood there. */
export interface ContentPoint {
  readonly point: TimelinePoint;
  readonly content: Content;
}

export interface PointRequest {
  readonly histories: Histories;
  /** The oldest first. */
  readonly moments: readonly Moment[];
  /** Where the reviewed copy is, for commits that did not change it; null: not in git. */
  readonly reviewed: Location | null;
  readonly sources: Sources;
  readonly now: Date;
}

/**
 * What `VERSION|COMMIT|TIME` names (`--from`, `--to`): a VersionId, a commit or ref, or a time, which
 * means the object of that time; `reviewed:TIME` the reviewed copy. Throws `USAGE`.
 */
export async function resolvePoint(text: string, request: PointRequest): Promise<ContentPoint> {
  const [, side, rest] = /^(reviewed|runtime):(.+)$/s.exec(text) ?? [];
  const asked = rest ?? text;
  if (side !== 'reviewed') {
    const version = versionPoint(asked, request);
    if (version !== null) return version;
  }
  const time = parseTime(asked, request.now);
  if (time !== null) return timePoint(time, side === 'reviewed' ? side : 'runtime', text, request);
  if (side !== 'reviewed') {
    const version = begunVersion(asked, request);
    if (version !== null) return version;
  }
  if (side === 'runtime') throw noPoint(text, request, 'is no version of the object, and no time');
  return commitPoint(asked, text, request);
}

function versionPoint(text: string, { histories }: PointRequest): ContentPoint | null {
  const found = histories.versions.find(({ version }) => version.versionId === text);
  if (found === undefined) return null;
  const { version, content, error } = found;
  if (content === null) {
    throw new KeydriftError(
      'USAGE',
      version.deleted
        ? `version ${text} is a delete marker: there is nothing to compare`
        : `version ${text} cannot be read: ${error?.message ?? 'it could not be reached'}`,
    );
  }
  return { point: { side: 'runtime', id: text, at: version.lastModified }, content };
}

/** So many characters of a VersionId name it, where they are the begin of no other's. */
const leastBegin = 6;

/** What the begin of a VersionId names; a commit of the history that begins alike is named beside it. */
function begunVersion(text: string, request: PointRequest): ContentPoint | null {
  if (text.length < leastBegin) return null;
  const { versions, changes } = request.histories;
  const ids = versions.flatMap(({ version: { versionId } }) =>
    versionId?.startsWith(text) === true ? [versionId] : [],
  );
  const [id] = ids;
  if (id === undefined) return null;
  const commits = changes.filter(({ commit }) => commit.startsWith(text));
  const alike = [
    ...ids.slice(0, 5).map((one) => `version ${one}`),
    ...commits.slice(0, 1).map(({ commit }) => `commit ${commit}`),
  ];
  if (alike.length > 1) {
    throw new KeydriftError('USAGE', `${text} is the begin of ${alike.join(' and of ')}`, {
      hint: 'Write more of it.',
    });
  }
  return versionPoint(id, request);
}

/** What stood on a side at a time. */
function timePoint(time: Date, side: Side, text: string, request: PointRequest): ContentPoint {
  const moment = request.moments.findLast(({ standing }) => standing.at <= time.getTime());
  if (side === 'reviewed') {
    const change = moment?.change ?? null;
    const copy = change?.copy ?? null;
    if (change !== null && copy !== null) {
      const { commit: id, arrivedAt, committedAt } = change;
      return {
        point: { side, id, at: arrivedAt ?? committedAt },
        content: reviewedContent(copy),
      };
    }
    throw beforeAll(text, side, request);
  }
  const version = moment?.version ?? null;
  const content = version?.content ?? null;
  if (version !== null && content !== null) {
    const { versionId: id, lastModified: at } = version.version;
    return { point: { side, id, at }, content };
  }
  if (version?.version.deleted !== true) throw beforeAll(text, side, request);
  throw noPoint(text, request, 'is a time at which the object was deleted');
}

/** A time before all that is known of a side; the oldest of it is what can be asked for. */
function beforeAll(text: string, side: Side, { moments }: PointRequest): KeydriftError {
  const what = side === 'reviewed' ? 'reviewed copy' : 'version of the object';
  const first = moments.find(({ version, change }) =>
    side === 'reviewed' ? (change?.copy ?? null) !== null : (version?.content ?? null) !== null,
  );
  const { change = null, version = null } = first ?? {};
  const id = side === 'reviewed' ? change?.commit : version?.version.versionId;
  const at =
    first === undefined ? '' : ` of ${timeText(new Date(first.standing.at).toISOString())}`;
  return new KeydriftError('USAGE', `${text} is before the first ${what} that is known`, {
    hint: id === undefined || id === null ? null : `That is ${id}${at}: compare with it.`,
  });
}

async function commitPoint(
  text: string,
  shown: string,
  request: PointRequest,
): Promise<ContentPoint> {
  const { histories, reviewed, sources } = request;
  const found = /^[0-9a-f]{4,64}$/.test(text)
    ? histories.changes.filter(({ commit }) => commit.startsWith(text))
    : [];
  const [change] = found;
  const there = change?.copy ?? null;
  if (change !== undefined && there !== null && found.length === 1) {
    const { commit: id, arrivedAt, committedAt } = change;
    return {
      point: { side: 'reviewed', id, at: arrivedAt ?? committedAt },
      content: reviewedContent(there),
    };
  }
  if (reviewed === null) throw noPoint(shown, request, 'is no version of the object, and no time');
  const at = sources.scheme(reviewed).forCopy?.(reviewed, { name: null, ref: text });
  const copy = await pinCommit(at ?? reviewed, shown, request, sources);
  const { facts } = copy.revision;
  return {
    point: { side: 'reviewed', id: facts.commit ?? null, at: copy.revision.at },
    content: reviewedContent(copy),
  };
}

async function pinCommit(
  location: Location,
  shown: string,
  request: PointRequest,
  sources: PointRequest['sources'],
): ReturnType<Sources['pin']> {
  try {
    return await sources.pin(location);
  } catch (thrown) {
    if (!(thrown instanceof KeydriftError) || !thrown.code.startsWith('GIT_')) throw thrown;
    if (thrown.code === 'GIT_PATH_NOT_FOUND') throw thrown;
    throw noPoint(shown, request, 'is no version of the object, no commit and no time', thrown);
  }
}

function noPoint(
  text: string,
  { histories }: PointRequest,
  why: string,
  cause?: KeydriftError,
): KeydriftError {
  const versions = histories.versions.flatMap(({ version }) => version.versionId ?? []);
  const known =
    versions.length === 0 ? '' : ` The newest versions: ${versions.slice(0, 5).join(', ')}.`;
  return new KeydriftError('USAGE', `${text} ${why}`, {
    cause,
    hint: `A point is a VersionId, a commit, or a time: 2026-11-01, 2026-11-01T03:00Z, "2 weeks ago"; reviewed:TIME for the reviewed copy of that time.${known}`,
  });
}
