import type { Acceptance } from './accept.ts';
import type { ContractProvenance } from './contract.ts';
import type { PublishedClaim } from './copy.ts';
import type { ContractPlace, ErrorPlace, Problem } from './errors.ts';
import type { ErrorCode } from './error-codes.ts';
import type { LastChange, TimelinePoint } from './history.ts';
import type { QueryFacts } from './lake.ts';
import type {
  FindingKind,
  FindingSide,
  PolicyKind,
  Severity,
  Side,
  State,
  Verdict,
} from './kinds.ts';
import type { Revision } from './revision.ts';
import type { Step } from './step.ts';
import type { Cells, Warning } from './warning.ts';
import type { Cause } from './cause.ts';

/** A row of a finding. */
export interface ReportedRow {
  readonly side: Side;
  /** 1-based number of the data record, the header not counted. */
  readonly record: number;
  /** 1-based physical line at which it starts; 0 in a table without lines. */
  readonly line: number;
  /** Where it stands in its format's own words, `/records/6`; left out where that is its line. */
  readonly place?: string;
  /** False: its number is none that anybody else counts by, and is not told. */
  readonly numbered?: false;
  /** Key and consumed cells as they stand in the file, before normalization. */
  readonly values: Cells;
}

/** Rows of one key, or of one record, on each side. */
export interface RowCount {
  readonly reviewed: number;
  readonly runtime: number;
}

/** One fact of drift (SPEC §2). */
export interface Finding {
  readonly kind: FindingKind;
  readonly side: FindingSide;
  readonly severity: Severity;
  /** Normalized key values; null for `invalid` and `bounds`. */
  readonly key: Cells | null;
  /** Consumed columns that disagree, in contract order; for `conflict`. */
  readonly fields: readonly string[];
  /** For `invalid` and `bounds`: what is wrong, `2 cells, the header has 9`. */
  readonly reason: string | null;
  readonly rowCount: RowCount;
  /** The first 20 of each side, reviewed first, in file order. */
  readonly rows: readonly ReportedRow[];
  /** The key on the other side that is this unit under loose reading, or null. */
  readonly respelled: Cells | null;
  /** The entry of the contract that accepts it; left out where none does. */
  readonly accepted?: { readonly until: string; readonly reason: string };
  /** Left out: no earlier run was asked, or its names are of another key (`redactionCheck`). */
  readonly transition?: Transition;
  /** The change with which it began, to stand since without a break; left out: no history tells. */
  readonly began?: TimelinePoint;
}

/** How a fact stands to what an earlier run found. */
export interface Transition {
  readonly change: 'new' | 'persisting';
  /** When the first run began that found it, ISO 8601. */
  readonly since: string;
}

/** What an earlier run found of a copy, and is there no longer. */
export interface Resolved {
  /** `calendar@eu`. */
  readonly artifact: string;
  /** How many findings. */
  readonly findings: number;
  /** Since when the oldest of it was there; null: nobody knows. */
  readonly since: string | null;
  /** Whether the copy has not drifted any more. */
  readonly whole: boolean;
}

/** What became of the findings of an earlier run (`--previous`, `--state`). */
export interface Transitions {
  /** When that began, ISO 8601; null: there was none yet. */
  readonly previous: string | null;
  /** Findings that are listed. */
  readonly new: number;
  readonly persisting: number;
  /** Of which nothing is known: the earlier run named them by another key. Left out: none. */
  readonly unknown?: number;
  readonly resolved: readonly Resolved[];
}

/** Records of a side, every one accounted for: rows = units + redundant + invalid (SPEC §2). */
export interface RowTotals {
  readonly rows: number;
  readonly units: number;
  readonly redundant: number;
  readonly invalid: number;
}

/** What was read of one copy. */
export interface SideReport extends RowTotals {
  readonly location: string;
  readonly revision: Revision;
  /** Null, as `sha256` and `digest`: it is a table, and has no bytes of its own. */
  readonly bytes: number | null;
  /** Hex. */
  readonly sha256: string | null;
  /** Functional digest, hex (SPEC §5). */
  readonly digest: string | null;
  /** What was asked of its engine, and what tells contents apart there; of a table. */
  readonly engine?: EngineReport;
  /** What its publisher claims; null: nothing. Left out where a store has no claims. */
  readonly claim?: ClaimReport | null;
  /** The commit that made it what it is; left out: its history was not asked. */
  readonly changedIn?: LastChange;
  /** The files of a folder that is one copy; left out: it is one file. */
  readonly parts?: readonly PartReport[];
}

/** One file of a folder that is one copy. */
export interface PartReport {
  /** From the folder. */
  readonly name: string;
  readonly bytes: number;
  readonly revision: Revision;
}

/** What was read of one copy that has bytes of its own. */
export interface FileSideReport extends SideReport {
  readonly bytes: number;
  readonly sha256: string;
  readonly digest: string;
}

/** Whether a side has bytes of its own. */
export function isFileSide(side: SideReport): side is FileSideReport {
  return side.bytes !== null && side.sha256 !== null && side.digest !== null;
}

/** What an engine did for one side. */
export interface EngineReport extends QueryFacts {
  /** The contract's word for it. */
  readonly name: string;
  /** What drives it. */
  readonly kind: string;
  readonly digest: EngineDigest;
}

/** Equal for tables with the same units, variants and row counts; no verdict rests on it. */
export interface EngineDigest {
  readonly algorithm: string;
  readonly value: string;
}

/** A publisher's claim, and whether the bytes that are there now are the claimed ones. */
export interface ClaimReport extends PublishedClaim {
  /** Null: it claims no SHA-256 to compare. */
  readonly fits: boolean | null;
}

/** An error as reports carry it. */
export interface ReportError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | null;
  /** The command that ends the hint, to be copied. */
  readonly command?: string | null;
  /** Whether the same call may have a verdict later, with nothing changed by anybody. */
  readonly retryable?: boolean;
  readonly place: ErrorPlace;
  readonly problems: readonly Problem[];
}

/** What a change does to the work: two revisions of a reviewed copy compared (`lint --base`). */
export interface ChangeReport {
  readonly base: SideReport | null;
  /** What was asked for, `origin/main`. */
  readonly baseRef: string;
  /** Whether `base` is of another commit than that, from which both go on; left out: of that one. */
  readonly mergeBase?: boolean;
  /**
   * Words of the contract by which rows are read otherwise than at the base, as it has them: `key`,
   * `normalize.weight`. Left out: none.
   */
  readonly reading?: readonly Pick<EnforcementChange, 'word' | 'before' | 'after'>[];
  /**
   * Units of the base that are named otherwise by the key of now, by which both sides are compared; null:
   * the base cannot be read by it, and its units have their own names. Left out: the names are as before.
   */
  readonly renamed?: number | null;
  readonly added: number;
  readonly removed: number;
  /** Units on both sides whose variants differ. */
  readonly changed: number;
  /** The units themselves, sorted by key; as many of each as findings of a kind are listed. */
  readonly units: readonly ChangedUnit[];
}

/** What a change of the contract does to what is enforced (`lint --base`). */
export interface EnforcementReport {
  /** What was asked for, `origin/main`. */
  readonly baseRef: string;
  readonly changes: readonly EnforcementChange[];
  /** Why the base's contract tells nothing: it cannot be read; null: it was compared. */
  readonly fault: string | null;
}

/** One word of the contract that now lets more, or less, pass. What cannot be ordered is `weaker`. */
export interface EnforcementChange {
  readonly artifact: string;
  /** Null: of all copies. */
  readonly copy: string | null;
  /** As it stands in the contract, `policy.added`; `artifact` or `copy`: the whole of it. */
  readonly word: string;
  /** Null: it was not there. */
  readonly before: string | null;
  readonly after: string | null;
  readonly effect: 'weaker' | 'stricter';
  /** Where the contract says it, from the root of its repository; left out: it says nothing of it. */
  readonly place?: ContractPlace;
  /** Neither for certain, so that it counts as weaker; left out: which of the two is known. */
  readonly unordered?: true;
}

export interface ChangedUnit {
  readonly change: 'added' | 'removed' | 'changed';
  readonly key: Cells;
  readonly fields: readonly string[];
  /** Rows of the unit before and after. */
  readonly rowCount: { readonly before: number; readonly after: number };
  readonly before: ReportedRow | null;
  readonly after: ReportedRow | null;
  /** The first 20 rows of each; left out where neither has more than one. */
  readonly rows?: {
    readonly before: readonly ReportedRow[];
    readonly after: readonly ReportedRow[];
  };
}

/** A copy of which no more is known than where it is, and what pins it. */
export type UnreadSide = Pick<SideReport, 'location' | 'revision'>;

/** Which copy `run` hands to its command (SPEC §4, `--use`). */
export type HandedCopy = 'runtime' | 'deduplicated' | 'reviewed';

/** One copy of one artifact, judged. */
export interface ArtifactReport {
  readonly name: string;
  readonly copy: string | null;
  readonly owner: string | null;
  readonly runbook: string | null;
  readonly labels: ReadonlyMap<string, string>;
  readonly verdict: Verdict;
  /** Null where there is only one side. */
  readonly state: State | null;
  readonly reviewed: SideReport | null;
  readonly runtime: SideReport | null;
  /** The runtime copy that was pinned and whose rows cannot be read; left out: it was read, or not pinned. */
  readonly unread?: UnreadSide;
  /** Of the runtime side (of the reviewed one where it is the only one); null without units. */
  readonly amplification: number | null;
  /** All findings by kind, listed or not. */
  readonly counts: Readonly<Record<FindingKind, number>>;
  /** The same by severity. */
  readonly severities: Readonly<Record<Severity, number>>;
  /** How many of each kind are not listed (SPEC §2, "Bounded"); null: all are. */
  readonly truncated: Readonly<Partial<Record<FindingKind, number>>> | null;
  /** The contract that it was judged by; left out: none. */
  readonly contract?: ContractProvenance;
  /** What the state rests on; null, or left out, where nothing was compared. */
  readonly evidence?: 'bytes' | 'sha256' | null;
  /** Whether what differs is a deployment on its way, within its grace; left out: it is not. */
  readonly pending?: boolean;
  /** Of a copy that has drifted; left out: it has not, or no earlier run was asked. */
  readonly transition?: Transition;
  /** What a second look after some seconds said (`--confirm`); left out: there was none. */
  readonly confirmed?: { readonly seconds: number; readonly again: Verdict };
  /** Tells findings that are named by fingerprints of one key from those of another; left out: none are. */
  readonly redactionCheck?: string;
  readonly findings: readonly Finding[];
  /** Added and removed units that are one under loose reading, counted in pairs. */
  readonly respelled: number;
  readonly warnings: readonly Warning[];
  /** Whose rows a run hands over, whatever the runtime copy holds; left out: the runtime copy's, or it is no run. */
  readonly use?: Exclude<HandedCopy, 'runtime'>;
  /** Why nothing was read of it, and nothing decided; left out: it was judged. */
  readonly skipped?: string;
  readonly change: ChangeReport | null;
  /** Why it differs, where history is at hand and was asked; left out else. */
  readonly cause?: Cause | null;
  /** What can be done about it now, the first of it first; left out: nothing is to be done. */
  readonly whatToDo?: readonly Step[];
  readonly error: ReportError | null;
  /** What became of the contract's `accept`; absent where nothing was compared. */
  readonly acceptance?: Acceptance;
}

/** An option as it was given, without its dashes; null: it takes no value. */
export type GivenOption = readonly [name: string, value: string | null];

/** What a run tells of itself, whatever it established. */
export interface RunFacts {
  /** Of keydrift. */
  readonly version: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly verdict: Verdict;
  readonly exitCode: number;
  /** False where a flag weakens what a contract enforces. */
  readonly enforced: boolean;
  /** What a flag lets pass and the contract would not, by artifact. */
  readonly notEnforced?: readonly NotEnforced[];
  /** Variables of the environment that decided what was judged: `KEYDRIFT_REF`. */
  readonly fromEnvironment?: readonly string[];
  /** Options of the command line that the next one repeats; no part of the document. */
  readonly given?: readonly GivenOption[];
  /** A contract, usage or access error of the whole; what was established before it is told. */
  readonly error: ReportError | null;
}

/** What one run established: everything that reporters tell. */
export interface Report extends RunFacts {
  readonly command: 'audit' | 'diff' | 'lint' | 'run' | 'bundle';
  /** Left out: no earlier run was asked. */
  readonly transitions?: Transitions;
  /** Which part of the artifacts it is of (`--shard`); left out: of all. */
  readonly shard?: { readonly part: number; readonly of: number };
  /** `--changed-since`: of how many copies only what is another than at that ref was judged. */
  readonly changedSince?: { readonly ref: string; readonly of: number };
  readonly artifacts: readonly ArtifactReport[];
  /** For `lint` with a base. */
  readonly enforcement?: EnforcementReport;
}

/** What a flag lets pass of one copy. */
export interface NotEnforced {
  /** `calendar@eu`. */
  readonly artifact: string;
  readonly kinds: readonly PolicyKind[];
}
