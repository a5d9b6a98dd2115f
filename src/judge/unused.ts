import { unusedWarning } from '../compare/index.ts';
import type { ArtifactReport, UnusedEntry } from '../model/index.ts';
import type { ChosenCopy } from './contract.ts';

/**
 * Warns of each entry of `accept` that covers nothing in any copy of its artifact, at the first of
 * them. Nothing is said of an artifact of which some copy was not chosen, or not compared.
 */
export function warnOfUnused(
  chosen: readonly ChosenCopy[],
  reports: readonly ArtifactReport[],
): readonly ArtifactReport[] {
  const told = [...reports];
  for (const [at, { artifact }] of chosen.entries()) {
    const isFirst = artifact.accept.length > 0 && chosen[at - 1]?.artifact !== artifact;
    if (!isFirst) continue;
    const ofCopies = reports.slice(at, at + artifact.copies.length);
    const whole = artifact.copies.every((_, n) => chosen[at + n]?.artifact === artifact);
    const unused = whole ? unusedInAll(ofCopies) : [];
    const report = reports[at];
    if (report === undefined || unused.length === 0) continue;
    told[at] = { ...report, warnings: [...report.warnings, ...unused.map(unusedWarning)] };
  }
  return told;
}

function unusedInAll(reports: readonly ArtifactReport[]): readonly UnusedEntry[] {
  const [first, ...others] = reports.map(({ acceptance }) => acceptance?.unused ?? []);
  return (first ?? []).flatMap((unused) => {
    const all = [
      unused,
      ...others.flatMap((list) => list.filter(({ entry }) => entry === unused.entry)),
    ];
    if (all.length < reports.length) return [];
    return [all.find(({ found }) => found !== null) ?? unused];
  });
}
