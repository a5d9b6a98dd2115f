import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { git } from '../integration/cli.ts';
import { commitSlices, hoursAgo, type JsonInvestigation } from '../integration/history-stage.ts';
import { runInProcess } from '../integration/in-process.ts';
import { startAthena, type AthenaServer } from './athena-server.ts';

/* The story of a table by its snapshots, each of them a table of the stand-in. */

/** Twenty snapshots, an hour apart, the newest first; the last one is of an hour ago. */
const count = 20;
const snapshots = Array.from({ length: count }, (_, at) => count - at);
const hourOf = (snapshot: number): number => count + 1 - snapshot;
/** From here on `b` stands twice, and from there on `x` is there too. */
const [twiceFrom, addedFrom] = [12, 15];
/** One drift that was mended again. */
const mended = 3;

let athena: AthenaServer;
const cwd = mkdtempSync(join(tmpdir(), 'keydrift-snapshots-'));
const commits: string[] = [];

beforeAll(async () => {
  const stamp = (at: number): string =>
    `(${at}, TIMESTAMP '${hoursAgo(hourOf(at)).toISOString().slice(0, 19).replace('T', ' ')}', true)`;
  athena = await startAthena([
    'CREATE SCHEMA support',
    ...snapshots.map((at) => {
      const rows = ["('a','full')", "('b','full')"];
      if (at >= twiceFrom || at === mended) rows.push("('b','full')");
      if (at >= addedFrom) rows.push("('x','full')");
      return `CREATE TABLE support."slices@${at}" AS SELECT * FROM (VALUES ${rows.join(', ')}) t(id, mode)`;
    }),
    `CREATE TABLE support."slices$history" AS SELECT * FROM (VALUES ${snapshots.map(stamp).join(', ')}) t(snapshot_id, made_current_at, is_current_ancestor)`,
    `CREATE TABLE support."old@1" AS SELECT * FROM (VALUES ('a','full')) t(id, mode)`,
    `CREATE TABLE support."old$history" AS SELECT * FROM (VALUES (1, TIMESTAMP '2026-01-31 10:00:00', true)) t(snapshot_id, made_current_at, is_current_ancestor)`,
  ]);
  git(cwd, 'init', '--quiet', '--template=');
  const bodies = ['id,mode\na,full\n', 'id,mode\na,off\nb,full\n', 'id,mode\na,full\nb,full\n'];
  for (const [at, body] of bodies.entries()) commits.push(await commitSlices(cwd, 90 - at, body));
});
afterAll(async () => {
  await athena.close();
  rmSync(cwd, { recursive: true });
});

async function investigate(
  table: string,
  ...words: readonly string[]
): Promise<JsonInvestigation & { readonly onset: { readonly search?: unknown } | null }> {
  writeFileSync(
    join(cwd, 'keydrift.yaml'),
    `version: 1
engines:
  aws: {athena: {database: support, region: eu-central-1, endpoint: "${athena.url}"}}
artifacts:
  slices: {reviewed: slices.csv, runtime: {table: ${table}}, key: [id], consumes: [mode]}
`,
  );
  const { stdout, stderr } = await runInProcess({
    words: ['investigate', 'slices', '--format', 'json', ...words],
    cwd,
    environment: {
      PATH: process.env['PATH'] ?? '',
      HOME: cwd,
      XDG_CACHE_HOME: join(cwd, '.cache'),
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as JsonInvestigation;
}

/** Snapshots that were asked for since a number of statements. */
function asked(since: number): readonly number[] {
  const found = athena.started
    .slice(since)
    .flatMap((sql) => [...sql.matchAll(/FOR VERSION AS OF (\d+)/g)].map(([, id]) => Number(id)));
  return [...new Set(found)];
}

test('the begin of a drift is found by halves, and what that may have missed is said', async () => {
  const found = await investigate('slices');
  expect([found.error, found.verdict, found.history.runtime]).toStrictEqual([
    null,
    'drifted',
    'versioned',
  ]);
  expect(found.onset).toMatchObject({ versionId: String(twiceFrom), began: 'here' });
  expect(found.onset?.byKind).toMatchObject({
    duplicated: { versionId: String(twiceFrom) },
    added: { versionId: String(addedFrom) },
  });
  const read = asked(0);
  expect(read.length).toBeLessThan(count / 2);
  expect(read).not.toContain(mended);
  const { of } = found.onset!.search as { read: number; of: number };
  expect(of).toBe(count + commits.length);
  expect(found.history.reasons.join()).toContain('an earlier drift that was mended again');
  const lines = found.timeline.filter(({ side }) => side === 'runtime');
  expect(lines.map(({ versionId }) => Number(versionId))).toStrictEqual(snapshots);
  for (const { versionId, relation, rows, counts } of lines) {
    const at = Number(versionId);
    if (!read.includes(at)) {
      expect([relation, rows, counts]).toStrictEqual([null, null, null]);
      continue;
    }
    const drifts = at >= twiceFrom;
    expect([at, relation, rows]).toStrictEqual([
      at,
      drifts ? 'drifted' : 'equivalent',
      2 + Number(drifts) + Number(at >= addedFrom),
    ]);
  }
  expect(found.artifact?.cause).toMatchObject({ kind: 'edited', commit: commits[2] });
  // Nothing that a table cannot do is printed: Athena takes no statement that restores a snapshot.
  const { whatToDo } = found.artifact as unknown as {
    whatToDo: readonly { kind: string; text: string }[];
  };
  expect(whatToDo.map(({ kind }) => kind)).toStrictEqual(['publish', 'override', 'override']);
  expect(whatToDo[0]?.text).toMatch(/^mend it where it is made/);
});

test('what was compared once is known to the next run', async () => {
  const since = athena.started.length;
  const again = await investigate('slices');
  expect(again.onset).toMatchObject({ versionId: String(twiceFrom) });
  // How it stands now is judged anew, and what changed at the begin is read from both sides of it.
  expect(asked(since).toSorted((a, b) => a - b)).toStrictEqual([twiceFrom - 1, twiceFrom, count]);
});

test('what a table holds is looked for among the reviewed versions', async () => {
  const { artifact } = await investigate('old', '--no-cache');
  expect(artifact?.cause).toMatchObject({ kind: 'stale', commit: commits[0], behind: 2 });
});

test('two snapshots are compared by name', async () => {
  const { comparison } = (await investigate(
    'slices',
    '--from',
    '1',
    '--to',
    String(mended),
  )) as unknown as { comparison: { artifact: { counts: Readonly<Record<string, number>> } } };
  expect(comparison.artifact.counts).toMatchObject({ duplicated: 1, added: 0, removed: 0 });
});
