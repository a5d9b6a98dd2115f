import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bareEnvironment, commitAll } from '../integration/cli.ts';
import { runInProcess, type Given } from '../integration/in-process.ts';
import { setS3Stage } from '../integration/stage.ts';
import { lacked, probeServer } from './capabilities.ts';
import { requires, shared } from './start.ts';

/**
 * The whole product against one server: publish, audit, run, gate, stage, investigate, bundle. It runs
 * against the embedded one, and by `npm run test:servers` against those that nobody here wrote; what
 * such a server lacks is probed, told by name, and then asked for in the words of the product.
 */
const stage = setS3Stage();
let cwd = '';

beforeAll(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'keydrift-servers-')));
  await writeFile(join(cwd, 'keydrift.yaml'), contract);
  await review(first);
}, 120_000);
afterAll(() => rm(cwd, { recursive: true, force: true }));

const first = 'id,mode\nP-1,full\nP-2,delta\n';
const second = `${first}P-3,full\n`;
const doubled = `${second}P-1,full\n`;
const contract = `version: 1
artifacts:
  p: {reviewed: p.csv, runtime: 's3://\${BUCKET}/lookup/p ü.csv', key: [id]}
`;

async function review(text: string): Promise<void> {
  await writeFile(join(cwd, 'p.csv'), text);
  commitAll(cwd);
}

async function keydrift(...words: readonly string[]): Promise<Given> {
  const [command = '', ...rest] = words;
  const environment = {
    ...bareEnvironment(cwd),
    ...stage.env,
    KEYDRIFT_VAR_BUCKET: stage.bucket,
    TMPDIR: cwd,
    XDG_CACHE_HOME: join(cwd, '.cache'),
  };
  return runInProcess({ words: [command, ...rest], cwd, environment });
}

/** What an audit says of the copy. */
async function audit(...more: readonly string[]) {
  const { code, stdout } = await keydrift('audit', '--format', 'json', ...more);
  const { artifacts } = JSON.parse(stdout) as {
    artifacts: { state: string; error: { code: string; message: string } | null }[];
  };
  return { code, state: artifacts[0]!.state, error: artifacts[0]!.error };
}

/** Publishes what is reviewed; a store that does not honour conditions is named, and then told so. */
async function publish(): Promise<number> {
  const { code, stderr, stdout } = await keydrift('publish', 'p', '--yes');
  if (!lacked.has('conditional writes')) return code;
  expect(code).toBe(2);
  expect(stdout + stderr).toContain('CONDITIONS_NOT_HONOURED');
  return (await keydrift('publish', 'p', '--yes', '--unconditional')).code;
}

test.skipIf(shared !== undefined)('the probes find what the embedded server has', async () => {
  expect(await probeServer(stage.endpoint, stage.env, 'probed-')).toEqual(['object lock']);
});

describe('one artifact, from its first release to its end', () => {
  test('publish, and what was published is in sync', async () => {
    expect((await audit()).state).toBe('missing');
    expect(await publish()).toBe(0);
    expect(await audit()).toMatchObject({ code: 0, state: 'identical', error: null });
  });

  test('a change of the reviewed copy, and its release', async () => {
    await review(second);
    expect(await audit()).toMatchObject({ code: 1, state: 'drifted' });
    const { code, stdout } = await keydrift('publish', 'p', '--dry-run', '--exit-code');
    expect([code, stdout.includes('P-3')]).toEqual([4, true]);
    expect(await publish()).toBe(0);
    expect(await audit()).toMatchObject({ code: 0, state: 'identical' });
  });

  test('run and gate hand over those bytes, also staged', async () => {
    const ran = await keydrift('run', '--', 'sh', '-c', 'cat "$0"', '{p}');
    expect([ran.code, ran.stdout]).toEqual([0, second]);
    const staged = await keydrift(
      'run',
      '--stage',
      `s3://${stage.bucket}/staged/`,
      '--',
      'sh',
      '-c',
      'echo "$KEYDRIFT_P_URL"',
    );
    expect(staged.code).toBe(0);
    expect(staged.stdout).toMatch(/^s3:\/\/.*\/staged\/p\/[0-9a-f]{64}\.csv\n$/);
    const { code, stdout } = await keydrift('gate', 'p');
    expect([code, (JSON.parse(stdout) as { decision: string }).decision]).toEqual([0, 'run']);
  });

  test('a bundle in the store, and what is held against it', async () => {
    const place = `s3://${stage.bucket}/bundle/`;
    expect((await keydrift('bundle', '--out', place)).code).toBe(0);
    expect(await audit('--against', `bundle:${place}`)).toMatchObject({ code: 0 });
  });

  test('an object that somebody edited: drift, refused, and its story', async () => {
    await stage.put('lookup/p ü.csv', doubled);
    expect(await audit()).toMatchObject({ code: 1, state: 'drifted' });
    const ran = await keydrift('run', '--', 'echo', 'ran');
    expect([ran.code, ran.stdout]).toEqual([121, '']);
    const { code, stdout } = await keydrift('investigate', 'p', '--format', 'json');
    const { timeline, error } = JSON.parse(stdout) as {
      error: unknown;
      timeline: { side: string; versionId?: string | null; rows: number | null }[];
    };
    expect([code, error]).toEqual([1, null]);
    const rows = timeline.filter(({ side }) => side === 'runtime').map((one) => one.rows);
    expect(rows).toEqual(lacked.has('versions') ? [4] : [4, 3, 2]);
    requires('versions');
    expect(await publish()).toBe(0);
    expect(await audit()).toMatchObject({ code: 0, state: 'identical' });
  });

  test('a deleted object is missing, and its marker is named', async () => {
    await stage.remove('lookup/p ü.csv');
    const { code, state, error } = await audit();
    expect([code, state, error?.code]).toEqual([1, 'missing', 'STORE_NO_SUCH_KEY']);
    expect(error!.message.includes('delete marker')).toBe(
      !lacked.has('the delete marker of a 404'),
    );
  });
});
