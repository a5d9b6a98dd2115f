import { createHmac, randomBytes } from 'node:crypto';
import {
  errorCodes,
  hintOf,
  KeydriftError,
  redactCells,
  toKeydriftError,
  type Acceptance,
  type AcceptEntry,
  type AcceptProposal,
  type ArtifactContract,
  type ArtifactReport,
  type Cells,
  type ChangeReport,
  type Finding,
  type Redaction,
  type ReportedRow,
  type ReportError,
  type Warning,
} from '../model/index.ts';

/** Of this process, where nobody names one: fingerprints of two runs say nothing of each other. */
const ownKey = randomBytes(32);

/**
 * What is told of values that are not to be told: `redacted:` and twelve hex digits of a keyed hash.
 * `key`: whoever has it can hash a value himself; null: a new one for each run.
 */
export function createRedaction(
  columns: ReadonlySet<string>,
  named: ReadonlySet<string>,
  key: string | null,
): Redaction {
  const secret = key === null ? ownKey : Buffer.from(key);
  const show = (value: string): string =>
    `redacted:${createHmac('sha256', secret).update(value).digest('hex').slice(0, 12)}`;
  return { columns, named, show };
}

/**
 * Six hex digits that tell the names of findings under one key, and of the same hidden key columns, from
 * those of others; too few to confirm a key that somebody guesses. Null: no key column is hidden.
 */
function checkOf({ columns, show }: Redaction, key: readonly string[]): string | null {
  const hidden = key.filter((column) => columns.has(column));
  if (hidden.length === 0) return null;
  const start = 'redacted:'.length;
  return show(`keydrift redaction check ${JSON.stringify(hidden)}`).slice(start, start + 6);
}

/** A report without the values of its artifact's redacted columns. */
export function redactReport(
  report: ArtifactReport,
  { redaction, accept, key }: ArtifactContract,
): ArtifactReport {
  if (redaction === undefined) return report;
  const cells = (of: Cells): Cells => redactCells(of, redaction);
  const row = (of: ReportedRow): ReportedRow => ({ ...of, values: cells(of.values) });
  const { acceptance, change, error } = report;
  const columns = key.map(({ column }) => column);
  const check = checkOf(redaction, columns);
  const warning = (of: Warning): Warning => {
    const named = of.code.startsWith('ACCEPT_') ? accept : [];
    const message = named.reduce(
      (text, entry) =>
        text.replaceAll(spelled(entry.key), spelled(redactEntry(entry, columns, redaction).key)),
      of.message,
    );
    return { ...of, message };
  };
  return {
    ...report,
    ...(check === null ? {} : { redactionCheck: check }),
    findings: redactFindings(report.findings, redaction),
    warnings: report.warnings.map(warning),
    change: change && redactChange(change, row, cells),
    error: error && redactError(error),
    ...(acceptance === undefined
      ? {}
      : { acceptance: redactAcceptance(acceptance, redaction, cells) }),
  };
}

/** An entry of `accept` names its key: one that is not told cannot be proposed. */
function redactAcceptance(
  acceptance: Acceptance,
  { columns }: Redaction,
  cells: (of: Cells) => Cells,
): Acceptance {
  const isHidden = ({ key }: AcceptProposal): boolean =>
    key.some(([column, value]) => columns.has(column) && (value ?? '') !== '');
  const why =
    'its key is redacted, and an entry names it: propose it where its values may be seen, without `redact`';
  const hidden = acceptance.proposals.filter(isHidden);
  const refused = [
    ...acceptance.refused,
    ...hidden.map(({ kinds, key }) => ({ finding: kinds.join(' and '), key, why })),
  ];
  return {
    ...acceptance,
    proposals: acceptance.proposals.filter((one) => !isHidden(one)),
    refused: refused.map((one) => ({ ...one, key: one.key && cells(one.key) })),
    hidden: hidden.length > 0,
  };
}

/** An error that is thrown of an artifact's copy, as it may be told. */
export function redactThrown(
  thrown: unknown,
  { redaction }: Pick<ArtifactContract, 'redaction'>,
): KeydriftError {
  const error = toKeydriftError(thrown);
  if (redaction === undefined) return error;
  const { code, place, hint, command, message } = error;
  const told = redactError({ code, message, hint, command, place, problems: [] });
  if (told.message === message) return error;
  return new KeydriftError(code, told.message, { hint: hintOf(told), place });
}

/** Findings as they may be told. */
export function redactFindings(
  findings: readonly Finding[],
  redaction: Redaction | undefined,
): readonly Finding[] {
  if (redaction === undefined) return findings;
  const cells = (of: Cells): Cells => redactCells(of, redaction);
  return findings.map((of) => ({
    ...of,
    key: of.key && cells(of.key),
    rows: of.rows.map((row) => ({ ...row, values: cells(row.values) })),
    respelled: of.respelled && cells(of.respelled),
  }));
}

/** An entry of `accept` as it may be told. */
export function redactEntry(
  entry: AcceptEntry,
  columns: readonly string[],
  redaction: Redaction | undefined,
): AcceptEntry {
  if (redaction === undefined) return entry;
  const told = entry.key.map((value, at) =>
    value === '' || !redaction.columns.has(columns[at] ?? '') ? value : redaction.show(value),
  );
  return { ...entry, key: told };
}

function spelled(key: readonly string[]): string {
  return key.map((value) => JSON.stringify(value)).join(', ');
}

function redactChange(
  change: ChangeReport,
  row: (of: ReportedRow) => ReportedRow,
  cells: (of: Cells) => Cells,
): ChangeReport {
  return {
    ...change,
    units: change.units.map((unit) => ({
      ...unit,
      key: cells(unit.key),
      before: unit.before && row(unit.before),
      after: unit.after && row(unit.after),
      ...(unit.rows === undefined
        ? {}
        : { rows: { before: unit.rows.before.map(row), after: unit.rows.after.map(row) } }),
    })),
  };
}

/**
 * What makes a copy no table quotes of it what is no table: a first record where the header should be,
 * the text behind a quote. Where it stands is told, and what it says is not.
 */
export function redactError(error: ReportError): ReportError {
  if (error.code === 'ENGINE_FAILED') {
    // An engine may quote the value that a query failed of.
    const [who = ''] = error.message.split(': ', 1);
    return { ...error, message: `${who}: what the engine says of it is redacted` };
  }
  const isContent = errorCodes[error.code] === 'content' || error.code === 'CONTRACT_COLUMNS';
  if (!isContent) return error;
  const side = error.place.side === undefined ? 'a' : `the ${error.place.side}`;
  return {
    ...error,
    message: `${side} copy cannot be read as the contract says (${error.code}); its content is redacted`,
    hint: 'See it where its values may be seen, without `redact`.',
    command: null,
    problems: [],
  };
}
