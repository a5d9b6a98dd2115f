import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { defaults, type Registries } from '../../src/judge/registries.ts';
import {
  KeydriftError,
  type Location,
  type PinnedCopy,
  type Revision,
  type Scheme,
} from '../../src/model/index.ts';
import { runInProcess, type Given } from '../integration/in-process.ts';
import { isolated, makeRepository, scratch, type Scratch } from './git-fixture.ts';

/* A store is one module and one line: this one keeps its objects in memory, each with all its versions. */

interface ToyLocation extends Location {
  readonly kind: 'toy';
  readonly key: string;
  readonly version: number | null;
}

const objects = new Map<string, string[]>();
const changedAt = (version: number): string => new Date(Date.UTC(2026, 0, version)).toISOString();

function revisionOf(version: number): Revision {
  return {
    facts: { generation: String(version) },
    at: changedAt(version),
    short: `generation ${version}`,
    text: `generation ${version} of the toy`,
    word: `generation:${version}`,
    content: String(version),
  };
}

function pin({ key, version }: ToyLocation): Promise<PinnedCopy> {
  const versions = objects.get(key);
  const at = version ?? versions?.length ?? 0;
  const text = versions?.[at - 1];
  if (text === undefined) {
    return Promise.reject(new KeydriftError('STORE_NO_SUCH_KEY', `toy:${key} is not there`));
  }
  const bytes = Buffer.from(text);
  return Promise.resolve({
    location: `toy:${key}`,
    revision: { ...revisionOf(at), exact: `toy:${key}@${at}` },
    bytes: bytes.length,
    async *open(range = { start: 0, end: bytes.length }) {
      yield bytes.subarray(range.start, range.end);
    },
  });
}

const toy: Scheme<ToyLocation> = {
  written: {
    prefix: 'toy:',
    form: 'toy:KEY',
    parse(text, { fault }) {
      const [, key = '', version] = /^toy:([^@]*)(?:@(\d+))?$/.exec(text) ?? [];
      if (key === '') throw fault('expected toy:KEY');
      return { kind: 'toy', key, version: version === undefined ? null : Number(version) };
    },
  },
  textOf: ({ key, version }) => `toy:${key}${version === null ? '' : `@${version}`}`,
  nameOf: ({ key }) => key,
  version: {
    of: ({ version }) => (version === null ? null : String(version)),
    at: (location, id) => ({ ...location, version: Number(id) }),
  },
  open: () =>
    Promise.resolve({
      pin,
      close: () => Promise.resolve(),
      objectVersions: ({ key }) =>
        Promise.resolve({
          versions: (objects.get(key) ?? [])
            .map((text, index) => ({
              location: { kind: 'toy' as const, key, version: index + 1 },
              versionId: String(index + 1),
              lastModified: changedAt(index + 1),
              deleted: false,
              etag: `e${index}`,
              bytes: Buffer.byteLength(text),
            }))
            .toReversed(),
          versioning: 'versioned' as const,
          cutOff: false,
        }),
    }),
};

const registries: Registries = { ...defaults, schemes: { ...defaults.schemes, toy } };
let at: Scratch;
let root = '';
beforeAll(() => {
  at = scratch();
  root = join(at.path, 'r');
  const repository = makeRepository(root);
  repository.write('a.csv', 'id,mode\nP-1,full\nP-2,full\n');
  repository.write(
    'keydrift.yaml',
    'version: 1\nartifacts:\n  p: {reviewed: a.csv, runtime: "toy:a.csv", key: [id]}\n',
  );
  repository.commit('reviewed', '2025-12-01T00:00:00Z');
  objects.set('a.csv', ['id,mode\nP-1,full\nP-2,full\n', 'id,mode\nP-1,full\nP-1,full\n']);
});
afterAll(() => at.remove());

function keydrift(...words: readonly string[]): Promise<Given> {
  const temporary = join(at.path, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const environment = { ...isolated, KEYDRIFT_TMPDIR: temporary, XDG_CACHE_HOME: at.path };
  return runInProcess({ words, cwd: root, environment, registries });
}

test('audit and diff read a store that was handed in, and tell its revisions in its own words', async () => {
  const audit = await keydrift('audit');
  expect(audit.stderr).toBe('');
  expect(audit.code).toBe(1);
  expect(audit.stdout).toContain('toy:a.csv');
  expect(audit.stdout).toContain('generation 2 of the toy');
  const { stdout } = await keydrift('audit', '--format', 'json');
  const { artifacts } = JSON.parse(stdout) as { artifacts: { runtime: object }[] };
  expect(artifacts[0]!.runtime).toMatchObject({ location: 'toy:a.csv', generation: '2' });
  const old = await keydrift('diff', 'a.csv', 'toy:a.csv@1', '--key', 'id');
  expect(old.code).toBe(0);
  const drift = await keydrift('diff', 'a.csv', 'toy:a.csv', '--key', 'id', '--limit', '1');
  expect(drift.code).toBe(1);
  // The printed command names exactly this revision.
  expect(drift.stdout).toContain('toy:a.csv@2');
  const absent = await keydrift('diff', 'a.csv', 'toy:b.csv', '--key', 'id', '--format', 'json');
  expect(JSON.parse(absent.stdout)).toMatchObject({ artifacts: [{ state: 'missing' }] });
  const wrong = await keydrift('diff', 'a.csv', 'toy:', '--key', 'id');
  expect(wrong.code).toBe(2);
  expect(wrong.stderr + wrong.stdout).toContain('expected toy:KEY');
});

test('run hands over its bytes, and names its revision', async () => {
  const told = join(at.path, 'told');
  const child = ['sh', '-c', `cp "$KEYDRIFT_P_FILE" '${told}'; echo "$KEYDRIFT_P_REVISION"`];
  const refused = await keydrift('run', 'p', '--', ...child);
  expect(refused.stderr).toContain('generation:2');
  expect(refused.stdout).toBe('');
  const passed = await keydrift('run', 'p', '--use', 'deduplicated', '--no-fail', '--', ...child);
  expect(passed.stdout.trim()).toBe('generation:2');
  expect(readFileSync(told, 'utf8')).toBe('id,mode\nP-1,full\n');
});

test('what it can is used, and what it cannot is refused by name', async () => {
  const story = await keydrift('investigate', 'p', '--format', 'json');
  const { timeline, onset } = JSON.parse(story.stdout) as {
    timeline: { side: string; versionId?: string }[];
    onset: object;
  };
  const versions = timeline.flatMap(({ side, versionId }) => (side === 'runtime' ? versionId : []));
  expect(versions).toEqual(['2', '1']);
  expect(onset).toMatchObject({ versionId: '2' });
  const published = await keydrift('publish', 'p', '--yes');
  expect(published.code).toBe(2);
  expect(published.stdout + published.stderr).toContain('NOT_SUPPORTED');
  writeFileSync(
    join(root, 'grace.yaml'),
    'version: 1\nartifacts:\n  p: {reviewed: "toy:a.csv", grace: 1h, runtime: b.csv, key: [id]}\n',
  );
  const grace = await keydrift('audit', '--config', 'grace.yaml');
  expect(grace.code).toBe(2);
  expect(grace.stdout + grace.stderr).toContain('a grace without meaning');
});
