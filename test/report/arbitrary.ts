import * as fc from 'fast-check';
import { codePoint } from '../code-points.ts';
import {
  commitRevision,
  countsOf,
  errorCodes,
  fileRevision,
  findingKinds,
  objectRevision,
  severities,
  states,
  verdicts,
  type ArtifactReport,
  type Cause,
  type Cells,
  type ErrorCode,
  type Finding,
  type FindingCounts,
  type Report,
  type ReportedRow,
  type ReportError,
  type Revision,
  type SideReport,
} from '../../src/model/index.ts';

/** Text that a file may hold, weighted to what breaks terminals, tables and markup. */
export const text: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: codePoint, maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom(
      ...Array.from(
        'ab |`\\<>@#*_[](){}+-"\'\n\t\r\0\u001b\u009b\u202e\u2066\u2028\u200b\u00a0\u3000',
      ),
      '\ud800',
      '\u0301',
      '東',
      '👩‍🚀',
      '||',
      '```',
    ),
    maxLength: 60,
  }),
  fc.string({ minLength: 100, maxLength: 150 }),
  fc.constantFrom('__proto__', '2', '', ' ', 'constructor', 'P-1', '00042'),
);
const number = fc.nat(3_000_000);
const side = fc.constantFrom('reviewed' as const, 'runtime' as const);
const time = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
  .map((date) => date.toISOString());
const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...Array.from('0123456789abcdef')),
    minLength: length,
    maxLength: length,
  });

function cells(columns: readonly string[]): fc.Arbitrary<Cells> {
  return fc
    .tuple(...columns.map(() => fc.option(text)))
    .map((values) => columns.map((column, at) => [column, values[at] ?? null]));
}

const commit = fc.record({ commit: hex(40), committedAt: time, blob: hex(40) });

const revision: fc.Arbitrary<Revision> = fc.oneof(
  commit.map((facts) => commitRevision(facts)),
  fc
    .record({
      versionId: fc.option(fc.oneof(hex(32), fc.constant('null'), text)),
      etag: text,
      lastModified: time,
    })
    .map((facts) => objectRevision(facts)),
  time.map((modifiedAt) => fileRevision(modifiedAt)),
  fc.tuple(hex(64), commit, text).map(([manifest, facts, against]) => ({
    ...commitRevision(facts),
    facts: { manifest, ...facts },
    against,
  })),
);

const sideReport: fc.Arbitrary<SideReport> = fc.record({
  location: text,
  revision,
  bytes: number,
  sha256: hex(64),
  rows: number,
  units: number,
  redundant: number,
  invalid: number,
  digest: hex(64),
});

const error: fc.Arbitrary<ReportError> = fc.record({
  code: fc.constantFrom(...codes()),
  message: text,
  hint: fc.option(text),
  place: fc.record({ side, record: number, line: number, byte: number }, { requiredKeys: [] }),
  problems: fc.array(
    fc.record({ line: fc.option(number), path: text, message: text, hint: fc.option(text) }),
    { maxLength: 3 },
  ),
});

function row(columns: readonly string[]): fc.Arbitrary<ReportedRow> {
  return fc.record({ side, record: number, line: number, values: cells(columns) });
}

function finding(key: readonly string[], consumed: readonly string[]): fc.Arbitrary<Finding> {
  return fc.record({
    kind: fc.constantFrom(...findingKinds),
    side: fc.constantFrom('reviewed' as const, 'runtime' as const, 'across' as const),
    severity: fc.constantFrom(...severities),
    key: fc.option(cells(key)),
    fields: fc.subarray([...consumed]),
    reason: fc.option(text),
    rowCount: fc.record({ reviewed: number, runtime: number }),
    rows: fc.array(row([...key, ...consumed]), { maxLength: 4 }),
    respelled: fc.option(cells(key)),
  });
}

const edits = fc.record({
  added: number,
  removed: number,
  duplicated: number,
  conflict: number,
  invalid: number,
  total: number,
});

const cause: fc.Arbitrary<Cause> = fc.record({
  kind: fc.constantFrom('stale', 'unmerged', 'edited', 'ahead', 'unknown'),
  commit: fc.option(hex(40)),
  subject: fc.option(text),
  author: fc.option(text),
  committedAt: fc.option(time),
  behind: fc.option(number),
  replacedAt: fc.option(time),
  branch: fc.option(text),
  edits: fc.option(edits),
  reason: fc.option(text),
});

function artifact(
  key: readonly string[],
  consumed: readonly string[],
): fc.Arbitrary<ArtifactReport> {
  const columns = [...key, ...consumed];
  const judged = fc.record({
    name: text,
    copy: fc.option(text),
    owner: fc.option(text),
    runbook: fc.option(text),
    labels: fc.array(fc.tuple(text, text), { maxLength: 2 }).map((labels) => new Map(labels)),
    verdict: fc.constantFrom(...verdicts),
    state: fc.option(fc.constantFrom(...states)),
    reviewed: fc.option(sideReport),
    runtime: fc.option(sideReport),
    amplification: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
    counts: fc.array(number, { minLength: 8, maxLength: 8 }).map(countsAre),
    severities: fc.record({
      fail: number,
      warn: number,
      ignore: number,
      accepted: number,
      pending: number,
    }),
    truncated: fc.option(
      fc.record({ added: number, conflict: number }, { requiredKeys: ['added'] }),
    ),
    findings: fc.array(finding(key, consumed), { maxLength: 6 }),
    respelled: fc.nat(5),
    warnings: fc.array(
      fc.record({ code: text, message: text, side: fc.option(side), line: fc.option(number) }),
      { maxLength: 3 },
    ),
    change: fc.option(
      fc.record({
        base: fc.option(sideReport),
        baseRef: text,
        added: number,
        removed: number,
        changed: number,
        units: fc.array(
          fc.record({
            change: fc.constantFrom('added' as const, 'removed' as const, 'changed' as const),
            key: cells(key),
            fields: fc.subarray([...consumed]),
            rowCount: fc.record({ before: number, after: number }),
            before: fc.option(row(columns)),
            after: fc.option(row(columns)),
          }),
          { maxLength: 3 },
        ),
      }),
    ),
    error: fc.option(error),
  });
  return fc
    .tuple(judged, fc.option(cause))
    .map(([one, why]) => (why === null ? one : { ...one, cause: why }));
}

const anyArtifact = fc
  .uniqueArray(text, { minLength: 2, maxLength: 9 })
  .chain((columns) => fc.nat(columns.length - 1).map((at) => ({ columns, at: at + 1 })))
  .chain(({ columns, at }) => artifact(columns.slice(0, at), columns.slice(at)));

/** Reports of every shape that the types allow, also such as no run gives. */
export const anyReport: fc.Arbitrary<Report> = fc.record({
  command: fc.constantFrom('audit' as const, 'diff' as const, 'lint' as const, 'bundle' as const),
  version: fc.constant('1.2.3'),
  startedAt: time,
  durationMs: number,
  verdict: fc.constantFrom(...verdicts),
  exitCode: fc.nat(3),
  enforced: fc.boolean(),
  error: fc.option(error, { freq: 8 }),
  artifacts: fc.array(anyArtifact, { maxLength: 3 }),
});

function countsAre(numbers: readonly number[]): FindingCounts {
  return countsOf((kind) => numbers[findingKinds.indexOf(kind)] ?? 0);
}

function codes(): ErrorCode[] {
  return Object.keys(errorCodes).filter((code): code is ErrorCode => code in errorCodes);
}
