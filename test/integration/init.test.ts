import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { makeRepository, runCli, temporaryDirectory, writeFiles } from './cli.ts';
import { setS3Stage } from './stage.ts';

const stage = setS3Stage();

const rows = Array.from({ length: 30 }, (_, at) => `P-${at};${at % 2 === 0 ? 'EU' : 'US'};${at}.5;The text of row ${at}, for people`); // prettier-ignore
const participants = `participant_id;region;weight;note\n${rows.join('\n')}\n`;

/** A proposal's one artifact. */
function artifactOf(text: string, name: string): Record<string, unknown> {
  const contract = parse(text) as { artifacts: Record<string, Record<string, unknown>> };
  return contract.artifacts[name]!;
}

const files: readonly (readonly [name: string, body: string | Uint8Array, expected: object])[] = [
  ['support/participants.csv', participants, { csv: { delimiter: ';' }, key: ['participant_id'], descriptive: ['note'] }], // prettier-ignore
  ['slices.tsv.gz', gzipSync('id\tmode\nP-1\tfull\nP-2\tfull\n'), { csv: { delimiter: '\t' }, key: ['id'] }], // prettier-ignore
  ['pairs.csv', '# made by hand\nid,region,mode\nP-1,EU,full\nP-1,US,full\nP-2,EU,full\n', { csv: { comment: '#' }, key: ['id', 'region'] }], // prettier-ignore
  ['timetable.csv', 'route,stop_no,departs\nA,1,08:15\nA,2,08:25\nB,1,9:05\n', { key: ['route', 'stop_no'] }], // prettier-ignore
  ['latin.csv', Buffer.from('id,ort\n1,K\u00f6ln\n2,Bonn\n', 'latin1'), { encoding: 'windows-1252', key: ['id'] }], // prettier-ignore
  ['bare.csv', '1,full\n2,delta\n3,full\n', { csv: { names: ['column_1', 'column_2'] }, key: ['column_1'] }], // prettier-ignore
  ['slices.ndjson', '{"id":"a","mode":"x"}\n{"id":"b","mode":"x"}\n', { key: ['id'] }],
  ['inside.json', '{"version": 1, "items": [{"id": "a", "n": 1}, {"id": "b", "n": 1}]}', { records: '/items', key: ['id'] }], // prettier-ignore
  ['links.csv', 'id,source_url,notify,contact,title\n1,s3://in/a/,a@b.org,x@y.org,The first of all\n2,s3://in/b/,c@d.org,z@y.org,The second of all\n', { key: ['id'], descriptive: ['contact', 'title'] }], // prettier-ignore
  ['paths.csv', 'id,target\n1,out/a/b.csv\n2,out/a/c.csv\n', { key: ['id'], descriptive: [] }],
  ['byname.yaml', 'alpha: {mode: full}\nbeta: {mode: full}\n', { keyColumn: 'id', key: ['id'] }],
];

test.each(files)('%s: what is proposed loads, and lint holds', async (path, body, expected) => {
  const cwd = await makeRepository({ [path]: body });
  const { code, stdout, stderr } = await runCli(['init', path, '--write'], { cwd });
  const name = path.replace(/^.*\//, '').replace(/\..*$/, '');
  expect([code, artifactOf(stdout, name)]).toEqual([0, expect.objectContaining({ reviewed: path, ...expected })]); // prettier-ignore
  const lint = await runCli(['lint', name], { cwd });
  expect([lint.code, lint.stdout]).toEqual([0, expect.stringContaining('holds')]);
  expect(stderr).toContain(`created keydrift.yaml with ${name}\n`);
  expect(stderr).toContain(`:\n  keydrift lint ${name}\n`);
  expect(stderr).toContain(`:\n  git add -- keydrift.yaml ${path} && git commit\n`);
});

test('an object: where its name stands in git, which reader names it, and what repeats', async () => {
  const load = 'import json\nimport polars as pl\n\ntable = pl.read_csv("p.csv")\n';
  const cwd = await makeRepository({
    'a/p.csv': 'id,mode\n1,x\n',
    'b/p.csv': 'id\n',
    'jobs/load.py': load,
  });
  await stage.put('support/p.csv', 'id,mode\n1,x\n2,x\n2,x\n');
  const url = `s3://${stage.bucket}/support/p.csv`;
  const { code, stdout, stderr } = await runCli(['init', url], { cwd, env: stage.env });
  expect([code, artifactOf(stdout, 'p')]).toEqual([0, { reviewed: 'a/p.csv', runtime: url, key: ['id'], reader: 'polars' }]); // prettier-ignore
  expect(stdout).toContain('# polars is imported in jobs/load.py, line 2, which names p.csv');
  expect(stdout).toContain(
    '# id: 1 row repeated, but for prose\n    # repeated: "2" (line 3 and line 4)\n',
  );
  expect(stderr).toContain('unsure: p, reviewed: there is b/p.csv as well');
  expect(stderr).toContain('unsure: p, reader: check');
});

const hostile: readonly (readonly [
  name: string,
  body: string | Uint8Array,
  code: number,
  says: RegExp,
])[] = [
  ['empty.csv', '', 2, /NO_HEADER/],
  ['blank.csv', '\n\n', 2, /NO_HEADER/],
  ['a real sheet.csv', Buffer.concat([Buffer.from('PK\u0003\u0004'), createHash('shake256', { outputLength: 5000 }).update('x').digest()]), 2, /CONTENT_OF_ANOTHER_KIND: it is a ZIP archive/],
  ['binary.csv', createHash('shake256', { outputLength: 5000 }).update('x').digest(), 2, /CONTENT_OF_ANOTHER_KIND: .* looks binary/],
  ['sheet.csv', 'PK\u0003\u0004x', 2, /CONTENT_OF_ANOTHER_KIND: it is a ZIP archive/],
  ['zeros.csv', new Uint8Array(100_000), 2, /NUL_BYTE/],
  ['open.csv', 'id,"mode\n1,2\n', 2, /CSV_UNCLOSED_QUOTE/],
  ['header.csv', 'id,mode\n', 0, /unsure: header, key: there are no records/],
  ['bom.csv', '\ufeffid,mode\n1,x\n2,x\n', 0, /unsure: bom, runtime/],
  ['uneven.csv', 'id,mode\n1,x\n2\n3,y,z\n', 0, /key: 2 rows of other widths than the header/],
  ['twice.csv', 'id,slice,id\n1,a,1\n2,b,2\n', 0, /key: the header has "id" twice/],
  ['control.csv', 'id,\u001b[31mred,"a\nb"\n1,x,2\n2,y,3\n', 0, /unsure: control, runtime/],
  ['esc\u001b[31m and\na line.csv', 'id,mode\n1,x\n', 0, /unsure: esc-31m-and-a-line, runtime/],
]; // prettier-ignore

test.each(hostile)('%j is told as what it is', async (file, body, code, says) => {
  const cwd = await makeRepository({});
  await writeFiles(cwd, { [`in/${file}`]: body });
  const told = await runCli(['init', `in/${file}`], { cwd });
  const words = told.stderr.replaceAll(/\n {2}/g, ' ');
  expect([told.code, words]).toEqual([code, expect.stringMatching(says)]);
  expect(told.stdout + told.stderr).not.toMatch(/(?!\n)\p{Cc}/u);
  if (code !== 0) return;
  // It is where it is, although nobody has committed it.
  const [artifact] = Object.values(parse(told.stdout).artifacts as Record<string, object>);
  expect(artifact).toMatchObject({ reviewed: `in/${file}`, key: [file === 'twice.csv' ? 'slice' : 'id'] }); // prettier-ignore
  expect(words).toContain(', reviewed: it is not committed yet');
});

test('what is measured is proposed as key with a word of doubt, and nothing empty is written', async () => {
  const cwd = await makeRepository({
    'a.csv': 'zone,weight\nEU ,1.5\nEU,2.5\nUS,3.5\nUS,4.5\n',
    'b.csv': 'shop_id,mode\n007,x\n008,y\n',
  });
  const a = await runCli(['init', 'a.csv'], { cwd });
  expect(artifactOf(a.stdout, 'a')).toMatchObject({ key: ['weight'] });
  expect(a.stderr.replaceAll(/\s+/g, ' ')).toContain('unsure: a, key: weight looks like what is measured'); // prettier-ignore
  for (const line of a.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  // What loosens is to be checked.
  expect(artifactOf(a.stdout, 'a')).toMatchObject({ normalize: { zone: ['trim'] } });
  expect(a.stderr.replaceAll(/\s+/g, ' ')).toContain('unsure: a, normalize: values that a step makes one are no drift: check'); // prettier-ignore
  const b = await runCli(['init', 'b.csv'], { cwd });
  expect(Object.keys(artifactOf(b.stdout, 'b'))).not.toContain('normalize');
  expect(b.stdout.replaceAll(/\s+(?:# +)?/g, ' ')).toMatch(/unsure: shop_id: its numbers are padded with zeros .* say normalize: \{shop_id: \[\{strip-zeros: left\}\]\}; .* warnings: \{KEY_LEADING_ZERO: ignore\}/); // prettier-ignore
});

test('what an included contract names is not proposed again', async () => {
  const cwd = await makeRepository({
    'keydrift.yaml': 'version: 1\ninclude: [teams/*/keydrift.yaml]\nartifacts: {}\n',
    'teams/x/keydrift.yaml': 'version: 1\nartifacts:\n  slices: {reviewed: data/slices.csv, runtime: r.csv, key: [id]}\n', // prettier-ignore
    'teams/x/data/slices.csv': 'id,mode\n1,x\n',
    'other.csv': 'id,mode\n1,x\n',
  });
  const listed = await runCli(['init'], { cwd });
  expect(listed.stdout).toContain('teams/x/data/slices.csv  (in the contract)');
  expect(listed.stdout).toContain('next     keydrift init other.csv');
  const refused = async (...words: readonly string[]): Promise<unknown> => {
    const { code, stderr } = await runCli(['init', ...words, '--write'], { cwd });
    return [code, /which is included, has (.*?) already/.exec(stderr.replaceAll(/\s+/g, ' '))?.[1]];
  };
  const entry = 'an entry for "teams/x/data/slices.csv": slices';
  expect(await refused('teams/x/data/slices.csv')).toEqual([2, 'an artifact slices']);
  expect(await refused('other.csv', '--name', 'slices')).toEqual([2, 'an artifact slices']);
  await writeFiles(cwd, { 'teams/x/keydrift.yaml': 'version: 1\nartifacts:\n  mine: {reviewed: data/slices.csv, runtime: r.csv, key: [id]}\n' }); // prettier-ignore
  expect(await refused('teams/x/data/slices.csv')).toEqual([2, entry.replace(/slices$/, 'mine')]);
  expect(await refused('teams/x/data/slices.csv', '--name', 'again')).toEqual([0, undefined]);
  expect((await runCli(['lint', 'again'], { cwd })).code).toBe(0);
});

test('where no repository is, the file is where it is beside the contract', async () => {
  const cwd = await temporaryDirectory();
  await writeFiles(cwd, { 'lookups/tariffs.csv': 'tariff_id,rate\nT-1,2\n' });
  const seen = await runCli(['init', 'lookups/tariffs.csv'], { cwd });
  expect(seen.stderr).toContain('not written; --write creates keydrift.yaml with it\n');
  const { stdout, stderr } = await runCli(['init', 'lookups/tariffs.csv', '--write'], { cwd });
  expect(artifactOf(stdout, 'tariffs')).toMatchObject({ reviewed: 'lookups/tariffs.csv' });
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain('no repository is here: commit it');
  expect(stderr).toContain('\n  git init && keydrift lint tariffs\n');
});

test('of very many rows it keeps no more than it needs', async () => {
  const many = Array.from({ length: 101_000 }, (_, at) => `S-${at},EU\n`).join('');
  const cwd = await makeRepository({});
  await writeFiles(cwd, { 'many.csv': `slice_id,region\n${many}S-7,EU\n` });
  const { stdout } = await runCli(['init', 'many.csv'], { cwd });
  expect(artifactOf(stdout, 'many')).toMatchObject({ key: ['slice_id'] });
  expect(stdout).toContain('# repeated: "S-7" (line 9 and line 101002)');
});

test('columns of addresses count, and it is said that nobody can know', async () => {
  const cwd = await makeRepository({
    'p.csv': 'id,source_url,contact\n1,https://in/a,a@b.org\n2,https://in/b,c@d.org\n',
  });
  const { stdout, stderr } = await runCli(['init', 'p.csv'], { cwd });
  expect(artifactOf(stdout, 'p')).toMatchObject({ descriptive: ['contact'] });
  const told = stderr.replaceAll(/\s+/g, ' ');
  expect(told).toContain('source_url looks like addresses');
  expect(told).toContain('contact holds addresses: take it out if');
});

test('a file has one entry, unless a second one is named', async () => {
  const cwd = await makeRepository({ 'support/p.csv': 'id,mode\n1,x\n' });
  const file = join(cwd, 'keydrift.yaml');
  await runCli(['init', 'support/p.csv', '--name', 'mine', '--write'], { cwd });
  const before = await readFile(file, 'utf8');
  const again = await runCli(['init', 'support/p.csv', '--write'], { cwd });
  expect([again.code, again.stdout, await readFile(file, 'utf8')]).toEqual([2, '', before]);
  expect(again.stderr.replaceAll(/\s+/g, ' ')).toMatch(/has an entry for "support\/p.csv" already: mine on line \d+; .* --name NAME/); // prettier-ignore
  await writeFiles(cwd, {
    'keydrift.yaml': before.replace('mine:', 'all:').replace('support/p.csv\n', 'support/*.csv\n'),
  });
  expect((await runCli(['init', 'support/p.csv', '--write'], { cwd })).stderr).toContain('all on');
  const named = await runCli(['init', 'support/p.csv', '--write', '--name', 'two'], { cwd });
  expect(named.code).toBe(0);
});

test('stdin, and a name of one’s own', async () => {
  const cwd = await makeRepository({});
  const { code, stdout } = await runCli(['init', '-', '--name', 'mine'], {
    cwd,
    stdin: participants,
  });
  expect([code, artifactOf(stdout, 'mine')['key']]).toEqual([0, ['participant_id']]);
});

test('what is in a file cannot leave its comment', async () => {
  const cwd = await makeRepository({ 'x.csv': 'id,b\n" \u001b[31m\nkey: [b]",1\n2,1\n' });
  const { stdout, stderr } = await runCli(['init', 'x.csv'], { cwd });
  expect(artifactOf(stdout, 'x')).toMatchObject({ key: ['id'] });
  expect(stdout + stderr).not.toContain('\u001b');
});

test('alone it lists tables, and where their names stand', async () => {
  const cwd = await makeRepository({
    'support/listed.csv': 'id\n1\n',
    'other.csv': 'id\n1\n',
    'config.yaml': 'a: 1\n',
    'sub/rules.yaml': '- id: 1\n',
    'teams/a.csv': 'id\n1\n',
    'wide.csv': 'id;b\n1;2\n',
    'keydrift.yaml':
      "version: 1\nartifacts:\n  o: {reviewed: ./other.csv, runtime: x.csv, key: [id]}\n  w: {reviewed: {path: wide.csv, csv: {delimiter: ';'}}, runtime: x.csv, key: [id]}\n  't.{name}': {reviewed: 'teams/{name}.csv', runtime: 'run/{name}.csv', key: [id]}\n",
  });
  await stage.put('in/listed.csv', 'id\n');
  await stage.put('in/deep/rules.yaml', '- id: 1\n');
  const inside = `s3://${stage.bucket}/in/`;
  for (const words of [
    ['init', '--in', inside],
    ['init', inside],
  ]) {
    const { code, stdout } = await runCli(words, { cwd, env: stage.env });
    expect([code, stdout.split('\n')]).toEqual([0, [
      'sub/rules.yaml',
      `  ${inside}deep/rules.yaml`,
      'support/listed.csv',
      `  ${inside}listed.csv`,
      'other.csv  (in the contract)',
      'teams/a.csv  (in the contract)',
      'wide.csv  (in the contract)',
      '',
      `next     keydrift init sub/rules.yaml --in ${inside}`,
      '',
    ]]); // prettier-ignore
  }
  const told = await runCli(['init', 'support/listed.csv', '--in', inside], {
    cwd,
    env: stage.env,
  });
  expect(artifactOf(told.stdout, 'listed')['runtime']).toBe(`${inside}listed.csv`);
  await runCli(['init', 'support/listed.csv', '--write'], { cwd });
  const nothing = await runCli(['init'], { cwd });
  expect(nothing.stdout).toContain('\n\nnothing new to propose: each is in the contract\nnext     keydrift audit\n'); // prettier-ignore
  const none = await runCli(['init', 'other.csv', '--in', inside.slice(0, -1)], { cwd, env: stage.env }); // prettier-ignore
  expect(artifactOf(none.stdout, 'other')['runtime']).toBe(`${inside}other.csv`);
});

const contracts = [
  [
    'a block',
    'version: 1\n# of ours\nartifacts:\n    # one\n    one: {reviewed: r.csv, runtime: t.csv, key: [id]}  # so\n\n# the end\ndefaults: {owner: me}\n',
  ],
  ['an empty map', 'version: 1\nartifacts: {}  # none yet\n'],
  ['nothing', 'version: 1\nartifacts:\n'],
  ['no artifacts', 'version: 1\ninclude: [x/*.yaml]\n'],
  [
    'line ends of Windows',
    'version: 1\r\nartifacts:\r\n  one: {reviewed: r.csv, runtime: t.csv, key: [id]}\r\n',
  ],
] as const;

test.each(contracts)('--write adds to %s, and everything stays', async (_name, before) => {
  const cwd = await makeRepository({ 'p.csv': 'id,mode\n1,x\n2,y\n', 'keydrift.yaml': before });
  const { code: first, stderr } = await runCli(['init', 'p.csv', '--write'], { cwd });
  expect([first, stderr]).toEqual([0, expect.stringContaining('added p to keydrift.yaml\n')]);
  const after = await readFile(join(cwd, 'keydrift.yaml'), 'utf8');
  expect(artifactOf(after, 'p')).toMatchObject({ reviewed: 'p.csv', key: ['id'] });
  const kept = before
    .replace('artifacts: {}', 'artifacts:')
    .split('\n')
    .filter((line) => line !== '');
  expect(after.split('\n').filter((line) => kept.includes(line))).toEqual(kept);
  // Twice is once too often.
  const again = await runCli(['init', 'p.csv', '--write'], { cwd });
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringContaining('has an artifact p already'),
  ]);
  expect(await readFile(join(cwd, 'keydrift.yaml'), 'utf8')).toBe(after);
});

test.each([
  [
    'artifacts in braces',
    'version: 1\nartifacts: {one: {reviewed: r.csv, runtime: t.csv, key: [id]}}\n',
  ],
  ['no YAML', 'version: [1\n'],
])('--write leaves %s alone', async (_name, before) => {
  const cwd = await makeRepository({ 'p.csv': 'id,mode\n1,x\n2,y\n', 'keydrift.yaml': before });
  const { code, stderr } = await runCli(['init', 'p.csv', '--write'], { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining('nothing was added')]);
  expect(await readFile(join(cwd, 'keydrift.yaml'), 'utf8')).toBe(before);
});

const sources = {
  'schema.json': `{
  "fields": [
    {"name": "id", "type": "string"},
    {"name": "day", "type": "date", "format": "%d/%m/%Y"},
    {"name": "weight", "type": "number"}
  ],
  "primaryKey": ["id", "day"],
  "missingValues": ["", "-"]
}
`,
  'datapackage.json': `{"name": "x", "resources": [
  {"name": "slices", "path": "data/slices.csv", "dialect": {"delimiter": ";"},
   "schema": {"fields": [{"name": "id"}], "primaryKey": "id"}}
]}
`,
  'contract.odcs.yaml': `apiVersion: v3.0.2
kind: DataContract
servers:
  - server: prod
    type: s3
    location: s3://prod/support/{model}.csv
    endpointUrl: http://127.0.0.1:9
team:
  - username: ana@example.org
    role: Data Owner
schema:
  - name: slices
    properties:
      - name: mode
      - name: region
        primaryKey: true
        primaryKeyPosition: 2
      - name: id
        logicalType: integer
        primaryKey: true
        primaryKeyPosition: 1
`,
  'seeds/properties.yml': `version: 2
seeds:
  - name: slices
    config: {delimiter: ";"}
    data_tests:
      - dbt_utils.unique_combination_of_columns:
          arguments: {combination_of_columns: [id, region]}
  - name: calendar
    columns:
      - name: business_date
        tests: [unique, not_null]
`,
} as const;

const expected: readonly (readonly [
  file: keyof typeof sources,
  name: string,
  says: object,
  note: string,
])[] = [
  ['schema.json', 'schema', { key: ['id', 'day'], normalize: { id: [{ empty: ['-'] }], day: [{ empty: ['-'] }, { date: ['DD/MM/YYYY'] }], weight: [{ empty: ['-'] }, 'number'] } }, 'schema.json, line 7: primaryKey'], // prettier-ignore
  ['datapackage.json', 'slices', { key: ['id'], csv: { delimiter: ';' }, reviewed: 'data/slices.csv' }, 'datapackage.json, line 3: primaryKey'], // prettier-ignore
  ['contract.odcs.yaml', 'slices', { owner: 'ana@example.org', key: ['id', 'region'], normalize: { id: ['integer'] }, reviewed: 'data/slices.csv', runtime: { url: 's3://prod/support/slices.csv', endpoint: 'http://127.0.0.1:9' } }, 'contract.odcs.yaml, line 20: id is primaryKey'], // prettier-ignore
  ['seeds/properties.yml', 'slices', { key: ['id', 'region'], csv: { delimiter: ';' } }, 'properties.yml, line 6: dbt_utils.unique_combination_of_columns'], // prettier-ignore
  ['seeds/properties.yml', 'calendar', { key: ['business_date'] }, 'properties.yml, line 11: unique'], // prettier-ignore
];

test.each(expected)('--from %s says of %s what stands there', async (file, name, says, note) => {
  const text = sources[file];
  const cwd = await makeRepository({ [file]: text, 'data/slices.csv': 'id;region\n1;EU\n' });
  const { code, stdout, stderr } = await runCli(['init', '--from', file], { cwd });
  expect([code, stderr]).toEqual([0, expect.stringContaining('--write creates keydrift.yaml')]);
  const sha256 = createHash('sha256').update(text).digest('hex');
  expect(artifactOf(stdout, name)).toMatchObject({ from: { path: file, sha256 }, ...says });
  expect(stdout).toContain(`# ${note}\n`);
});

test('lint warns when what a contract was made from has changed, or is gone', async () => {
  const schema = '{"fields": [{"name": "id"}], "primaryKey": "id", "path": "p.csv"}\n';
  const cwd = await makeRepository({ 'p.csv': 'id\n1\n', 'schema.json': schema });
  const made = await runCli(['init', '--from', 'schema.json'], { cwd });
  await writeFiles(cwd, { 'keydrift.yaml': made.stdout.replace('schema.csv', 'p.csv') });
  const lint = async (): Promise<string> => {
    const { code, stdout } = await runCli(['lint', '--format', 'json'], { cwd });
    const { artifacts } = JSON.parse(stdout) as { artifacts: { warnings: { code: string }[] }[] };
    return `${code} ${artifacts[0]!.warnings.filter((one) => one.code === 'SOURCE_CHANGED').length}`;
  };
  expect(await lint()).toBe('0 0');
  await writeFiles(cwd, { 'schema.json': schema.replace('"id"}', '"id", "type": "string"}') });
  expect(await lint()).toBe('0 1');
  const told = await runCli(['lint'], { cwd });
  const [, next = ''] = /^  next +keydrift (.*)$/m.exec(told.stdout) ?? [];
  expect(await runCli(next.split(' '), { cwd })).toMatchObject({ code: 0 });
  await rm(join(cwd, 'schema.json'));
  expect(await lint()).toBe('0 1');
});

test('what is no such contract is refused by name', async () => {
  const cwd = await makeRepository({ 'package.json': '{"name": "x"}\n' });
  const { code, stderr } = await runCli(['init', '--from', 'package.json'], { cwd });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/Table Schema[^]*dbt|dbt[^]*Table/)]);
});
