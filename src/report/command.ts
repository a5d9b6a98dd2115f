import type { ArtifactReport, GivenOption, Report, SideReport, Step } from '../model/index.ts';
import { copyName } from '../model/names.ts';
import { shellQuote } from '../model/quoting.ts';

/** More findings than a terminal is read for: these are for a file. */
const mostLines = 1000;

/**
 * The command that shows more of an artifact than this report did, or null where an error's hint
 * or nothing at all comes next. `total` and `hidden` count findings, or units of a change.
 */
export function nextCommand(
  report: Report,
  artifact: ArtifactReport,
  { total, hidden }: { readonly total: number; readonly hidden: number },
): string | null {
  // Without findings a look at them tells nothing more: something is to be mended.
  if (total === 0) {
    const mending = artifact.whatToDo?.find(mends) ?? null;
    const isLooked = report.command === 'audit' && artifact.state === 'unreviewed';
    // Of what nobody reviewed it is asked first where it is from.
    if (isLooked && (mending === null || mending.kind === 'fix'))
      return investigating(report, artifact);
    if (mending !== null) return mending.commands[0] ?? null;
    return report.command === 'audit' && artifact.verdict === 'drifted'
      ? investigating(report, artifact)
      : null;
  }
  if (hidden === 0 && artifact.verdict === 'in-sync') return null;
  const isContracts = report.command === 'audit' || report.command === 'run';
  // All was told: what is left to ask is since when, and why. Of two mere locations nobody knows.
  if (hidden === 0 && report.command !== 'bundle')
    return isContracts && (artifact.reviewed !== null || artifact.state === 'unreviewed')
      ? investigating(report, artifact)
      : null;
  if (hidden === 0) return linting(report, artifact);
  const all = total <= mostLines ? ` --limit ${total}` : ' --format json';
  if (isContracts) {
    const given = repeated(report.given, 'audit');
    return `keydrift audit ${nameOf(artifact)}${given}${against(artifact, given)}${all}`;
  }
  if (report.command === 'diff') {
    const by = report.given?.find(([name]) => name === 'contract')?.[1] ?? null;
    const pinned = pinnedDiff(artifact, report.given, by);
    return pinned === null ? null : pinned + all;
  }
  if (report.command === 'bundle') return linting(report, artifact) + all;
  const given = repeated(report.given, 'lint');
  const isSaid = artifact.change === null || given.includes(' --base');
  const base = isSaid ? '' : ` ${optionText('--base', artifact.change.baseRef)}`;
  return `keydrift lint ${nameOf(artifact)}${given}${base}${all}`;
}

/** `to write the reviewed copy over the file`: what the next command does to the runtime copy; null: nothing. */
export function nextBrief({ whatToDo = [] }: ArtifactReport, next: string): string | null {
  const step = whatToDo.find(({ kind, commands }) => kind === 'publish' && commands[0] === next);
  return step?.briefs?.[0] ?? null;
}

/** An audit of these copies, as that of the report was; null: it was none. */
export function auditOf(report: Report, artifacts: readonly ArtifactReport[]): string | null {
  if (report.command !== 'audit') return null;
  const given = repeated(report.given, 'audit');
  const [first] = artifacts;
  const names = artifacts.map(nameOf).join(' ');
  return `keydrift audit ${names}${given}${first === undefined ? '' : against(first, given)}`;
}

function investigating(report: Report, artifact: ArtifactReport): string {
  const given = repeated(report.given, 'investigate');
  return `keydrift investigate ${nameOf(artifact)}${given}${against(artifact, given)}`;
}

/** What a bundle was refused for, as it is mended. */
function linting({ given }: Report, artifact: ArtifactReport): string {
  return `keydrift lint ${nameOf(artifact)}${repeated(given, 'lintAtCommit')}${atCommit(artifact)}`;
}

/** Whether a step is more than a way around what was found. */
function mends({ kind, commands }: Step): boolean {
  return commands.length > 0 && kind !== 'run' && kind !== 'override';
}

const ofContract = ['config', 'config-sha256', 'var', 'limits', 'redact'] as const;
const ofAccess = ['endpoint-url', 'region', 'profile', 'no-sign-request'] as const;

/** What each command takes of the options that an earlier one was given. */
const takenBy: Readonly<
  Record<
    | 'audit'
    | 'investigate'
    | 'lint'
    | 'lintAtCommit'
    | 'diff'
    | 'diffByContract'
    | 'run'
    | 'gate'
    | 'publish'
    | 'auditAtRef'
    | 'auditByBundle',
    readonly string[]
  >
> = {
  audit: [...ofContract, 'ref', 'against', 'fail-on', ...ofAccess],
  investigate: [...ofContract, 'ref', 'against', 'runs', 'fail-on', ...ofAccess],
  lint: [...ofContract, 'ref', 'fail-on', ...ofAccess, 'base', 'forbid-weaker', 'fetch'],
  // Its ref is the commit that was judged.
  lintAtCommit: [...ofContract, 'fail-on', ...ofAccess],
  diff: ['redact', 'optional', 'normalize', 'csv', 'fail-on', ...ofAccess],
  diffByContract: [...ofContract, 'fail-on', ...ofAccess],
  run: [...ofContract, 'ref', 'against', 'fail-on', ...ofAccess],
  // Of a refused run: the same slices, in the same form, to the same places.
  // prettier-ignore
  gate: [...ofContract, 'ref', 'against', 'fail-on', 'contract-only', 'scope', 'whole-file', 'as', 'stage', 'record', ...ofAccess],
  // Nobody writes to a bucket without a signature.
  publish: [...ofContract, 'ref', 'endpoint-url', 'region', 'profile'],
  // The contract is the bundle's own.
  auditByBundle: ['var', 'limits', 'redact', ...ofAccess],
  auditAtRef: [...ofContract, 'fail-on', ...ofAccess],
};

/** The options that were given and that a command takes, as it is typed: ` --config x`. */
export function repeated(
  given: readonly GivenOption[] | undefined,
  command: keyof typeof takenBy,
): string {
  const taken = takenBy[command];
  return (given ?? [])
    .filter(([name]) => taken.includes(name))
    .map(([name, value]) => (value === null ? ` --${name}` : ` ${optionText(`--${name}`, value)}`))
    .join('');
}

/** `participants@eu`, as a command takes it. */
export function nameOf({ name, copy }: Pick<ArtifactReport, 'name' | 'copy'>): string {
  return shellQuote(copyName(name, copy));
}

/** The commit that was judged: `lint` by itself judges the working tree. */
function atCommit({ reviewed }: ArtifactReport): string {
  const commit = reviewed?.revision.facts.commit;
  return commit === undefined ? '' : ` --ref ${commit}`;
}

/** Where the reviewed copy came out of a bundle, the option that names it. */
function against({ reviewed }: ArtifactReport, given: string): string {
  const place = reviewed?.revision.against;
  return place === undefined || given.includes(' --against')
    ? ''
    : ` --against ${shellQuote(place)}`;
}

/**
 * The same comparison of exactly these revisions, by the contract of an artifact (`by`), or by what of
 * it options can say; null where it cannot be told from the report.
 */
export function pinnedDiff(
  artifact: ArtifactReport,
  given: readonly GivenOption[] | undefined,
  by: string | null,
): string | null {
  const { reviewed, runtime, findings } = artifact;
  // What came on stdin is gone.
  if (reviewed?.location === '-' || runtime?.location === '-') return null;
  if (by !== null) {
    if (reviewed === null || runtime === null) return null;
    const locations = [reviewed, runtime].map((side) => shellQuote(pinnedLocation(side)));
    return `keydrift diff ${locations.join(' ')} --contract ${shellQuote(by)}${repeated(given, 'diffByContract')}`;
  }
  const key = findings.find((finding) => finding.key !== null)?.key?.map(([column]) => column);
  const sample = findings.find((finding) => finding.rows.length > 0)?.rows[0];
  if (reviewed === null || runtime === null || key === undefined || sample === undefined)
    return null;
  const columns = sample.values.map(([column]) => column);
  const consumes = columns.filter((column) => !key.includes(column));
  if (columns.some((column) => /^$|,|^\s|\s$/.test(column))) return null;
  const sides = [reviewed, runtime].map((side) => shellQuote(pinnedLocation(side)));
  return `keydrift diff ${sides.join(' ')} ${optionText('--key', key.join(','))} ${optionText('--consumes', consumes.join(','))}${repeated(given, 'diff')}`;
}

function pinnedLocation({ location, revision }: SideReport): string {
  return revision.exact ?? location;
}

/** An option as it is typed; a value that could be taken for one stays with its own. */
export function optionText(name: string, value: string): string {
  return value === '' || value.startsWith('-')
    ? `${name}=${value === '' ? "''" : shellQuote(value)}`
    : `${name} ${shellQuote(value)}`;
}
