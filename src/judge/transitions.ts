import {
  copyName,
  KeydriftError,
  policyKinds,
  sha256Hex,
  states,
  withFacts,
  type ArtifactReport,
  type Finding,
  type NotEnforced,
  type Report,
  type Resolved,
  type Transition,
} from '../model/index.ts';
import { exitCodeOf } from './exit-code.ts';

/** What an earlier run found of one copy: times and hashes, no data. */
export interface KnownCopy {
  readonly verdict: ArtifactReport['verdict'];
  readonly state: ArtifactReport['state'];
  /** Since when it has drifted, ISO 8601; null: it had not. */
  readonly since: string | null;
  /** Of which fingerprints its findings' names are (`redactionCheck`); null: of none. */
  readonly redaction: string | null;
  /** Since when each of its findings has been there, by what names a finding. */
  readonly findings: ReadonlyMap<string, string>;
}

/** What an earlier run found, by the names of copies. */
export interface KnownRun {
  /** When it began, ISO 8601; null: there was none yet. */
  readonly at: string | null;
  readonly copies: ReadonlyMap<string, KnownCopy>;
}

/**
 * Names a finding from one run to the next: its kind, its side and its unit, or what is wrong where it
 * has none. Hex, and no data.
 */
export function findingId({ kind, side, key, reason }: Finding): string {
  const words = JSON.stringify([kind, side, key ?? reason]);
  return sha256Hex(words).slice(0, 24);
}

/** What a report says for the runs after it; what it could not establish stays as it was known. */
export function knownRun(report: Report, before: KnownRun | null): KnownRun {
  const copies = new Map(before?.copies);
  for (const artifact of report.artifacts) {
    if (artifact.verdict === 'indeterminate') continue;
    const since = artifact.transition?.since ?? sinceOf(artifact, report, before);
    const own = artifact.findings.filter(isTold);
    copies.set(copyName(artifact.name, artifact.copy), {
      verdict: artifact.verdict,
      state: artifact.state,
      since,
      redaction: artifact.redactionCheck ?? null,
      findings: new Map(
        own.map((finding) => [findingId(finding), finding.transition?.since ?? report.startedAt]),
      ),
    });
  }
  return { at: report.startedAt, copies };
}

function sinceOf(
  { verdict, name, copy }: ArtifactReport,
  { startedAt }: Report,
  before: KnownRun | null,
): string | null {
  if (verdict !== 'drifted') return null;
  return before?.copies.get(copyName(name, copy))?.since ?? startedAt;
}

/** What nobody decided to leave alone. */
export function isTold({ severity }: Finding): boolean {
  return severity === 'fail' || severity === 'warn';
}

/** Of names that cannot be held against each other. */
const redactionDiffers = {
  code: 'REDACTION_DIFFERS',
  message:
    'the earlier run named its findings by other fingerprints (another --redact-key, or other columns): which of them are new, known or resolved is not known',
  side: null,
  line: null,
} as const;

/** Whether findings with a key are named as the earlier run named its own. */
function isNamedAlike({ redactionCheck }: ArtifactReport, known?: KnownCopy): boolean {
  return (
    known === undefined || known.findings.size === 0 || known.redaction === (redactionCheck ?? null)
  );
}

/**
 * A report that tells of each finding whether an earlier run had it, and what is there no longer.
 * Nothing is said of findings that it named by other fingerprints.
 */
export function withTransitions(report: Report, before: KnownRun): Report {
  const { startedAt } = report;
  const resolved: Resolved[] = [];
  const counts = { new: 0, persisting: 0, unknown: 0 };
  const artifacts = report.artifacts.map((artifact) => {
    if (artifact.verdict === 'indeterminate') return artifact;
    const known = before.copies.get(copyName(artifact.name, artifact.copy));
    const alike = isNamedAlike(artifact, known);
    const findings = artifact.findings.map((finding) => {
      if (!isTold(finding)) return finding;
      if (!alike && finding.key !== null) {
        counts.unknown += 1;
        return finding;
      }
      const since = known?.findings.get(findingId(finding));
      const transition = transitionOf(since, startedAt);
      counts[transition.change] += 1;
      return withFacts(finding, { transition });
    });
    const gone = goneOf(artifact, known);
    if (gone !== null) resolved.push(gone);
    const warnings = alike ? artifact.warnings : [...artifact.warnings, redactionDiffers];
    if (artifact.verdict !== 'drifted') return { ...artifact, findings, warnings };
    const since = known?.verdict === 'drifted' ? (known.since ?? undefined) : undefined;
    return { ...artifact, findings, warnings, transition: transitionOf(since, startedAt) };
  });
  return { ...report, artifacts, transitions: { previous: before.at, ...counts, resolved } };
}

function transitionOf(since: string | undefined, now: string): Transition {
  return since === undefined ? { change: 'new', since: now } : { change: 'persisting', since };
}

/** What of a copy is there no longer; nothing is said of findings that a report may not list. */
function goneOf(artifact: ArtifactReport, known: KnownCopy | undefined): Resolved | null {
  if (known === undefined || artifact.truncated !== null) return null;
  const { name, copy } = artifact;
  const isOver = known.verdict === 'drifted' && artifact.verdict === 'in-sync';
  if (!isNamedAlike(artifact, known)) {
    // Which are gone is not known; that so many are is, and that it has not drifted any more.
    const least = Math.max(0, known.findings.size - artifact.findings.length);
    const over = { artifact: copyName(name, copy), findings: least, since: known.since };
    return isOver ? { ...over, whole: true } : null;
  }
  const now = new Set(artifact.findings.map(findingId));
  const gone = [...known.findings].filter(([id]) => !now.has(id));
  if (gone.length === 0 && !isOver) return null;
  const times = gone.map(([, since]) => since);
  const since = [...times, ...(known.since === null ? [] : [known.since])].toSorted()[0] ?? null;
  return { artifact: copyName(name, copy), findings: gone.length, since, whole: isOver };
}

/**
 * `--only-new`: a copy whose drift an earlier run knew, all of it, does not fail; what it lets pass is
 * noted. One that lists not all of its findings may hide a new one, and fails.
 */
export function onlyNew(
  report: Report,
  before: KnownRun,
  drift: 'enforced' | 'not enforced',
): Report {
  const passed: NotEnforced[] = [];
  const verdicts = report.artifacts.map((artifact) => {
    if (artifact.verdict !== 'drifted' || !isAllKnown(artifact, before)) return artifact.verdict;
    passed.push({ artifact: copyName(artifact.name, artifact.copy), kinds: kindsOf(artifact) });
    return 'in-sync';
  });
  if (passed.length === 0) return report;
  return {
    ...report,
    exitCode: exitCodeOf(verdicts, drift === 'enforced'),
    enforced: false,
    notEnforced: [...(report.notEnforced ?? []), ...passed],
  };
}

function isAllKnown(artifact: ArtifactReport, before: KnownRun): boolean {
  const known = before.copies.get(copyName(artifact.name, artifact.copy));
  if (known?.verdict !== 'drifted' || artifact.truncated !== null) return false;
  const failing = artifact.findings.filter(({ severity }) => severity === 'fail');
  // A state without findings is drift of its own.
  return (
    failing.every(({ transition }) => transition?.change === 'persisting') &&
    (failing.length > 0 || known.state === artifact.state)
  );
}

/** The kinds for which a copy fails, in the order of policies; of a state alone that. */
export function kindsOf({ findings, state }: ArtifactReport): NotEnforced['kinds'] {
  const kinds = new Set<string>(
    findings.flatMap(({ kind, severity }) => (severity === 'fail' ? [kind] : [])),
  );
  if (state !== null) kinds.add(state);
  return policyKinds.filter((kind) => kinds.has(kind));
}

/** The document of `--state`: `keydrift.state/1`. */
export function stateDocument(run: KnownRun): string {
  const artifacts = Object.fromEntries(
    [...run.copies]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { verdict, state, since, redaction, findings }]) => [
        name,
        { verdict, state, since, redaction, findings: Object.fromEntries(findings) },
      ]),
  );
  return `${JSON.stringify({ schema: 'keydrift.state/1', at: run.at, artifacts }, null, 1)}\n`;
}

/** Reads what `stateDocument` writes. Throws `REPORT_UNREADABLE`. */
export function readState(text: string, place: string): KnownRun {
  const fail = (why: string): KeydriftError =>
    new KeydriftError('REPORT_UNREADABLE', `${place} is no state of keydrift: ${why}`, {
      hint: 'Name a place of its own for it; where it is broken, remove it: what is there then is new.',
    });
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw fail('it is not JSON');
  }
  const { schema, at, artifacts } = membersOf(data);
  if (schema !== 'keydrift.state/1') throw fail('its schema is not keydrift.state/1');
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) throw fail('it has no time');
  const copies = new Map<string, KnownCopy>();
  for (const [name, value] of Object.entries(membersOf(artifacts))) {
    const { verdict, state, since, redaction, findings } = membersOf(value);
    if (verdict !== 'drifted' && verdict !== 'in-sync') throw fail(`${name} has no verdict`);
    const known = Object.entries(membersOf(findings)).flatMap(([id, time]) =>
      typeof time === 'string' ? [[id, time] as const] : [],
    );
    copies.set(name, {
      verdict,
      state: states.find((one) => one === state && one !== 'indeterminate') ?? null,
      since: typeof since === 'string' ? since : null,
      redaction: typeof redaction === 'string' ? redaction : null,
      findings: new Map(known),
    });
  }
  return { at, copies };
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
