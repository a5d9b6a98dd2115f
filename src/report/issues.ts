import {
  clipMessage,
  copySides,
  type ArtifactReport,
  type Finding,
  type Severity,
  type SideNames,
} from '../model/index.ts';
import { count } from '../model/names.ts';
import { escapeTerminal, showCell } from './escape.ts';
import { displayName, sinceFact } from './summary.ts';
import { clipEnd } from './width.ts';
import { stateWords } from './wording.ts';

/** How much something matters: fails, deserves a look, is known. */
export type Level = 'error' | 'warning' | 'note';

/** One thing that is to say of an artifact, in words that are safe anywhere but in markup. */
export interface Issue {
  readonly level: Level;
  /** A finding's kind, a state, or the code of an error or a warning. */
  readonly rule: string;
  readonly message: string;
  /** What to do about it; null: nothing is said of that. */
  readonly hint: string | null;
  /** The file of the contract that is meant, from the root of its repository; null: none is known. */
  readonly file: string | null;
  /** What it is said of: the reviewed copy, or the contract. */
  readonly of: 'reviewed' | 'contract';
  /** 1-based line of that file; null: none of it is meant. */
  readonly line: number | null;
  readonly finding: Finding | null;
}

const levels: Readonly<Record<Exclude<Severity, 'ignore'>, Level>> = {
  fail: 'error',
  warn: 'warning',
  pending: 'warning',
  accepted: 'note',
};

const nowhere = { hint: null, file: null, of: 'reviewed', line: null, finding: null } as const;

/** Codes that are said of the contract, and its word that is meant. */
export const warningsOfContract: Readonly<Record<string, string>> = {
  ACCEPT_ENDS_SOON: 'accept',
  ACCEPT_EXPIRED: 'accept',
  ACCEPT_UNUSED: 'accept',
  DESCRIPTIVE_UNKNOWN: 'descriptive',
  ENFORCED_LATER: 'enforceFrom',
  IDLE_STEP: 'normalize',
  OVERRIDE_UNUSED: 'overrides',
  SOURCE_CHANGED: 'from',
};

/** Everything that is to say of an artifact: its state or error, its findings, its warnings. */
export function* issuesOf(artifact: ArtifactReport): Iterable<Issue> {
  const { state, error, verdict, findings, warnings } = artifact;
  const level = verdict === 'in-sync' ? 'warning' : 'error';
  if (error !== null) {
    const { side, line = null, contract } = error.place;
    const message = clipMessage(escapeTerminal(error.message));
    yield {
      ...nowhere,
      level,
      rule: error.code,
      message,
      hint: error.hint === null ? null : clipMessage(escapeTerminal(error.hint)),
      file: contract?.file ?? null,
      line: contract?.line ?? (side === 'runtime' ? null : line),
    };
  } else if (state === 'missing' || state === 'unreviewed') {
    yield { ...nowhere, level, rule: state, message: stateWords[state] };
  }
  for (const finding of findings) {
    if (finding.severity === 'ignore') continue;
    const line = finding.rows.find(({ side }) => side === 'reviewed')?.line ?? 0;
    yield {
      ...nowhere,
      level: levels[finding.severity],
      rule: finding.kind,
      message: findingSentence(finding),
      line: line === 0 ? null : line,
      finding,
    };
  }
  for (const { code, message, side, line, place } of warnings) {
    const uncommitted = code === 'CONTRACT_UNCOMMITTED' ? artifact.contract?.file : undefined;
    yield {
      ...nowhere,
      level: 'warning',
      rule: code,
      message: clipMessage(escapeTerminal(message)),
      file: place?.file ?? uncommitted ?? null,
      of: warningsOfContract[code] === undefined ? 'reviewed' : 'contract',
      line: place?.line ?? (side === 'reviewed' ? line : null),
    };
  }
}

/** `duplicated participant_id=P-1 region=EU in the runtime copy: 3 rows, lines 2, 5, 9`. */
export function findingSentence(finding: Finding, names: SideNames = copySides): string {
  const { kind, side, severity, key, fields, reason, rows, rowCount, accepted, transition } =
    finding;
  const unit = (key ?? []).map(([column, value]) => `${clipped(column)}=${clipped(value)}`);
  const where = side === 'across' ? '' : `in the ${names[side]} copy`;
  const own = rows.filter((row) => side === 'across' || row.side === side);
  const number = side === 'across' ? 0 : rowCount[side];
  const facts = [
    ...(reason === null ? [] : [escapeTerminal(clipMessage(reason))]),
    ...(fields.length === 0
      ? []
      : [`${fields.map(clipped).join(', ')} ${fields.length === 1 ? 'differs' : 'differ'}`]),
    ...(number > 1 ? [count(number, 'row')] : []),
    ...(own.length === 0 ? [] : [placesOf(own, names)]),
    ...(transition === undefined ? [] : [sinceFact(transition)]),
    ...(severity === 'fail'
      ? []
      : [severity + (accepted === undefined ? '' : ` until ${accepted.until}`)]),
  ];
  const what = [kind, ...unit, where].filter((part) => part !== '').join(' ');
  return facts.length === 0 ? what : `${what}: ${facts.join(', ')}`;
}

function placesOf(rows: Finding['rows'], names: SideNames): string {
  const shown = rows.slice(0, 5);
  const rest = rows.length > shown.length ? ', …' : '';
  const [first] = shown;
  if (shown.every(({ side, place }) => place === undefined && side === first?.side)) {
    const lines = shown.map(({ line }) => line).join(', ');
    return `${shown.length > 1 ? 'lines' : 'line'} ${lines}${rest}`;
  }
  const places = shown.map(({ side, line, place }) => {
    const where = place === undefined ? `line ${line}` : escapeTerminal(place);
    return rows.some((row) => row.side !== side) ? `${names[side]} ${where}` : where;
  });
  return places.join(', ') + rest;
}

function clipped(value: string | null): string {
  return clipEnd(showCell(value === null ? null : clipMessage(value)), 120);
}

/** The reviewed copy as a path from its repository's root, or what else names it; null: none. */
export function reviewedPath({ reviewed }: ArtifactReport): string | null {
  return reviewed === null ? null : reviewed.location.replace(/^git:[^:]*:/, '');
}

/** `participants: duplicated …`, where an issue stands away from its artifact. */
export function withName(artifact: ArtifactReport, { message }: Issue): string {
  return `${displayName(artifact)}: ${message}`;
}
