import { expect, test } from 'vitest';
import { reduceTable } from '../../src/engine/index.ts';
import { openCsvTable } from '../../src/formats/csv/table.ts';
import { dialectOf } from '../../src/formats/csv/dialect.ts';
import type { ByteSource, ScanPlan, Table } from '../../src/model/index.ts';
import { compileSteps } from '../../src/normalize/index.ts';

const plan: ScanPlan = {
  width: 2,
  key: [{ name: 'k', index: 0, role: 'key', optional: false, steps: [] }],
  consumed: [{ name: 'v', index: 1, role: 'consumed', optional: true, steps: [] }],
};
const how = { compile: compileSteps, against: null, keep: null };

function tableOf(body: string): Promise<Table> {
  const bytes = Buffer.from(`k,v\n${body}`);
  const source: ByteSource = {
    // The port is asynchronous; nothing here waits.
    // oxlint-disable-next-line typescript/require-await
    async *open({ start, end } = { start: 0, end: bytes.length }) {
      yield bytes.subarray(start, end);
    },
  };
  return openCsvTable(source, dialectOf({}));
}

test('where memory ends the slower engine reads the copy, and says so', async () => {
  const table = await tableOf('a,1\nb,2\n');
  const full: Table = {
    ...table,
    delimited: {
      ...table.delimited!,
      // As a view of a memory that cannot be had, or an instance that cannot be made.
      body: () => Promise.reject(new RangeError('WebAssembly.Instance(): Out of memory')),
    },
  };
  const keyset = await reduceTable(full, plan, how);
  expect(keyset.engine).toBe('reference');
  expect(keyset.table).toMatchObject({ rows: 2, units: 2 });
  expect(keyset.warnings).toMatchObject([{ code: 'SLOW_ENGINE', line: null }]);
  expect(keyset.warnings[0]?.message).toContain('no memory');
  const usual = await reduceTable(await tableOf('a,1\nb,2\n'), plan, how);
  expect(usual.engine).toBe('kernel');
  expect(usual.warnings).toEqual([]);
  expect(usual.digest).toBe(keyset.digest);
});

test('any other error is thrown as it is', async () => {
  const table = await tableOf('a,1\n');
  const body = (): Promise<never> => Promise.reject(new Error('the line is dead'));
  const broken: Table = { ...table, delimited: { ...table.delimited!, body } };
  await expect(reduceTable(broken, plan, how)).rejects.toThrow('the line is dead');
});
