import { acceptFindings, proposeAccept } from '../compare/index.ts';
import type {
  Acceptance,
  ArtifactContract,
  Finding,
  KeyGroup,
  Policy,
  Warning,
} from '../model/index.ts';
import { columnsOf, findAlone } from './alone.ts';
import { forgiveLag, type Lag } from './grace.ts';
import type { ScannedCopy } from './scan.ts';

/** How copies are judged beyond their contract. */
export interface Judging {
  /** The moment that `accept` and `grace` are held against: one for a whole run. */
  readonly now: Date;
  /** `propose`: also tell what `accept` could say of what is found. */
  readonly acceptance: 'apply' | 'propose';
}

/** Two copies compared: findings after policy, and what they come from. */
export interface Compared {
  readonly reviewed: ScannedCopy;
  readonly runtime: ScannedCopy;
  readonly keys: readonly KeyGroup[];
  readonly findings: readonly Finding[];
}

/** What `accept` and then `grace` make of findings after policy. What is ignored stays ignored. */
export async function weighFindings(
  { reviewed, runtime, keys, findings }: Compared,
  lag: Lag,
  { now, acceptance }: Judging,
): Promise<{
  readonly findings: readonly Finding[];
  readonly warnings: readonly Warning[];
  readonly acceptance: Acceptance;
}> {
  const { accept } = lag.artifact;
  const accepting = { keys, accept, now, consumedColumns: columnsOf(reviewed).consumedColumns };
  const accepted = acceptFindings({ ...accepting, findings });
  const forgiven = await forgiveLag(lag, runtime, reviewed.copy, accepted.findings);
  const proposed =
    acceptance === 'propose'
      ? proposeAccept({ ...accepting, findings: forgiven.findings })
      : { proposals: [], refused: [] };
  return {
    findings: forgiven.findings,
    warnings: [...accepted.warnings, ...forgiven.warnings],
    acceptance: { unused: accepted.unused, ...proposed },
  };
}

/** A reviewed copy by its contract alone, after `accept`: what lint, bundle and publish judge. */
export async function weighReviewed(
  artifact: ArtifactContract,
  policy: Policy,
  reviewed: ScannedCopy,
  now: Date,
): Promise<{ readonly findings: readonly Finding[]; readonly warnings: readonly Warning[] }> {
  const found = await findAlone(artifact, policy, 'reviewed', reviewed);
  const { consumedColumns } = columnsOf(reviewed);
  const { findings, warnings } = acceptFindings({
    ...found,
    consumedColumns,
    accept: artifact.accept,
    now,
  });
  return { findings, warnings };
}
