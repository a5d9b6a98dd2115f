import { mapConcurrently } from '../../judge/concurrency.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import {
  faultClass,
  toKeydriftError,
  wholeOf,
  type ArtifactContract,
  type Cost,
  type Folder,
  type Location,
  type PinnedCopy,
  type RecordedArtifact,
  type RunOfCopy,
  type RunRecord,
  type RunStory,
  type RuntimeCopy,
  type S3Access,
} from '../../model/index.ts';
import type { RuntimeVersion } from '../../judge/explain/moments.ts';
import { daysBetween, recordFolder } from '../records.ts';
import { priceRuntime } from './cost.ts';

export interface RunsRequest {
  readonly context: AppContext;
  readonly sources: Sources;
  readonly access: S3Access;
  /** `--runs`, as it was typed. */
  readonly url: string;
  readonly artifact: ArtifactContract;
  readonly copy: RuntimeCopy;
  readonly versions: readonly RuntimeVersion[];
  /** As it was pinned now. */
  readonly runtime: PinnedCopy | null;
  /** Of the present runtime copy; null: not established. */
  readonly cost: Cost | null;
  /** When the drift began; null: nothing drifts, or it is not known. */
  readonly since: Date | null;
  readonly now: Date;
}

/** Days that are looked into, records that are read, and bytes of one. */
const mostDays = 366;
const mostRecords = 10_000;
const mostBytes = 1 << 20;
const mostAtOnce = 8;
/** Versions whose scans are priced. */
const mostPriced = 50;
/** Where nothing drifts: so many days. */
const usualDays = 30;

/** Which recorded runs since the onset read which version, and what that made in all. */
export async function tellRuns(request: RunsRequest): Promise<RunStory> {
  const { context, sources, access, url, now } = request;
  const folder = recordFolder(context, { flag: '--runs', url }, access);
  const since = request.since ?? new Date(now.getTime() - usualDays * 86_400_000);
  const found = await listRecords(folder, daysBetween(since, now, mostDays), sources);
  const taken = found.slice(0, mostRecords);
  let unread = found.length - taken.length;
  const isRecord = await reader();
  const records = await mapConcurrently(taken, mostAtOnce, async (location) => {
    const record = isRecord(await readSmall(location, sources));
    if (record === null) unread += 1;
    return record;
  });
  const runs = records
    .flatMap((record) => (record === null ? [] : runsOf(record, request)))
    .filter(({ run }) => Date.parse(run.startedAt) >= since.getTime())
    .toSorted((a, b) => (a.run.startedAt < b.run.startedAt ? 1 : -1));
  const priced = await price(runs, request);
  const repeating = priced.filter(({ redundant }) => redundant > 0);
  const bytes = repeating.flatMap(({ redundantBytes }) => redundantBytes ?? []);
  return {
    place: url,
    since: since.toISOString(),
    runs: priced,
    redundant: priced.reduce((sum, { redundant }) => sum + redundant, 0),
    redundantBytes:
      bytes.length === 0 && repeating.length > 0 ? null : bytes.reduce((sum, one) => sum + one, 0),
    known: bytes.length === repeating.length ? 'all' : bytes.length === 0 ? 'none' : 'part',
    unread,
    records: found.length,
  };
}

/** Every record of some days, the newest first. */
async function listRecords(
  { root, prefix }: Folder,
  days: readonly string[],
  sources: Sources,
): Promise<readonly Location[]> {
  const source = await sources.of(root);
  const listed = await mapConcurrently(days, mostAtOnce, async (day) =>
    ((await source.list?.({ root, prefix: `${prefix}${day}/` })) ?? [])
      .filter(({ name, bytes }) => name.endsWith('.json') && bytes <= mostBytes)
      .toReversed(),
  );
  return listed.flat().map(({ location }) => location);
}

/** Null: it is gone, or cannot be read. */
async function readSmall(location: Location, sources: Sources): Promise<unknown> {
  try {
    const copy = await sources.pin(location);
    if (copy.bytes > mostBytes) return null;
    return JSON.parse(Buffer.from(await wholeOf(copy)).toString('utf8'));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    const error = toKeydriftError(thrown);
    if (faultClass(error) === 'internal') throw error;
    return null;
  }
}

/** What tells a record from other JSON; null: it is none. */
async function reader(): Promise<(data: unknown) => RunRecord | null> {
  const { run } = await import('../../model/schemas/run-record.ts');
  const isRecord = (data: unknown): data is RunRecord =>
    run.safeParse(data, { jitless: true }).success;
  return (data) => (isRecord(data) ? data : null);
}

/** A run of the investigated copy, and the content that it read. */
interface Found {
  readonly run: RunOfCopy;
  readonly read: RecordedArtifact['runtime'];
}

function runsOf(record: RunRecord, { artifact, copy }: RunsRequest): readonly Found[] {
  const own = record.artifacts.filter(
    (one) => one.artifact === artifact.name && (one.copy ?? null) === copy.name,
  );
  return own.map(({ outcome, use, revision, overridden, scoped, runtime, redundant }) => {
    const { startedAt, endedAt, decision, exitCode, enforced, started } = record;
    return {
      read: runtime,
      run: {
        startedAt,
        endedAt,
        decision,
        exitCode,
        enforced,
        started,
        outcome,
        use,
        revision,
        overridden,
        scoped,
        versionId: runtime?.versionId ?? null,
        redundant: started ? (redundant ?? 0) : 0,
        redundantBytes: null,
      },
    };
  });
}

/** The runs with the bytes that each scanned again: by the version that it read, priced once. */
async function price(
  found: readonly Found[],
  { artifact, copy, versions, runtime, sources, cost: now }: RunsRequest,
): Promise<readonly RunOfCopy[]> {
  const costs = new Map<string, Promise<number | null>>();
  const costOf = (read: RecordedArtifact['runtime']): Promise<number | null> => {
    if (read === null) return Promise.resolve(null);
    const id = read.versionId ?? '';
    const known = costs.get(id);
    if (known !== undefined) return known;
    const isNow = runtime?.revision.facts.versionId === read.versionId && read.versionId !== null;
    const version = versions.find(({ version: one }) => one.versionId === read.versionId);
    const content = read.versionId === null ? null : (version?.content ?? null);
    const priced =
      isNow && now !== null
        ? Promise.resolve(bytesOf(now))
        : content === null || costs.size >= mostPriced
          ? Promise.resolve(null)
          : priceRuntime({ artifact, copy, runtime: content.copy, sources }).then(bytesOf);
    costs.set(id, priced);
    return priced;
  };
  return await mapConcurrently(found, 1, async ({ run, read }) => {
    if (run.redundant === 0) return { ...run, redundantBytes: 0 };
    // Of a part of the rows, or of the reviewed copy, nobody counted the scans.
    if (run.scoped || run.use !== 'runtime') return run;
    return { ...run, redundantBytes: await costOf(read) };
  });
}

/** What a run scans again; null where not all of it is known. */
function bytesOf(cost: Cost | null): number | null {
  return cost === null || cost.known !== 'all' ? null : cost.redundantBytes;
}
