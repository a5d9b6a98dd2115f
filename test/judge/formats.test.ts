import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { formats } from '../../src/formats/index.ts';
import type { ArtifactReport } from '../../src/model/index.ts';
import { compressions, tableOf, writers } from '../formats/hostile.ts';
import { runInProcess } from '../integration/in-process.ts';
import { diffFiles } from './diff-files.ts';

const directory = mkdtempSync(join(tmpdir(), 'keydrift-formats-'));
afterAll(() => rmSync(directory, { recursive: true }));

const written = Object.keys(formats).flatMap((format) =>
  compressions.map(([ending, compress]) => {
    const file = `table.${format}${ending}`;
    for (const mode of ['delta', 'gamma']) {
      writeFileSync(join(directory, `${mode}.${file}`), compress(writers[format]!(mode)));
    }
    return file;
  }),
);

async function compare(reviewed: string, runtime: string): Promise<ArtifactReport> {
  const files = [join(directory, reviewed), join(directory, runtime)] as const;
  const { artifacts } = await diffFiles(directory, files, { key: ['id'], consumes: null });
  return artifacts[0]!;
}

test('every format of the registry is written, and every compression', () => {
  expect(Object.keys(writers)).toStrictEqual(Object.keys(formats));
  expect(written).toHaveLength(15);
});

test('every pair of formats and compressions is one table, and a row changed in one is that key', async () => {
  const digests = new Set<string>();
  for (const reviewed of written) {
    for (const runtime of written) {
      const same = await compare(`delta.${reviewed}`, `delta.${runtime}`);
      const pair = `${reviewed} against ${runtime}`;
      expect([pair, same.verdict, same.error]).toStrictEqual([pair, 'in-sync', null]);
      expect([pair, same.state]).toStrictEqual([
        pair,
        reviewed === runtime ? 'identical' : 'equivalent',
      ]);
      digests.add(same.runtime!.digest!);
      // Of each form on either side against the first one: a changed row is read from each.
      if (reviewed !== written[0] && runtime !== written[0]) continue;
      const changed = await compare(`delta.${reviewed}`, `gamma.${runtime}`);
      const found = changed.findings.map(({ kind, side, key, fields }) => [
        kind,
        side,
        key,
        fields,
      ]);
      expect([pair, found]).toStrictEqual([
        pair,
        [['conflict', 'across', [['id', '2']], ['mode']]],
      ]);
    }
  }
  expect(digests.size).toBe(1);
});

describe('what a contract says of how copies are written', () => {
  /** Audits one artifact by a contract, in process. */
  async function audited(words: string, files: Readonly<Record<string, string | Buffer>>) {
    for (const [name, body] of Object.entries(files)) writeFileSync(join(directory, name), body);
    const contract = `version: 1\nartifacts:\n  p:\n    key: [id]\n${words.replace(/^/gm, '    ')}\n`;
    writeFileSync(join(directory, 'keydrift.yaml'), contract);
    const { code, stdout } = await runInProcess({
      words: ['audit', '--format', 'json'],
      cwd: directory,
      environment: {},
    });
    const { artifacts, error } = JSON.parse(stdout) as {
      artifacts: { state: string; error: { code: string } | null }[];
      error: { code: string; problems: { message: string }[] } | null;
    };
    return { code, state: artifacts[0]?.state, artifact: artifacts[0], error };
  }

  test('a map in YAML against a document of JSON, each where its records stand', async () => {
    const reviewed = 'rows:\n  P-1: {mode: full}\n  P-2: {mode: "007"}\n';
    const runtime = '{"data":{"list":[{"id":"P-1","mode":"full"},{"id":"P-2","mode":"007"}]}}';
    const words = `reviewed: {path: 'file:one.table', format: yaml, records: /rows, keyColumn: id}
runtime: {url: 'other.table', format: json, records: /data/list}`;
    const files = { 'one.table': reviewed, 'other.table': runtime };
    expect(await audited(words, files)).toMatchObject({ code: 0, state: 'equivalent' });
    const changed = { ...files, 'other.table': runtime.replace('007', '7') };
    expect(await audited(words, changed)).toMatchObject({ code: 1, state: 'drifted' });
  });

  test('a name says the delimiter, until the contract does; equal bytes of two names are two readings', async () => {
    const files = {
      'r.csv': 'id,mode\n1,a|b\n',
      't.tsv': 'id\tmode\n1\ta|b\n',
      'p.PSV.gz': gzipSync('id|mode\n1|"a|b"\n'),
      'same.csv': 'id\tmode\n1\ta|b\n',
      'commas.tsv': 'id,mode\n1,a|b\n',
    };
    const state = async (words: string): Promise<string | undefined> =>
      (await audited(words, files)).state;
    for (const name of ['t.tsv', 'p.PSV.gz']) {
      expect(await state(`reviewed: file:r.csv\nruntime: ${name}`)).toBe('equivalent');
    }
    expect(await state('reviewed: file:t.tsv\nruntime: same.csv')).toBe('unreadable');
    const own = "reviewed: file:r.csv\nruntime: {url: commas.tsv, csv: {delimiter: ','}}";
    expect(await state(own)).toBe('identical');
    expect(await state('reviewed: file:r.csv\nruntime: commas.tsv')).toBe('unreadable');
  });

  test('nulls: distinct tells no value from an empty text, in both engines and the digest', async () => {
    /** What each format of the registry has where the table has an empty text: CSV has nothing else. */
    const hasNulls = (format: string): boolean => format !== 'csv';
    const rowsWithEmpty = tableOf('delta')
      .filter(({ id, ...row }) => id !== '' && Object.values(row).includes(''))
      .map(({ id = '' }) => id)
      .toSorted((a, b) => (a < b ? -1 : 1));
    const digests = { kernel: new Set<string>(), reference: new Set<string>() };
    const endings = compressions.map(([ending]) => ending);
    for (const [at, reviewed] of Object.keys(formats).entries()) {
      for (const [behind, runtime] of Object.keys(formats).entries()) {
        for (const engine of ['kernel', 'reference'] as const) {
          const ordered = engine === 'reference' ? '\nordered: true' : '';
          // Each compression meets each other one on the way.
          const one = `delta.table.${reviewed}${endings[at % endings.length]}`;
          const other = `delta.table.${runtime}${endings[behind % endings.length]}`;
          const words = `reviewed: file:${one}\nruntime: ${other}\nnulls: distinct${ordered}`;
          const { artifact } = await audited(words, {});
          const { findings, runtime: side } = artifact as unknown as {
            findings: { kind: string; key: { id: string }; fields: string[] }[];
            runtime: { digest: string };
          };
          const alike = hasNulls(reviewed) === hasNulls(runtime);
          const pair = `${reviewed} against ${runtime} by the ${engine}`;
          const found = findings.map(({ kind, key }) => [kind, key.id]);
          const differ = rowsWithEmpty.map((id) => ['conflict', id]);
          expect([pair, found]).toStrictEqual([pair, alike ? [] : differ]);
          digests[engine].add(side.digest);
        }
      }
    }
    // One digest with nulls, one without; the same of both engines.
    expect(digests.kernel.size).toBe(2);
    expect(digests.reference).toStrictEqual(digests.kernel);
  });

  test('nulls: distinct leaves a key without a value empty, and says no value of a cell', async () => {
    const files = {
      'nulls.json': '[{"id":null,"mode":"x"},{"id":"1","mode":null},{"id":"2","mode":""}]',
      'empty.json': '[{"id":"","mode":"x"},{"id":"1","mode":""},{"id":"2"}]',
    };
    const words = 'reviewed: file:nulls.json\nruntime: empty.json';
    const empty = (await audited(words, files)).artifact;
    expect(empty).toMatchObject({ findings: [{ kind: 'invalid' }, { kind: 'invalid' }] });
    const { artifact } = await audited(`${words}\nnulls: distinct`, files);
    expect(artifact).toMatchObject({
      findings: [
        { kind: 'conflict', key: { id: '1' }, fields: ['mode'] },
        { kind: 'conflict', key: { id: '2' }, fields: ['mode'] },
        { kind: 'invalid', side: 'reviewed', reason: 'key column id is empty' },
        { kind: 'invalid', side: 'runtime', reason: 'key column id is empty' },
      ],
    });
    const own = 'reviewed: {path: "file:nulls.json", nulls: distinct}\nruntime: nulls.json';
    expect((await audited(own, files)).artifact).toMatchObject({
      findings: [{ kind: 'conflict', key: { id: '1' } }, { kind: 'invalid' }, { kind: 'invalid' }],
    });
  });

  test('an encoding and a compression by their names, for both or for one', async () => {
    const latin = Buffer.from('id,mode\nP-1,näme €\n', 'utf8');
    const windows = Buffer.from('id,mode\nP-1,n\xe4me \x80\n', 'latin1');
    const files = { 'utf8.csv': latin, 'windows.csv': gzipSync(windows) };
    const words = `reviewed: file:utf8.csv
runtime: {url: windows.csv, encoding: windows-1252, compression: gzip}`;
    expect(await audited(words, files)).toMatchObject({ code: 0, state: 'equivalent' });
    const none = words.replace('compression: gzip', 'compression: none');
    expect(await audited(none, files)).toMatchObject({ code: 1, state: 'unreadable' });
  });

  test('a name that is none is a fault of the contract, with the nearest known one', async () => {
    const words = `reviewed: {path: 'file:utf8.csv', format: jsn, encoding: klingon, compression: zip}
runtime: utf8.csv`;
    const { code, error } = await audited(words, { 'utf8.csv': 'id\n1\n' });
    expect(code).toBe(2);
    expect(error?.problems.map(({ message }) => message)).toStrictEqual([
      '"jsn" is no format: expected csv, json, ndjson, yaml, parquet',
      '"zip" is no compression: expected gzip, zstd, none',
      '"klingon" is no encoding that is known',
    ]);
  });
});

describe('the rows of a scope, handed over', () => {
  const child = ['--', 'sh', '-c', 'cat "$KEYDRIFT_P_FILE"; echo "$KEYDRIFT_P_FILE" >&2'];
  const run = (file: string, ...words: readonly string[]) => {
    const contract = `version: 1\nartifacts:\n  p: {reviewed: 'file:delta.table.csv', runtime: delta.${file}, key: [id]}\n`;
    writeFileSync(join(directory, 'keydrift.yaml'), contract);
    const environment = { PATH: process.env['PATH'], KEYDRIFT_TMPDIR: directory };
    return runInProcess({
      words: ['run', 'p', '--scope', 'id=2', ...words, ...child],
      cwd: directory,
      environment,
    });
  };
  /** Where a part of a copy is a copy. */
  const cut: Readonly<Record<string, string>> = {
    'table.csv': 'id,mode,weight,day,at.zone\r\n"2","delta","-2.50","",""\r\n',
    'table.ndjson': '{"id":"2","mode":"delta","weight":"-2.50","at":null}\n',
  };

  test.for(written)('as they are stored, or refused by name: %s', async (file) => {
    const { code, stdout, stderr } = await run(file);
    const expected = cut[file];
    if (expected === undefined) {
      expect([code, stdout]).toStrictEqual([122, '']);
      expect(stderr).toContain('--as canonical');
    } else {
      expect([code, stdout.replaceAll('"', '')]).toStrictEqual([0, expected.replaceAll('"', '')]);
      expect(stderr).toMatch(new RegExp(`/p\\.${file.split('.')[1]!}\\n`));
    }
  });

  test('as canonical CSV, whatever they were written as', async () => {
    const forms = new Set<string>();
    for (const file of written) {
      const { code, stdout, stderr } = await run(file, '--as', 'canonical');
      expect([file, code]).toStrictEqual([file, 0]);
      expect(stderr).toMatch(/\/p\.csv\n/);
      forms.add(stdout);
    }
    expect([...forms]).toStrictEqual([
      '"id","mode","weight","day","at.zone"\n"2","delta","-2.50","",""\n',
    ]);
  });
});

test.for([
  ['names.table', 'PAR1', 'parquet'],
  ['names.table', '[{"id":1}]', 'json'],
  ['names.table', '{"id":1}\n{"id":2}\n', 'ndjson'],
  ['names.table', '- id: 1\n', 'yaml'],
] as const)(
  'a name that tells no format leaves it to the content, and that is warned of: %s',
  async ([name, text, format]) => {
    const body = format === 'parquet' ? writers['parquet']!('delta') : Buffer.from(text);
    writeFileSync(join(directory, name), body);
    const { warnings } = await compare(name, name);
    expect(warnings.map(({ code, message }) => [code, message.includes(format)])).toContainEqual([
      'FORMAT_BY_CONTENT',
      true,
    ]);
  },
);

test('what is compressed and does not say so is warned of', async () => {
  writeFileSync(join(directory, 'plain.csv'), gzipSync('id\n1\n'));
  const { verdict, warnings } = await compare('plain.csv', 'plain.csv');
  expect(verdict).toBe('in-sync');
  expect(warnings.map(({ code }) => code)).toContain('COMPRESSION_BY_CONTENT');
});

test('what is not compressed and says so is warned of', async () => {
  writeFileSync(join(directory, 'plain.csv.gz'), 'id\n1\n');
  const { verdict, warnings } = await compare('plain.csv.gz', 'plain.csv.gz');
  expect(verdict).toBe('in-sync');
  expect(warnings.map(({ code }) => code)).toContain('COMPRESSION_BY_CONTENT');
});
