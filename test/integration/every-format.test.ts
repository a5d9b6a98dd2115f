import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { S3Server } from '../../localstack/s3-server/index.ts';
import { startS3Server, unconditional } from '../servers/start.ts';
import { parse, stringify } from 'yaml';
import { formats } from '../../src/formats/index.ts';
import type { ArtifactReport } from '../../src/model/index.ts';
import { tableOf, writers } from '../formats/hostile.ts';
import { isolated, makeRepository, scratch } from '../sources/git-fixture.ts';
import { runInProcess, type Given } from './in-process.ts';

/* Every command over every format of the registry: one artifact for each, and one life of them all. */

const names = Object.keys(formats);
const at = scratch();
const repository = makeRepository(join(at.path, 'r'));
let server: S3Server;
/** After every object of these tests. */
const later = new Date(Date.now() + 3_600_000).toISOString();
const bucket = 'runtime';
beforeAll(async () => {
  server = await startS3Server();
  server.createBucket(bucket, { versioning: 'Enabled' });
});
afterAll(async () => {
  await server.close();
  at.remove();
});

interface Proposed {
  readonly artifacts: Record<string, { accept?: unknown }>;
}

interface Artifact {
  readonly name: string;
  readonly state: string | null;
  readonly verdict: string;
  readonly cause: { readonly kind: string; readonly behind: number } | null;
  readonly change: Record<'added' | 'removed' | 'changed', number> | null;
  readonly severities: Record<string, number>;
  readonly runtime: { readonly bytes: number; readonly sha256: string } | null;
  readonly warnings: readonly { readonly code: string }[];
  readonly findings: readonly {
    readonly kind: string;
    readonly side: string;
    readonly key: Record<string, string>;
    readonly fields: readonly string[];
    readonly rows: readonly {
      readonly side: string;
      readonly line: number;
      readonly place?: string;
    }[];
  }[];
}

function keydrift(...words: readonly string[]) {
  const environment = {
    ...isolated,
    PATH: process.env['PATH'],
    XDG_CACHE_HOME: join(at.path, 'cache'),
    KEYDRIFT_TMPDIR: at.path,
    AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL_S3: server.endpoint,
  };
  return runInProcess({ words, cwd: repository.root, environment });
}

async function report(
  ...words: readonly string[]
): Promise<{ code: number; artifacts: readonly Artifact[] }> {
  const { code, stdout } = await keydrift(...words, '--format', 'json');
  const { artifacts } = JSON.parse(stdout) as { artifacts: readonly Artifact[] };
  expect(artifacts.map(({ name }) => name)).toStrictEqual(names);
  return { code, artifacts };
}

/** The same of every format. */
const each = <T>(
  of: (artifact: Artifact) => T,
  { artifacts }: { readonly artifacts: readonly Artifact[] },
) => artifacts.map((one) => [one.name, of(one)]);
const all = (expected: unknown) => names.map((name) => [name, expected]);
const textsOf = (of: (name: string) => string | Uint8Array) =>
  names.map((name) => [name, Buffer.from(of(name)).toString()]);

/** A job that is handed every format, and says what is in each. */
const handed = names.map((name) => `{${name}}`);
const end = '<end of a file>';
const shown = ['sh', '-c', `for file; do cat "$file"; printf '${end}'; done`, 'sh', ...handed];

/** What that job said of each. */
function readBy({ stdout }: Given): readonly (readonly [name: string, text: string])[] {
  const texts = stdout.split(end);
  expect(texts.pop()).toBe('');
  return texts.map((text, index) => [names[index] ?? '', text]);
}

/** What a gate decided of each. */
function outcomesOf({ stdout }: Given): unknown {
  const { artifacts } = JSON.parse(stdout) as {
    artifacts: { artifact: string; outcome: string }[];
  };
  return artifacts.map(({ artifact, outcome }) => [artifact, outcome]);
}

function write(mode: string): void {
  for (const name of names) repository.write(`support/t.${name}`, writers[name]!(mode));
}

function put(mode: string): void {
  for (const name of names) {
    server.putObject({ bucket, key: `t.${name}`, body: writers[name]!(mode) });
  }
}

const contractOf = (more = ''): string =>
  `version: 1\nartifacts:\n${names
    .map(
      (name) =>
        `  ${name}:\n    reviewed: support/t.${name}\n    runtime: s3://${bucket}/t.${name}\n    key: [id]\n${more}`,
    )
    .join('')}`;

describe('all formats, from their first publication to an incident and back', () => {
  test('publish, and nothing drifts', async () => {
    write('delta');
    repository.write('keydrift.yaml', contractOf());
    repository.commit('first', '2026-01-01T00:00:00Z');
    const published = await keydrift('publish', '--all', '--yes', ...unconditional);
    expect([published.code, published.stderr]).toStrictEqual([0, expect.any(String)]);
    const audited = await report('audit');
    expect(audited.code).toBe(0);
    expect(each(({ state }) => state, audited)).toStrictEqual(all('identical'));
  });

  test('audit: what drifted, where it stands in the words of its format, and why', async () => {
    write('gamma');
    repository.commit('second', later);
    const audited = await report('audit');
    expect(audited.code).toBe(1);
    expect(
      each(
        ({ state, findings, cause }) => [
          state,
          findings.map(({ kind, key, fields }) => [kind, key, fields]),
          [cause?.kind, cause?.behind],
        ],
        audited,
      ),
    ).toStrictEqual(all(['drifted', [['conflict', { id: '2' }, ['mode']]], ['ahead', 1]]));
    const places = audited.artifacts.map(({ name, findings }) => [
      name,
      findings[0]!.rows.map(({ line, place }) => place ?? `line ${line}`),
    ]);
    const twice = (place: string): readonly string[] => [place, place];
    expect(Object.fromEntries(places)).toStrictEqual({
      csv: twice('line 3'),
      json: twice('/1'),
      ndjson: twice('line 2'),
      yaml: twice('line 7'),
      parquet: twice('row 2 of row group 1'),
    });
  });

  test('lint, and lint --base: what the change does to the work', async () => {
    const linted = await report('lint');
    expect([linted.code, ...each(({ verdict }) => verdict, linted)]).toStrictEqual([
      0,
      ...all('in-sync'),
    ]);
    const based = await report('lint', '--base', 'HEAD~1');
    expect(based.code).toBe(0);
    expect(
      each(({ change }) => [change?.added, change?.removed, change?.changed], based),
    ).toStrictEqual(all([0, 0, 1]));
  });

  test('diff says the same without a contract', async () => {
    for (const name of names) {
      const words = [`git:HEAD:support/t.${name}`, `s3://${bucket}/t.${name}`, '--key', 'id'];
      const { code, stdout } = await keydrift('diff', ...words, '--format', 'json');
      const { artifacts } = JSON.parse(stdout) as { artifacts: readonly Artifact[] };
      expect([name, code, artifacts[0]!.findings.length]).toStrictEqual([name, 1, 1]);
    }
  });

  test('grace: drift of a commit that just arrived is pending', async () => {
    repository.write('grace.yaml', contractOf('    grace: 30d\n'));
    const audited = await report('audit', '--config', 'grace.yaml');
    expect([
      audited.code,
      ...each(({ severities }) => severities['pending'], audited),
    ]).toStrictEqual([0, ...all(1)]);
  });

  test('accept: what is proposed is drift no more', async () => {
    const counted = '    consumes: []\n';
    const contract = contractOf(counted).replaceAll('[id]', '[{column: at.zone, optional: true}]');
    repository.write('twice.yaml', contract);
    const before = await report('audit', '--config', 'twice.yaml');
    const found = before.artifacts.map(({ findings }) =>
      findings.map(({ kind, side }) => [kind, side]),
    );
    expect([before.code, ...found]).toStrictEqual([
      1,
      ...names.map(() => [
        ['duplicated', 'reviewed'],
        ['duplicated', 'runtime'],
      ]),
    ]);
    const { stdout } = await keydrift('audit', '--config', 'twice.yaml', '--propose-accept');
    const proposed = parse(stdout.replaceAll('reason: ""', 'reason: known')) as Proposed;
    const known = parse(contract) as Proposed;
    for (const [name, { accept }] of Object.entries(proposed.artifacts)) {
      known.artifacts[name]!.accept = accept;
    }
    repository.write('known.yaml', stringify(known));
    const after = await report('audit', '--config', 'known.yaml');
    expect([after.code, ...each(({ severities }) => severities['accepted'], after)]).toStrictEqual([
      0,
      ...all(2),
    ]);
  });

  test('investigate: since when, and by which change', async () => {
    const entries = ['reviewed', 'runtime', 'reviewed'].map((side) => [side, 5]);
    for (const name of names) {
      const { code, stdout } = await keydrift('investigate', name, '--format', 'json');
      const { onset, timeline } = JSON.parse(stdout) as {
        onset: { commit?: string } | null;
        timeline: readonly { side: string; rows: number; units: number }[];
      };
      expect([
        name,
        code,
        onset?.commit,
        timeline.map(({ side, rows }) => [side, rows]),
      ]).toStrictEqual([name, 1, repository.git('rev-parse', 'HEAD'), entries]);
    }
  });

  test('run and gate: drift stops the job', async () => {
    const ran = await keydrift('run', ...names, '--', 'cat', ...handed);
    expect([ran.code, ran.stdout]).toStrictEqual([121, '']);
    const refused = [...ran.stderr.matchAll(/^keydrift: (\w+): DRIFTED .*; REFUSED; /gm)];
    expect(refused.map(([, name]) => name)).toStrictEqual(names);
    const gated = await keydrift('gate', ...names);
    expect([gated.code, outcomesOf(gated)]).toStrictEqual([121, all('refused')]);
  });

  test('run --use reviewed hands over the reviewed bytes', async () => {
    const asIs = await keydrift('run', ...names, '--use', 'reviewed', '--', ...shown);
    expect([asIs.code, readBy(asIs)]).toStrictEqual([
      0,
      textsOf((name) => writers[name]!('gamma')),
    ]);
  });

  test('bundle, and run against it', async () => {
    const bundled = await keydrift('bundle', '--out', 'out');
    expect([bundled.code, bundled.stderr]).toStrictEqual([0, '']);
    put('gamma');
    const against = ['--against', 'bundle:out'];
    const ran = await keydrift('run', ...names, ...against, '--', ...shown);
    expect([ran.code, readBy(ran)]).toStrictEqual([0, textsOf((name) => writers[name]!('gamma'))]);
    const gated = await keydrift('gate', ...names, ...against);
    expect([gated.code, outcomesOf(gated)]).toStrictEqual([0, all('run')]);
  });

  test('run --as canonical hands over CSV; deduplicated cuts what can be cut, or says how', async () => {
    const tables = tableOf('gamma');
    const words = ['--as', 'canonical', '--', ...shown];
    const whole = await keydrift('run', ...names, ...words);
    expect([whole.code, readBy(whole)]).toStrictEqual([0, all(canonical(tables))]);
    const cut = ['--config', 'twice.yaml', '--use', 'deduplicated'];
    const rows = await keydrift('run', ...names, ...cut, ...words);
    expect([
      rows.code,
      readBy(rows).map(([name, text]) => [name, text.split('\n').length]),
    ]).toStrictEqual([0, all(7)]);
    for (const name of names) {
      const stored = await keydrift('run', name, ...cut, '--', 'cat', `{${name}}`);
      const isText = name === 'csv' || name === 'ndjson';
      expect([name, stored.code]).toStrictEqual([name, isText ? 0 : 122]);
      if (!isText) expect(stored.stderr).toContain('--as canonical');
    }
  });

  test('init proposes a contract by which the copies are in sync', async () => {
    const contract: Proposed = { artifacts: {} };
    for (const name of names) {
      const proposed = await keydrift('init', `support/t.${name}`);
      expect([name, proposed.code]).toStrictEqual([name, 0]);
      expect(proposed.stdout).toContain('key: [id]');
      const { artifacts, ...more } = parse(proposed.stdout) as Proposed;
      const [only, ...others] = Object.values(artifacts);
      expect(others).toEqual([]);
      Object.assign(contract, more);
      contract.artifacts[name] = only!;
    }
    const whole = stringify(contract).replaceAll('s3://BUCKET', `s3://${bucket}`);
    repository.write('proposed.yaml', whole);
    const audited = await report('audit', '--config', 'proposed.yaml');
    expect([audited.code, ...each(({ verdict }) => verdict, audited)]).toStrictEqual([
      0,
      ...all('in-sync'),
    ]);
  });
});

test('ordered: the unit that moved is told, whatever the runtime copy is written as', async () => {
  put('gamma');
  const [first, ...others] = tableOf('gamma');
  repository.write('support/moved.csv', canonical([...others, first!]));
  repository.commit('moved', later);
  const contract = contractOf('    ordered: true\n').replaceAll(
    /support\/t\.\w+/g,
    'support/moved.csv',
  );
  repository.write('ordered.yaml', contract);
  const audited = await report('audit', '--config', 'ordered.yaml');
  expect(audited.code).toBe(1);
  expect(
    each(({ findings }) => findings.map(({ kind, key }) => [kind, key['id']]), audited),
  ).toStrictEqual(all([['order', '00012345678901234567']]));
});

test('a reader that would stop at how a copy is stored is drift where it is named', async () => {
  const text = 'id,w\nP-1,1\n';
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
  repository.write('stored/t.csv', text);
  repository.write('stored/t.csv.gz', gzipSync(text));
  const copies = { 'gz.csv': gzipSync(text), 'utf16.csv': utf16, 'plain.csv.gz': text };
  for (const [name, body] of Object.entries(copies)) repository.write(`stored/${name}`, body);
  const readers = ['pandas', 'polars', 'python-csv', 'spark', 'positional', 'all', 'none'];
  const said = (reader: string): string => (reader === 'none' ? '' : `, reader: ${reader}`);
  const entries = Object.keys(copies).flatMap((name, index) =>
    readers.map(
      (reader) =>
        `  ${'abc'[index]}-${reader}: {reviewed: t.csv, runtime: ${name}, key: [id]${said(reader)}}\n`,
    ),
  );
  const others = [
    // Both are stored so; the contract says so; the bytes are the reviewed ones, by another name.
    '  d: {reviewed: gz.csv, runtime: gz.csv, key: [id], reader: pandas}\n',
    '  e: {reviewed: t.csv, runtime: {url: gz.csv, compression: gzip}, key: [id], reader: pandas}\n',
    '  f: {reviewed: t.csv.gz, runtime: gz.csv, key: [id], reader: pandas}\n',
    '  g: {reviewed: t.csv, runtime: {url: gz.csv, compression: none}, key: [id]}\n',
    '  h: {reviewed: t.csv, runtime: {url: t.csv, compression: gzip}, key: [id]}\n',
  ];
  const file = 'stored/keydrift.yaml';
  repository.write(file, `version: 1\nartifacts:\n${[...entries, ...others].join('')}`);
  repository.commit('stored', later);
  const { stdout } = await keydrift('audit', '--config', file, '--format', 'json');
  const { artifacts } = JSON.parse(stdout) as {
    artifacts: readonly ArtifactReport[];
  };
  const one = new Map(artifacts.map((artifact) => [artifact.name, artifact]));
  const drifted = (copy: string): readonly string[] =>
    readers.filter((reader) => one.get(`${copy}-${reader}`)!.verdict === 'drifted');
  expect(drifted('a')).toStrictEqual(['pandas', 'python-csv', 'spark', 'positional', 'all']);
  expect(drifted('b')).toStrictEqual(readers.filter((reader) => reader !== 'none'));
  expect(drifted('c')).toStrictEqual(['pandas', 'spark', 'positional']);
  for (const [copy, warning] of [
    ['a', 'COMPRESSION_BY_CONTENT'],
    ['b', 'ENCODING_BY_CONTENT'],
    ['c', 'COMPRESSION_BY_CONTENT'],
  ]) {
    expect(one.get(`${copy}-pandas`)!.findings).toMatchObject([
      {
        kind: 'ambiguous',
        rowCount: { runtime: 0 },
        reason: expect.stringMatching(/: pandas stops$/),
      },
    ]);
    expect(one.get(`${copy}-none`)!.warnings.map(({ code }) => code)).toStrictEqual([warning]);
  }
  expect(['d', 'e', 'f'].map((name) => one.get(name)!.verdict)).toStrictEqual([
    'in-sync',
    'in-sync',
    'drifted',
  ]);
  expect(one.get('g')!.error).toMatchObject({
    code: 'CONTENT_OF_ANOTHER_KIND',
    message: expect.stringContaining('compressed with gzip, and the contract says'),
  });
  expect(one.get('h')!.error).toMatchObject({
    code: 'COMPRESSION_INVALID',
    message: expect.stringContaining('it is not gzip, which the contract says'),
  });
});

test('Content-Encoding: gzip is how the stored bytes are read, and they are what is hashed', async () => {
  const kept = new Map(names.map((name) => [name, gzipSync(writers[name]!('delta'))]));
  for (const [name, body] of kept) {
    const headers = { 'content-encoding': 'gzip' };
    server.putObject({ bucket, key: `encoded/t.${name}`, body, headers });
    repository.write(`encoded/t.${name}`, writers[name]!('delta'));
  }
  const contract = contractOf().replaceAll('support/', 'encoded/').replaceAll('/t.', '/encoded/t.');
  repository.write('encoded.yaml', contract.replaceAll('encoded/encoded/', 'encoded/'));
  repository.commit('encoded', later);
  const { code, artifacts } = await report('audit', '--config', 'encoded.yaml');
  expect(code).toBe(0);
  for (const { name, state, runtime, warnings } of artifacts) {
    const body = kept.get(name)!;
    expect([name, state, runtime!.bytes, runtime!.sha256]).toStrictEqual([
      name,
      'equivalent',
      body.length,
      createHash('sha256').update(body).digest('hex'),
    ]);
    expect(warnings.map((one) => one.code)).toContain('COMPRESSION_BY_CONTENT');
  }
  const unpacked = shown.map((word) => word.replace('cat', 'gzip -dc <'));
  const ran = await keydrift('run', ...names, '--config', 'encoded.yaml', '--', ...unpacked);
  expect([ran.code, readBy(ran)]).toStrictEqual([0, textsOf((name) => writers[name]!('delta'))]);
});

function canonical(rows: ReturnType<typeof tableOf>): string {
  const quoted = (cells: readonly string[]): string =>
    `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')}\n`;
  return [Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))].map(quoted).join('');
}
