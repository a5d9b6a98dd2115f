import { unusedWarning } from '../compare/index.ts';
import type { ArtifactReport, UnusedEntry } from '../model/index.ts';
import type { ChosenCopy } from './choose.ts';
import { redactEntry } from './redact.ts';

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
    if (chosen[at - 1]?.artifact.name === artifact.name) continue;
    const count = artifact.copies.length;
    const whole = artifact.copies.every((_, n) => chosen[at + n]?.artifact.name === artifact.name);
    const copies = chosen.slice(at, at + count);
    const unused = whole ? unusedInAll(copies, reports.slice(at, at + count)) : [];
    const report = reports[at];
    if (report === undefined || unused.length === 0) continue;
    told[at] = {
      ...report,
      warnings: [
        ...report.warnings,
        ...unused.map((one) => unusedWarning(toldEntry(one, artifact))),
      ],
    };
  }
  return told;
}

/** An entry as it may be told. */
function toldEntry(one: UnusedEntry, { key, redaction }: ChosenCopy['artifact']): UnusedEntry {
  const columns = key.map(({ column }) => column);
  return { ...one, entry: redactEntry(one.entry, columns, redaction) };
}

/** Entries that cover nothing in any copy whose key they are of. */
function unusedInAll(
  chosen: readonly ChosenCopy[],
  reports: readonly ArtifactReport[],
): readonly UnusedEntry[] {
  const entries = new Set(chosen.flatMap(({ artifact }) => artifact.accept));
  return [...entries].flatMap((entry) => {
    const of = reports.filter((_, n) => chosen[n]?.artifact.accept.includes(entry) === true);
    const all = of.flatMap(
      ({ acceptance }) => acceptance?.unused.filter((unused) => unused.entry === entry) ?? [],
    );
    const [first] = all;
    if (first === undefined || all.length < of.length) return [];
    return [all.find(({ found }) => found !== null) ?? first];
  });
}
