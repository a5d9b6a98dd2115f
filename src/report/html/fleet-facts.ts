import type { Step, Verdict } from '../../model/index.ts';

/** What the table of a fleet tells of an artifact: every text is safe to be shown. */
export interface FleetFacts {
  readonly name: string;
  /** Where the page tells all of it; null: nowhere but in the table. */
  readonly anchor: string | null;
  /** 0 is what needs a person most. */
  readonly rank: number;
  readonly verdict: Verdict;
  readonly label: string;
  readonly found: string;
  readonly owner: string;
  readonly runbook: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly state: string;
  /** `2026-11-22 16:58Z`, or nothing. */
  readonly since: string;
  /** Against an earlier run: `new`, `persisting`, or nothing. */
  readonly change: string;
  /** Null: what is there could not be read, or is not there. */
  readonly redundant: number | null;
  readonly cause: string;
  readonly sentences: readonly string[];
  readonly steps: readonly Step[];
}

/** The heads of the table of a fleet; an audit without a history knows no more than a copy's own age. */
export const fleetHeads = {
  verdict: 'verdict',
  name: 'artifact',
  found: 'found',
  owner: 'owner',
  since: 'at least since',
  redundant: 'redundant',
  cause: 'cause',
} as const;
