import { createHash } from 'node:crypto';
import { exitCodeOf, overallVerdict } from '../judge/exit-code.ts';
import type { ArtifactReport, Report } from '../model/index.ts';

const placeholder = /\{(owner|label\.[^{}]+)\}/g;

/** Whether a file's name asks for one file each: `{owner}`, `{label.tier}`. */
export function isForEach(file: string): boolean {
  return file.search(placeholder) >= 0;
}

/** One file and one report for each value that the name's placeholders have; else the whole in one. */
export function eachFile(
  report: Report,
  file: string,
): readonly (readonly [file: string, report: Report])[] {
  if (!isForEach(file)) return [[file, report]];
  const groups = new Map<string, ArtifactReport[]>();
  for (const artifact of report.artifacts) {
    const own = fileOf(artifact, file);
    const group = groups.get(own);
    if (group === undefined) groups.set(own, [artifact]);
    else group.push(artifact);
  }
  if (groups.size === 0) return [[fileOf(null, file), report]];
  return [...groups].map(([own, artifacts]) => {
    const verdicts = artifacts.map(({ verdict }) => verdict);
    // A gate's code is of the whole: nothing was started for a part.
    const exitCode =
      report.command === 'run' ? report.exitCode : exitCodeOf(verdicts, report.enforced);
    return [own, { ...report, artifacts, exitCode, verdict: overallVerdict(verdicts) }];
  });
}

function fileOf(artifact: ArtifactReport | null, file: string): string {
  return file.replaceAll(placeholder, (_, word: string) =>
    safeName(
      (word === 'owner' ? artifact?.owner : artifact?.labels.get(word.slice('label.'.length))) ??
        null,
    ),
  );
}

/**
 * A value as a part of a file's name, that never leads to another directory: what is no plain word
 * loses its other characters, and has a hash behind it that keeps it apart. None begins as an option
 * does: a shell's `*` in that directory would make it one.
 */
function safeName(value: string | null): string {
  if (value === null || value === '') return 'none';
  if (/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/.test(value)) return value;
  const hash = createHash('sha256').update(value).digest('hex').slice(0, 8);
  return `${value.slice(0, 60).replaceAll(/^[@+-]|[^A-Za-z0-9@+-]/g, '_')}-${hash}`;
}
