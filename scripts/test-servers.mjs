// Runs the integration suite against S3 servers that nobody here wrote, one process of each for all
// tests: moto (PyPI), versitygw (Go), S3Proxy (Maven), Ceph (Debian), and any endpoint that is given:
// npm run test:servers [-- NAME|URL…]. What a server lacks is probed; it is told by name, with how many
// tests ask for it, and so is what only the embedded server can be asked.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startCeph } from './ceph.mjs';
import { startTied } from './tied.mjs';

const cache = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'keydrift-test-servers',
);
const keys = { accessKeyId: 'test', secretAccessKey: 'test' };

/** How each server is had, and how it is started: `{port}` and `{data}` are filled in. */
const servers = {
  moto() {
    const venv = join(cache, 'moto');
    const binary = join(venv, 'bin', 'moto_server');
    if (!existsSync(binary)) {
      run('python3', ['-m', 'venv', venv]);
      run(join(venv, 'bin', 'pip'), ['install', '--quiet', 'moto[server]']);
    }
    return { command: [binary, '-H', '127.0.0.1', '-p', '{port}'] };
  },
  versitygw() {
    const binary = join(cache, 'bin', 'versitygw');
    if (!existsSync(binary)) {
      const env = { ...process.env, GOBIN: join(cache, 'bin') };
      run('go', ['install', 'github.com/versity/versitygw/cmd/versitygw@latest'], { env });
    }
    const identity = ['--access', keys.accessKeyId, '--secret', keys.secretAccessKey];
    const posix = ['posix', '--versioning-dir', '{data}/versions', '{data}/data'];
    return {
      command: [binary, ...identity, '--port', '127.0.0.1:{port}', ...posix],
      folders: ['data', 'versions'],
    };
  },
  s3proxy() {
    const name = `s3proxy-${s3proxy}-jar-with-dependencies.jar`;
    const jar = join(cache, name);
    if (!existsSync(jar)) {
      const artifact = `org.gaul:s3proxy:${s3proxy}:jar:jar-with-dependencies`;
      run('mvn', ['-q', 'dependency:copy', `-Dartifact=${artifact}`, `-DoutputDirectory=${cache}`]);
    }
    const properties = [
      's3proxy.endpoint=http://127.0.0.1:{port}',
      's3proxy.authorization=aws-v2-or-v4',
      's3proxy.ignore-unknown-headers=true',
      `s3proxy.identity=${keys.accessKeyId}`,
      `s3proxy.credential=${keys.secretAccessKey}`,
      'jclouds.provider=filesystem-nio2',
      'jclouds.identity=any',
      'jclouds.credential=any',
      'jclouds.filesystem.basedir={data}/data',
    ];
    return {
      command: ['java', '-XX:TieredStopAtLevel=1', '-jar', jar, '--properties', '{data}/s3proxy'],
      folders: ['data'],
      files: { s3proxy: `${properties.join('\n')}\n` },
    };
  },
};

/** The newest that has all that it needs in one file. */
const s3proxy = '2.6.0';

/** Test files that write to a server, discovered by what they start or use. */
const starts = /servers\/start\.ts|(?:^|[/'])(?:stage|fixture|[a-z]+-stage|known-drift)\.ts/m;
const files = ['test/integration', 'test/integration/run', 'test/servers'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`)
    .filter((file) => starts.test(readFileSync(file, 'utf8'))),
);

const asked = process.argv.slice(2);
for (const name of asked.length > 0 ? asked : [...Object.keys(servers), 'ceph']) {
  try {
    await tryServer(name);
  } catch (error) {
    console.log(`${name}: could not be had: ${error.message}`);
    process.exitCode = 1;
  }
}

async function tryServer(name) {
  // Buckets of this run alone, which are taken away again where the server is not ours.
  const prefix = `keydrift-test-${randomBytes(3).toString('hex')}-`;
  if (/^https?:/.test(name)) {
    test(name, { KEYDRIFT_TEST_S3_ENDPOINT: name, KEYDRIFT_TEST_S3_PREFIX: prefix });
    return removeBuckets(name, prefix);
  }
  if (name !== 'ceph' && !(name in servers)) {
    throw new Error(`unknown; known are ${Object.keys(servers).join(', ')}, ceph and URLs`);
  }
  const directory = mkdtempSync(join(tmpdir(), 'keydrift-servers-'));
  const { endpoint, stop } = await (name === 'ceph'
    ? startCeph(cache, directory, await freePort(2), keys)
    : start(servers[name](), directory));
  try {
    test(name, {
      KEYDRIFT_TEST_S3_ENDPOINT: endpoint,
      KEYDRIFT_TEST_S3_PREFIX: prefix,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_REGION: 'us-east-1',
    });
  } finally {
    await stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function start({ command, folders = [], files: written = {} }, directory) {
  const port = await freePort(1);
  const fill = (text) => text.replaceAll('{port}', String(port)).replaceAll('{data}', directory);
  for (const folder of folders) mkdirSync(join(directory, folder), { recursive: true });
  for (const [name, text] of Object.entries(written)) {
    writeFileSync(join(directory, name), fill(text));
  }
  const [program, ...words] = command.map(fill);
  const { child, stop } = startTied(program, words, { cwd: directory });
  const endpoint = `http://127.0.0.1:${port}`;
  for (let turn = 0; turn < 600 && child.exitCode === null; turn += 1) {
    const answered = await fetch(endpoint).catch(() => null);
    if (answered !== null) return { endpoint, stop };
    await setTimeout(100);
  }
  await stop();
  throw new Error('it does not answer');
}

/** A port that is free, and so many after it. */
async function freePort(count) {
  const open = [await listen(0)];
  const { port } = open[0].address();
  try {
    while (open.length < count) open.push(await listen(port + open.length));
    return port;
  } catch {
    return freePort(count);
  } finally {
    await Promise.all(open.map((server) => new Promise((closed) => server.close(closed))));
  }
}

function listen(port) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

/** Takes away the buckets of this run, with all versions in them. */
async function removeBuckets(endpoint, prefix) {
  const sdk = await import('@aws-sdk/client-s3');
  const region = process.env.AWS_REGION ?? 'us-east-1';
  const client = new sdk.S3Client({ endpoint, region, forcePathStyle: true });
  const { Buckets = [] } = await client.send(new sdk.ListBucketsCommand({}));
  for (const { Name: Bucket = '' } of Buckets.filter(({ Name }) => Name?.startsWith(prefix))) {
    const listed = () =>
      client
        .send(new sdk.ListObjectVersionsCommand({ Bucket }))
        .then(({ Versions = [], DeleteMarkers = [] }) => [...Versions, ...DeleteMarkers])
        .catch(async () => {
          const { Contents = [] } = await client.send(new sdk.ListObjectsV2Command({ Bucket }));
          return Contents;
        });
    for (let all = await listed(); all.length > 0; all = await listed()) {
      for (const { Key, VersionId } of all) {
        await client.send(new sdk.DeleteObjectCommand({ Bucket, Key, VersionId }));
      }
    }
    await client.send(new sdk.DeleteBucketCommand({ Bucket }));
  }
  client.destroy();
}

/** Runs test files, and tells what passed, what only the embedded server can be asked, and the rest. */
function test(name, environment) {
  const directory = mkdtempSync(join(tmpdir(), 'keydrift-servers-'));
  const outputFile = join(directory, 'results.json');
  try {
    const words = [
      'vitest',
      'run',
      ...files,
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${outputFile}`,
    ];
    const env = { ...process.env, ...environment };
    const { stdout, status } = spawnSync('npx', words, {
      encoding: 'utf8',
      env,
      maxBuffer: 1 << 28,
    });
    const [, lacks] = /THE SERVER LACKS (\[.*\])/.exec(stdout ?? '') ?? [];
    if (lacks === undefined) throw new Error(`it could not be asked what it lacks\n${stdout}`);
    const results = JSON.parse(readFileSync(outputFile, 'utf8')).testResults;
    const isTold = results.some((one) => one.status === 'failed');
    if (status !== 0 && !isTold) throw new Error(`vitest ended with ${status}`);
    tell(name, JSON.parse(lacks), results);
  } catch (error) {
    console.log(`${name}: no result: ${error.message}`);
    process.exitCode = 1;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function tell(name, lacks, results) {
  const all = results.flatMap(({ assertionResults }) => assertionResults);
  const of = (status) => all.filter((one) => one.status === status);
  const lacked = new Map(lacks.map((one) => [one, []]));
  const needs = new Map();
  const failed = [];
  for (const one of of('failed')) {
    const said = one.failureMessages.join('\n');
    const [, lacking] = /THE SERVER LACKS: (.*)/.exec(said) ?? [];
    const [, need] = /NEEDS THE EMBEDDED SERVER: (.*)/.exec(said) ?? [];
    if (lacked.has(lacking)) lacked.get(lacking).push(one.fullName);
    else if (need === undefined) failed.push(`${one.fullName}\n      ${said.split('\n')[0]}`);
    else needs.set(need, [...(needs.get(need) ?? []), one.fullName]);
  }
  // A file that could not be loaded has no tests that could fail.
  for (const { status, assertionResults, message, name: file } of results) {
    if (status === 'failed' && assertionResults.length === 0)
      failed.push(`${file}\n      ${message}`);
  }
  const skipped = ['pending', 'skipped', 'todo'].flatMap(of).map(({ fullName }) => fullName);
  console.log(`${name}: ${of('passed').length} passed, ${failed.length} failed`);
  for (const [what, names] of lacked) list(`it lacks ${what}`, names);
  for (const [what, names] of needs) list(`only the embedded server has ${what}`, names);
  if (skipped.length > 0) list('skipped by themselves', skipped);
  for (const one of failed) console.log(`  FAILED ${one}`);
  if (failed.length > 0) process.exitCode = 1;
}

function list(title, names) {
  console.log(`  ${title}${names.length === 0 ? '' : `: ${names.length} not asked`}`);
  for (const one of names) console.log(`      ${one}`);
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (status !== 0) throw error ?? new Error(`${command} ended with ${status}`);
}
