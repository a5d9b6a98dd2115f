import { mkdir, mkdtemp, readdir, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startS3Server, type S3Server } from '../../localstack/s3-server/index.ts';
import { mapConcurrently } from '../../src/judge/concurrency.ts';
import { defaults, type Registries } from '../../src/judge/registries.ts';
import { s3Within } from '../../src/sources/s3/scheme.ts';
import { dividedLimits } from '../../src/sources/s3/transport.ts';
import { bareEnvironment, commitAll, writeFiles } from '../integration/cli.ts';
import { runInProcess, type Given } from '../integration/in-process.ts';
import { environmentOf } from '../integration/stage.ts';
import { certificate } from './certificate.ts';
import { startFront, startRaw, startTls, type Front } from './front.ts';
import { divisor, endpointFaults, faults, namesDivisor } from './table.ts';

/**
 * Every command against every fault of the transport. A cell is right where the truth is told, or no
 * verdict is: a fault is never drift, never in sync where there is drift, and nothing is handed over,
 * written or left behind that is not whole. `npm run test:faults` does it with the real limits.
 */
/** With real limits nearly all of a cell is waiting. */
const atOnce = divisor === 1 ? 32 : 24;
const dividedBy = (by: number): Registries => ({
  ...defaults,
  schemes: { ...defaults.schemes, s3: s3Within(dividedLimits(by)) },
});
const registries = dividedBy(divisor);

const table = 'id,mode\nP-1,full\nP-2,delta\nP-3,full\n';
const other = 'id,mode\nP-1,full\nP-2,delta\nP-3,delta\n';
const bucket = 'runtime';
const endpointNames = Object.keys(endpointFaults);
const answered = faults.map(({ name }) => name);
const names = [...answered, ...endpointNames];
const codes = new Map<string, string | null>([
  ...faults.map(({ name, code }) => [name, code] as const),
  ...Object.entries(endpointFaults),
]);

let server: S3Server;
let front: Front;
let endpoints: ReadonlyMap<string, string>;
let cwd = '';
let temporary = '';
const undo: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  server = await startS3Server();
  for (const name of [bucket, 'published', 'staged', 'bundles']) {
    server.createBucket(name, { versioning: 'Enabled' });
    server.setPublic(name);
  }
  for (const name of names) {
    server.putObject({ bucket, key: `${name}/p.csv`, body: table });
    server.putObject({ bucket: 'published', key: `${name}/p.csv`, body: other });
  }
  const acts = Object.fromEntries(faults.map(({ name, act }) => [name, act]));
  front = await startFront(server.endpoint, acts);
  undo.push(front.close, () => server.close());
  endpoints = await startEndpoints();
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'keydrift-test-')));
  undo.push(() => rm(cwd, { recursive: true, force: true }));
  temporary = join(cwd, 'tmp');
  await mkdir(temporary);
  const files = {
    '.gitignore': 'tmp\n',
    'p.csv': table,
    'other.csv': other,
    'same.yaml': contract(bucket, 'p.csv'),
    'drift.yaml': contract(bucket, 'other.csv'),
    'publish.yaml': contract('published', 'p.csv'),
    'whole.yaml': `version: 1\nartifacts:\n  whole: {reviewed: p.csv, runtime: 's3://${bucket}/whole/p.csv', key: [id]}\n`,
  };
  server.putObject({ bucket, key: 'whole/p.csv', body: table });
  const alone = names.flatMap((name) => [
    [`same/${name}.yaml`, contract(bucket, '../p.csv', [name])],
    [`drift/${name}.yaml`, contract(bucket, '../other.csv', [name])],
    [`publish/${name}.yaml`, contract('published', '../p.csv', [name])],
    [`remote/${name}.yaml`, remoteContract([name])],
  ]);
  const all: Readonly<Record<string, string>> = { ...files, ...Object.fromEntries(alone) };
  await writeFiles(cwd, all);
  commitAll(cwd);
});
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

/** What each endpoint fault is found at. */
async function startEndpoints(): Promise<ReadonlyMap<string, string>> {
  const slowly = (start: string, bytes: string): Promise<Front> =>
    startRaw((socket) => {
      socket.write(start);
      const timer = setInterval(() => socket.write(bytes), 10);
      socket.once('close', () => clearInterval(timer));
    });
  const raw: Readonly<Record<string, Promise<Front>>> = {
    'self-signed': startTls(certificate.key, certificate.cert),
    'silent-connection': startRaw(() => undefined),
    'silent-handshake': startRaw(() => undefined),
    'ssh-banner': startRaw((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')),
    garbage: startRaw((socket) => socket.end('\u0000\u0001\u0002\r\n\r\n')),
    'half-status-line': startRaw((socket) => socket.write('HTTP/1.1 20')),
    'plain-where-tls': startRaw((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
    'endless-headers': startRaw((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\n${'a: b\r\n'.repeat(9999)}`),
    ),
    'dripping-headers': slowly('HTTP/1.1 200 OK\r\na: ', 'a'),
    'continue-for-ever': slowly('', 'HTTP/1.1 100 Continue\r\n\r\n'),
    'early-hints-for-ever': slowly('', 'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'),
    'closed-at-once': startRaw((socket) => socket.end()),
    gone: startRaw(() => undefined),
  };
  const found = new Map<string, string>([['no-such-host', 'http://s3.keydrift.invalid']]);
  for (const [name, starting] of Object.entries(raw)) {
    const { endpoint, close } = await starting;
    const tls = name === 'silent-handshake' || name === 'plain-where-tls';
    if (name === 'gone') found.set('refused', endpoint);
    else found.set(name, tls ? endpoint.replace('http:', 'https:') : endpoint);
    if (name === 'gone') await close();
    else undo.push(close);
  }
  return found;
}

/** A contract of these faults: a command of one reads no others. */
function contract(into: string, reviewed: string, chosen: readonly string[] = names): string {
  const artifacts = chosen.map((name) => {
    const endpoint = endpoints.get(name);
    const where = endpoint === undefined ? '' : `, endpoint: '${endpoint}'`;
    return `  ${name}: {reviewed: ${reviewed}, runtime: {url: 's3://${into}/${name}/p.csv'${where}}, key: [id]}`;
  });
  return `version: 1\nartifacts:\n${artifacts.join('\n')}\n`;
}

/** Reviewed copies that are objects themselves. */
function remoteContract(chosen: readonly string[]): string {
  const artifacts = chosen.map((name) => {
    const endpoint = endpoints.get(name);
    const where = endpoint === undefined ? '' : `, endpoint: '${endpoint}'`;
    return `  ${name}: {reviewed: 's3://${bucket}/${name}/p.csv', runtime: {url: 's3://${bucket}/${name}/p.csv'${where}}, key: [id]}`;
  });
  return `version: 1\nartifacts:\n${artifacts.join('\n')}\n`;
}

/** The cells so far, and what was wrong with some of them. */
const cells = new Map<string, number>();
const wrong: string[] = [];
const overTheLimit: string[] = [];
let slowest = 0;
/** Of commands with one fault: how long each took. */
const times: { readonly what: string; readonly ms: number }[] = [];

/** One cell: whether it is right, in a word what it gave. */
function cell(command: string, name: string, isRight: boolean, gave: unknown): void {
  cells.set(command, (cells.get(command) ?? 0) + 1);
  if (!isRight) wrong.push(`${command} × ${name}: ${JSON.stringify(gave)}`);
}

async function keydrift(
  command: string,
  name: string,
  words: readonly string[],
  within = registries,
): Promise<Given> {
  const started = performance.now();
  const environment = {
    ...bareEnvironment(cwd),
    ...environmentOf(front.endpoint),
    TMPDIR: temporary,
    XDG_CACHE_HOME: join(cwd, 'tmp-cache'),
  };
  const given = await runInProcess({ words, cwd, environment, registries: within });
  const took = performance.now() - started;
  // One object is waited for once, and every wait ends within a minute; a busy machine is no fault.
  if (name !== '*' && took > 60_000 / divisor + 30_000) overTheLimit.push(`${command} × ${name}`);
  slowest = Math.max(slowest, took);
  times.push({ what: `${command} × ${name}`, ms: Math.round(took) });
  return given;
}

interface Judged {
  readonly name: string;
  readonly verdict: string;
  readonly state: string | null;
  readonly error: { readonly code: string } | null;
}

function judged(stdout: string): readonly Judged[] {
  const report = JSON.parse(stdout) as { artifacts: readonly Judged[] };
  return report.artifacts;
}

interface Publication {
  readonly name: string;
  readonly action: string;
  readonly outcome: string | null;
  readonly error: unknown;
}

function publicationsOf(stdout: string): readonly Publication[] {
  return (JSON.parse(stdout) as { publications: readonly Publication[] }).publications;
}

/** What stands at a place of publishing, asked of the store itself. */
async function published(name: string): Promise<string> {
  return (await fetch(`${server.endpoint}/published/${name}/p.csv`)).text();
}

/**
 * A run for each fault: of a command that takes one artifact at a time every third one here, each
 * command others, and all of them by `npm run test:faults`.
 */
async function wrongOfEach(
  of: readonly string[],
  offset: 0 | 1 | 2 | 'all',
  run: (name: string) => Promise<void>,
): Promise<readonly string[]> {
  const known = wrong.length;
  const isHere = (index: number): boolean =>
    offset === 'all' || divisor === 1 || index % 3 === offset;
  await mapConcurrently(
    of.filter((_, index) => isHere(index)),
    atOnce,
    run,
  );
  return wrong.slice(known);
}

describe('every command against every fault of the transport', () => {
  test('the table: at least 60 faults, each with a name of its own', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(60);
  });

  test.each(['in-sync', 'drifted'])('audit, where the truth is %s', async (truth) => {
    const config = truth === 'in-sync' ? 'same.yaml' : 'drift.yaml';
    const { stdout } = await keydrift('audit', '*', [
      'audit',
      '--config',
      config,
      '--format',
      'json',
    ]);
    const artifacts = judged(stdout);
    expect(artifacts).toHaveLength(names.length);
    for (const { name, verdict, state, error } of artifacts) {
      const isRight = verdict === truth || (verdict === 'indeterminate' && error !== null);
      cell('audit', name, isRight && state !== 'missing', { verdict, state, error });
    }
  });

  test('each by its name, where there is time to see it', async () => {
    const expected = [...codes].filter(([, code]) => code !== null);
    const isSlow = ([, code]: (typeof expected)[number]): boolean => code === 'STORE_TIMEOUT';
    const called: Record<string, string | undefined> = {};
    // What answers at once has all the time of every day; the others have some.
    for (const [faulty, by] of [
      [expected.filter((one) => !isSlow(one)), 1],
      [expected.filter(isSlow), namesDivisor],
    ] as const) {
      const words = ['audit', ...faulty.map(([name]) => name), '--config', 'same.yaml'];
      const { stdout } = await keydrift(
        'audit',
        '*',
        [...words, '--format', 'json'],
        dividedBy(by),
      );
      for (const { name, error } of judged(stdout)) called[name] = error?.code;
    }
    expect(called).toEqual(Object.fromEntries(expected));
    for (const [name] of expected) cell('audit, by name', name, true, null);
  });

  test.each([
    ['p.csv', 0],
    ['other.csv', 1],
  ])('diff with %s', async (reviewed, truth) => {
    const found = await wrongOfEach(names, 'all', async (name) => {
      const words = ['diff', `file:${reviewed}`, `s3://${bucket}/${name}/p.csv`, '--key', 'id'];
      const endpoint = endpoints.get(name) ?? front.endpoint;
      const { code, stdout } = await keydrift('diff', name, [
        ...words,
        '--endpoint-url',
        endpoint,
        '--format',
        'json',
      ]);
      const [one] = judged(stdout);
      const isRight = code === truth || (code === 2 && one?.verdict === 'indeterminate');
      cell('diff', name, isRight && one?.state !== 'missing', one);
    });
    expect(found).toEqual([]);
  });

  test.each(['same', 'drift'])('run, %s', async (truth) => {
    const found = await wrongOfEach(names, truth === 'same' ? 0 : 1, async (name) => {
      const command = ['sh', '-c', 'echo RAN; cat "$0"', `{${name}}`];
      const words = ['run', name, '--config', `${truth}/${name}.yaml`, '--', ...command];
      const { code, stdout } = await keydrift('run', name, words);
      const ran = stdout.startsWith('RAN');
      const isRight = ran
        ? truth === 'same' && code === 0 && stdout === `RAN\n${table}`
        : [122, 125].includes(code) || (truth === 'drift' && code === 121);
      cell('run', name, isRight, { code, stdout });
    });
    expect(found).toEqual([]);
  });

  test.each(['same', 'drift'])('gate, %s', async (truth) => {
    const found = await wrongOfEach(names, truth === 'same' ? 2 : 0, async (name) => {
      const { code, stdout } = await keydrift('gate', name, [
        'gate',
        name,
        '--config',
        `${truth}/${name}.yaml`,
      ]);
      const { decision } = JSON.parse(stdout) as { decision: string };
      const isRight =
        code === 0
          ? truth === 'same' && decision === 'run'
          : [122, 125].includes(code) || (truth === 'drift' && code === 121);
      cell('gate', name, isRight, { code, decision });
    });
    expect(found).toEqual([]);
  });

  test('lint --fetch, of reviewed copies that stand in a store', async () => {
    const found = await wrongOfEach(names, 1, async (name) => {
      const words = [
        'lint',
        name,
        '--fetch',
        '--config',
        `remote/${name}.yaml`,
        '--format',
        'json',
      ];
      const { code, stdout } = await keydrift('lint --fetch', name, words);
      const [one] = judged(stdout);
      const isRight = code === 0 || (code === 2 && one?.verdict === 'indeterminate');
      cell('lint --fetch', name, isRight, { code, one });
    });
    expect(found).toEqual([]);
  });

  test('run --stage, where staging is struck', async () => {
    const found = await wrongOfEach(answered, 2, async (name) => {
      const stage = `s3://staged/${name}/`;
      const words = [
        'run',
        'whole',
        '--config',
        'whole.yaml',
        '--stage',
        stage,
        '--',
        'echo',
        'RAN',
      ];
      const { code, stdout } = await keydrift('run --stage', name, words);
      const ran = stdout.startsWith('RAN');
      cell('run --stage', name, ran ? code === 0 : [122, 125].includes(code), { code, stdout });
    });
    expect(found).toEqual([]);
  });

  test('investigate', async () => {
    const found = await wrongOfEach(names, 2, async (name) => {
      const words = ['investigate', name, '--config', `same/${name}.yaml`, '--format', 'json'];
      const { code, stdout } = await keydrift('investigate', name, words);
      const { artifact } = JSON.parse(stdout) as { artifact: Judged | null };
      const isRight =
        artifact === null
          ? code === 2
          : artifact.state !== 'missing' &&
            (artifact.verdict === 'in-sync' || artifact.verdict === 'indeterminate');
      cell('investigate', name, isRight && [0, 2].includes(code), { code, artifact });
    });
    expect(found).toEqual([]);
  });

  test('publish: planned, all at once', async () => {
    const words = [
      'publish',
      ...names,
      '--dry-run',
      '--config',
      'publish.yaml',
      '--format',
      'json',
    ];
    const { stdout } = await keydrift('publish --dry-run', '*', words);
    expect(publicationsOf(stdout)).toHaveLength(names.length);
    for (const one of publicationsOf(stdout)) {
      const isRight = one.action === 'replace' || (one.action === 'unknown' && one.error !== null);
      cell('publish --dry-run', one.name, isRight && (await published(one.name)) === other, one);
    }
  });

  test('publish: written whole or not at all', async () => {
    const found = await wrongOfEach(names, 1, async (name) => {
      const words = [
        'publish',
        name,
        '--yes',
        '--config',
        `publish/${name}.yaml`,
        '--format',
        'json',
      ];
      const { code, stdout } = await keydrift('publish --yes', name, words);
      const [one] = publicationsOf(stdout);
      const now = await published(name);
      const isRight =
        one?.outcome === 'published'
          ? code === 0 && now === table
          : code === 2 && one?.error !== null && (now === table || now === other);
      cell('publish --yes', name, isRight, { code, one, now });
    });
    expect(found).toEqual([]);
  });

  test('bundle --out s3://, where writing is struck', async () => {
    const found = await wrongOfEach(answered, 0, async (name) => {
      const out = `s3://bundles/${name}/`;
      const words = ['bundle', 'whole', '--config', 'whole.yaml', '--out', out];
      const { code } = await keydrift('bundle', name, words);
      const url = `${server.endpoint}/bundles/${name}/keydrift.bundle.json`;
      const manifest = (await fetch(url)).status;
      cell('bundle', name, code === 0 ? manifest === 200 : code === 2, { code, manifest });
    });
    expect(found).toEqual([]);
  });

  test('at last: no wrong verdict, nothing over the limit, no litter', async () => {
    const litter = await readdir(temporary);
    const all = [...cells.values()].reduce((sum, count) => sum + count, 0);
    const counts = [...cells].map(([command, count]) => `${command} ${count}`).join(', ');
    console.log(
      `fault matrix: ${names.length} faults, ${all} cells (${counts}); limits ÷ ${divisor}, slowest command ${Math.round(slowest)} ms; wrong ${wrong.length}, over the limit ${overTheLimit.length}, litter ${litter.length}`,
    );
    const slow = times.filter(({ ms }) => ms > 56_000 / divisor).toSorted((a, b) => b.ms - a.ms);
    for (const { what, ms } of divisor === 1 ? slow : []) console.log(`${ms} ms  ${what}`);
    expect(wrong).toEqual([]);
    expect(overTheLimit).toEqual([]);
    expect(litter).toEqual([]);
    expect(all).toBeGreaterThanOrEqual(600);
  });
});
