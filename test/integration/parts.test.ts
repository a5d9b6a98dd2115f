import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { startS3Server } from '../servers/start.ts';
import { isolated, makeRepository, scratch } from '../sources/git-fixture.ts';
import { runInProcess, type Given } from './in-process.ts';

/* A folder of files as one copy: `parts` and `complete`. */

const at = scratch();
const root = join(at.path, 'r');
const repository = makeRepository(root);
const bucket = 'runtime';
let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
  server.createBucket(bucket, { versioning: 'Enabled' });
});
afterAll(async () => {
  await server.close();
  at.remove();
});

interface Found {
  readonly code: number;
  readonly stderr: string;
  readonly artifact: {
    readonly state: string | null;
    readonly verdict: string;
    readonly runtime: Record<string, unknown> | null;
    readonly counts: Record<string, number>;
    readonly findings: readonly {
      kind: string;
      key: Record<string, string> | null;
      reason: string | null;
      rows: readonly { side: string; record: number; line: number; place?: string }[];
    }[];
    readonly warnings: readonly { code: string; message: string }[];
    readonly error: { code: string; message: string; retryable?: boolean } | null;
  };
}

function keydrift(words: readonly string[], cwd = root): Promise<Given> {
  const environment = {
    ...isolated,
    XDG_CACHE_HOME: join(at.path, 'cache'),
    KEYDRIFT_TMPDIR: at.path,
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_S3: server.endpoint,
  };
  return runInProcess({ words, cwd, environment });
}

async function json(words: readonly string[]): Promise<Found> {
  const { code, stdout, stderr } = await keydrift([...words, '--format', 'json']);
  const { artifacts, error } = JSON.parse(stdout) as {
    artifacts: Found['artifact'][];
    error: unknown;
  };
  expect(error).toBe(null);
  return { code, stderr, artifact: artifacts[0]! };
}

function put(files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [key, body] of Object.entries(files)) {
    server.putObject({ bucket, key, body: Buffer.from(body) });
  }
}

const reviewed = 'id,day,mode\nP-1,2026-01-31,full\nP-2,2026-01-31,delta\nP-3,2026-02-01,full\n';

/** A contract of one artifact `t`; the words stand in it as they are. */
function contract(words: string): void {
  repository.write('support/t.csv', reviewed);
  const text = `version: 1\nartifacts:\n  t:\n    reviewed: support/t.csv\n    key: [id, day]\n${words.replace(/^/gm, '    ')}\n`;
  repository.write('keydrift.yaml', text);
  repository.commit('contract');
}

describe('a folder of an object store', () => {
  test('is one copy of many objects: partition columns, each object pinned', async () => {
    put({
      'table/day=2026-01-31/part-0.csv': 'id,mode\nP-1,full\n',
      'table/day=2026-01-31/part-1.csv': 'mode,id\ndelta,P-2\n',
      'table/day=2026-02-01/part-0.csv': 'id,mode\nP-3,full\n',
      'table/day=2026-02-01/_SUCCESS.csv': 'not,read\n',
      'table/day=2026-02-01/.part-0.csv': 'not,read\n',
      'table/_temporary/0/part-9.csv': 'not,read\n',
      'table/day=2026-02-01/': '',
      'table/day_$folder$': '',
      'table/_SUCCESS': '',
    });
    contract(`runtime: s3://${bucket}/table/\nparts: "*.csv"\ncomplete: _SUCCESS`);
    const { code, artifact } = await json(['audit']);
    expect([code, artifact.state, artifact.error]).toStrictEqual([0, 'equivalent', null]);
    // In one part the columns stand in another order.
    expect(artifact.warnings.map(({ message }) => message)).toStrictEqual([
      expect.stringContaining('COLUMN_PLACES for spark (schema)'),
    ]);
    const { parts, partsDigest, sha256, bytes } = artifact.runtime as {
      parts: { name: string; bytes: number; versionId: string; etag: string }[];
      partsDigest: string;
      sha256: string;
      bytes: number;
    };
    expect(parts.map(({ name }) => name)).toStrictEqual([
      'day=2026-01-31/part-0.csv',
      'day=2026-01-31/part-1.csv',
      'day=2026-02-01/part-0.csv',
    ]);
    for (const { versionId, etag } of parts) expect(`${versionId} ${etag}`).toMatch(/^\S+ \S+$/);
    expect(partsDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(bytes).toBe(parts.reduce((sum, part) => sum + part.bytes, 0));
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    const text = await keydrift(['audit']);
    expect(text.stdout).toContain(`3 parts (list ${partsDigest.slice(0, 8)})`);
  });

  test('drift says the part and the place in it', async () => {
    put({ 'table/day=2026-02-01/part-0.csv': 'id,mode\nP-3,delta\nP-3,delta\n,x\n' });
    const { code, artifact } = await json(['audit']);
    expect(code).toBe(1);
    expect(artifact.findings.map(({ kind, key }) => [kind, key])).toStrictEqual([
      ['duplicated', { id: 'P-3', day: '2026-02-01' }],
      ['conflict', { id: 'P-3', day: '2026-02-01' }],
      ['invalid', null],
    ]);
    const places = ['line 2', 'line 3'].map((line) => `day=2026-02-01/part-0.csv: ${line}`);
    const runtime = artifact.findings[0]!.rows.filter(({ side }) => side === 'runtime');
    const rows = runtime.map(({ record, line, place }) => [record, line, place]);
    expect(rows).toStrictEqual(places.map((place) => [0, 0, place]));
    expect(artifact.findings[2]!.reason).toBe('key column id is empty');
    const { stdout } = await keydrift(['audit']);
    expect(stdout).toContain('day=2026-02-01/part-0.csv: line 4');
    expect(stdout).not.toContain('line 0');
  });

  test('without its marker there is no verdict, and a retry may help', async () => {
    server.deleteObject({ bucket, key: 'table/_SUCCESS' });
    const { code, artifact } = await json(['audit']);
    expect([code, artifact.state]).toStrictEqual([2, 'indeterminate']);
    expect(artifact.error).toMatchObject({ code: 'COPY_INCOMPLETE', retryable: true });
    const run = await keydrift(['run', 't', '--', 'true']);
    expect(run.code).toBe(125);
    put({ 'table/_SUCCESS': '' });
  });

  test('nothing that is a part is a missing copy, and says what lies there', async () => {
    put({ 'empty/readme.txt': 'x', 'empty/_SUCCESS': '' });
    contract(`runtime: s3://${bucket}/empty/\nparts: "*.csv"`);
    const { code, artifact } = await json(['audit']);
    expect([code, artifact.state]).toStrictEqual([1, 'missing']);
    expect(artifact.error?.code).toBe('PARTS_NOT_FOUND');
    expect(artifact.error?.message).toContain('readme.txt');
  });

  test('files that are no parts are warned of', async () => {
    put({
      'other/a.csv': 'id,day,mode\nP-1,2026-01-31,full\n',
      'other/b.txt': 'x',
      'other/c.CSV': 'x',
    });
    contract(`runtime: s3://${bucket}/other/\nparts: "*.csv"`);
    const { artifact } = await json(['audit']);
    expect(artifact.counts['removed']).toBe(2);
    expect(artifact.warnings.map(({ code }) => code)).toStrictEqual(['PARTS_LEFT_OUT']);
    expect(artifact.warnings[0]!.message).toContain('b.txt, c.CSV');
  });

  test.each([
    ['replaced', (key: string) => put({ [key]: 'id,mode\nP-1,delta\n' })],
    ['added', () => put({ 'moving/day=2026-01-31/part-9.csv': 'id,mode\nP-9,full\n' })],
    ['removed', (key: string) => server.deleteObject({ bucket, key })],
    ['marked anew', () => put({ 'moving/_SUCCESS': 'again' })],
  ])('a part that is %s while it is read is read again from the start', async (_how, change) => {
    const key = 'moving/day=2026-01-31/part-0.csv';
    put({
      [key]: 'id,mode\nP-1,full\nP-2,delta\n',
      'moving/day=2026-02-01/part-0.csv': 'id,mode\nP-3,full\n',
      'moving/_SUCCESS': '',
    });
    server.deleteObject({ bucket, key: 'moving/day=2026-01-31/part-9.csv' });
    contract(`runtime: s3://${bucket}/moving/\nparts: "*.csv"\ncomplete: _SUCCESS`);
    let changes = 0;
    // After the last part was read, before the folder is looked at again.
    const stop = onGet('moving/day=2026-02-01/part-0.csv', () => {
      changes += 1;
      if (changes === 1) change(key);
    });
    const { artifact } = await json(['audit']);
    stop();
    expect(changes).toBeGreaterThan(1);
    const isOther = _how === 'marked anew' ? 0 : 1;
    expect([_how, artifact.error?.code, artifact.verdict === 'drifted' ? 1 : 0]).toStrictEqual([
      _how,
      undefined,
      isOther,
    ]);
  });

  test('one that never stands still has no verdict', async () => {
    let changes = 0;
    const stop = onGet('moving/day=2026-02-01/part-0.csv', () => {
      changes += 1;
      put({ 'moving/_SUCCESS': String(changes) });
    });
    const { code, artifact } = await json(['audit']);
    stop();
    expect([code, artifact.error?.code]).toStrictEqual([2, 'COPY_KEEPS_CHANGING']);
  });
});

describe('what other commands make of a folder', () => {
  const child = [
    'sh',
    '-c',
    'cd "$KEYDRIFT_T_FILE" && find . -type f -exec sha256sum {} + | sort -k 2; echo "$KEYDRIFT_T_REVISION"',
  ];
  beforeAll(() => {
    put({
      'gate/day=2026-01-31/part-0.csv': 'id,mode\nP-1,full\nP-2,delta\n',
      'gate/day=2026-02-01/part-0.csv': 'id,mode\nP-3,full\n',
      'gate/_SUCCESS': '',
      'gate/../day=2026-02-01/part-1.csv': 'id,mode\nP-9,full\n',
    });
    contract(`runtime: s3://${bucket}/gate/\nparts: "*.csv"\ncomplete: _SUCCESS`);
  });

  test('run hands over a private folder with the judged bytes under their names', async () => {
    const { code, stdout, stderr } = await keydrift(['run', 't', '--', ...child]);
    expect([code, stderr]).toStrictEqual([0, expect.stringContaining('t')]);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(/^[0-9a-f]{64} {2}\.\/day=2026-01-31\/part-0\.csv$/);
    expect(lines[2]).toMatch(/^parts:[0-9a-f]{64}$/);
    // The hash of a folder is what another program finds too.
    const sums = `${lines.slice(0, 2).join('\n').replaceAll('./', '')}\n`;
    const { artifact } = await json(['audit']);
    expect(artifact.runtime!['sha256']).toBe(createHash('sha256').update(sums).digest('hex'));
    expect(lines[2]).toBe(`parts:${String(artifact.runtime!['partsDigest'])}`);
  });

  test('rows are left out of its canonical form alone, and that is named', async () => {
    put({ 'gate/day=2026-02-01/part-0.csv': 'id,mode\nP-3,full\nP-3,full\n' });
    const flags = ['run', 't', '--use', 'deduplicated'];
    const refused = await keydrift([...flags, '--', 'true']);
    expect([refused.code, refused.stderr]).toStrictEqual([
      122,
      expect.stringContaining('--as canonical'),
    ]);
    const cat = ['sh', '-c', 'cat "$KEYDRIFT_T_FILE"'];
    const { code, stdout } = await keydrift([...flags, '--as', 'canonical', '--', ...cat]);
    expect([code, stdout]).toStrictEqual([
      0,
      '"id","day","mode"\n"P-1","2026-01-31","full"\n"P-2","2026-01-31","delta"\n"P-3","2026-02-01","full"\n',
    ]);
    put({ 'gate/day=2026-02-01/part-0.csv': 'id,mode\nP-3,full\n' });
  });

  test('what is only spelling in one of them is gone in its canonical form', async () => {
    put({ 'gate/day=2026-02-01/part-0.csv': '\ufeffid,mode\nP-3,full\n' });
    const folder = `runtime: s3://${bucket}/gate/\nparts: "*.csv"\ncomplete: _SUCCESS`;
    contract(`${folder}\nreader: python-csv`);
    const { code, artifact } = await json(['audit']);
    expect([code, artifact.counts['ambiguous']]).toStrictEqual([1, 1]);
    const anew = await keydrift(['run', 't', '--as', 'canonical', '--', 'true']);
    expect([anew.code, anew.stderr]).toStrictEqual([
      0,
      expect.stringContaining('in sync (equivalent, 1 warning: '),
    ]);
    put({ 'gate/day=2026-02-01/part-0.csv': 'id,mode\nP-3,full\n' });
    contract(folder);
  });

  test('one that is replaced while the command runs is warned of', async () => {
    put({ 'gate/day=2026-02-01/part-0.csv': 'id,mode\nP-3,full\n' });
    let started = false;
    const watch = server.faults.add({
      on: { operation: 'ListObjectsV2' },
      fault: {
        kind: 'before',
        run: () => {
          // The third look is the one after the command: pinned, read, run.
          if (started) put({ 'gate/day=2026-01-31/part-1.csv': 'id,mode\n' });
          started = true;
        },
      },
      after: 1,
    });
    const { code, stderr } = await keydrift(['run', 't', '--', 'true']);
    watch.remove();
    expect([code, stderr]).toStrictEqual([
      0,
      expect.stringContaining('was replaced since it was checked'),
    ]);
    server.deleteObject({ bucket, key: 'gate/day=2026-01-31/part-1.csv' });
  });

  test.each([
    ['publish', ['publish', 't', '--yes'], 2, 'NOT_SUPPORTED'],
    [
      'stage',
      ['run', 't', '--stage', `s3://${bucket}/staged/`, '--', 'true'],
      122,
      '--as canonical',
    ],
  ])('%s refuses it by name', async (_name, words, expected, told) => {
    const { code, stdout, stderr } = await keydrift(words);
    expect([code, stdout + stderr]).toStrictEqual([expected, expect.stringContaining(told)]);
  });

  test('investigate tells the present copy, and that a folder has no history', async () => {
    const { code, stdout, stderr } = await keydrift(['investigate', 't']);
    expect([code, stderr]).toStrictEqual([0, '']);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('only what it holds now is known');
    expect(stdout).toContain(`s3://${bucket}/gate/`);
  });

  test('diff reads one without a contract, and says so in what comes next', async () => {
    const words = ['diff', 'support/t.csv', `s3://${bucket}/gate/`, '--key', 'id,day'];
    const { code, stdout } = await keydrift([
      ...words,
      '--parts',
      '*.csv',
      '--complete',
      '_SUCCESS',
    ]);
    expect([code, stdout]).toStrictEqual([0, expect.stringContaining('2 parts')]);
    const byContract = await keydrift([
      'diff',
      'support/t.csv',
      `s3://${bucket}/gate/`,
      '--contract',
      't',
    ]);
    expect([byContract.code, byContract.stderr]).toStrictEqual([0, '']);
    const useless = await keydrift([...words.slice(0, 2), 'x.csv', '--key', 'id', '--parts', '*']);
    expect([useless.code, useless.stderr]).toStrictEqual([2, expect.stringContaining('--parts')]);
  });
});

describe('folders of other stores and other formats', () => {
  const write = (files: Readonly<Record<string, string | Uint8Array>>): void => {
    for (const [name, body] of Object.entries(files)) repository.write(name, body);
  };

  test('of this machine: NDJSON, whose members may be absent in a part', async () => {
    write({
      'out/nd/day=2026-01-31/a.ndjson': '{"id":"P-1","mode":"full"}\n{"id":"P-2","mode":"delta"}\n',
      'out/nd/day=2026-02-01/b.ndjson.x': '{"id":"P-9"}\n',
      'out/nd/day=2026-02-01/b.ndjson': '{"id":"P-3"}\n',
    });
    contract('runtime: out/nd/\nparts: "*.ndjson"');
    const { code, artifact } = await json(['audit']);
    expect(code).toBe(1);
    // Absent is empty: the row differs, and the copy can be read.
    expect(artifact.findings.map(({ kind, key }) => [kind, key])).toStrictEqual([
      ['conflict', { id: 'P-3', day: '2026-02-01' }],
    ]);
    expect(artifact.findings[0]!.rows[1]!.place).toBe('day=2026-02-01/b.ndjson: line 1');
  });

  test('a column that decides and that a part of CSV lacks makes it unreadable, and names the part', async () => {
    write({
      'out/csv/day=2026-01-31/a.csv': 'id,mode\nP-1,full\n',
      'out/csv/day=2026-02-01/b.csv': 'id\nP-3\n',
    });
    contract('runtime: out/csv/\nparts: "*.csv"');
    const { code, artifact } = await json(['audit']);
    expect([code, artifact.state, artifact.error?.code]).toStrictEqual([
      1,
      'unreadable',
      'COLUMN_MISSING',
    ]);
    expect(artifact.error?.message).toContain('day=2026-02-01/b.csv');
    contract('runtime: out/csv/\nparts: "*.csv"\nconsumes: []');
    expect((await json(['audit'])).artifact.counts).toMatchObject({ removed: 1, added: 0 });
  });

  test('what is wrong with a part says its name, and the place in it', async () => {
    write({
      'out/bad/day=1/a.csv': 'id,mode\nP-1,full\n',
      'out/bad/day=2/b.csv': 'id,mode\nP-2,"x\n',
    });
    contract('runtime: out/bad/\nparts: "*.csv"');
    const { artifact } = await json(['audit']);
    expect(artifact.error).toMatchObject({ code: 'CSV_UNCLOSED_QUOTE', place: { line: 2 } });
    expect(artifact.error?.message).toContain('part day=2/b.csv: ');
  });

  test('a column of a folder that stands in the file too is there twice', async () => {
    write({ 'out/twice/day=1/a.csv': 'id,day,mode\nP-1,2,full\n' });
    contract('runtime: out/twice/\nparts: "*.csv"');
    expect((await json(['audit'])).artifact.error?.code).toBe('COLUMN_DOUBLED');
  });

  test('values of folders are text, as Hive writes them', async () => {
    const awkward = 'a/b c=%d:é';
    write({
      'support/hive.csv': `id,day,mode\n1,"${awkward}",x\n2,,x\n3,007,x\n`,
      'out/hive/day=a%2Fb%20c%3D%25d%3A%C3%A9/a.csv': 'id,mode\n1,x\n',
      'out/hive/day=__HIVE_DEFAULT_PARTITION__/a.csv': 'id,mode\n2,x\n',
      'out/hive/day=007/a.csv': 'id,mode\n3,x\n',
    });
    contract(`runtime: out/hive/\nparts: "*.csv"\nconsumes: [day, mode]`);
    const yaml = `version: 1\nartifacts:\n  t: {reviewed: support/hive.csv, runtime: out/hive/, parts: "*.csv", key: [id]}\n`;
    repository.write('keydrift.yaml', yaml);
    repository.commit('hive');
    const { code, artifact } = await json(['audit']);
    expect([code, artifact.state, artifact.error]).toStrictEqual([0, 'equivalent', null]);
  });

  test('Parquet, and a pattern of paths', async () => {
    const body = readFileSync(new URL('../formats/parquet/hostile.parquet', import.meta.url));
    write({
      'out/pq/v=1/x.parquet': body,
      'out/pq/v=2/y.parquet': body,
      'out/pq/old/v=1/z.parquet': body,
    });
    const yaml = `version: 1\nartifacts:\n  t: {reviewed: 'file:out/pq/v=1/x.parquet', runtime: out/pq/, parts: "v=*/*.parquet", key: [id], descriptive: [v]}\n`;
    repository.write('keydrift.yaml', yaml);
    const { code, artifact } = await json(['audit']);
    expect([code, artifact.counts['duplicated']]).toStrictEqual([1, 5]);
    expect(artifact.findings[0]!.rows.at(-1)!.place).toMatch(
      /^v=2\/y\.parquet: row \d of row group 1$/,
    );
    const { code: ran, stdout } = await keydrift([
      'run',
      't',
      '--use',
      'deduplicated',
      '--as',
      'canonical',
      '--',
      'sh',
      '-c',
      'wc -l < "$KEYDRIFT_T_FILE"',
    ]);
    // One cell holds a line break.
    expect([ran, stdout.trim()]).toStrictEqual([0, '7']);
  });

  test('of a commit, as the reviewed copy: not what lies uncommitted beside it', async () => {
    write({
      'support/parts/a.csv': 'id,mode\nP-1,full\n',
      'support/parts/b.csv': 'id,mode\nP-2,x\n',
    });
    const yaml = `version: 1\nartifacts:\n  t: {reviewed: support/parts/, runtime: out/one.csv, parts: "*.csv", key: [id]}\n`;
    write({ 'keydrift.yaml': yaml, 'out/one.csv': 'mode,id\nx,P-2\nfull,P-1\n' });
    repository.commit('parts');
    write({ 'support/parts/c.csv': 'id,mode\nP-3,x\n' });
    const { code, artifact } = await json(['audit']);
    expect([code, artifact.state, artifact.error]).toStrictEqual([0, 'equivalent', null]);
    const lint = await keydrift(['lint']);
    expect([lint.code, lint.stdout]).toStrictEqual([0, expect.stringContaining('2 parts')]);
    const bundle = await keydrift(['bundle', '--out', join(at.path, 'bundle')]);
    expect([bundle.code, bundle.stdout + bundle.stderr]).toStrictEqual([
      2,
      expect.stringContaining('NOT_SUPPORTED'),
    ]);
  });

  test.each([
    ['a file', 'runtime: {url: out/one.csv, parts: "*.csv"}', '"parts" without meaning'],
    ['no parts', 'runtime: {url: out/nd/, complete: _SUCCESS}', '"complete" without meaning'],
    ['nothing of it', 'runtime: out/nd/', 'names a directory'],
    ['a way out', 'runtime: {url: out/nd/, parts: "../*.csv"}', 'a glob of names'],
    [
      'a version',
      `runtime: {url: "s3://b/k?versionId=x/", parts: "*"}`,
      'cannot be read as a folder',
    ],
  ])('words without meaning are faults of the contract: %s', async (_name, words, message) => {
    contract(words);
    const { code, stdout, stderr } = await keydrift(['audit']);
    expect([code, stdout + stderr]).toStrictEqual([2, expect.stringContaining(message)]);
  });

  test('a change of what is a part weakens the contract', async () => {
    contract('runtime: out/nd/\nparts: "*.ndjson"');
    contract('runtime: out/nd/\nparts: "a.ndjson"');
    const { stdout } = await keydrift(['lint', '--base', 'HEAD~1', '--forbid-weaker']);
    expect(stdout).toContain('a.ndjson');
    expect(stdout).toContain('weaker');
  });
});

/** Calls back when an object is asked for; gives what ends that. */
function onGet(key: string, run: () => void): () => void {
  return server.faults.add({ on: { operation: 'GetObject', key }, fault: { kind: 'before', run } })
    .remove;
}
