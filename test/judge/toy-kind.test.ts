import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contractJsonSchema } from '../../src/contract/json-schema.ts';
import { defaults, register, type Registries } from '../../src/judge/registries.ts';
import { findingKinds } from '../../src/model/index.ts';
import { bareEnvironment, commitAll } from '../integration/cli.ts';
import { runInProcess, type Given } from '../integration/in-process.ts';

/** A kind of finding as a newcomer would add it: a unit whose runtime rows are more than ten times those reviewed. */
const registries: Registries = {
  ...defaults,
  kinds: {
    avalanche: {
      words: ({ runtime }) => `far more rows in the ${runtime} copy`,
      meaning: 'Two rows of one unit.',
      sides: ['runtime'],
      names: 'unit',
      policy: 'warn',
      between: [],
      refusal: 'it is too much to be known',
      work: { side: 'runtime', one: 'unit is an avalanche', several: 'units are avalanches' },
      find: ({ keys, keyColumns, policy }) =>
        keys
          .filter(({ reviewed, runtime }) => runtime.count > 10 * Math.max(1, reviewed.count))
          .map(({ key, reviewed, runtime }) => ({
            kind: 'avalanche' as never,
            side: 'runtime',
            severity: Reflect.get(policy, 'avalanche'),
            key: keyColumns.map((column, at) => [column, key[at] ?? ''] as const),
            fields: [],
            reason: null,
            rowCount: { reviewed: reviewed.count, runtime: runtime.count },
            rows: runtime.shown,
            respelled: null,
          })),
    },
  },
};

let cwd: string;
beforeAll(async () => {
  const contract = (extra: string): string => `version: 1
artifacts:
  p: {key: [id], reviewed: p.csv, runtime: now.csv, policy: {duplicated: ignore${extra}
`;
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'keydrift-toy-')));
  const files = {
    'keydrift.yaml': contract('}}'),
    'failing.yaml': contract(', avalanche: fail}}'),
    'accepting.yaml': contract(
      '}, accept: [{key: {id: "P-1"}, kinds: [avalanche], rows: 12, variant: "00000000000000000000000000000000", until: 2099-01-01, reason: x}]}',
    ),
    'p.csv': 'id\nP-1\nP-2\n',
    'now.csv': `id\n${'P-1\n'.repeat(12)}P-2\n`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
  commitAll(cwd);
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

function audit(...words: string[]): Promise<Given> {
  return runInProcess({
    words: ['audit', '--no-cause', ...words],
    cwd,
    environment: bareEnvironment(cwd),
    registries,
  });
}

test('a kind that is added is counted, and weighs what it says of itself', async () => {
  const { code, stdout } = await audit('--format', 'json');
  const [told] = JSON.parse(stdout).artifacts;
  expect([code, told.verdict]).toEqual([0, 'in-sync']);
  expect(Object.keys(told.counts)).toEqual([...findingKinds, 'avalanche']);
  expect(told.counts.avalanche).toBe(1);
  expect(told.findings.at(-1)).toMatchObject({ kind: 'avalanche', severity: 'warn' });
});

test('a policy may name it', async () => {
  const { code, stdout } = await audit('--config', 'failing.yaml');
  expect(code).toBe(1);
  expect(stdout).toContain('p: DRIFTED (1 avalanche)');
  expect((await audit('--fail-on', 'avalanche', '--quiet')).code).toBe(1);
  const schema = withKind(() => JSON.stringify(contractJsonSchema([], ['csv', 'pairs'])));
  expect(schema).toContain('"avalanche"');
  expect(schema).toContain('csv or pairs; left out');
});

test('accept refuses it, in its words', async () => {
  const { code, stderr } = await audit('--config', 'accepting.yaml');
  expect(code).toBe(2);
  expect(stderr).toContain('accept[0].kinds[0]');
  const proposed = await audit('--propose-accept');
  expect(proposed.stdout).toContain('# avalanche id=P-1 cannot be accepted: it is too much to be');
});

test('text and markdown say what it means', async () => {
  const { stdout } = await audit('--limit', '5', '-o', 'markdown:-');
  expect(stdout).toContain('| avalanche (warn) | `P-1` |');
  expect(stdout).toContain('1 unit is an avalanche.');
  expect((await audit()).stdout).toContain('avalanche (1)  far more rows in the runtime copy');
});

test('it is gone with the call that added it', () => {
  expect(findingKinds).not.toContain('avalanche');
  expect(() =>
    register({ ...registries, kinds: { added: registries.kinds['avalanche']! } }),
  ).toThrow('there is a kind added already');
});

function withKind<T>(run: () => T): T {
  const unregister = register(registries);
  try {
    return run();
  } finally {
    unregister();
  }
}
