import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compareEnforcement } from '../../src/contract/index.ts';
import { schemes } from '../../src/sources/index.ts';
import { artifact, enough, entry, read } from './reading.ts';

/** `effect word: before → after` of each change between two contracts. */
function changes(before: string, after: string): readonly string[] {
  const told = compareEnforcement(read(before), read(after), (place) =>
    schemes[place.kind]!.textOf(place),
  );
  return told.map(
    ({ artifact: name, copy, word, before: was, after: is, effect }) =>
      `${effect} ${copy === null ? name : `${name}@${copy}`} ${word}: ${was} → ${is}`,
  );
}

function of(...lines: readonly string[]): string {
  return artifact(...enough, ...lines);
}

describe('one word changed is told, and turned round it is the opposite', () => {
  test.each([
    ['policy: {added: fail}', 'policy: {added: warn}', 'policy.added: fail → warn'],
    ['policy: {added: warn}', 'policy: {added: ignore}', 'policy.added: warn → ignore'],
    ['enforceFrom: 2027-01-01', 'enforceFrom: 2027-02-01', 'enforceFrom: 2027-01-01 → 2027-02-01'],
    ['owner: me', 'enforceFrom: 2027-02-01', 'enforceFrom: null → 2027-02-01'],
    ['owner: me', 'warnings: {RESPELLED: ignore}', 'warnings.RESPELLED: null → ignore'],
    ['grace: 5m', 'grace: 1h', 'grace: 300s → 3600s'],
    ['owner: me', 'grace: 1h', 'grace: null → 3600s'],
    ['owner: me', 'units: {min: 0}', 'units.min: 1 → 0'],
    ['units: {max: 5}', 'units: {max: 9}', 'units.max: 5 → 9'],
    ['units: {max: 5}', 'owner: me', 'units.max: 5 → null'],
    ['maxAmplification: 1.2', 'maxAmplification: 2', 'maxAmplification: 1.2 → 2'],
    ['maxAmplification: 1.2', 'owner: me', 'maxAmplification: 1.2 → null'],
    ['owner: me', 'limits: {bytes: 6GiB}', 'limits.bytes: 5368709120 → 6442450944'],
    ['owner: me', 'limits: {findings: 5}', 'limits.findings: 20000 → 5'],
    ['put: {acl: private}', 'put: {order: any}', 'put.order: null → any'],
    ['ordered: true', 'owner: me', 'ordered: true → null'],
    ['reader: [pandas, polars]', 'reader: polars', 'reader.pandas: held → null'],
    ['redact: [a, b]', 'redact: [b]', 'redact.a: true → null'],
    ['consumes: [a, b]', 'consumes: [a]', 'consumes: [a, b] → [a]'],
    ['owner: me', 'consumes: [a]', 'consumes: every column → [a]'],
    ['owner: me', 'descriptive: [note]', 'descriptive: null → [note]'],
    ['descriptive: [a]', 'descriptive: [a, b]', 'descriptive: [a] → [a, b]'],
  ])('%s → %s', (before, after, words) => {
    const looser = changes(of(before), of(after));
    expect(looser.length).toBe(1);
    expect(looser[0]).toMatch(/^weaker p/);
    expect(looser[0]).toContain(words);
    const stricter = changes(of(after), of(before));
    expect(stricter.length).toBe(1);
    expect(stricter[0]).toMatch(/^stricter p/);
  });
});

test('what cannot be ordered is weaker either way', () => {
  const pairs = [
    ['descriptive: [a, b]', 'descriptive: [b, c]'],
    ['normalize: {id: [trim]}', 'normalize: {id: [lowercase]}'],
    ['owner: me', 'normalize: {id: [trim]}'],
    ['csv: {delimiter: ";"}', 'csv: {delimiter: ","}'],
  ] as const;
  for (const [a, b] of pairs) {
    for (const told of [changes(of(a), of(b)), changes(of(b), of(a))]) {
      expect(told.length).toBeGreaterThan(0);
      for (const line of told) expect(line).toMatch(/^weaker/);
    }
  }
  const other = (line: string, by: string): string => of().replace(line, by);
  expect(changes(of(), other('key: [id]', 'key: [id, region]'))).toStrictEqual([
    'weaker p key: [id] → [id, region]',
  ]);
  expect(changes(of(), other('s3://b/a.csv', 's3://b/other.csv'))).toStrictEqual([
    'weaker p runtime: s3://b/a.csv → s3://b/other.csv',
  ]);
  const optional = other('key: [id]', 'key: [{column: id, optional: true}]');
  expect(changes(of(), optional)).toStrictEqual(['weaker p key.id.optional: null → true']);
  expect(changes(optional, of())).toStrictEqual(['stricter p key.id.optional: true → null']);
});

test('a column that counted and is descriptive now is weaker, whatever else counts', () => {
  expect(changes(of('consumes: [a, b]'), of('descriptive: [b]'))).toStrictEqual([
    'weaker p consumes: [a, b] → every column but [b]',
  ]);
  expect(changes(of('consumes: [a, b]'), of('descriptive: [c]'))).toStrictEqual([
    'stricter p consumes: [a, b] → every column but [c]',
  ]);
  expect(changes(of('descriptive: [b]'), of('consumes: [a, b]'))).toStrictEqual([
    'weaker p consumes: every column but [b] → [a, b]',
  ]);
});

test('a reader that is no longer named by its name holds less', () => {
  const told = changes(of('reader: pandas'), of('reader: all'));
  expect(told).toContain('weaker p reader.pandas: held → held but where it stops');
  expect(told).toContain('stricter p reader.polars: null → held but where it stops');
  expect(changes(of('reader: all'), of('reader: [all, pandas]'))).toStrictEqual([
    'stricter p reader.pandas: held but where it stops → held',
  ]);
});

test('what store answers is where a copy is, and whose bucket it must be', () => {
  const at = (more: string): string => of().replace('s3://b/a.csv', `{url: s3://b/a.csv${more}}`);
  for (const word of ['endpoint', 'region', 'profile', 'roleArn']) {
    const values = ['one', 'two'].map((name) =>
      word === 'endpoint'
        ? `"https://${name}.example"`
        : word === 'roleArn'
          ? `"arn:aws:iam::123456789012:role/${name}"`
          : name,
    );
    const [one, two] = values.map((value) => at(`, ${word}: ${value}`));
    for (const [from, to] of [
      [one!, two!],
      [at(''), one!],
      [one!, at('')],
    ] as const) {
      expect([word, changes(from, to).map((line) => line.split(':')[0])]).toStrictEqual([
        word,
        [`weaker p ${word}`],
      ]);
    }
  }
  const owned = at(', expectedOwner: "111111111111"');
  expect(changes(owned, at(''))).toStrictEqual([
    'weaker p expectedOwner.111111111111: held → null',
  ]);
  expect(changes(at(''), owned)).toStrictEqual([
    'stricter p expectedOwner.111111111111: null → held',
  ]);
  const other = owned.replace('111111111111', '222222222222');
  expect(changes(owned, other)).toContain('weaker p expectedOwner.111111111111: held → null');
});

test('the repository that a reviewed copy is of is where it is', () => {
  const repo = (name: string): string =>
    of().replace('reviewed: a.csv', `reviewed: {repo: "${name}", path: a.csv}`);
  expect(changes(repo('../one'), repo('../two'))[0]).toMatch(
    /^weaker p reviewed.repo: .*one → .*two$/,
  );
  const [one, two] = ['a', 'b'].map((host) => repo(`https://me:secret@${host}.example/r.git`));
  expect(changes(one!, two!)).toStrictEqual([
    'weaker p reviewed.repo: https://a.example/r.git → https://b.example/r.git',
  ]);
  expect(changes(of(), repo('../one')).join()).toContain('weaker p reviewed.repo: null');
});

test('a marker that a folder no longer waits for, and an engine that is another, are told', () => {
  const parts = of('parts: "*.csv"', 'complete: DONE').replace('s3://b/a.csv', 's3://b/a/');
  const without = parts.replace(/ *complete: DONE\n/, '');
  expect(changes(parts, without)[0]).toMatch(/^weaker p format/);
  const table = (memory: string): string =>
    `engines: {here: {duckdb: {memory: ${memory}, database: a.db}}}\n${of()}`.replace(
      's3://b/a.csv',
      '{table: t, engine: here}',
    );
  const [one, two] = [table('1GB'), table('1GB').replace('a.db', 'b.db')];
  expect(changes(one, two)).toHaveLength(1);
  expect(changes(one, two)[0]).toMatch(/^weaker p engine: /);
});

test('known drift: another entry is weaker, a later day too, one less is stricter', () => {
  const accepted = of(`accept: [${entry}]`);
  const later = accepted.replace('2026-12-31', '2027-12-31');
  expect(changes(of(), accepted)[0]).toMatch(/^weaker p accept .* null → until 2026-12-31$/);
  expect(changes(accepted, later)[0]).toMatch(/^weaker p accept .* until 2026-12-31 → until 2027/);
  expect(changes(later, of())[0]).toMatch(/^stricter/);
});

test('artifacts and copies that come and go, and a copy that says its own', () => {
  const two = artifact('reviewed: a.csv', 'runtime: {eu: s3://b/eu, us: s3://b/us}', 'key: [id]');
  const one = two.replace(', us: s3://b/us', '');
  expect(changes(two, one)).toStrictEqual(['weaker p@us copy: there → null']);
  expect(changes(one, two)).toStrictEqual(['stricter p@us copy: null → there']);
  const lax = two.replace('s3://b/us', '{url: s3://b/us, policy: {removed: ignore}}');
  expect(changes(two, lax)).toStrictEqual(['weaker p@us policy.removed: fail → ignore']);
  const renamed = two.replace('  p:', '  q:');
  expect(changes(two, renamed)).toStrictEqual([
    'stricter q artifact: null → there',
    'weaker p artifact: there → null',
  ]);
  // What all copies inherit is told once.
  const all = `${two}    policy: warn\n`;
  expect(changes(two, all).every((line) => line.startsWith('weaker p policy.'))).toBe(true);
});

test('words that weigh nothing are no change', () => {
  const before = of('owner: a', 'labels: {tier: "1"}', 'cost: {scans: "s3://lake/{id}/"}');
  expect(changes(before, of('owner: b', 'runbook: there'))).toStrictEqual([]);
});

function globbed(...lines: readonly string[]): string {
  return artifact('reviewed: s/*.csv', 'runtime: s3://b/x/', 'key: [id]', ...lines);
}

/** A table of one of two engines. */
function ofEngine(engine: string): string {
  const engines =
    'engines: {here: {duckdb: {database: a.db}}, there: {duckdb: {database: b.db}}}\n';
  return engines + of().replace('s3://b/a.csv', '{table: t}') + `    engine: ${engine}\n`;
}

/** Of each word of an artifact a change that weighs; null: whatever it says weighs nothing. */
const weighing: Readonly<Record<string, readonly [before: string, after: string] | null>> = {
  reviewed: [of(), of().replace('reviewed: ', 'reviewed: other-')],
  runtime: [of(), of().replace('s3://b/', 's3://c/')],
  key: [of(), of().replace('key: [id]', 'key: [id, region]')],
  owner: null,
  runbook: null,
  labels: null,
  cost: null,
  // Where the contract itself came from: what it says is compared.
  from: null,
  region: [of(), of('region: eu-west-1')],
  profile: [of(), of('profile: p')],
  endpoint: [of(), of('endpoint: http://127.0.0.1:1')],
  expectedOwner: [of('expectedOwner: "123456789012"'), of()],
  roleArn: [of(), of('roleArn: arn:aws:iam::123456789012:role/r')],
  // They open the same object, or none.
  externalId: null,
  anonymous: null,
  policy: [of(), of('policy: {added: warn}')],
  grace: [of(), of('grace: 1h')],
  csv: [of(), of('csv: {delimiter: ";"}')],
  format: [of(), of('format: ndjson')],
  encoding: [of(), of('encoding: latin1')],
  compression: [of(), of('compression: gzip')],
  records: [of('format: json'), of('format: json', 'records: /r')],
  keyColumn: [of('format: json'), of('format: json', 'keyColumn: id')],
  nulls: [of(), of('nulls: distinct')],
  parts: [of(), of('parts: "*.csv"').replace('a.csv', 'a/').replace('s3://b/a.csv', 's3://b/a/')],
  complete: [
    of('parts: "*.csv"', 'complete: _DONE').replaceAll('a.csv', 'a/'),
    of('parts: "*.csv"').replaceAll('a.csv', 'a/'),
  ],
  reader: [of('reader: all'), of()],
  limits: [of(), of('limits: {bytes: 9GiB}')],
  evidence: [of(), of('evidence: sha256')],
  put: [of(), of('put: {order: any}')],
  consumes: [of(), of('consumes: [a]')],
  normalize: [of(), of('normalize: {id: [trim]}')],
  descriptive: [of(), of('descriptive: [a]')],
  enforceFrom: [of(), of('enforceFrom: 2027-01-01')],
  warnings: [of(), of('warnings: {RESPELLED: ignore}')],
  maxAmplification: [of('maxAmplification: 1'), of()],
  redact: [of('redact: [a]'), of()],
  ordered: [of('ordered: true'), of()],
  units: [of('units: {max: 5}'), of()],
  accept: [of(), of(`accept: [${entry}]`)],
  engine: [ofEngine('here'), ofEngine('there')],
  overrides: [globbed(), globbed('overrides: {a: {policy: {added: warn}}}')],
  ignore: [globbed(), globbed('ignore: {runtime: ["*"]}')],
};

/** The words that the shipped schema knows of an artifact, in any of its forms. */
function wordsOfArtifacts(): string[] {
  type Node = Readonly<Record<string, unknown>>;
  const url = new URL('../../schema/keydrift.contract.schema.json', import.meta.url);
  const schema = JSON.parse(readFileSync(url, 'utf8')) as Node & { $defs: Record<string, Node> };
  const named = (node: Node): Node =>
    typeof node['$ref'] === 'string' ? named(schema.$defs[node['$ref'].split('/').at(-1)!]!) : node;
  const words = (node: Node): string[] => {
    const { properties = {}, ...forms } = named(node);
    const below = ['anyOf', 'oneOf', 'allOf'].flatMap((form) => (forms[form] ?? []) as Node[]);
    return [...Object.keys(properties as Node), ...below.flatMap(words)];
  };
  const artifacts = named((schema['properties'] as Record<string, Node>)['artifacts']!);
  return [...new Set(words(artifacts['additionalProperties'] as Node))];
}

test('every word that an artifact may have is weighed, or weighs nothing', () => {
  expect(Object.keys(weighing).sort()).toStrictEqual(wordsOfArtifacts().sort());
  for (const [word, pair] of Object.entries(weighing)) {
    if (pair !== null) expect([word, changes(...pair).length > 0]).toStrictEqual([word, true]);
  }
});

describe('globs', () => {
  test('what they leave out, and what is said of single files, is told', () => {
    expect(
      changes(
        globbed('ignore: {runtime: [old]}'),
        globbed('ignore: {runtime: ["*"]}', 'overrides: {a: {policy: {added: warn}}}'),
      ),
    ).toStrictEqual([
      'weaker p ignore.runtime: null → *',
      'stricter p ignore.runtime: old → null',
      'weaker p.a policy.added: fail → warn',
    ]);
    expect(changes(globbed(), globbed().replace('s/*.csv', 's/a*.csv'))).toStrictEqual([
      'weaker p reviewed: s/*.csv → s/a*.csv',
    ]);
  });
});
