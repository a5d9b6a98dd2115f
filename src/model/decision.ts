import type { HandedTable, HandOver, Override } from './gate.ts';
import type { HandedCopy, ReportError } from './report.ts';
import type { Warning } from './warning.ts';
import type { FindingKind, State, Verdict } from './kinds.ts';

/**
 * What `run` or `gate` decided, and how far it came (`--decision FILE`, and the line of `gate`): for
 * schedulers that must not guess from an exit code.
 */
export interface Decision {
  readonly schema: 'keydrift.decision/1';
  readonly tool: { readonly name: 'keydrift'; readonly version: string };
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** `undecided`: a killed run leaves that. Under `--observe` what would have been decided. */
  readonly decision: 'undecided' | 'run' | 'refused' | 'no-verdict';
  /** Of keydrift; null while it is open. */
  readonly exitCode: number | null;
  /** Whether the same call may decide otherwise later, with nothing changed by anybody. */
  readonly retryable: boolean;
  /** False where a flag or an override let something through, or would have. */
  readonly enforced: boolean;
  /** Whether the command was started. It may run while this is true and `exitCode` is null. */
  readonly started: boolean;
  /** How the command ended; null: it did not (yet). */
  readonly command: { readonly exitCode: number; readonly signal: string | null } | null;
  /** What kept all of it from a verdict, or null. */
  readonly error: ReportError | null;
  readonly artifacts: readonly DecidedArtifact[];
}

/** What was decided of one artifact. */
export interface DecidedArtifact {
  readonly artifact: string;
  readonly copy: string | null;
  readonly outcome: 'run' | 'refused' | 'no-verdict';
  readonly verdict: Verdict;
  readonly state: State | null;
  readonly counts: Readonly<Record<FindingKind, number>>;
  /** Where the runtime copy is that was judged; null: none was read. */
  readonly url: string | null;
  /** The version of it that was judged: who reads that one reads what was judged. Null: it has none. */
  readonly versionId: string | null;
  /** Of its bytes, hex; null: they were not read. */
  readonly sha256: string | null;
  readonly use: HandedCopy;
  readonly scope: string | null;
  readonly revision: string | null;
  readonly override: Override | null;
  readonly reason: string | null;
  /** What does not decide, the first of them. */
  readonly warnings: readonly Warning[];
  /** A table that the command reads where it lies; left out: it is none. */
  readonly table?: HandedTable;
  /** Null: nothing was handed over. The file itself is gone when the run is. */
  readonly handOver: Omit<HandOver, 'path'> | null;
  readonly error: ReportError | null;
}
