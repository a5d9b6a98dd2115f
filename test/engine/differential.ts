import { deepStrictEqual, ok } from 'node:assert/strict';
import { groupAlone, joinKeySets, type KeyGroups } from '../../src/engine/groups.ts';
import { createKernelEngine } from '../../src/engine/kernel/engine.ts';
import type { Engine, KeySet } from '../../src/engine/port.ts';
import { reference } from '../../src/engine/reference/reference.ts';
import { createRowJudge, type JudgedRow } from '../../src/engine/row.ts';
import { csvTable } from '../../src/formats/csv/table.ts';
import type { RawRecord, Table } from '../../src/model/index.ts';
import { compileSteps } from '../../src/normalize/index.ts';
import type { HostileCase } from './hostile-csv.ts';

/** What a side looks like to one engine. */
interface Read {
  readonly keyset: KeySet;
  readonly table: Table;
}

/** The same by the reference, and every record, judged. */
interface Expected extends Read {
  readonly rows: readonly JudgedRow[];
}

/** What became of a case. `given-up`: the kernel left to the reference what the reference reads. */
export type Outcome = 'equal' | 'both-refuse' | 'given-up';

/** The kernel's entrances: the bytes themselves, and cells that were cut out of them. */
const entrances = ['delimited', 'packed'] as const;
type Entrance = (typeof entrances)[number];

/** Runs the reference once and the kernel with each window and entrance; throws where they differ. */
export async function compareEngines(given: HostileCase): Promise<Outcome[]> {
  const expected = [
    await readByReference(given, given.bodies[0]),
    await readByReference(given, given.bodies[1]),
  ] as const;
  const outcomes: Outcome[] = [];
  for (const [index, window] of given.windows.entries()) {
    // Cells are cut out without regard to windows: a few of them do.
    const isPacked = index % 6 === 0 && index <= 24;
    for (const entrance of isPacked ? entrances : (['delimited'] as const)) {
      outcomes.push(await compareKernel(given, window, entrance, expected));
    }
  }
  return outcomes;
}

async function compareKernel(
  given: HostileCase,
  window: number,
  entrance: Entrance,
  expected: readonly [Expected | null, Expected | null],
): Promise<Outcome> {
  const kernel = createKernelEngine(window);
  const first = await readBy(kernel, await openBody(given, given.bodies[0], entrance), given, null);
  if (first === null) return expected[0] === null ? 'both-refuse' : 'given-up';
  const { keyset } = first;
  try {
    ok(expected[0] !== null, 'the kernel read what the reference refuses');
    const isThorough = window === given.windows[0];
    await compareSide(first, expected[0], isThorough);
    deepStrictEqual(await keyset.repeats(), await expected[0].keyset.repeats());
    const body = await openBody(given, given.bodies[1], entrance);
    const second = await readBy(kernel, body, given, keyset);
    if (second === null) return expected[1] === null ? 'both-refuse' : 'given-up';
    ok(expected[1] !== null, 'the kernel read what the reference refuses');
    await compareSide(second, expected[1], isThorough);
    await compareJoins([keyset, second.keyset], [expected[0], expected[1]]);
    const alone = [second, expected[1]].map(async (side) =>
      aloneFacts(await groupAlone('runtime', side.keyset)),
    );
    deepStrictEqual(await alone[0], await alone[1]);
    return 'equal';
  } finally {
    keyset.release();
  }
}

async function compareJoins(
  found: readonly [KeySet, KeySet],
  expected: readonly [Expected, Expected],
): Promise<void> {
  const wanted = [expected[0].keyset, expected[1].keyset] as const;
  const rows = await found[0].unlike(found[1]);
  deepStrictEqual(rows, await wanted[0].unlike(wanted[1]));
  deepStrictEqual((await found[1].unlike(found[0])).reviewed, rows.runtime);
  compareCandidates(rows.reviewed, found[0], expected[0]);
  compareCandidates(rows.runtime, found[1], expected[1]);
  await compareOrder(found, expected);
  await compareOrder([found[1], found[0]], [expected[1], expected[0]]);
  const groups = [await joinKeySets(...found), await joinKeySets(...wanted)] as const;
  deepStrictEqual(await factsOf(groups[0]), await factsOf(groups[1]));
  const keys = expected.flatMap((side) => side.rows.flatMap((row) => (row.valid ? [row.key] : [])));
  const choice = { limit: 1, keys: keys.slice(-1), repeated: 1 };
  const chosen = await Promise.all(groups.map((one) => one.choose(choice)));
  deepStrictEqual(chosen[0]!.reviewed, chosen[1]!.reviewed);
  deepStrictEqual(chosen[0]!.runtime, chosen[1]!.runtime);
  const bounded = await joinKeySets(...found, { lone: 1, keys: choice.keys });
  deepStrictEqual(await factsOf(bounded), await factsOf(groups[1]));
  const some = await bounded.choose(choice);
  deepStrictEqual(
    [some.reviewed.rows, some.runtime.rows],
    [chosen[1]!.reviewed.rows, chosen[1]!.runtime.rows],
  );
}

/** Common units in the reviewed order, by their first rows; whichever side holds the table. */
async function compareOrder(
  [reviewed, runtime]: readonly [KeySet, KeySet],
  expected: readonly [Expected, Expected],
): Promise<void> {
  const common = await reviewed.common(runtime);
  const wanted = await expected[0].keyset.common(expected[1].keyset);
  // Records are rows of the kernel; the reference may count others.
  deepStrictEqual([common.reviewed, common.runtime], [wanted.reviewed, wanted.runtime]);
  const keysets = { reviewed, runtime } as const;
  for (const [at, first] of common.reviewed.entries()) {
    const unit = { reviewed: first, runtime: common.runtime[at]! };
    for (const [side, index] of [
      ['reviewed', 0],
      ['runtime', 1],
    ] as const) {
      ok(common.rowCount(side, unit) === wanted.rowCount(side, unit));
      const judged = expected[index].rows[unit[side]]!;
      ok(judged.valid && keysets[side].table.hasValues(unit[side], judged.key, judged.consumed));
    }
  }
}

async function factsOf(groups: KeyGroups): Promise<unknown> {
  const edits = await groups.edits();
  return { ...(await aloneFacts(groups)), sameRows: groups.sameRows, edits };
}

async function aloneFacts({ counts, repeatedKeys, redundant }: KeyGroups): Promise<object> {
  return { counts, repeatedKeys, redundant: await redundant() };
}

async function readByReference(given: HostileCase, body: Buffer): Promise<Expected | null> {
  const rows: JudgedRow[] = [];
  const judge = createRowJudge(given.plan, compileSteps);
  const read = await readBy(
    reference,
    await openBody(given, body, 'delimited'),
    given,
    null,
    (one) => {
      rows.push(judge(one));
    },
  );
  return read === null ? null : { ...read, rows };
}

async function readBy(
  engine: Engine,
  table: Table,
  { plan }: HostileCase,
  against: KeySet | null,
  onRecord: ((record: RawRecord) => void) | null = null,
): Promise<Read | null> {
  const keep = (record: RawRecord): boolean => {
    onRecord?.(record);
    return true;
  };
  const how = { compile: compileSteps, against, keep: onRecord === null ? null : keep };
  const reduce = engine.start(table, plan, how);
  ok(reduce !== null, `${engine.name} does not take the table`);
  try {
    const found = await reduce();
    return 'gaveUp' in found ? null : { keyset: found, table };
  } catch (error) {
    ok(error instanceof Error && error.name === 'KeydriftError', String(error));
    return null;
  }
}

/** A body as a table whose bytes stand at an offset of their copy. */
async function openBody(given: HostileCase, body: Buffer, entrance: Entrance): Promise<Table> {
  const { offset, line, dialect } = given;
  const source = {
    open: ({ start, end } = { start: offset, end: offset + body.length }) =>
      pieces(given, body.subarray(start - offset, end - offset)),
  };
  const table = await csvTable(source, dialect, () =>
    Promise.resolve({
      columns: [],
      offset,
      line,
      chunks: source.open(),
      head: { bom: false, raw: new Uint8Array() },
      start: new Uint8Array(),
      close: () => Promise.resolve(),
    }),
  );
  if (entrance === 'delimited') return table;
  const { delimited: _, ...other } = table;
  return other;
}

// The port is asynchronous; nothing here waits.
// oxlint-disable-next-line typescript/require-await
async function* pieces({ chunk }: HostileCase, body: Buffer): AsyncGenerator<Uint8Array> {
  const size = chunk === 0 ? Math.max(1, body.length) : chunk;
  for (let at = 0; at < body.length; at += size) yield body.subarray(at, at + size);
}

async function compareSide(found: Read, expected: Expected, isThorough: boolean): Promise<void> {
  const facts = ({ keyset }: Read): unknown => ({
    rows: keyset.table.rows,
    units: keyset.table.units,
    invalid: keyset.table.invalid,
    digest: keyset.digest,
    warnings: keyset.warnings,
  });
  deepStrictEqual(facts(found), facts(expected));
  const records = Uint32Array.from(expected.rows, (_, row) => row + 1);
  for (const record of records) {
    ok(found.table.place(record).line === expected.table.place(record).line, `line of ${record}`);
    ok(found.keyset.table.recordOf(record - 1) === record);
  }
  // Rows are read again from where they stand, which was compared.
  if (!isThorough) return;
  const judge = createRowJudge(found.keyset.plan, compileSteps);
  let at = 0;
  await found.table.reread(records, (record) => {
    ok(JSON.stringify(judge(record)) === JSON.stringify(expected.rows[at]), `record ${at + 1}`);
    at += 1;
  });
  ok(at === records.length);
}

function compareCandidates(rows: Uint32Array, { table }: KeySet, expected: Expected): void {
  const hashes = new Uint32Array(12);
  for (const row of rows) {
    const judged = expected.rows[row]!;
    ok(table.isValid(row) === judged.valid);
    if (!judged.valid) continue;
    const { key, consumed } = judged;
    ok(table.hasValues(row, key, consumed), `row ${row} has other hashes`);
    table.copyHashes(row, hashes, 0);
    table.copyKeyHash(key, hashes, 8);
    deepStrictEqual(hashes.subarray(0, 4), hashes.subarray(8));
    ok(!table.hasValues(row, [...key.slice(1), `${key[0]!}x`], consumed));
    if (consumed.length > 0)
      ok(!table.hasValues(row, key, [`${consumed[0]!}x`, ...consumed.slice(1)]));
  }
}
