import { readFileSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { main } from '../../src/commands/program.ts';
import { outputs } from '../../src/report/index.ts';
import { compressions, writers } from '../formats/hostile.ts';
import {
  bareEnvironment,
  cliPath,
  git,
  makeRepository,
  runProcess,
  writeFiles,
  type CliResult,
} from './cli.ts';
import { runInProcess } from './in-process.ts';

// The other tests run the sources: what is bundled has to have all that they load, and answer alike.

const csv = (...rows: readonly string[]): string => `id,region,w\n${rows.join('\n')}\n`;
const contract = `version: 1
artifacts:
  p:
    reviewed: support/p.csv
    runtime: rt.csv
    key: [id, {column: region, optional: true}]
    normalize: {id: [trim, nfc], w: [{decimal: 2}]}
    ordered: true
    reader: all
`;
const dbt = `version: 2
seeds:
  - name: p
    columns:
      - {name: id, tests: [unique]}
`;

const written = Object.entries(writers).flatMap(([format, write]) =>
  compressions.map(([ending, compress]) => [`all.${format}${ending}`, compress(write('delta'))]),
);
/** Every format and compression, in one process. */
const forms = `version: 1
artifacts:
${['json', 'ndjson.gz', 'yaml', 'parquet.zst', 'csv.gz']
  .map((ending) => `  ${ending}: {reviewed: 'file:all.csv', runtime: all.${ending}, key: [id]}\n`)
  .join('')}`;
const commands: readonly string[][] = [
  ['audit', '--config', 'forms.yaml'],
  ['diff', 'file:a.csv', 'b.csv', '--key', 'id,region', '--optional', 'region', '--normalize', 'w=trim,{decimal: 2}', '--csv', 'delimiter=;'], // prettier-ignore
  ['audit', '--propose-accept'],
  ['audit', '--against', 'bundle:OUT'],
  ['lint', '--base', 'HEAD~1'],
  ['investigate', 'p', '--scope', 'id=1'],
  ['run', 'p', '--use', 'reviewed', '--as', 'canonical', '--', 'cat', '{p}'],
  ['gate', 'p', '--contract-only'],
  ['init', 'support/p.csv'],
  ['init', '--from', 'dbt/properties.yml'],
  ['report', 'show', 'saved.json', '--format', 'markdown'],
  ['report', 'merge', 'saved.json'],
  ['completion', 'zsh'],
  ['help', 'READER_UNKNOWN'],
  ['help', 'audit'],
];

/** Without what no two runs share. */
const plain = ({ code, stdout, stderr }: CliResult): object => ({
  code,
  text: `${stdout}\n${stderr}`
    // Where a line is broken depends on how long ago something was.
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/"durationMs": ?\d+/g, 'DURATION')
    .replaceAll(/\b\d+ (?:second|minute)s?\b/g, 'AGE')
    .replaceAll(/0\.0\.0-test|\b\d+\.\d+\.\d+\b/g, 'VERSION')
    .replaceAll(/keydrift-[\w-]+\/p\.csv/g, 'HANDED'),
});

/** What the built command line runs, in this process: to start one for each command takes longer. */
function loadBuilt(): typeof main {
  const entry = /require\("(\.\/parts\/[^"]+)"\)\("(program-[^"]+)"\)/;
  const [, parts = '', program = ''] = entry.exec(readFileSync(cliPath, 'utf8')) ?? [];
  const load = createRequire(cliPath)(parts) as (name: string) => { readonly main: typeof main };
  return load(program).main;
}

test('what is built answers as its sources do, whatever it has to load for it', async () => {
  const cwd = await makeRepository({
    'keydrift.yaml': contract.replace('ordered: true', 'ordered: false'),
    'support/p.csv': csv('1,EU,1', '2,,2'),
    'dbt/dbt_project.yml': 'name: x\nseed-paths: ["."]\n',
    'dbt/properties.yml': dbt,
  });
  git(cwd, 'tag', 'before');
  await writeFiles(cwd, { 'keydrift.yaml': contract });
  git(cwd, 'commit', '--quiet', '--all', '--message', 'order counts');
  await writeFiles(cwd, {
    'forms.yaml': forms,
    'rt.csv': csv('2,,2', '1,EU,1.00', '1,EU,1', '4,US,3'),
    'a.csv': 'id;region;w\n1;EU;1\n',
    'b.csv': 'id;region;w\n1;EU;1.00\n',
    ...Object.fromEntries(written),
  });
  await mkdir(join(cwd, 'told'));
  const told = Object.entries(outputs).filter(([, { shows }]) => shows.includes('report'));
  const all = told.flatMap(([name]) => ['-o', `${name}:told/${name}`]);
  expect((await runProcess(['audit', ...all, '-o', 'json:saved.json'], { cwd })).code).toBe(1);
  expect((await readdir(join(cwd, 'told'))).toSorted()).toStrictEqual(
    told.map(([name]) => name).toSorted(),
  );
  for (const [name] of told) {
    expect([name, await readFile(join(cwd, 'told', name), 'utf8')]).not.toStrictEqual([name, '']);
  }
  expect(await runProcess(['bundle', '--out', 'OUT'], { cwd })).toMatchObject({ code: 0 });
  const own = loadBuilt();
  for (const words of commands) {
    const call = { words, cwd, environment: bareEnvironment(cwd) };
    const [built, source] = [await runInProcess({ ...call, main: own }), await runInProcess(call)];
    expect([words, plain(built)]).toStrictEqual([words, plain(source)]);
    // No usage error, and no defect, that both would give.
    expect([words, built.code, built.stderr]).not.toStrictEqual([words, 2, built.stderr]);
  }
});
