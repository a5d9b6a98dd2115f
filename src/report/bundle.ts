import { copyName, type BundledCopy } from '../model/index.ts';
import { count } from '../model/names.ts';
import { shellQuote } from '../model/quoting.ts';
import { repeated } from './command.ts';
import { escapeTerminal } from './escape.ts';
import type { BundleReporter } from './reporter.ts';
import { briefTime, shortCommit, shortTime } from './revision.ts';
import { table, type TableColumn } from './table.ts';
import { widthOf, wrap } from './width.ts';
import { lengths } from './wording.ts';

const heads = ['artifact', 'commit', 'time', 'rows', 'units', 'versions'] as const;
const columns: readonly TableColumn[] = [...heads, 'path'].map((head) => {
  return { head, clip: 'middle', least: 1000 };
});

/** Nothing is clipped: this is read by people and by their logs. */
const widest = 100_000;

/**
 * What a bundle holds, a line for each reviewed copy, or two where its path has no room beside it,
 * and the command that would be typed next. Ends with a newline.
 */
export const describeBundle: BundleReporter = (
  { manifest, place, sha256, notes, given },
  { width },
) => {
  const { contract, artifacts, historySeconds } = manifest;
  return [
    ...fact('bundle', escapeTerminal(place), width),
    `sha256    ${sha256}`,
    ...fact(
      'contract',
      `${escapeTerminal(contract.path)}, commit ${shortCommit(contract.commit)} of ${shortTime(contract.committedAt)}`,
      width,
    ),
    ...(historySeconds === null
      ? []
      : fact('history', `${timeWords(historySeconds)} before the commit`, width)),
    ...notes.flatMap((note) => fact('note', escapeTerminal(note), width)),
    '',
    ...copyLines(artifacts, width),
    '',
    `next      keydrift audit --against ${shellQuote(`bundle:${place}`)}${repeated(given, 'auditByBundle')}`,
    '',
  ].join('\n');
};

function fact(name: string, text: string, width: number): readonly string[] {
  return wrap(name.padEnd(10) + text, width, 10);
}

function copyLines(artifacts: readonly BundledCopy[], width: number): readonly string[] {
  const rows = artifacts.map(cellsOf);
  const paths = artifacts.map(({ path }) => escapeTerminal(path));
  const beside =
    table(
      columns,
      rows.map((row, at) => [...row, paths[at] ?? '']),
      widest,
    ) ?? [];
  if (beside.every((line) => widthOf(line) <= width)) return beside;
  const [head = '', ...lines] = table(columns.slice(0, -1), rows, widest) ?? [];
  return [head, ...lines.flatMap((line, at) => [line, `  ${paths[at] ?? ''}`])];
}

/** A time that was asked for, exactly: `30 minutes`, `1 hour`. */
function timeWords(seconds: number): string {
  const [unit, length] = lengths.find(([, one]) => seconds % one === 0) ?? ['second', 1];
  return count(seconds / length, unit);
}

function cellsOf(bundled: BundledCopy): readonly string[] {
  const { artifact, copy, commit, committedAt, rows, units, versions } = bundled;
  return [
    escapeTerminal(copyName(artifact, copy)),
    shortCommit(commit),
    briefTime(committedAt),
    String(rows),
    String(units),
    versions.length === 0 ? '-' : String(versions.length),
  ];
}
