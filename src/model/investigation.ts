import type { PublishedClaim } from './copy.ts';
import type { RunStory } from './run-record.ts';
import type { BlamedLine, HistoryReach, TimelinePoint } from './history.ts';
import type { FindingKind } from './kinds.ts';
import type { ArtifactReport, Finding, ReportError, RunFacts } from './report.ts';
import type { Cells } from './warning.ts';

/** Findings by kind. */
export type FindingCounts = Readonly<Record<FindingKind, number>>;

/**
 * A runtime version against the reviewed copy in force at that time, or a reviewed commit against
 * the runtime version of that time. `drifted`: there are findings; also where the bytes are the same.
 * `other-columns`: one lacks a column that counts and that the other has.
 */
export type Relation =
  | 'identical'
  | 'equivalent'
  | 'drifted'
  | 'missing'
  | 'unreviewed'
  | 'unreadable'
  | 'other-columns';

/** What both sorts of timeline entries tell. Null: there is no such content, or it cannot be read. */
interface EntryFacts {
  /** When it came to be, ISO 8601, UTC. */
  readonly at: string;
  readonly rows: number | null;
  readonly units: number | null;
  readonly redundant: number | null;
  readonly invalid: number | null;
  readonly amplification: number | null;
  readonly sha256: string | null;
  /** To the other side's copy in force at that time; null: there was none yet, or it never was in force. */
  readonly relation: Relation | null;
  /** Of the findings between the two, whatever the policy; null without both. */
  readonly counts: FindingCounts | null;
  /** Whether its side holds it now. */
  readonly current: boolean;
  readonly error: ReportError | null;
}

/** A commit in the timeline. */
export interface CommitEntry extends EntryFacts {
  readonly side: 'reviewed';
  readonly commit: string;
  readonly author: string;
  readonly subject: string;
  /** From the repository's root, at that commit. */
  readonly path: string;
  /** The commit removed the file. */
  readonly deleted: boolean;
  /** Whether it was the reviewed copy by itself; a commit of a side branch never was. */
  readonly inForce: boolean;
}

/** An object version, or a delete marker, in the timeline. */
export interface VersionEntry extends EntryFacts {
  readonly side: 'runtime';
  /** Null: the bucket was never versioned, or the runtime copy is no object. */
  readonly versionId: string | null;
  readonly deleted: boolean;
  readonly bytes: number | null;
  /** What its publisher claims. */
  readonly claim: PublishedClaim | null;
  /** `etag`: not read; taken for the content of a version with an equal ETag and size. */
  readonly evidence: 'read' | 'cached' | 'etag' | null;
  /** Commit of the reviewed copy in force at that time. */
  readonly reviewedCommit: string | null;
}

export type TimelineEntry = CommitEntry | VersionEntry;

/** What changed at a point of a history against the one before on its side. */
export interface PointChange {
  readonly counts: FindingCounts;
  readonly findings: readonly Finding[];
}

/** A point after the onset with which findings began that stand now. */
export interface LaterOnset extends TimelinePoint {
  /** Listed findings of now that began with it. */
  readonly counts: FindingCounts;
  /** Null: there is none to compare with, or it is beyond the newest that are told. */
  readonly change: PointChange | null;
}

/** Where the present unbroken drift began. */
export interface Onset extends TimelinePoint {
  /** Object versions that drifted since, the present one included. */
  readonly versions: number;
  /** `earlier`: it was there already at the oldest point that is known. */
  readonly began: 'here' | 'earlier';
  /** How long it has lasted, in milliseconds. */
  readonly lastedMs: number;
  /** Commit of the reviewed copy in force at that time. */
  readonly reviewedCommit: string | null;
  /** What changed in it against the one before on its side; null: there is none to compare with. */
  readonly change: PointChange | null;
  /** Where not every moment was read (snapshots of a table): how many were, of how many. */
  readonly search?: { readonly read: number; readonly of: number };
  /** Each kind that stands now, and since when without a break. */
  readonly byKind: Readonly<Partial<Record<FindingKind, TimelinePoint>>>;
  /** The points after it with which findings began that stand now, the newest first. */
  readonly later: readonly LaterOnset[];
}

/** A row of a slice, with every cell as it stands, descriptive ones too. */
export interface SliceRow {
  readonly record: number;
  readonly line: number;
  readonly values: Cells;
}

/** The slice at a point of the timeline that changed it. */
export interface SlicePoint extends TimelinePoint {
  readonly change: 'appeared' | 'changed' | 'vanished';
  readonly rowCount: number;
  /** The first 20. */
  readonly rows: readonly SliceRow[];
}

/** One slice through both histories. */
export interface SliceStory {
  /** Key columns and the values that were asked for. */
  readonly scope: readonly (readonly [column: string, values: readonly string[]])[];
  /** Newest first. */
  readonly points: readonly SlicePoint[];
  /** Rows of the slice now. */
  readonly rowCount: { readonly reviewed: number; readonly runtime: number };
  /** Where it stands in neither history: values of its columns that may be meant; else none. */
  readonly nearest?: readonly (readonly [column: string, values: readonly string[]])[];
  /** Who last changed its lines of the reviewed copy. */
  readonly blame: readonly BlamedLine[];
  /** Unified diff of its rows, reviewed to runtime; null: they are the same. */
  readonly diff: string | null;
}

/** Two points of the histories compared (`--from`, `--to`). */
export interface PointComparison {
  readonly from: TimelinePoint;
  readonly to: TimelinePoint;
  /** `from` as the reviewed side, `to` as the runtime side. */
  readonly artifact: ArtifactReport;
}

/** What one repeated unit scans more than once. */
export interface UnitCost {
  readonly key: Cells;
  readonly rows: number;
  readonly prefix: string;
  /** Null: it could not be listed. */
  readonly objects: number | null;
  /** Of one scan. */
  readonly bytes: number | null;
  readonly redundantBytes: number | null;
  readonly reason: string | null;
}

/** What the repetition of a run costs. */
export interface Cost {
  /** The contract's template; null: it says nothing of what a unit scans. */
  readonly scans: string | null;
  /** Redundant rows of the runtime copy now. */
  readonly redundantRows: number;
  readonly amplification: number | null;
  /** Per run; null: not known for any unit. */
  readonly redundantBytes: number | null;
  /** `part`: some units' prefixes could not be listed, or there are too many. */
  readonly known: 'all' | 'part' | 'none';
  readonly units: readonly UnitCost[];
}

/** What one `investigate` established. */
export interface Investigation extends RunFacts {
  readonly artifact: ArtifactReport | null;
  /** Where the copies are, as the contract has it; left out: nobody asked. */
  readonly places?: { readonly reviewed: string; readonly runtime: string };
  /** How much of each side's history is at hand; null: there is none, `reasons` says why. */
  readonly history: {
    readonly reviewed: HistoryReach | null;
    readonly runtime: 'versioned' | 'unversioned' | 'cut-off' | null;
    readonly reasons: readonly string[];
  };
  /** Newest first. */
  readonly timeline: readonly TimelineEntry[];
  readonly onset: Onset | null;
  readonly slice: SliceStory | null;
  readonly comparison: PointComparison | null;
  readonly cost: Cost | null;
  /** What recorded runs did since; null, or left out: nobody asked (`--runs`). */
  readonly runs?: RunStory | null;
}

/** An investigation that established nothing, or nothing yet. */
export const nothingFound = {
  artifact: null,
  history: { reviewed: null, runtime: null, reasons: [] },
  timeline: [],
  onset: null,
  slice: null,
  comparison: null,
  cost: null,
} as const;
