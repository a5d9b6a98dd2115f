import { deepStrictEqual, ok } from 'node:assert/strict';
import { formats } from '../../src/formats/index.ts';
import {
  buildKeySet,
  createRowJudge,
  joinKeySets,
  releaseKeySet,
  repeatsOf,
  startKernelScan,
  tallyJoin,
  type KernelKeySet,
  type JudgedRow,
  type KeySet,
} from '../../src/engine/index.ts';
import type { FormatWarning, Warning } from '../../src/model/index.ts';
import { compileSteps } from '../../src/normalize/index.ts';
import type { HostileCase } from './hostile-csv.ts';

/** What a side looks like to one engine. */
interface Read {
  readonly keyset: KeySet;
  readonly warnings: readonly FormatWarning[];
  /** Of the reference: every record, judged. */
  readonly rows: readonly JudgedRow[];
}

/** What became of a case. `given-up`: the kernel left to the reference what the reference reads. */
export type Outcome = 'equal' | 'both-refuse' | 'given-up';

/** Runs the reference once and the kernel with each window; throws where they differ. */
export async function compareEngines(given: HostileCase): Promise<Outcome[]> {
  const expected = [
    await readByReference(given, given.bodies[0]),
    await readByReference(given, given.bodies[1]),
  ] as const;
  return given.windows.map((window) => compareKernel(given, window, expected));
}

function compareKernel(
  given: HostileCase,
  window: number,
  expected: readonly [Read | null, Read | null],
): Outcome {
  const first = readByKernel(given, window, given.bodies[0], null);
  if (first === null) return expected[0] === null ? 'both-refuse' : 'given-up';
  const { keyset } = first;
  try {
    ok(expected[0] !== null, 'the kernel read what the reference refuses');
    compareSide(first, expected[0]);
    compareRows(repeatsOf(keyset), repeatsOf(expected[0].keyset));
    const second = readByKernel(given, window, given.bodies[1], keyset);
    if (second === null) return expected[1] === null ? 'both-refuse' : 'given-up';
    ok(expected[1] !== null, 'the kernel read what the reference refuses');
    compareSide(second, expected[1]);
    const found = joinKeySets(keyset, second.keyset);
    const wanted = joinKeySets(expected[0].keyset, expected[1].keyset);
    compareRows(found.reviewed, wanted.reviewed);
    compareRows(found.runtime, wanted.runtime);
    compareCandidates(found.reviewed, keyset, expected[0]);
    compareCandidates(found.runtime, second.keyset, expected[1]);
    compareRows(joinKeySets(second.keyset, keyset).reviewed, wanted.runtime);
    const tally = tallyJoin(expected[0].keyset, expected[1].keyset);
    deepStrictEqual(tallyJoin(keyset, second.keyset), tally);
    return 'equal';
  } finally {
    releaseKeySet(keyset);
  }
}

async function readByReference(given: HostileCase, body: Buffer): Promise<Read | null> {
  const { plan, offset, line } = given;
  const rows: JudgedRow[] = [];
  const judge = createRowJudge(plan, compileSteps);
  try {
    const keyset = await buildKeySet(
      plan,
      (sink) =>
        formats.csv.read({ body: chunks(given, body), offset, line }, plan.dialect, (record) => {
          rows.push(judge(record));
          sink(record);
        }),
      compileSteps,
    );
    return { keyset, warnings: keyset.warnings, rows };
  } catch (error) {
    ok(error instanceof Error && error.name === 'KeydriftError', String(error));
    return null;
  }
}

// The port is asynchronous; nothing here waits.
// oxlint-disable-next-line typescript/require-await
async function* chunks({ chunk }: HostileCase, body: Buffer): AsyncGenerator<Uint8Array> {
  yield* pieces(chunk, body);
}

function* pieces(chunk: number, body: Buffer): Generator<Uint8Array> {
  const size = chunk === 0 ? Math.max(1, body.length) : chunk;
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

function readByKernel(
  given: HostileCase,
  window: number,
  body: Buffer,
  against: KernelKeySet | null,
): { readonly keyset: KernelKeySet; readonly warnings: readonly Omit<Warning, 'side'>[] } | null {
  const { plan } = given;
  const scan = startKernelScan(plan, given, compileSteps, { against, window });
  ok(scan !== null, 'the kernel does not take the plan');
  for (const piece of pieces(given.chunk, body)) if (!scan.push(piece)) return null;
  const found = scan.end();
  if (found === null) return null;
  const warnings = [...formats.csv.warn(found.oddities), ...found.keyset.warnings];
  return { keyset: found.keyset, warnings };
}

function compareSide(
  found: { readonly keyset: KeySet; readonly warnings: readonly FormatWarning[] },
  expected: Read,
): void {
  const facts = ({ keyset, warnings }: typeof found): unknown => ({
    rows: keyset.table.rows,
    units: keyset.table.units,
    invalid: keyset.table.invalid,
    digest: keyset.digest,
    warnings,
  });
  deepStrictEqual(facts(found), facts(expected));
  for (let row = 0; row < expected.rows.length; row += 1) {
    const { table } = expected.keyset;
    ok(found.keyset.table.start(row) === table.start(row), `start of row ${row}`);
    ok(found.keyset.table.line(row) === table.line(row), `line of row ${row}`);
  }
}

function compareRows(found: Uint32Array, expected: Uint32Array): void {
  ok(found.join() === expected.join(), `rows ${found.join()}, not ${expected.join()}`);
}

function compareCandidates(rows: Uint32Array, { table }: KeySet, expected: Read): void {
  for (const row of rows) {
    const judged = expected.rows[row]!;
    deepStrictEqual(table.isValid(row), judged.valid);
    if (!judged.valid) continue;
    const { key, consumed } = judged;
    ok(table.hasValues(row, key, consumed), `row ${row} has other hashes`);
    ok(!table.hasValues(row, [...key.slice(1), `${key[0]!}x`], consumed));
    if (consumed.length > 0)
      ok(!table.hasValues(row, key, [`${consumed[0]!}x`, ...consumed.slice(1)]));
  }
}
