import type { DecidedArtifact, Decision } from './decision.ts';

/**
 * What one `run` or `gate` read, decided and did (`--record`), for `investigate --runs`. Bounded, and
 * without data: no values of files, no command line, no reason that somebody typed. A run writes it
 * before its command starts and again at its end, so that one that was killed has left the first.
 */
export interface RunRecord extends Pick<
  Decision,
  'tool' | 'startedAt' | 'decision' | 'enforced' | 'started' | 'command'
> {
  readonly schema: 'keydrift.run/1';
  /** Null: it has not ended, or nobody was left to write that it had. */
  readonly endedAt: string | null;
  /** Of keydrift: the command's own, where it was started; null as `endedAt` is. */
  readonly exitCode: number | null;
  readonly artifacts: readonly RecordedArtifact[];
}

/** One artifact of a run. */
export interface RecordedArtifact extends Pick<
  DecidedArtifact,
  'artifact' | 'copy' | 'outcome' | 'verdict' | 'state' | 'use'
> {
  /** Of the copy that was used, as `--at` takes it; null: none could be pinned. */
  readonly revision: string | null;
  /** Whether an override let it run. */
  readonly overridden: boolean;
  /** Whether only the slices of a scope were judged and handed over. */
  readonly scoped: boolean;
  /** The runtime copy; null: it was not read. */
  readonly runtime: {
    readonly location: string;
    readonly versionId: string | null;
    /** Null: it has none of its own. */
    readonly sha256: string | null;
    readonly rows: number;
  } | null;
  /** Rows that repeat a unit in what the command got; null: it got nothing. */
  readonly redundant: number | null;
}

/** What recorded runs did since a drift began. */
export interface RunStory {
  /** Where the records are. */
  readonly place: string;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** Newest first. */
  readonly runs: readonly RunOfCopy[];
  /** Redundant executions of all runs. */
  readonly redundant: number;
  /** Bytes that they scanned again; null: not known of any. */
  readonly redundantBytes: number | null;
  /** Of how many runs with redundant executions the bytes are known. */
  readonly known: 'all' | 'part' | 'none';
  /** Records that could not be read, or were too many. */
  readonly unread: number;
  /** Records of that time, whatever they are of; left out: nobody counted. */
  readonly records?: number;
}

/** One recorded run of a copy. */
export interface RunOfCopy
  extends
    Pick<RunRecord, 'startedAt' | 'endedAt' | 'decision' | 'exitCode' | 'enforced' | 'started'>,
    Pick<RecordedArtifact, 'outcome' | 'use' | 'revision' | 'overridden' | 'scoped'> {
  /** Of the runtime copy that it read; null: none, or it has none. */
  readonly versionId: string | null;
  /** Redundant executions; 0 where the command was not started. */
  readonly redundant: number;
  readonly redundantBytes: number | null;
}
