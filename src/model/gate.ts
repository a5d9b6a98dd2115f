import type { ArtifactReport, HandedCopy, Report, ReportError } from './report.ts';

/** An override: who lets one revision run although it drifted. */
export interface Override {
  readonly reason: string;
  /** The revision, as `KEYDRIFT_<ARTIFACT>_REVISION` says it. */
  readonly at: string;
}

/** The file, or the folder, that a command reads. */
export interface HandOver {
  readonly path: string;
  readonly bytes: number;
  /** Hex, over the file's bytes; of a folder over what `sha256sum` prints of its files. */
  readonly sha256: string;
  /** How many files it is, where it is a folder; left out: it is one file. */
  readonly parts?: number;
  /** Redundant rows that were left out; 0 but for `deduplicated`. */
  readonly dropped: number;
  /** Where the same bytes were staged, or null. */
  readonly url: string | null;
  /** VersionId of the staged object; null where it has none. */
  readonly urlVersion: string | null;
}

/** A table that was judged: a command reads it where it lies. */
export interface HandedTable {
  /** As its engine calls it. */
  readonly name: string;
  /** Null: it keeps none, and only its files name it. */
  readonly snapshot: string | null;
}

/** What the gate decided of one artifact. */
export interface GateDecision {
  /** Severities and verdict are those of `run` (SPEC §4). */
  readonly report: ArtifactReport;
  readonly outcome: 'run' | 'refused' | 'no-verdict';
  /** Variables of the environment that decided what was judged: `KEYDRIFT_REF`. */
  readonly fromEnvironment: readonly string[];
  /** Under `--observe`: the command may start whatever the outcome is. */
  readonly observed: boolean;
  readonly use: HandedCopy;
  /** Of the copy that is handed over; null where none could be pinned. */
  readonly revision: string | null;
  /** False under `--no-fail`. */
  readonly enforced: boolean;
  /** The override that let it run, or null. */
  readonly override: Override | null;
  /** `region=EU,US`, or null: the whole copy was judged. */
  readonly scope: string | null;
  /** Why it was refused, where the findings do not say it. */
  readonly reason: string | null;
  readonly handOver: HandOver | null;
  /** A table that is read where it lies, in its place; left out: it is none. */
  readonly table?: HandedTable;
}

/** How a command ended. */
export type CommandEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string; readonly code: number }
  /** It never ran: 127 not found, 126 cannot be run. */
  | { readonly kind: 'failed'; readonly code: 126 | 127; readonly message: string };

/** What `run` says, in the order in which it happens. */
export type GateEvent =
  /** The command is about to be started. */
  | { readonly kind: 'start'; readonly file: string; readonly artifacts: readonly string[] }
  /** It has ended. */
  | {
      readonly kind: 'end';
      readonly exitCode: number;
      readonly signal: string | null;
      readonly durationMs: number;
      /** What it read, and what was decided of it. */
      readonly artifacts: readonly GateDecision[];
    }
  /** A signal ended the run before the command was started. */
  | { readonly kind: 'signal'; readonly signal: string; readonly exitCode: number }
  | {
      readonly kind: 'artifact';
      readonly decision: GateDecision;
      /** Another refused copy follows, with the commands that answer all of them. */
      readonly follows?: true;
      /** An artifact of this run was told before, with what is true of all of them. */
      readonly after?: true;
      /** The variable that alone names what is handed over; left out: the command's words name it. */
      readonly variable?: string;
    }
  /** After the artifacts, where nothing runs. */
  | { readonly kind: 'not-started'; readonly report: Report }
  | {
      readonly kind: 'error';
      readonly error: ReportError;
      readonly exitCode: number;
      /** True under `--observe`: the command is started all the same. */
      readonly observed: boolean;
    }
  | { readonly kind: 'warning'; readonly code: string; readonly message: string }
  | { readonly kind: 'command-failed'; readonly message: string; readonly exitCode: number };
