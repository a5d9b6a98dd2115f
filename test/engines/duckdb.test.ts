import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { disagreements } from './compare.ts';
import { duckdbTables } from './duckdb-tables.ts';
import { hostileTable } from './hostile.ts';
import { scaled } from '../runs.ts';

const directory = mkdtempSync(join(tmpdir(), 'keydrift-engines-'));
afterAll(() => rmSync(directory, { recursive: true }));

const from = Number(process.env['KEYDRIFT_TEST_SEED'] ?? '1');
const count = Number(process.env['KEYDRIFT_TEST_TABLES'] ?? scaled(5));

/** Keys of rows that the engine left took the place of others in a short list. */
const known = [203];

const areAsked = process.env['KEYDRIFT_TEST_TABLES'] !== undefined;
/** Of some tables; of as many as were asked for, it is as long as it takes. */
const mostMs = areAsked ? 4 * 3_600_000 : 120_000;

test(
  'DuckDB and keydrift judge hostile tables alike',
  async () => {
    const seeds = [...Array.from({ length: count }, (_, at) => from + at), ...known];
    const tables = [...new Set(seeds)].map(hostileTable);
    const ofLists = new Set(known.map((seed) => hostileTable(seed).name));
    const found = await disagreements(tables, directory, {
      under: duckdbTables,
      // Two sessions of DuckDB are two engines: neither reads both.
      other: duckdbTables,
      waysOf: () => ['both', 'mixed', 'turned', 'apart'],
      // What is counted is the same, and asked for alike: of all tables where time is no matter.
      listsOf: ({ name }) => (areAsked || ofLists.has(name) ? ['', '.some'] : ['']),
    });
    expect(found).toStrictEqual([]);
  },
  mostMs,
);
