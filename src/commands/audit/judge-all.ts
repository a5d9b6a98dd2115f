import { toldWarnings } from '../../judge/artifact-report.ts';
import type { ChosenCopy, Shard } from '../../judge/choose.ts';
import { mapConcurrently } from '../../judge/concurrency.ts';
import type { AppContext, Sources } from '../../judge/context.ts';
import { policyUnder } from '../../judge/enforcement.ts';
import { judgeInTime } from '../../judge/in-time.ts';
import { isPlain } from '../../judge/last-changes.ts';
import type { ContractOptions } from '../../judge/options.ts';
import type { AuditedCopy } from '../../judge/pair.ts';
import { openRoom } from '../../judge/room.ts';
import { waitFor } from '../../judge/time.ts';
import type { Judging } from '../../judge/weigh.ts';
import type { GivenOption, RuntimeCopy, Warning } from '../../model/index.ts';
import type { EarlierOptions } from './earlier.ts';

export interface AuditOptions extends ContractOptions, Omit<EarlierOptions, 'access' | 'enforced'> {
  /** `propose` (`--propose-accept`): also tell what `accept` could say of what is found. */
  readonly acceptance?: Judging['acceptance'];
  /** `none` (`--no-cause`): history is not asked why a copy drifted. */
  readonly cause: 'find' | 'none';
  /** `--total-timeout` in seconds; left out or null: none. */
  readonly totalTimeout?: number | null;
  /** `--concurrency`: copies judged at once; left out: 32. */
  readonly concurrency?: number | null;
  /** `--confirm` in seconds: what drifted is judged again after that time. */
  readonly confirm?: number | null;
  /** `--shard`: one part of the artifacts. */
  readonly shard?: Shard | null;
  /** `--changed-since`: artifacts whose reviewed file or entry is another than at that ref. */
  readonly changedSince?: string | null;
  /** Options of the command line, which the commands that are told repeat. */
  readonly given: readonly GivenOption[];
}

/** Copies judged at once where nobody says otherwise: each has a request under way. */
const usualConcurrency = 32;

/** Memory that copies have together which are judged at once; one that is larger has it alone. */
const roomBytes = 128 * 1024 * 1024;

/** Whoever takes longer is named on the terminal. */
const slowMs = 3_000;

/** What copies are judged with. */
export interface Fleet {
  readonly context: AppContext;
  readonly options: AuditOptions;
  readonly sources: Sources;
  readonly judging: Judging;
  /** True of every copy of the run. */
  readonly warnings: readonly Warning[];
  /** Aborted when the time of all of them is over. */
  readonly stop: AbortSignal;
}

/**
 * Judges copies, many at once: one that is slow, large or faulty holds nobody back. With `--confirm`
 * what drifted is judged once more after that time, and what holds then is told.
 */
export async function judgeAll(
  fleet: Fleet,
  chosen: readonly ChosenCopy[],
): Promise<readonly AuditedCopy[]> {
  const first = await judgeEach(fleet, chosen);
  const seconds = fleet.options.confirm ?? null;
  const drifted = first.filter(({ judged }) => judged.report.verdict === 'drifted');
  if (seconds === null || drifted.length === 0) return first;
  if (!fleet.stop.aborted) await (fleet.context.wait ?? waitFor)(seconds, fleet.stop);
  // What could not be read again stands as it was found, and says so.
  const again = fleet.stop.aborted ? [] : await judgeEach(fleet, drifted);
  const second = new Map(drifted.map((one, at) => [one, again[at] ?? null]));
  return first.map((one) => {
    const now = second.get(one);
    if (now === undefined) return one;
    const verdict = now?.judged.report.verdict ?? 'indeterminate';
    const { judged, ...rest } = now === null || verdict === 'indeterminate' ? one : now;
    const confirmed = { seconds, again: verdict };
    return { ...rest, judged: { ...judged, report: { ...judged.report, confirmed } } };
  });
}

async function judgeEach(
  { context, options, sources, judging, warnings, stop }: Fleet,
  chosen: readonly ChosenCopy[],
): Promise<readonly AuditedCopy[]> {
  const watch = watchFleet(context, chosen.length);
  const withRoom: Judging = { ...judging, room: openRoom(roomBytes) };
  const judge = async ({ artifact, copy: own }: ChosenCopy): Promise<AuditedCopy> => {
    const policy = policyUnder(own.policy, options);
    const copy: RuntimeCopy = policy === own.policy ? own : { ...own, policy };
    const limit = { seconds: options.timeout ?? null, stop };
    const end = watch.begin(artifact.name);
    const judged = await judgeInTime(artifact, copy, sources, withRoom, limit);
    end(judged.report.verdict);
    const told = toldWarnings(artifact, warnings);
    const report =
      told.length === 0
        ? judged.report
        : { ...judged.report, warnings: [...told, ...judged.report.warnings] };
    // Of what needs no explanation nothing is kept but its report: a fleet is mostly that.
    const { runtime, pair } = isPlain(report) ? { runtime: null, pair: null } : judged;
    return { artifact, copy, judged: { report, runtime, pair } };
  };
  try {
    return await mapConcurrently(chosen, options.concurrency ?? usualConcurrency, judge);
  } finally {
    watch.stop();
  }
}

/** Tells how far a fleet is, after each copy and each second. */
function watchFleet(
  context: AppContext,
  total: number,
): {
  begin(name: string): (verdict: string) => void;
  stop(): void;
} {
  const started = context.now().getTime();
  const running = new Map<symbol, { readonly name: string; readonly since: number }>();
  const counts = { done: 0, drifted: 0, failed: 0 };
  const tell = (name: string): void => {
    const now = context.now().getTime();
    // The first that began is the one that takes longest.
    const [oldest] = running.values();
    const slow = oldest !== undefined && now - oldest.since >= slowMs ? oldest : null;
    context.progress(counts.done, total, name, {
      drifted: counts.drifted,
      failed: counts.failed,
      seconds: Math.max(0, now - started) / 1000,
      slow: slow && { name: slow.name, seconds: Math.round((now - slow.since) / 1000) },
    });
  };
  const timer = setInterval(() => tell(''), 1000);
  timer.unref();
  return {
    begin(name) {
      const id = Symbol(name);
      running.set(id, { name, since: context.now().getTime() });
      return (verdict) => {
        running.delete(id);
        counts.done += 1;
        if (verdict === 'drifted') counts.drifted += 1;
        if (verdict === 'indeterminate') counts.failed += 1;
        tell(name);
      };
    },
    stop: () => clearInterval(timer),
  };
}
