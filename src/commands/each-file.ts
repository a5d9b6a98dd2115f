import { partOfReport } from '../judge/part.ts';
import { sha256Hex, type ArtifactReport, type Report } from '../model/index.ts';

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
  return [...groups].map(([own, artifacts]) => [own, partOfReport(report, artifacts)]);
}

/**
 * The name with an artifact's values in it: another one for other values, also on a disk that does not
 * tell capitals apart. It depends on these values alone, so a file is called the same in every run.
 */
function fileOf(artifact: ArtifactReport | null, file: string): string {
  // A label's own name may have a slash.
  const parts = file.split(/\/(?![^{}]*\})/);
  return parts.map((part) => partOf(artifact, part)).join('/');
}

/** What stands side by side is told apart as well: "a-b" and "c" look as "a" and "b-c". */
function partOf(artifact: ArtifactReport | null, part: string): string {
  // Texts at even places, what they stand around at odd ones.
  const pieces = part.split(placeholder);
  const values = pieces.map((word, at) => (at % 2 === 0 ? null : valueOf(artifact, word)));
  const names = pieces.map((text, at) => (at % 2 === 0 ? text : safeName(values[at] ?? null)));
  const isClear = names.every((text, at) => {
    const isBetween = at > 0 && at + 1 < names.length;
    return at % 2 === 1 ? isPlain(text) : !isBetween || !isPlain(text);
  });
  if (names.length > 3 && !isClear) names[names.length - 2] += `-${hashOf(JSON.stringify(values))}`;
  return names.join('');
}

function isPlain(text: string): boolean {
  return /^[a-z0-9]*$/i.test(text);
}

/** Null: it has none. */
function valueOf(artifact: ArtifactReport | null, word: string): string | null {
  const label = word.slice('label.'.length);
  const value = word === 'owner' ? artifact?.owner : artifact?.labels.get(label);
  return value === undefined || value === '' ? null : value;
}

function hashOf(text: string): string {
  return sha256Hex(text).slice(0, 8);
}

/**
 * A value as a part of a file's name, that never leads to another directory: what is no plain word of
 * small letters loses its other characters, and has a hash behind it that keeps it apart. None begins
 * as an option does: a shell's `*` in that directory would make it one.
 */
function safeName(value: string | null): string {
  if (value === null) return 'none';
  const isWord = /^[a-z0-9][a-z0-9._@+-]{0,99}$/.test(value);
  // Nor is it what another value is called.
  if (isWord && value !== 'none' && !/-[0-9a-f]{8}$/.test(value)) return value;
  return `${value.slice(0, 60).replaceAll(/^[@+-]|[^A-Za-z0-9@+-]/g, '_')}-${hashOf(value)}`;
}
