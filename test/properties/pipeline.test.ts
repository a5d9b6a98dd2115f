import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judge, type OracleContract, type OracleFinding } from './oracle.ts';
import { findingsOf, run, type Outcome } from './run.ts';
import { columns, sample } from './samples.ts';
import type { Style, Table } from './tables.ts';
import { scaled } from '../runs.ts';

const runs = { numRuns: scaled(60) };

test('the pipeline finds what the naive oracle finds, in its order', async () => {
  await fc.assert(
    fc.asyncProperty(sample, async (given) => {
      const { report, written } = await run(given);
      const expected = judge(given.reviewed, given.runtime, given.contract);
      expect(report.error).toBeNull();
      expect(findingsOf(report)).toStrictEqual(expected.findings);
      for (const side of ['reviewed', 'runtime'] as const) {
        const { multiset: _, ...totals } = expected[side];
        expect(report[side]).toMatchObject(totals);
        expect(totals.rows).toBe(totals.units + totals.redundant + totals.invalid);
      }
      for (const { rows } of report.findings) {
        for (const { side, record, line, values: cells } of rows) {
          expect(line).toBe(written[side].lines[record - 1]);
          // Cells as they stand in the file, by the names of the contract.
          const { header, rows: all } = given[side];
          for (const [column, cell] of cells) {
            expect(cell).toBe(all[record - 1]![header.indexOf(column)] ?? null);
          }
        }
      }
      expect(report.verdict).toBe(expected.findings.length > 0 ? 'drifted' : 'in-sync');
      expect(report.state).toBe(stateOf(written, expected));
      const { rows, units, invalid } = expected.runtime;
      expect(report.amplification).toBe(units === 0 ? null : (rows - invalid) / units);
    }),
    { numRuns: scaled(150) },
  );
});

function stateOf(written: Outcome['written'], expected: ReturnType<typeof judge>): string {
  if (written.reviewed.bytes.equals(written.runtime.bytes)) return 'identical';
  const { reviewed, runtime } = expected;
  const readable = reviewed.invalid + runtime.invalid === 0;
  return readable && sameMultiset(expected) ? 'equivalent' : 'drifted';
}

function sameMultiset({ reviewed, runtime }: ReturnType<typeof judge>): boolean {
  return JSON.stringify(reviewed.multiset) === JSON.stringify(runtime.multiset);
}

test('digests are equal exactly when the multisets are', async () => {
  await fc.assert(
    fc.asyncProperty(sample, async (given) => {
      const { report } = await run(given);
      const expected = judge(given.reviewed, given.runtime, given.contract);
      expect(report.reviewed!.digest === report.runtime!.digest).toBe(sameMultiset(expected));
    }),
    runs,
  );
});

test('a table and itself in other order and form: nothing added, removed or across', async () => {
  await fc.assert(
    fc.asyncProperty(sample, fc.infiniteStream(fc.nat()), async (given, random) => {
      const rows = shuffled(given.reviewed.rows, random);
      const { report } = await run({ ...given, runtime: { ...given.reviewed, rows } });
      const { added, removed } = report.counts;
      expect({ added, removed }).toStrictEqual({ added: 0, removed: 0 });
      expect(report.findings.filter(({ side }) => side === 'across')).toStrictEqual([]);
      expect(report.reviewed!.digest).toBe(report.runtime!.digest);
      // What one side has by itself, the other has too.
      const bySide = (wanted: string): unknown[] =>
        report.findings
          .filter(({ side, kind }) => side === wanted && kind !== 'invalid')
          .map(({ kind, key }) => [kind, key]);
      expect(bySide('runtime')).toStrictEqual(bySide('reviewed'));
    }),
    runs,
  );
});

test('swapping the sides swaps added and removed, and the sides of everything else', async () => {
  const other: Readonly<Record<string, string>> = {
    reviewed: 'runtime',
    runtime: 'reviewed',
    across: 'across',
  };
  const kinds: Readonly<Record<string, string>> = { added: 'removed', removed: 'added' };
  await fc.assert(
    fc.asyncProperty(sample, async (given) => {
      const { report } = await run(given);
      const [one, two] = given.styles;
      const swapped = await run({
        ...given,
        reviewed: given.runtime,
        runtime: given.reviewed,
        styles: [two, one],
      });
      const mirrored = findingsOf(swapped.report).map((finding) => ({
        ...finding,
        kind: kinds[finding.kind] ?? finding.kind,
        side: other[finding.side]!,
        rowCount: [finding.rowCount[1], finding.rowCount[0]] as const,
      }));
      expect(mirrored.map(toldOf).toSorted()).toStrictEqual(
        findingsOf(report).map(toldOf).toSorted(),
      );
      expect(swapped.report.state).toBe(report.state);
      expect(swapped.report.verdict).toBe(report.verdict);
      expect(swapped.report.respelled).toBe(report.respelled);
    }),
    runs,
  );
});

test('the order of rows decides nothing but their places', async () => {
  await fc.assert(
    fc.asyncProperty(sample, fc.infiniteStream(fc.nat()), async (given, random) => {
      const { report } = await run(given);
      const mixed = (table: Table): Table => ({ ...table, rows: shuffled(table.rows, random) });
      const again = await run({
        ...given,
        reviewed: mixed(given.reviewed),
        runtime: mixed(given.runtime),
      });
      expect(findingsOf(again.report).map(toldOf)).toStrictEqual(findingsOf(report).map(toldOf));
      expect(again.report.counts).toStrictEqual(report.counts);
      expect(again.report.reviewed!.digest).toBe(report.reviewed!.digest);
      expect(again.report.runtime!.digest).toBe(report.runtime!.digest);
    }),
    runs,
  );
});

test('the same input gives the same report, whatever the chunks', async () => {
  await fc.assert(
    fc.asyncProperty(sample, fc.integer({ min: 1, max: 4096 }), async (given, chunk) => {
      const { report } = await run(given);
      expect((await run({ ...given, chunk })).report).toStrictEqual(report);
    }),
    { numRuns: scaled(40) },
  );
});

/** Two copies that differ by one duplicate at any distance: it is found, and nothing else. */
test('a duplicate is found however far away', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5000 }),
      fc.nat(),
      fc.nat(),
      async (size, from, to) => {
        const rows = Array.from({ length: size }, (_, index) => [`${index}`, 'k', 'x', 'y', '']);
        const picked = from % size;
        const place = to % (size + 1);
        const doubled = rows.toSpliced(place, 0, rows[picked]!);
        const plain: Style = { delimiter: ',', bom: false, lastLineEnd: true, choices: [3] };
        const words: OracleContract = {
          key: [{ column: columns[0], optional: false }],
          consumed: [columns[2]],
          normalize: {},
          min: 1,
          max: null,
          maxAmplification: null,
        };
        const { report } = await run({
          reviewed: { header: columns, rows },
          runtime: { header: columns, rows: doubled },
          contract: words,
          implied: false,
          styles: [plain, plain],
          chunk: 65_536,
        });
        const first = place <= picked ? place : picked;
        const second = place <= picked ? picked + 1 : place;
        expect(findingsOf(report)).toStrictEqual([
          {
            kind: 'duplicated',
            side: 'runtime',
            key: [`${picked}`],
            fields: [],
            rowCount: [1, 2],
            rows: [
              ['reviewed', picked + 1],
              ['runtime', first + 1],
              ['runtime', second + 1],
            ],
          },
        ]);
      },
    ),
    { numRuns: scaled(10) },
  );
});

/** What a finding says, but for its rows. */
function toldOf({ kind, side, key, rowCount, fields }: OracleFinding): string {
  return JSON.stringify([kind, side, key, rowCount, fields.toSorted()]);
}

function shuffled<T>(items: readonly T[], random: fc.Stream<number>): T[] {
  const mixed = [...items];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = random.next().value % (at + 1);
    [mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!];
  }
  return mixed;
}
