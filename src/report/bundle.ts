import { copyName, type BundledCopy } from '../model/index.ts';
import { shellQuote } from '../model/shell.ts';
import { repeated } from './command.ts';
import { escapeTerminal } from './escape.ts';
import type { BundleReporter } from './reporter.ts';
import { shortTime } from './revision.ts';
import { table, type TableColumn } from './table.ts';

const columns: readonly TableColumn[] = [
  'artifact',
  'commit',
  'path',
  'rows',
  'units',
  'versions',
].map((head) => ({ head, clip: 'middle', least: 1000 }));

/** Nothing is clipped: this is read by people and by their logs. */
const widest = 100_000;

/**
 * What a bundle holds, a line for each reviewed copy, and the command that would be typed next.
 * Ends with a newline.
 */
export const describeBundle: BundleReporter = ({ manifest, place, sha256, notes, given }) => {
  const { contract, artifacts, historySeconds } = manifest;
  const rows = artifacts.map(cellsOf);
  return [
    `bundle    ${escapeTerminal(place)}`,
    `sha256    ${sha256}`,
    `contract  ${escapeTerminal(contract.path)}, commit ${contract.commit.slice(0, 7)} of ${shortTime(contract.committedAt)}`,
    ...(historySeconds === null ? [] : [`history   ${historySeconds} s before the commit`]),
    ...notes.map((note) => `note      ${escapeTerminal(note)}`),
    '',
    ...(table(columns, rows, widest) ?? []),
    '',
    `next      keydrift audit --against ${shellQuote(`bundle:${place}`)}${repeated(given, 'auditByBundle')}`,
    '',
  ].join('\n');
};

function cellsOf(bundled: BundledCopy): readonly string[] {
  const { artifact, copy, commit, committedAt, path, rows, units, versions } = bundled;
  return [
    escapeTerminal(copyName(artifact, copy)),
    `${commit.slice(0, 7)} of ${shortTime(committedAt)}`,
    escapeTerminal(path),
    String(rows),
    String(units),
    versions.length === 0 ? '-' : String(versions.length),
  ];
}
