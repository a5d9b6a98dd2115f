import { ListObjectVersionsCommand, type S3Client } from '@aws-sdk/client-s3';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { startS3Server } from '../localstack/s3-server/index.ts';
import { openClient, parseSeedList, seed, type Endpoint } from '../localstack/seed.ts';
import {
  bareEnvironment,
  makeRepository,
  runJson,
  temporaryDirectory,
  type JsonArtifact,
} from './integration/cli.ts';

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const root = new URL('..', import.meta.url).pathname;
const folder = join(root, 'localstack', 'seed');
const bucket = 'prod-runtime';

interface Demo {
  readonly child: ChildProcess;
  /** Where it writes what it writes. */
  readonly temporary: string;
  readonly told: { stdout: string; stderr: string };
  /** Resolves when it has told that on stdout. */
  until(text: string): Promise<void>;
  /** Its exit code, or the signal of which it died. */
  readonly end: Promise<number | NodeJS.Signals>;
}

/** The demo as a person starts it, in a process group and a temp directory of its own. */
function startDemo(...args: readonly string[]): Promise<Demo> {
  return startProgram([join(root, 'scripts', 'demo.mjs'), ...args]);
}

async function startProgram(words: readonly string[]): Promise<Demo> {
  const temporary = await temporaryDirectory();
  const child = spawn(process.execPath, words, {
    cwd: temporary,
    env: {
      ...bareEnvironment(temporary),
      TMPDIR: temporary,
      XDG_CACHE_HOME: await temporaryDirectory(),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const told = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      told[name] += chunk;
    });
  }
  const end = once(child, 'close').then(([code, signal]) => code ?? signal);
  const until = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (told.stdout.includes(text)) resolve();
      };
      child.stdout.on('data', look);
      look();
      void end.then(() => reject(new Error(`ended without "${text}": ${told.stderr}`)));
    });
  return { child, temporary, told, until, end };
}

/** No file of it, and no process of its group. */
async function expectNothingLeft({ child, temporary }: Demo): Promise<void> {
  expect(await readdir(temporary)).toEqual([]);
  const group = -(child.pid ?? 0);
  await vi.waitFor(() => expect(() => process.kill(group, 0)).toThrow('ESRCH'), 20_000);
}

describe('the demo', () => {
  test('plays to its end: drift, a gate that refuses it, then in sync; with --keep, what it prints works in another shell until Ctrl-C', async () => {
    const demo = await startDemo('--keep');
    await demo.until('Ctrl-C here');
    const { stdout, stderr } = demo.told;
    expect(stderr).toMatch(/participants.*refused/is);
    const [story = '', printed = ''] = stdout.split('The stage is yours');
    const [, before = '', after = ''] = story.split(/\$ keydrift audit(?: routes)?\n/);
    for (const fact of ['DRIFTED', '1 duplicated', '(1.50×)', '1 conflict', 'equivalent']) {
      expect(before).toContain(fact);
    }
    expect(before).toContain('(exit code 1)');
    expect(after).toContain('(exit code 0)');
    expect(after.split('$ keydrift run')[0]).not.toContain('DRIFTED');
    const jobs = story.split('{participants}\n').slice(1);
    const slices = jobs.map((told) => told.split('\n\n')[0]?.match(/^P-\d+,/gm)?.length ?? 0);
    expect(slices).toEqual([0, 4]);
    const [, incident = ''] = story.split('$ keydrift investigate participants');
    // Onset, cause and cost of the incident, and the slice's story.
    for (const fact of ['edited', 'since', 'THE DRIFT BEGAN HERE', 'scanned again', 'appeared']) {
      expect(incident).toContain(fact);
    }
    expect(tooLong(story)).toEqual([]);
    const page = await readFile(join(demo.temporary, 'keydrift-incident.html'), 'utf8');
    expect(page).toContain('Content-Security-Policy');
    const lines = printed.split('\n').filter((line) => line.startsWith('      '));
    const shell = spawnSync('sh', ['-c', codes(lines)], {
      env: { ...bareEnvironment(demo.temporary), XDG_CACHE_HOME: await temporaryDirectory() },
      encoding: 'utf8',
    });
    expect(shell.stderr.trim().split('\n')).toEqual(['audit 1', 'diff 1', 'lint 1']);
    expect(shell.stdout).toContain('batch-eu-2');
    // Places of this machine are as long as they are.
    const places = [root, demo.temporary];
    const told = tooLong(printed).filter((line) => places.every((place) => !line.includes(place)));
    expect(told).toEqual([]);
    demo.child.kill('SIGINT');
    expect(await demo.end).toBe(0);
    await rm(join(demo.temporary, 'keydrift-incident.html'));
    await expectNothingLeft(demo);
  });

  test('without --keep it ends by itself, and says what to try next', async () => {
    const stand = await temporaryDirectory();
    await mkdir(join(stand, 'dist'));
    await symlink(join(root, 'localstack'), join(stand, 'localstack'));
    // What was played above, in place of it.
    await writeFile(
      join(stand, 'dist', 'keydrift.cjs'),
      `const [first, second] = process.argv.slice(2);
      const given = { audit: 1, 'audit routes': 0, 'run participants': 121, investigate: 1 };
      process.exitCode = given[first + ' ' + second] ?? given[first] ?? 0;`,
    );
    const { bundle } = (await import(new URL('../scripts/bundle.mjs', import.meta.url).href)) as {
      bundle: (entry: string) => Promise<string>;
    };
    const main = JSON.stringify(await bundle('localstack/demo.ts'));
    const places = `{ root: ${JSON.stringify(stand)}, workingDirectory: process.cwd() }`;
    const script = `const { main } = await import(${main}); await main(${places}, []);`;
    const demo = await startProgram(['--input-type=module', '--eval', script]);
    expect(await demo.end).toBe(0);
    const { stdout, stderr } = demo.told;
    expect(stderr).toBe('');
    expect(stdout).toContain('What to try next');
    expect(tooLong(stdout)).toEqual([]);
    await expectNothingLeft(demo);
  });

  test('interrupted while it audits, it ends by the signal and leaves nothing', async () => {
    const demo = await startDemo();
    await demo.until('$ keydrift audit');
    demo.child.kill('SIGINT');
    expect(await demo.end).toBe('SIGINT');
    await expectNothingLeft(demo);
  });

  test('refuses what it does not know', async () => {
    const demo = await startDemo('--kepe');
    expect(await demo.end).toBe(2);
    expect(demo.told.stderr).toContain('--kepe');
  });
});

/** Lines that do not fit a terminal; hashes and commands stay whole, to be copied. */
function tooLong(text: string): string[] {
  return (
    text
      .split('\n')
      .filter((line) => line.length > 80 && !/^ +(sha256|digest|next) /.test(line))
      // What is to be pasted is never broken.
      .filter((line) => !/^ +(?:keydrift|aws|(?:export )?KEYDRIFT_\w+='?)/.test(line))
  );
}

/** The lines as one script that says the exit code of every keydrift command on stderr. */
function codes(lines: readonly string[]): string {
  const script = lines
    .join('\n')
    .replace(/^ *keydrift\(\).*$/m, (own) => own.replace('keydrift', 'real'));
  return `keydrift() { real "$@"; echo "$1 $?" >&2; }\n${script}`;
}

/** The endpoint that the tests are told to use, or a server of the test's own. */
async function endpoint(): Promise<Endpoint> {
  const region = process.env['AWS_REGION'] ?? 'us-east-1';
  const url = process.env['KEYDRIFT_TEST_S3_ENDPOINT'];
  if (url !== undefined && url !== '') {
    const { AWS_ACCESS_KEY_ID: accessKeyId = 'test', AWS_SECRET_ACCESS_KEY: secret = 'test' } =
      process.env;
    return { url, region, credentials: { accessKeyId, secretAccessKey: secret } };
  }
  const server = await startS3Server();
  onTestFinished(() => server.close());
  return { url: server.endpoint, region, credentials: server.credentials };
}

async function seeded(): Promise<{ at: Endpoint; client: S3Client }> {
  const at = await endpoint();
  const client = openClient(at);
  onTestFinished(() => client.destroy());
  await seed({ folder, client });
  return { at, client };
}

/** The audit of the seed's contract in a repository of its own. */
async function auditSeed({ url, region, credentials }: Endpoint): Promise<readonly JsonArtifact[]> {
  const contract = ['keydrift.yaml', 'support/participants.csv', 'support/routes.csv'];
  const files = [...contract, 'support/calendar.csv'].map(
    async (file) => [file, await readFile(join(folder, file))] as const,
  );
  const repository = await makeRepository(Object.fromEntries(await Promise.all(files)));
  const env = {
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  return (await runJson(['audit'], { cwd: repository, env })).report.artifacts;
}

describe('the seed', () => {
  test('holds the story: a slice three times, a conflict, an equivalent copy', async () => {
    const [participants, routes, calendar] = await auditSeed((await seeded()).at);
    expect(participants).toMatchObject({
      verdict: 'drifted',
      runtime: { rows: 6, units: 4, redundant: 2, invalid: 0 },
      amplification: 1.5,
      findings: [
        {
          kind: 'duplicated',
          side: 'runtime',
          key: { participant_id: 'P-1001', region: 'EU' },
          rowCount: { reviewed: 1, runtime: 3 },
        },
      ],
    });
    expect(routes).toMatchObject({
      verdict: 'drifted',
      findings: [{ kind: 'conflict', side: 'across', fields: ['queue'] }],
    });
    expect(calendar).toMatchObject({ verdict: 'in-sync', state: 'equivalent', findings: [] });
  });

  test('writes its history once, oldest first', async () => {
    const { client } = await seeded();
    expect(await seed({ folder, client })).toEqual([]);
    const { Versions: versions = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: 'support/' }),
    );
    const list = parseSeedList(await readFile(join(folder, 'objects.txt'), 'utf8'));
    const inBucket = list.filter((version) => version.bucket === bucket);
    for (const key of new Set(inBucket.map((version) => version.key))) {
      const sizes = inBucket
        .filter((version) => version.key === key)
        .map(async ({ file }) => (await readFile(join(folder, file))).length);
      const held = versions.filter((version) => version.Key === key).map(({ Size: size }) => size);
      expect(held.slice(0, sizes.length)).toEqual((await Promise.all(sizes)).toReversed());
    }
  });

  test('names the line of its list that it cannot read', () => {
    expect(() => parseSeedList('# list\nprod-runtime key file\n')).toThrow('line 2');
  });
});

const hasBash = spawnSync('bash', ['-c', 'command -v cmp']).status === 0;

describe.skipIf(!hasBash)("LocalStack's init hook", () => {
  test('writes what the seed writes, and a second time nothing', async () => {
    const directory = await temporaryDirectory();
    await fakeAwslocal(directory);
    const run = (): string[] => {
      execFileSync(join(root, 'localstack', 'init', 'ready.d', 'keydrift-seed.sh'), {
        env: {
          PATH: `${join(directory, 'bin')}:${process.env['PATH'] ?? ''}`,
          TMPDIR: directory,
          KEYDRIFT_SEED: folder,
        },
        cwd: directory,
      });
      return execFileSync('sh', ['-c', 'cat writes; : > writes'], {
        cwd: directory,
        encoding: 'utf8',
      })
        .split('\n')
        .filter((line) => line !== '');
    };
    const list = parseSeedList(await readFile(join(folder, 'objects.txt'), 'utf8'));
    const expected = list.map(
      ({ bucket: into, key, file }) => `${into} ${key} ${join(folder, file)}`,
    );
    expect(run().toSorted()).toEqual(expected.toSorted());
    expect(run()).toEqual([]);
  });
});

/** A stand-in that keeps objects as files, and a line for every write. */
async function fakeAwslocal(directory: string): Promise<void> {
  const script = `#!/bin/sh
operation=$2; shift 2
while [ $# -gt 1 ]; do
  case $1 in --bucket) bucket=$2;; --key) key=$2;; --body) body=$2;; esac
  shift 2
done
object="${directory}/objects/$bucket-$(echo "$key" | tr / -)"
case $operation in
  put-object) cp "$body" "$object" && echo "$bucket $key $body" >> "${directory}/writes";;
  get-object) cp "$object" "$1";;
  head-bucket) exit 1;;
esac
`;
  await mkdir(join(directory, 'objects'));
  await mkdir(join(directory, 'bin'));
  const file = join(directory, 'bin', 'awslocal');
  await writeFile(file, script);
  await chmod(file, 0o755);
}
