import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { startS3Server, type S3Server } from '../../localstack/s3-server/index.ts';
import { defaultLimits, type Limits } from '../../src/model/index.ts';
import { bareEnvironment } from '../integration/cli.ts';
import { runInProcess, type Given } from '../integration/in-process.ts';
import { environmentOf } from '../integration/stage.ts';

/**
 * Limits of the contract (SPEC §3): whatever the format and the side, what is beyond one ends in
 * `TOO_LARGE` and exit 2, and what is near one is told.
 */
let directory = '';
let server: S3Server;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keydrift-limits-'));
  server = await startS3Server();
});
afterAll(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

type Row = Readonly<Record<string, string>>;
const usual: readonly Row[] = [
  { id: 'P-1', mode: 'full', note: 'x' },
  { id: 'P-2', mode: 'delta', note: 'y' },
];
const withNote = (length: number): readonly Row[] => [
  usual[0]!,
  { ...usual[1]!, note: 'n'.repeat(length) },
];

/** How each format writes a few rows. */
const writers: Record<string, (rows: readonly Row[]) => string | Buffer> = {
  csv: (rows) => lines([Object.keys(rows[0]!), ...rows.map((row) => Object.values(row))]),
  'csv.gz': (rows) => gzipSync(writers['csv']!(rows)),
  json: (rows) => JSON.stringify(rows),
  ndjson: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
  yaml: (rows) => stringify(rows),
};
const lines = (cells: readonly (readonly string[])[]): string =>
  cells.map((row) => `${row.join(',')}\n`).join('');

interface Artifact {
  readonly verdict: string;
  readonly state: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly hint: string } | null;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

interface Told {
  readonly code: number;
  readonly artifact: Artifact;
}

async function keydrift(words: readonly string[]): Promise<Given> {
  const environment = { ...bareEnvironment(directory), ...environmentOf(server.endpoint) };
  return runInProcess({
    words,
    cwd: directory,
    environment: { ...environment, TMPDIR: directory },
  });
}

async function audit(
  ending: string,
  copies: { readonly reviewed: readonly Row[]; readonly runtime: readonly Row[] },
  limits: Partial<Limits>,
  more = '',
): Promise<Told> {
  const write = writers[ending]!;
  await writeFile(join(directory, `one.${ending}`), write(copies.reviewed));
  await writeFile(join(directory, `two.${ending}`), write(copies.runtime));
  const contract = `version: 1
artifacts:
  p: {reviewed: 'file:one.${ending}', runtime: 'file:two.${ending}', key: [id], consumes: [mode], limits: ${JSON.stringify(limits)}${more}}
`;
  await writeFile(join(directory, 'keydrift.yaml'), contract);
  const { code, stdout } = await keydrift(['audit', '--format', 'json']);
  return { code, artifact: (JSON.parse(stdout) as { artifacts: Artifact[] }).artifacts[0]! };
}

describe.each(Object.keys(writers))('%s', (ending) => {
  test.each(['reviewed', 'runtime'] as const)(
    'a limit that the %s copy is beyond',
    async (side) => {
      const of = (rows: readonly Row[]) => ({ reviewed: usual, runtime: usual, [side]: rows });
      for (const [key, limit, rows] of [
        ['recordBytes', 400, withNote(500)],
        ['cellBytes', 50, withNote(60)],
        ['columns', 3, usual.map((row) => ({ ...row, more: 'z' }))],
        ['bytes', 200, withNote(9000)],
      ] as const) {
        // Of a compressed copy the bytes that stand there count.
        if (key === 'bytes' && ending === 'csv.gz') continue;
        const { code, artifact } = await audit(ending, of(rows), { [key]: limit });
        expect([key, code, artifact.verdict, artifact.error?.code]).toEqual([
          key,
          2,
          'indeterminate',
          'TOO_LARGE',
        ]);
        expect(artifact.error!.message).toContain(
          `the limit \`${key}\` is ${limit} (the default is ${defaultLimits[key]})`,
        );
        expect(artifact.error!.hint).toContain(`limits: {${key}: …}`);
      }
    },
  );

  test('what is within 20 % of a limit is warned of, and judged', async () => {
    const rows = withNote(90);
    for (const [key, limit] of [
      ['cellBytes', 100],
      ['columns', 3],
    ] as const) {
      const { code, artifact } = await audit(
        ending,
        { reviewed: usual, runtime: rows },
        { [key]: limit },
      );
      const near = artifact.warnings.filter((one) => one.code === 'NEAR_LIMIT');
      expect([key, code, artifact.state]).toEqual([key, 0, 'equivalent']);
      expect(near.map(({ message }) => message.includes(`\`${key}\``))).toContain(true);
    }
    const { artifact } = await audit(ending, { reviewed: usual, runtime: usual }, {});
    expect(artifact.warnings.filter((one) => one.code === 'NEAR_LIMIT')).toEqual([]);
  });

  test('memory that reading or comparing would take', async () => {
    const { code, artifact } = await audit(
      ending,
      { reviewed: usual, runtime: usual },
      { memory: 10 },
    );
    expect([code, artifact.error?.code]).toEqual([2, 'TOO_LARGE']);
    expect(artifact.error!.message).toContain('`memory` is 10');
  });
});

test('what a compressed copy expands to', async () => {
  const copies = { reviewed: usual, runtime: withNote(9000) };
  const { code, artifact } = await audit('csv.gz', copies, { expandedBytes: 5000 });
  expect([code, artifact.error?.code]).toEqual([2, 'TOO_LARGE']);
  expect(artifact.error!.message).toContain('`expandedBytes` is 5000');
  const near = await audit('csv.gz', copies, { expandedBytes: 10_000 });
  expect([near.code, near.artifact.warnings.map((one) => one.code)]).toEqual([0, ['NEAR_LIMIT']]);
  // Below 16 MiB nobody is harmed.
  const blank = { reviewed: usual, runtime: [...usual, ...withNote(0)] };
  writers['csv.gz'] = (rows) =>
    gzipSync(`${String(writers['csv']!(rows))}${'\n'.repeat(rows.length > 2 ? 2 ** 24 : 0)}`);
  const ratio = await audit('csv.gz', blank, { expandedRatio: 100 });
  expect([ratio.code, ratio.artifact.error?.code]).toEqual([2, 'TOO_LARGE']);
  expect(ratio.artifact.error!.message).toContain('`expandedRatio` is 100');
});

test.each([
  ['a quote that is never closed', `id,mode\nP-1,"${'x\n'.repeat(4000)}`],
  ['a header that does not end', `id,mode,${'x'.repeat(4000)}`],
  ['a record that does not end', `id,mode\nP-1,${'x'.repeat(4000)}`],
])('%s is not waited for', async (_name, text) => {
  await writeFile(join(directory, 'two.csv'), text);
  await writeFile(join(directory, 'one.csv'), 'id,mode\nP-1,full\n');
  const contract = (csv: string): string =>
    `version: 1\nartifacts:\n  p: {reviewed: 'file:one.csv', runtime: 'file:two.csv', key: [id], consumes: [mode], limits: {recordBytes: 1000}, csv: {${csv}}}\n`;
  for (const csv of ["comment: '#'", "comment: '#', escape: '\\'"]) {
    await writeFile(join(directory, 'keydrift.yaml'), contract(csv));
    const { code, stdout } = await keydrift(['audit', '--format', 'json']);
    const [one] = (JSON.parse(stdout) as { artifacts: Artifact[] }).artifacts;
    expect([code, one!.error?.code]).toEqual([2, 'TOO_LARGE']);
  }
});

test('comments and blank lines before a record are not counted as its bytes', async () => {
  const noise = `# ${'c'.repeat(50)}\n\r\n\n`.repeat(200);
  await writeFile(join(directory, 'two.csv'), `id,mode\n${noise}P-1,full\n${noise}`);
  await writeFile(join(directory, 'one.csv'), 'id,mode\nP-1,full\n');
  await writeFile(
    join(directory, 'keydrift.yaml'),
    `version: 1\nartifacts:\n  p: {reviewed: 'file:one.csv', runtime: 'file:two.csv', key: [id], consumes: [mode], limits: {recordBytes: 1000}, csv: {comment: '#', escape: '\\'}}\n`,
  );
  const { code, stdout } = await keydrift(['audit', '--format', 'json']);
  expect([code, (JSON.parse(stdout) as { artifacts: Artifact[] }).artifacts[0]!.state]).toEqual([
    0,
    'equivalent',
  ]);
});

describe('run', () => {
  const contract = (limits: string): string => `version: 1
artifacts:
  p: {reviewed: 'file:one.csv', runtime: 's3://limits/p.csv', key: [id], consumes: [mode], limits: ${limits}}
  q: {reviewed: 'file:one.csv', runtime: 's3://limits/q.csv', key: [id], consumes: [mode], limits: ${limits}}
`;
  const table = `id,mode\nP-1,full\n${'\n'.repeat(500)}`;
  beforeAll(async () => {
    server.createBucket('limits', { versioning: 'Enabled' });
    server.putObject({ bucket: 'limits', key: 'p.csv', body: table });
    server.putObject({ bucket: 'limits', key: 'q.csv', body: table });
    await writeFile(join(directory, 'one.csv'), 'id,mode\nP-1,full\n');
  });

  test.each([
    ['one copy', '{bytes: 400}', [], 'the copy has 517 bytes'],
    ['all copies of a run together', '{bytes: 900}', [], 'the copies of this run have 1034 bytes'],
    ['a cap over the contract', '{bytes: 9000}', ['--limits', 'bytes=900'], 'have 1034 bytes'],
  ])('%s: 122, and nothing was handed over', async (_name, limits, more, message) => {
    await writeFile(join(directory, 'keydrift.yaml'), contract(limits));
    const { code, stdout, stderr } = await keydrift(['run', ...more, '--', 'echo', 'ran']);
    expect([code, stdout]).toEqual([122, '']);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(message);
    expect(stderr).toContain('TOO_LARGE');
  });

  test('within them it runs', async () => {
    await writeFile(join(directory, 'keydrift.yaml'), contract('{bytes: 2000}'));
    const { code, stdout } = await keydrift(['run', '--', 'echo', 'ran']);
    expect([code, stdout]).toEqual([0, 'ran\n']);
  });
});
