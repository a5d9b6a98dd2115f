// Runs the integration suite against S3 servers that nobody here wrote, each started anew for each test:
// moto (PyPI), versitygw (Go), and, with fewer tests, S3Proxy (Maven), Ceph (Debian) and any endpoint that is
// given: npm run test:servers [-- NAME|URL…]. What a server lacks, and what only the embedded one can be asked, is told.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const cache = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'keydrift-test-servers',
);
const keys = { accessKeyId: 'test', secretAccessKey: 'test' };

/** How each server is had, and how a test starts one of its own (test/servers/start.ts). */
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

/** What any server can be asked: one whole life of an artifact is told what the server lacks. */
const few = ['integration/s3-copies', 'integration/bad-s3', 'servers/whole'].map(
  (file) => `test/${file}.test.ts`,
);
const keepsNoVersions = new Set(['s3proxy']);

/** Tests of what a server is known to lack, by their names: what they fail of, and what that is. */
const nullVersion = {
  'an object from before versioning is kept as its null version': [
    /to match object \[ \{ action: 'replace'/,
    'the version `null` of an object from before versioning',
  ],
};
const lacking = {
  moto: nullVersion,
  versitygw: {
    ...nullVersion,
    'an object is replaced as it was written, and its drift is told': [
      /to match object \[ \{ action: 'replace', …\(6\)/,
      'encryption by a key of KMS',
    ],
    'the next command is whole: pasted, it does what was planned': [
      /expected 2 to be \+0/,
      'If-None-Match over a delete marker: it answers 412',
    ],
  },
  s3proxy: {
    'a version that is gone': [/to match object \{ name: 'broken'/, 'versions'],
    'a content fault of an object is drift, and names its version': [/to match 'null'/, 'versions'],
    'the current version, and one by its id': [/'null' not to be 'null'/, 'versions'],
    'an object that somebody edited: drift, refused, and its story': [
      /expected 1 to be 2/,
      'versions',
    ],
  },
};

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
  // One that is shared has no buckets of a test's own choosing.
  if (/^https?:/.test(name)) return test(name, few, { KEYDRIFT_TEST_S3_ENDPOINT: name });
  if (name === 'ceph') return tryCeph();
  if (!(name in servers)) {
    throw new Error(`unknown; known are ${Object.keys(servers).join(', ')}, ceph and URLs`);
  }
  const whole = { folders: [], files: {}, environment: {}, ...keys, ...servers[name]() };
  test(name, keepsNoVersions.has(name) ? few : files, {
    KEYDRIFT_TEST_S3_SERVER: JSON.stringify(whole),
  });
}

/** It takes long to start: one for all tests. */
async function tryCeph() {
  const { startCeph } = await import('./ceph.mjs');
  const directory = mkdtempSync(join(tmpdir(), 'keydrift-ceph-'));
  const { endpoint, stop } = await startCeph(cache, directory, 46_000 + (process.pid % 1000), keys);
  try {
    test('ceph', few, {
      KEYDRIFT_TEST_S3_ENDPOINT: endpoint,
      AWS_ACCESS_KEY_ID: keys.accessKeyId,
      AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
      AWS_REGION: 'us-east-1',
    });
  } finally {
    stop();
  }
}

/** Runs test files, and tells what passed, what only the embedded server can be asked, and the rest. */
function test(name, chosen, environment) {
  const directory = mkdtempSync(join(tmpdir(), 'keydrift-servers-'));
  const outputFile = join(directory, 'results.json');
  try {
    const words = [
      'vitest',
      'run',
      ...chosen,
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
    const [lacks = 'not asked what it lacks'] = /lacks: .*/.exec(stdout ?? '') ?? [];
    const results = JSON.parse(readFileSync(outputFile, 'utf8')).testResults;
    const isTold = results.some((one) => one.status === 'failed');
    if (status !== 0 && !isTold) throw new Error(`vitest ended with ${status}`);
    tell(name, lacks, results);
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
  const needs = new Map();
  const failed = [];
  const told = [];
  for (const one of of('failed')) {
    const said = one.failureMessages.join('\n');
    const [, what] = /NEEDS THE EMBEDDED SERVER: (.*)/.exec(said) ?? [];
    const [pattern, known] = lacking[name]?.[one.title] ?? [];
    if (pattern?.test(said) === true) told.push(`${known} (${one.title})`);
    else if (what === undefined) failed.push(`${one.fullName}\n      ${said.split('\n')[0]}`);
    else needs.set(what, (needs.get(what) ?? 0) + 1);
  }
  // A file that could not be loaded has no tests that could fail.
  for (const { status, assertionResults, message, name: file } of results) {
    if (status === 'failed' && assertionResults.length === 0)
      failed.push(`${file}\n      ${message}`);
  }
  // What is there by now is not to be told as lacking.
  for (const one of of('passed')) {
    if (lacking[name]?.[one.title] !== undefined) failed.push(`${one.fullName}: it is not lacking`);
  }
  const skipped = new Map();
  for (const { ancestorTitles, title } of ['pending', 'skipped', 'todo'].flatMap(of)) {
    const group = ancestorTitles[0] || title;
    skipped.set(group, (skipped.get(group) ?? 0) + 1);
  }
  console.log(`${name}: ${lacks}\n  ${of('passed').length} passed, ${failed.length} failed`);
  for (const [group, count] of skipped) {
    console.log(`  ${count} skipped, for the embedded server alone: ${group}`);
  }
  for (const [what, count] of needs) console.log(`  ${count} not asked: they need ${what}`);
  for (const one of told) console.log(`  it lacks ${one}`);
  for (const one of failed) console.log(`  FAILED ${one}`);
  if (failed.length > 0) process.exitCode = 1;
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (status !== 0) throw error ?? new Error(`${command} ended with ${status}`);
}
