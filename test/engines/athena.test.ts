import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runInProcess, type Given } from '../integration/in-process.ts';
import { startAthena, type AthenaServer } from './athena-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'keydrift-athena-'));
let athena: AthenaServer;

beforeAll(async () => {
  athena = await startAthena([
    'CREATE SCHEMA support',
    // Snapshot 13 was rolled back: it is the newest, and not what the table holds.
    `CREATE TABLE support.routes AS SELECT 'r' || i AS id, CAST(i AS DECIMAL(10,1)) AS weight FROM range(50) t(i) WHERE i <> 7`,
    `INSERT INTO support.routes VALUES ('r3', 3), ('', 1)`,
    'CREATE TABLE support."routes@12" AS SELECT * FROM support.routes',
    'CREATE TABLE support."routes@11" AS SELECT * FROM support.routes',
    `CREATE TABLE support."routes$history" AS SELECT * FROM (VALUES (13, TIMESTAMP '2026-02-01 10:00:00', false), (12, TIMESTAMP '2026-01-31 10:00:00', true), (11, TIMESTAMP '2026-01-30 10:00:00', true)) t(snapshot_id, made_current_at, is_current_ancestor)`,
  ]);
  const lines = Array.from({ length: 50 }, (_, at) => `r${at},${at}.0\n`);
  writeFileSync(join(directory, 'routes.csv'), `id,weight\n${lines.join('')}`);
});
afterAll(async () => {
  await athena.close();
  rmSync(directory, { recursive: true });
});

function keydrift(copy: string, ...words: readonly string[]): Promise<Given> {
  const contract = `version: 1
engines:
  aws: {athena: {workgroup: audit, database: support, region: eu-central-1, endpoint: "${athena.url}"}}
artifacts:
  routes: {reviewed: file:routes.csv, runtime: ${copy}, key: [id], normalize: {id: [trim]}}
`;
  writeFileSync(join(directory, 'keydrift.yaml'), contract);
  const environment = {
    PATH: process.env['PATH'] ?? '',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'not-to-be-printed',
  };
  return runInProcess({ words, cwd: directory, environment });
}

test('Athena is asked, its pages are read, and what it costs is told', async () => {
  const { code, stdout, stderr } = await keydrift('{table: routes}', 'audit', '--format', 'json');
  const [artifact] = JSON.parse(stdout).artifacts;
  expect([code, artifact.error]).toStrictEqual([1, null]);
  expect(artifact.counts).toMatchObject({
    removed: 1,
    duplicated: 1,
    invalid: 1,
    added: 0,
    conflict: 0,
  });
  const { runtime } = artifact;
  expect([
    runtime.rows,
    runtime.units,
    runtime.redundant,
    runtime.invalid,
    runtime.snapshot,
  ]).toStrictEqual([51, 49, 1, 1, '12']);
  const { queries, bytesScanned, cost } = runtime.engine;
  expect(bytesScanned).toBe(queries.length * 1024 ** 3);
  expect(cost).toBeCloseTo((queries.length * 5) / 1024);
  expect(stdout + stderr).not.toContain('not-to-be-printed');
});

test('a snapshot is pinned by name, and one that is not there is said', async () => {
  const { stdout } = await keydrift('{table: routes, snapshot: "11"}', 'audit', '--format', 'json');
  expect(JSON.parse(stdout).artifacts[0].runtime.snapshot).toBe('11');
  expect(athena.started.at(-1)).toContain('FOR VERSION AS OF 11');
  const { code, stdout: gone } = await keydrift(
    '{table: routes, snapshot: "7"}',
    'audit',
    '--format',
    'json',
  );
  expect([code, JSON.parse(gone).artifacts[0].error.code]).toStrictEqual([
    2,
    'ENGINE_NO_SUCH_SNAPSHOT',
  ]);
});

test('the gate hands over the snapshot that was judged', async () => {
  const shown = 'echo "$KEYDRIFT_ROUTES_TABLE $KEYDRIFT_ROUTES_SNAPSHOT $KEYDRIFT_ROUTES_REVISION"';
  const { code, stdout } = await keydrift(
    '{table: routes}',
    'run',
    '--no-fail',
    '--',
    'sh',
    '-c',
    shown,
  );
  expect([code, stdout]).toStrictEqual([0, 'routes 12 snapshot:12\n']);
});

test('exactly the snapshot that is named may run in spite of its drift', async () => {
  const codes = [];
  for (const snapshot of ['12', '11']) {
    const at = ['--override', 'known', '--at', `snapshot:${snapshot}`];
    const { code } = await keydrift('{table: routes}', 'run', 'routes', ...at, '--', 'true');
    codes.push(code);
  }
  expect(codes).toStrictEqual([0, 121]);
});

test('a time that is over cancels the query', async () => {
  athena.hold = true;
  const { code, stdout } = await keydrift(
    '{table: routes}',
    'audit',
    '--timeout',
    '1s',
    '--format',
    'json',
  );
  athena.hold = false;
  expect([code, JSON.parse(stdout).artifacts[0].error.code]).toStrictEqual([2, 'TIMEOUT']);
  expect(athena.stopped).toHaveLength(1);
});
