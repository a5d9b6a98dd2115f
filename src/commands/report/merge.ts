import { reportError } from '../../judge/artifact-report.ts';
import { exitCodes, overallVerdict } from '../../judge/exit-code.ts';
import {
  byCodeUnits,
  clipMessage,
  copyName,
  countsOf,
  KeydriftError,
  type ArtifactReport,
  type Report,
  type ReportError,
} from '../../model/index.ts';

/** A report, and the file that it was read from. */
export interface NamedReport {
  readonly file: string;
  readonly report: Report;
}

/** A file that no report could be read of, and why. */
export interface UnreadReport {
  readonly file: string;
  readonly fault: KeydriftError;
}

/**
 * The reports of shards as one. A shard that failed, a file that cannot be read, and a shard that nobody
 * brought, is a copy without a verdict under the name of its file or part: what it would have told is
 * not known. Throws `USAGE` for reports of different commands, and for a copy that two of them tell of;
 * where no file can be read, what reading the first of them threw. Copies are in the order of their
 * names, so the order of the files changes nothing.
 */
export function mergeReports(
  all: readonly NamedReport[],
  unread: readonly UnreadReport[] = [],
): Report {
  const [first] = all;
  if (first === undefined) {
    throw unread[0]?.fault ?? new KeydriftError('USAGE', 'there is no report to merge');
  }
  for (const { file, report } of all) {
    if (report.command === first.report.command) continue;
    const message = `${file} is of keydrift ${report.command}, ${first.file} of ${first.report.command}`;
    throw new KeydriftError('USAGE', message, { hint: 'Merge reports of one command.' });
  }
  requireDisjoint(all);
  const failed = all.flatMap(({ file, report: { error } }) =>
    error === null ? [] : [withoutReport(file, error)],
  );
  const artifacts = [
    ...byName(warnedOfContracts(all)),
    ...failed,
    ...unread.map(({ file, fault }) => withoutReport(file, reportError(fault))),
    ...missingShards(all),
  ];
  const codes = [...all.map(({ report }) => codeOf(report)), ...artifacts.map(codeAlone)];
  const starts = all.map(({ report }) => Date.parse(report.startedAt));
  const ends = all.map(({ report }, at) => starts[at]! + report.durationMs);
  const started = starts.reduce((a, b) => Math.min(a, b));
  return {
    command: first.report.command,
    version: first.report.version,
    startedAt: new Date(started).toISOString(),
    durationMs: ends.reduce((a, b) => Math.max(a, b)) - started,
    verdict: overallVerdict(artifacts.map(({ verdict }) => verdict)),
    exitCode: mergedCode(codes),
    enforced: all.every(({ report }) => report.enforced),
    notEnforced: all.flatMap(({ report }) => report.notEnforced ?? []),
    fromEnvironment: [...new Set(all.flatMap(({ report }) => report.fromEnvironment ?? []))],
    error: null,
    ...changedSince(all),
    ...transitionsOf(all),
    artifacts,
  };
}

/** What was left out of all of them, where all are since the same ref. */
function changedSince(all: readonly NamedReport[]): Pick<Report, 'changedSince'> {
  const since = all.flatMap(({ report }) => report.changedSince ?? []);
  const ref = since[0]?.ref;
  if (ref === undefined || since.length < all.length) return {};
  if (since.some((one) => one.ref !== ref)) return {};
  return { changedSince: { ref, of: since.reduce((sum, one) => sum + one.of, 0) } };
}

/** What became of what earlier runs found, where all were held against one; the earliest is named. */
function transitionsOf(all: readonly NamedReport[]): Pick<Report, 'transitions'> {
  const told = all.flatMap(({ report }) => report.transitions ?? []);
  if (told.length < all.length) return {};
  const sum = (count: (one: (typeof told)[number]) => number): number =>
    told.reduce((total, one) => total + count(one), 0);
  const [first = null] = told.flatMap(({ previous }) => previous ?? []).toSorted();
  return {
    transitions: {
      previous: first,
      new: sum((one) => one.new),
      persisting: sum((one) => one.persisting),
      unknown: sum((one) => one.unknown ?? 0),
      resolved: told
        .flatMap(({ resolved }) => resolved)
        .toSorted((a, b) => (a.artifact < b.artifact ? -1 : 1)),
    },
  };
}

function requireDisjoint(all: readonly NamedReport[]): void {
  const told = new Map<string, string>();
  for (const { file, report } of all) {
    for (const { name, copy } of report.artifacts) {
      const of = copyName(name, copy);
      const other = told.get(of);
      told.set(of, file);
      if (other === undefined) continue;
      throw new KeydriftError('USAGE', `${other} and ${file} both tell of ${of}`, {
        hint: 'Merge reports of different shards, each once.',
      });
    }
  }
}

/** In the order of their names, whichever shard they come from; copies of one artifact as they stood. */
function byName(artifacts: readonly ArtifactReport[]): readonly ArtifactReport[] {
  return artifacts.toSorted((a, b) => byCodeUnits(a.name, b.name));
}

/** Contracts that are named; of the files by each only the first is. */
const contractsNamed = 3;

/**
 * The copies of all. Where they were not judged by one contract, each that was by any says so, in the
 * same words: text tells it once.
 */
function warnedOfContracts(all: readonly NamedReport[]): readonly ArtifactReport[] {
  const copies = all.flatMap(({ report }) => report.artifacts);
  const by = new Map<string, Set<string>>();
  for (const { file, report } of all) {
    for (const { contract } of report.artifacts) {
      if (contract === undefined) continue;
      by.set(contract.sha256, (by.get(contract.sha256) ?? new Set()).add(file));
    }
  }
  if (by.size < 2) return copies;
  const named = [...by].slice(0, contractsNamed).map(([sha256, files]) => {
    const [file] = files;
    const rest = files.size === 1 ? '' : ` and ${files.size - 1} more`;
    return `${sha256.slice(0, 12)} (${file}${rest})`;
  });
  const rest = by.size > contractsNamed ? ', …' : '';
  const message = `the reports are by different contracts: sha256 ${named.join(', ')}${rest}`;
  const warning = {
    code: 'CONTRACTS_DIFFER',
    message: clipMessage(message),
    side: null,
    line: null,
  };
  return copies.map((one) =>
    one.contract === undefined ? one : { ...one, warnings: [...one.warnings, warning] },
  );
}

/** The code of a report; one that a signal ended has drift, perhaps, and is not all. */
function codeOf({ exitCode, verdict, enforced }: Report): number {
  if (exitCode <= exitCodes.both) return exitCode;
  return verdict === 'drifted' && enforced ? exitCodes.both : exitCodes.noVerdict;
}

/** What one artifact alone adds: a shard without a report has no code of its own. */
function codeAlone({ verdict }: ArtifactReport): number {
  return verdict === 'indeterminate' ? exitCodes.noVerdict : exitCodes.inSync;
}

/** Drift where any has it, no verdict where any lacks one. */
function mergedCode(codes: readonly number[]): number {
  const isDrift = codes.some((code) => code === exitCodes.drift || code === exitCodes.both);
  const isOpen = codes.some((code) => code !== exitCodes.inSync && code !== exitCodes.drift);
  if (isOpen) return isDrift ? exitCodes.both : exitCodes.noVerdict;
  return isDrift ? exitCodes.drift : exitCodes.inSync;
}

/** Parts that the others speak of, and nobody brought. */
function missingShards(all: readonly NamedReport[]): readonly ArtifactReport[] {
  const shards = all.flatMap(({ report: { shard } }) => shard ?? []);
  const most = shards.reduce((a, { of }) => Math.max(a, of), 0);
  const there = new Set(shards.flatMap(({ part, of }) => (of === most ? [part] : [])));
  return Array.from({ length: most }, (_, at) => at + 1).flatMap((part) => {
    if (there.has(part)) return [];
    const message = `the report of shard ${part}/${most} is not among those that are merged`;
    const command = `keydrift audit --shard ${part}/${most} -o json:FILE`;
    const hint = { text: 'Bring it', command };
    const error = new KeydriftError('REPORT_UNREADABLE', message, { hint });
    return [withoutReport(`shard-${part}-of-${most}`, reportError(error))];
  });
}

function withoutReport(name: string, error: ReportError): ArtifactReport {
  return {
    name,
    copy: null,
    owner: null,
    runbook: null,
    labels: new Map(),
    verdict: 'indeterminate',
    state: 'indeterminate',
    reviewed: null,
    runtime: null,
    amplification: null,
    counts: countsOf(() => 0),
    severities: { fail: 0, warn: 0, ignore: 0, accepted: 0, pending: 0 },
    truncated: null,
    findings: [],
    respelled: 0,
    warnings: [],
    change: null,
    error,
  };
}
