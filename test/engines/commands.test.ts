import { hash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runInProcess, type Given } from '../integration/in-process.ts';

/* What each command makes of tables that DuckDB reads. */

const directory = mkdtempSync(join(tmpdir(), 'keydrift-engines-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Keys of one kind, more than pass 1 names. */
const many = 50_001;

const contract = (copy: string, words = ''): string => `version: 1
engines:
  here: {duckdb: {memory: 1GB, threads: 1}}
artifacts:
  routes:
    reviewed: file:routes.csv
    runtime: ${copy}
    key: [id]
    normalize: {weight: [{decimal: 2}]}
${words}`;

beforeAll(async () => {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const rows = `SELECT 'r' || i AS id, CAST(i AS DECIMAL(10,3)) AS weight FROM range(100) t(i)`;
  await connection.run(`COPY (${rows}) TO '${join(directory, 'same.parquet')}'`);
  await connection.run(
    `COPY (${rows} UNION ALL SELECT 'r7', 7) TO '${join(directory, 'twice.parquet')}'`,
  );
  await connection.run(
    `COPY (SELECT 'ä' || i AS id, i AS weight FROM range(30000) t(i)) TO '${join(directory, 'letters.parquet')}'`,
  );
  for (const [name, letter] of [
    ['many', 'a'],
    ['other', 'b'],
  ]) {
    await connection.run(
      `COPY (SELECT '${letter}' || i AS id FROM range(${many}) t(i)) TO '${join(directory, `${name}.parquet`)}'`,
    );
  }
  for (const [name, weight] of [
    ['nulls', 'NULL'],
    ['empties', "''"],
  ]) {
    await connection.run(
      `COPY (SELECT 'a' AS id, CAST(${weight} AS VARCHAR) AS weight) TO '${join(directory, `${name}.parquet`)}'`,
    );
  }
  await connection.run(
    `COPY (SELECT [1, 2] AS id, 1 AS weight) TO '${join(directory, 'list.parquet')}'`,
  );
  connection.closeSync();
  instance.closeSync();
  const lines = Array.from({ length: 100 }, (_, at) => `r${at},${at}.0\n`);
  writeFileSync(join(directory, 'routes.csv'), `id,weight\n${lines.join('')}`);
});

function keydrift(text: string, ...words: readonly string[]): Promise<Given> {
  writeFileSync(join(directory, 'keydrift.yaml'), text);
  const { PATH = '' } = process.env;
  return runInProcess({ words, cwd: directory, environment: { PATH } });
}

test('a table that holds what a file holds is equivalent, and says what its engine did', async () => {
  const { code, stdout } = await keydrift(
    contract('{table: same.parquet}'),
    'audit',
    '--format',
    'json',
  );
  const [artifact] = JSON.parse(stdout).artifacts;
  expect([code, artifact.state, artifact.verdict]).toStrictEqual([0, 'equivalent', 'in-sync']);
  const { runtime } = artifact;
  expect([
    runtime.rows,
    runtime.units,
    runtime.bytes,
    runtime.sha256,
    runtime.digest,
  ]).toStrictEqual([100, 100, null, null, null]);
  expect(runtime.engineDigest.algorithm).toBe('keydrift-md5-sum-le/2');
  expect(runtime.engine).toMatchObject({ name: 'here', kind: 'duckdb', cost: null });
  expect(runtime.engine.queries.length).toBeGreaterThan(0);
  expect(runtime.engine.bytesReturned).toBeGreaterThan(0);
});

test('run hands over the name of a table and its revision, and no file', async () => {
  const shown = [
    'run',
    '--',
    'sh',
    '-c',
    'echo "$KEYDRIFT_ROUTES_TABLE|$KEYDRIFT_ROUTES_REVISION|$KEYDRIFT_ROUTES_FILE"',
  ];
  const { code, stdout } = await keydrift(contract('{table: same.parquet}'), ...shown);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\/.*\/same\.parquet\|listing:[0-9a-f]{64}\|\n$/);
  expect((await keydrift(contract('{table: twice.parquet}'), ...shown)).code).toBe(121);
});

test.each([
  [['run', '--', 'cat', '{routes}'], '{routes}'],
  [['run', '--use', 'deduplicated', '--', 'true'], '--use deduplicated'],
  [['run', '--as', 'canonical', '--', 'true'], '--as canonical'],
  [['gate', '--stage', 's3://b/p/'], '--stage'],
])('%j is refused by name', async (words, name) => {
  const { code, stdout, stderr } = await keydrift(contract('{table: same.parquet}'), ...words);
  expect(code).toBe(122);
  expect(stdout + stderr).toContain(name);
  expect(stdout + stderr).toContain('NOT_SUPPORTED');
});

test('gate answers with the table', async () => {
  const { code, stdout } = await keydrift(contract('{table: same.parquet}'), 'gate');
  expect(code).toBe(0);
  expect(stdout).toContain('same.parquet');
});

test('a scope is judged by the engine', async () => {
  const { code, stdout } = await keydrift(
    contract('{table: twice.parquet}'),
    'run',
    '--scope',
    'id=r1,r2',
    '--',
    'echo',
    'started',
  );
  expect([code, stdout]).toStrictEqual([0, 'started\n']);
  expect(
    (await keydrift(contract('{table: twice.parquet}'), 'run', '--scope', 'id=r7', '--', 'true'))
      .code,
  ).toBe(121);
});

test('a table of another engine is held against one of this', async () => {
  const text = contract('{table: twice.parquet, engine: there}').replace(
    'artifacts:',
    '  there: {duckdb: {threads: 1}}\nartifacts:',
  );
  const both = text.replace('file:routes.csv', '{table: same.parquet, engine: here}');
  const { code, stdout } = await keydrift(both, 'audit', '--format', 'json');
  const [artifact] = JSON.parse(stdout).artifacts;
  expect([code, artifact.error, artifact.counts.duplicated]).toStrictEqual([1, null, 1]);
  const sides = [artifact.reviewed, artifact.runtime];
  expect(sides.map(({ rows, units }) => [rows, units])).toStrictEqual([
    [100, 100],
    [101, 100],
  ]);
  expect(sides.map(({ engine }) => engine.name)).toStrictEqual(['here', 'there']);
  const shown = (await keydrift(both, 'sql', 'routes')).stdout;
  expect(shown.match(/GROUP BY GROUPING SETS/g)).toHaveLength(2);
});

test('null differs from an empty value where the contract says so', async () => {
  const text = contract('{table: nulls.parquet}').replace(
    'weight: [{decimal: 2}]',
    'weight: [trim]',
  );
  const both = text.replace('file:routes.csv', '{table: empties.parquet}');
  const states = [];
  for (const words of ['', '    nulls: distinct\n']) {
    const { stdout } = await keydrift(both + words, 'audit', '--format', 'json');
    const [artifact] = JSON.parse(stdout).artifacts;
    states.push([artifact.state, artifact.counts.conflict]);
  }
  expect(states).toStrictEqual([
    ['equivalent', 0],
    ['drifted', 1],
  ]);
});

test('no redacted value of a table is told', async () => {
  const text = contract('{table: twice.parquet}', '    redact: [id, weight]\n');
  const told = [];
  for (const words of [
    ['audit'],
    ['audit', '--format', 'json', '--propose-accept'],
    ['audit', '--format', 'markdown'],
    ['gate'],
    ['run', '--scope', 'id=r7', '--', 'true'],
    ['sql', 'routes'],
    ['investigate', 'routes'],
  ]) {
    const { stdout, stderr } = await keydrift(text, ...words);
    told.push(stdout + stderr);
  }
  expect(told[0]).toContain('redacted:');
  expect(told.filter((one) => /\br7\b|\b7\.0/.test(one))).toStrictEqual([]);
});

test('more keys than an engine names are counted there, and those of the smallest hashes are listed', async () => {
  const text = contract('{table: other.parquet}', '    limits: {findings: 3}\n')
    .replace('file:routes.csv', '{table: many.parquet}')
    .replace('weight: [{decimal: 2}]', '{}')
    .replace('normalize: {{}}', 'normalize: {}');
  const { stdout } = await keydrift(text, 'audit', '--format', 'json');
  const [artifact] = JSON.parse(stdout).artifacts;
  expect([artifact.error, artifact.counts.removed, artifact.counts.added]).toStrictEqual([
    null,
    many,
    many,
  ]);
  expect(artifact.truncated).toMatchObject({ removed: many - 3, added: many - 3 });
  const listed = (kind: string): string[] =>
    artifact.findings
      .filter((one: { kind: string }) => one.kind === kind)
      .map(({ key }: { key: { id: string } }) => key.id)
      .sort();
  for (const [kind, letter] of [
    ['removed', 'a'],
    ['added', 'b'],
  ] as const) {
    const ids = Array.from({ length: many }, (_, at) => `${letter}${at}`);
    const byHash = ids.map((id) => [hash('sha256', `${id}\0`, 'hex'), id] as const);
    byHash.sort(([one], [another]) => (one < another ? -1 : 1));
    const first = byHash.slice(0, 3).map(([, id]) => id);
    expect(listed(kind)).toStrictEqual(first.sort());
  }
});

test('lint judges a reviewed table by itself', async () => {
  const reviewed = contract('{table: same.parquet}').replace(
    'file:routes.csv',
    '{table: twice.parquet}',
  );
  const { code, stdout } = await keydrift(reviewed, 'lint', '--format', 'json');
  const [artifact] = JSON.parse(stdout).artifacts;
  expect([code, artifact.counts.duplicated, artifact.reviewed.redundant]).toStrictEqual([1, 1, 1]);
});

test('sql prints what the engine would be asked, the same each time', async () => {
  const text = contract('{table: same.parquet}');
  const { code, stdout } = await keydrift(text, 'sql', 'routes');
  expect(code).toBe(0);
  expect(stdout).toContain('GROUP BY GROUPING SETS');
  expect((await keydrift(text, 'sql', 'routes')).stdout).toBe(stdout);
  const both = text.replace('file:routes.csv', '{table: twice.parquet}');
  expect((await keydrift(both, 'sql', 'routes')).stdout).toContain('FULL OUTER JOIN');
});

test('rows that the engine cannot read exactly are bounded, and the reason is named', async () => {
  const text = contract('{table: letters.parquet}').replace(
    'normalize: {',
    'normalize: {id: [uppercase], ',
  );
  const { code, stdout } = await keydrift(text, 'audit', '--format', 'json');
  const [{ error }] = JSON.parse(stdout).artifacts;
  expect([code, error.code]).toStrictEqual([2, 'TOO_LARGE']);
  expect(error.message).toContain('the step uppercase of column id');
});

test.each([
  ['{table: gone.parquet}', 'ENGINE_NO_SUCH_TABLE', 1],
  ['{table: list.parquet}', 'ENGINE_TYPE', 2],
  ['{table: routes.csv}', 'NOT_SUPPORTED', 2],
  ['{table: same.parquet, snapshot: "7"}', 'NOT_SUPPORTED', 2],
])('%s is %s', async (copy, code, exit) => {
  const { code: found, stdout } = await keydrift(contract(copy), 'audit', '--format', 'json');
  const [artifact] = JSON.parse(stdout).artifacts;
  expect([found, artifact.error.code]).toStrictEqual([exit, code]);
});

test.each([
  ['{table: same.parquet}', '    ordered: true', 'ordered'],
  ['{table: same.parquet}', '    reader: pandas', 'reader'],
  ['{table: same.parquet, csv: {delimiter: ";"}}', '', 'csv'],
  ['{table: same.parquet, engine: her}', '', 'her'],
  ['{table: same.parquet, url: s3://b/k}', '', 'url'],
])('%s %s is refused in the contract', async (copy, words, name) => {
  const { code, stdout, stderr } = await keydrift(contract(copy, words), 'audit');
  expect(code).toBe(2);
  expect(stdout + stderr).toContain(name);
});
