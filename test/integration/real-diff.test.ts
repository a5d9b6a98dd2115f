import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { judgeCopyPinned } from '../../src/judge/pair.ts';
import {
  fileRevision,
  strictPolicy,
  type ArtifactContract,
  type ArtifactReport,
  type Cells,
  type CsvOptions,
  type Finding,
  type PinnedCopy,
  type RuntimeCopy,
  type Side,
} from '../../src/model/index.ts';
import { realMaterial, withoutMaterial } from './real.ts';
import { judging, pinningSources } from '../judge/pinning-sources.ts';
import { schemes } from '../../src/sources/index.ts';
import { fileAt } from '../sources/locations.ts';

type Key = readonly string[];
interface DiffCase {
  readonly id: string;
  readonly format: string;
  readonly delimiter: string;
  readonly key: Key;
  readonly consumed: Key | null;
  readonly before: string;
  readonly after: string;
  readonly malformed?: readonly string[];
  readonly ragged?: boolean;
  readonly expected: {
    /** A column is missing: nothing else is said. */
    readonly error?: string;
    readonly compared_columns?: Key;
    readonly rows_before: number;
    readonly rows_after: number;
    readonly added: readonly Key[];
    readonly removed: readonly Key[];
    readonly changed: readonly {
      readonly key: Key;
      readonly columns: Readonly<Record<string, Key>>;
    }[];
    readonly duplicated_before: readonly (readonly [Key, number])[];
    readonly duplicated_after: readonly (readonly [Key, number])[];
    readonly duplicate_conflicts_before: readonly Key[];
    readonly duplicate_conflicts_after: readonly Key[];
  };
}

const cases: readonly DiffCase[] =
  withoutMaterial === ''
    ? JSON.parse(readFileSync(join(realMaterial, 'diff', 'cases.json'), 'utf8')).cases
    : [];

/** A value as the material reads it: null is empty, a number its literal. */
function cell(value: unknown): string {
  return value === null || value === undefined
    ? ''
    : JSON.stringify(value).replace(/^"(.*)"$/, '$1');
}

/** The same table as CSV. */
function asCsv({ format, key }: DiffCase, text: string): string {
  if (format === 'csv') return text;
  const rows: Readonly<Record<string, unknown>>[] = JSON.parse(text);
  const columns = Object.keys(rows[0] ?? Object.fromEntries(key.map((name) => [name, ''])));
  return [columns, ...rows.map((row) => columns.map((name) => cell(row[name])))]
    .map((cells) => `${cells.join(',')}\n`)
    .join('');
}

function pinned(location: string, text: string): PinnedCopy {
  const bytes = Buffer.from(text);
  return {
    location,
    revision: fileRevision('2026-11-22T17:00:00.000Z'),
    bytes: bytes.length,
    async *open(range = { start: 0, end: bytes.length }) {
      yield bytes.subarray(range.start, range.end);
    },
  };
}

/** Compares the columns that the case compares; all others are descriptive. */
async function compare(one: DiffCase, csv: CsvOptions): Promise<ArtifactReport> {
  const copy: RuntimeCopy = {
    name: null,
    location: fileAt('after'),
    ref: null,
    policy: strictPolicy,
    columns: new Map(),
    csv,
    grace: 0,
  };
  const artifact: ArtifactContract = {
    name: one.id,
    owner: null,
    runbook: null,
    labels: new Map(),
    reviewed: fileAt('before'),
    copies: [copy],
    // The material knows no invalid records: an empty key is a key like any other.
    key: one.key.map((column) => ({ column, optional: true })),
    consumes: one.expected.compared_columns ?? null,
    descriptive: [],
    normalize: new Map(),
    csv,
    policy: strictPolicy,
    units: { min: 0, max: null },
    maxAmplification: null,
    accept: [],
  };
  const sources = pinningSources((location) =>
    Promise.resolve(
      schemes['file']!.textOf(location) === 'before'
        ? pinned('before', asCsv(one, one.before))
        : pinned('after', asCsv(one, one.after)),
    ),
  );
  return (await judgeCopyPinned(artifact, copy, sources, judging)).report;
}

/** Keys of the findings of a kind and side, sorted. */
function keysOf({ findings }: ArtifactReport, kind: string, side: string): string[] {
  return findings
    .filter((finding) => finding.kind === kind && finding.side === side)
    .map(keyOf)
    .toSorted();
}

function keyOf({ key }: Finding): string {
  return JSON.stringify(key?.map(([, value]) => value));
}

const sorted = (keys: readonly Key[]): string[] =>
  keys.map((key) => JSON.stringify(key)).toSorted();

/** A row of another width is `invalid` here; the material reads it all the same. */
function expectUnits(report: ArtifactReport, { key, ragged, expected }: DiffCase): void {
  const invalid = report.findings
    .filter(({ kind }) => kind === 'invalid')
    .map(({ rows }) => key.map((column) => valueOf(rows[0]?.values ?? [], column)));
  if (invalid.length > 0) expect(ragged).toBe(true);
  const added = [...keysOf(report, 'added', 'runtime'), ...sorted(invalid)].toSorted();
  expect(added).toStrictEqual(sorted(expected.added));
  expect(keysOf(report, 'removed', 'reviewed')).toStrictEqual(sorted(expected.removed));
}

function valueOf(cells: Cells, column: string): string {
  return cells.find(([name]) => name === column)?.[1] ?? '';
}

/** What a side repeats: duplicated where its rows agree, conflict where they do not. */
function expectRepeated(report: ArtifactReport, side: Side, expected: DiffCase['expected']): void {
  const before = side === 'reviewed';
  const repeated = before ? expected.duplicated_before : expected.duplicated_after;
  const conflicts = sorted(
    before ? expected.duplicate_conflicts_before : expected.duplicate_conflicts_after,
  );
  const alike = sorted(repeated.map(([key]) => key)).filter((key) => !conflicts.includes(key));
  expect(keysOf(report, 'duplicated', side)).toStrictEqual(alike);
  expect(keysOf(report, 'conflict', side)).toStrictEqual(conflicts);
  for (const [key, count] of repeated) {
    const found = report.findings.find(
      (finding) =>
        finding.side === side &&
        keyOf(finding) === JSON.stringify(key) &&
        (finding.kind === 'duplicated' || finding.kind === 'conflict'),
    );
    expect(found?.rowCount[side]).toBe(count);
  }
}

/** The material's `changed` are keys that each side has once. */
function expectChanged(report: ArtifactReport, expected: DiffCase['expected']): void {
  const repeated = new Set(
    sorted([...expected.duplicated_before, ...expected.duplicated_after].map(([key]) => key)),
  );
  const changed = report.findings.filter(
    (finding) => finding.side === 'across' && !repeated.has(keyOf(finding)),
  );
  expect(changed.map(keyOf).toSorted()).toStrictEqual(
    sorted(expected.changed.map(({ key }) => key)),
  );
  for (const { key, columns } of expected.changed) {
    const found = changed.find((finding) => keyOf(finding) === JSON.stringify(key));
    expect(found?.fields.toSorted()).toStrictEqual(Object.keys(columns).toSorted());
  }
}

describe.skipIf(withoutMaterial !== '')(
  `keyed comparisons of diff tools’ suites${withoutMaterial}`,
  () => {
    test('the material is whole', () => {
      expect(cases.length).toBe(135);
    });

    test.each(cases)('$id', async (one) => {
      const { expected } = one;
      // Where quotes stand inside values, the contract says that they mean nothing.
      const quotes = one.malformed === undefined ? {} : { quote: null };
      const report = await compare(one, { delimiter: one.delimiter, ...quotes });
      if (expected.error !== undefined) {
        const side = expected.error.endsWith('before') ? 'reviewed' : 'runtime';
        expect(report.error?.place.side).toBe(side);
        // A column that the reviewed copy lacks is a fault of the contract: no verdict.
        const isContract = report.error?.code === 'CONTRACT_COLUMNS';
        expect(isContract ? side : 'reviewed').toBe('reviewed');
        expect(report).toMatchObject(
          isContract
            ? { verdict: 'indeterminate', state: 'indeterminate' }
            : { verdict: 'drifted', state: 'unreadable' },
        );
        expect(report.error?.code).toMatch(/^(CONTRACT_COLUMNS|COLUMN_MISSING|NO_HEADER)$/);
        return;
      }
      expect(report.error).toBeNull();
      expectUnits(report, one);
      expectRepeated(report, 'reviewed', expected);
      expectRepeated(report, 'runtime', expected);
      expectChanged(report, expected);
      expect(report.reviewed?.rows).toBe(expected.rows_before);
      expect(report.runtime?.rows).toBe(expected.rows_after);
    });
  },
);
