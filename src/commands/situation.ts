import type { Sources } from '../judge/context.ts';
import type { ChosenCopy } from '../judge/choose.ts';
import type { Released } from '../judge/claim.ts';
import type {
  ArtifactReport,
  GateDecision,
  GivenOption,
  HistoryReach,
  PinnedCopy,
  Policy,
  TimelineEntry,
} from '../model/index.ts';

/** A judged copy, and what is known of the ways out. */
export interface Situation extends ChosenCopy {
  readonly report: ArtifactReport;
  /** As it was pinned; null: it is not there, or could not be reached. */
  readonly runtime: PinnedCopy | null;
  /** The newest first; left out: the histories were not read. */
  readonly timeline?: readonly TimelineEntry[];
  /** How much of the reviewed side's history is at hand; left out: nobody asked. */
  readonly reach?: HistoryReach | null;
  readonly sources: Sources;
  /** What was released since the commit that it is judged by; null: nothing that is known. */
  readonly released: Released | null;
  /** The history is cut off, and the clone has no remote that could have the rest; left out: it has. */
  readonly isAlone?: true;
  /** Where commands are typed. */
  readonly workingDirectory: string;
  /** Options of this run, which the commands repeat. */
  readonly given: readonly GivenOption[];
  /** Of a refused run or gate: what it was asked for, which its own commands repeat. */
  readonly asked?: Asked;
}

/** What a refused run or gate was asked for. */
export interface Asked {
  readonly command: 'run' | 'gate';
  /** As they were given; none: all of the contract. A job that reads several files needs them all. */
  readonly names: readonly string[];
  readonly given: readonly GivenOption[];
  /** The command as a shell reads it; null: there is none, or it is not to be repeated. */
  readonly typed: string | null;
  /** Whether rows can be left out of each copy as it is stored. */
  readonly cuttable: boolean;
  /** Whether what is refused passes once it is written anew. */
  readonly spelling: boolean;
  /** All that it judged: it starts when every one of them may. */
  readonly together: readonly JudgedTogether[];
}

/** One copy of a run, as it was decided. */
export interface JudgedTogether extends Pick<GateDecision, 'outcome' | 'revision'> {
  readonly report: ArtifactReport;
  readonly policy: Policy;
}
