import { describe, expect, test } from 'vitest';
import type {
  ArtifactContract,
  Location,
  RuntimeCopy,
  S3Access,
  S3Location,
} from '../../src/model/index.ts';
import { artifact, enough, noAccess, read, refusal, setTo } from './reading.ts';

function only(...lines: readonly string[]): ArtifactContract {
  return read(artifact(...enough, ...lines)).artifacts[0]!;
}

function copies(...lines: readonly string[]): readonly RuntimeCopy[] {
  return read(artifact('reviewed: a.csv', 'key: [id]', ...lines)).artifacts[0]!.copies;
}

function reviewedIn(repo: string): Location {
  const reviewed = `reviewed: {repo: "${repo}", path: ./d/x/../a.csv}`;
  return read(artifact(reviewed, 'runtime: b.csv', 'key: [id]')).artifacts[0]!.reviewed;
}

function accessOf(text: string, flags = noAccess): S3Access | null {
  const location = read(text, { access: flags }).artifacts[0]!.copies[0]!.location;
  return 'access' in location ? (location as S3Location).access : null;
}

describe('what a contract may say', () => {
  test('JSON, also indented with tabs and with the address of its schema', () => {
    const value = {
      $schema: './keydrift.contract.schema.json',
      version: 1,
      artifacts: { p: { reviewed: 'a.csv', runtime: 's3://b/a.csv', key: ['id'] } },
    };
    const fromJson = read(JSON.stringify(value, null, '\t'));
    expect(fromJson).toStrictEqual(read(artifact(...enough)));
  });

  test('names keep the order of the file, whatever they look like', () => {
    const labels = only('labels: {b: "1", "10": "2", "2": "3", 1.0: "4"}').labels;
    expect([...labels.keys()]).toStrictEqual(['b', '10', '2', '1.0']);
    const several = copies('runtime: {eu: s3://b/1, "10": s3://b/2, "2": s3://b/3}');
    expect(several.map((copy) => copy.name)).toStrictEqual(['eu', '10', '2']);
    const lines = enough.map((line) => `    ${line}`).join('\n');
    const two = read(`version: 1\nartifacts:\n  b:\n${lines}\n  "1":\n${lines}\n`);
    expect(two.artifacts.map(({ name }) => name)).toStrictEqual(['b', '1']);
  });

  test('an anchor, and an alias of it', () => {
    const contract = only('normalize: {id: &plain [trim], b: *plain}');
    expect(contract.normalize.get('b')).toStrictEqual([{ step: 'trim', parameter: null }]);
  });

  test('NULL in a list of texts is the text that it is', () => {
    const contract = only('normalize: {id: [{empty: [NULL, "-", ~]}]}');
    expect(contract.normalize.get('id')).toStrictEqual([
      { step: 'empty', parameter: ['NULL', '-', '~'] },
    ]);
  });

  test('a column may be called __proto__ where columns are listed', () => {
    const contract = read(
      artifact('reviewed: a.csv', 'runtime: s3://b/a.csv', 'key: [__proto__, constructor]'),
    ).artifacts[0]!;
    expect(contract.key.map(({ column }) => column)).toStrictEqual(['__proto__', 'constructor']);
  });

  test('consumes: [] means none, and is not the same as leaving it out', () => {
    expect(only('consumes: []').consumes).toStrictEqual([]);
    expect(only().consumes).toBeNull();
  });

  test('units and csv: what is left out has its default, false and null mean none', () => {
    expect(only('units: {max: 5}').units).toStrictEqual({ min: 1, max: 5 });
    expect(only('units: {min: 0}').units).toStrictEqual({ min: 0, max: null });
    expect(only('csv: {quote: false}').csv).toStrictEqual({ quote: null });
    expect(only('csv: {quote: null, comment: ~}').csv).toStrictEqual({
      quote: null,
      comment: null,
    });
    expect(only('csv: {delimiter: "\\t"}').csv).toStrictEqual({ delimiter: '\t' });
  });

  test('a copy overrides csv field by field, and the policy kind by kind', () => {
    const [copy] = copies(
      'csv: {delimiter: ";", comment: "#"}',
      'policy: {added: warn, removed: warn}',
      'runtime: {url: s3://b/a, csv: {comment: "%"}, policy: {removed: ignore}}',
    );
    expect(copy!.csv).toStrictEqual({ delimiter: ';', comment: '%' });
    expect(copy!.policy).toMatchObject({ added: 'warn', removed: 'ignore', invalid: 'fail' });
    expect(copy!.name).toBeNull();
  });

  test('columns of a copy may be swapped', () => {
    const [copy] = copies('consumes: [b]', 'runtime: {url: s3://b/a, columns: {id: b, b: id}}');
    expect([...copy!.columns]).toStrictEqual([
      ['id', 'b'],
      ['b', 'id'],
    ]);
  });

  test('repositories: a directory of the contract, or a URL as it stands', () => {
    const path = 'd/a.csv';
    for (const url of ['https://h.example/r.git', 'ssh://git@h.example/r', 'git@h.example:o/r.git'])
      expect(reviewedIn(url)).toStrictEqual({ kind: 'git', repository: url, path, ref: null });
    expect(reviewedIn('../r')).toMatchObject({ repository: '/work/r' });
    expect(reviewedIn('/r')).toMatchObject({ repository: '/r' });
  });

  test('a location of git is of the repository around the contract', () => {
    const contract = read(artifact('reviewed: git:v1:a.csv', 'runtime: b.csv', 'key: [id]'));
    expect(contract.artifacts[0]!.reviewed).toStrictEqual({
      kind: 'git',
      repository: '/work/jobs',
      path: 'a.csv',
      ref: 'v1',
    });
    expect(contract.artifacts[0]!.copies[0]!.location).toStrictEqual({
      kind: 'file',
      path: '/work/jobs/b.csv',
    });
  });
});

describe('access: flag and environment before the file', () => {
  const runtime =
    'runtime: {url: s3://b/a, region: r1, profile: p1, endpoint: "http://h:1", expectedOwner: "012345678901"}';
  const said = {
    region: 'r1',
    profile: 'p1',
    endpoint: 'http://h:1',
    expectedOwner: '012345678901',
    anonymous: false,
  };

  test.each([
    ['nothing', noAccess, said],
    ['region', { ...noAccess, region: 'r2' }, { ...said, region: 'r2' }],
    ['endpoint', { ...noAccess, endpoint: 'http://f' }, { ...said, endpoint: 'http://f' }],
    ['anonymous', { ...noAccess, anonymous: true }, { ...said, anonymous: true }],
  ])('%s given', (_name, flags, expected) => {
    const text = artifact('reviewed: a.csv', runtime, 'key: [id]');
    expect(accessOf(text, flags)).toStrictEqual(expected);
  });

  test('anonymous by the file', () => {
    const text = artifact('reviewed: a', 'runtime: {url: s3://b/a, anonymous: true}', 'key: [id]');
    expect(accessOf(text)).toStrictEqual({ ...noAccess, anonymous: true });
  });
});

describe('variables', () => {
  test('are replaced in locations, and can inject neither YAML nor another variable', () => {
    const variables = setTo({ A: 'x, y]\nowner: evil', B: '${A}', R: 'eu-west-1' });
    const contract = read(
      artifact(
        'reviewed: {repo: "./${A}", ref: "v${R}", path: "${B}.csv"}',
        'runtime: {url: "s3://b/${B}$${A}", region: "${R}", endpoint: "http://${R}", profile: $A}',
        'key: [id]',
        'labels: {b: "$${A} $A $$", "${A}": n}',
      ),
      { variables },
    ).artifacts[0]!;
    expect(contract.owner).toBeNull();
    expect(contract.reviewed).toMatchObject({
      repository: '/work/jobs/x, y]\nowner: evil',
      ref: 'veu-west-1',
      path: '${A}.csv',
    });
    expect(contract.copies[0]!.location).toMatchObject({
      key: '${A}${A}',
      access: { region: 'eu-west-1', endpoint: 'http://eu-west-1', profile: '$A' },
    });
    expect([...contract.labels]).toStrictEqual([
      ['b', '${A} $A $$'],
      ['${A}', 'n'],
    ]);
  });

  test('a value that is refused is not shown', () => {
    const error = refusal(
      artifact(
        'reviewed: a',
        'runtime: {eu: "${SECRET}/a", us: {url: s3://b/k, endpoint: "${SECRET}"}}',
        'key: [id]',
      ),
    );
    expect(error.problems).toHaveLength(2);
    expect(JSON.stringify(error.problems)).not.toContain('hunter2');
    expect(error.problems[0]!.message).toContain('${SECRET}');
  });
});

test('one error, whose message counts the problems', () => {
  expect(refusal('')).toMatchObject({
    code: 'CONTRACT_INVALID',
    message: 'keydrift.yaml: 1 problem',
  });
  expect(refusal('x: 1\ny: 2\n')).toMatchObject({ message: 'keydrift.yaml: 4 problems' });
});
