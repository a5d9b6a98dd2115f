// Runs the integration tests against S3 servers that nobody here wrote: moto (PyPI), versitygw (Go), or
// any endpoint that is given. A server that cannot be had, and tests that need the embedded server's
// faults, are told by name.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

const cache = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'keydrift-test-servers',
);
const port = 46_000 + (process.pid % 1000);
const keys = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'testtest',
  AWS_REGION: 'us-east-1',
};

const servers = {
  moto(data) {
    const venv = join(cache, 'moto');
    const binary = join(venv, 'bin', 'moto_server');
    if (!existsSync(binary)) {
      run('python3', ['-m', 'venv', venv]);
      run(join(venv, 'bin', 'pip'), ['install', '--quiet', 'moto[server]']);
    }
    return [binary, ['-H', '127.0.0.1', '-p', String(port)], data];
  },
  versitygw(data) {
    const binary = join(cache, 'bin', 'versitygw');
    if (!existsSync(binary)) {
      const env = { ...process.env, GOBIN: join(cache, 'bin') };
      run('go', ['install', 'github.com/versity/versitygw/cmd/versitygw@latest'], { env });
    }
    for (const name of ['data', 'versions']) mkdirSync(join(data, name));
    const identity = ['--access', keys.AWS_ACCESS_KEY_ID, '--secret', keys.AWS_SECRET_ACCESS_KEY];
    const posix = ['posix', '--versioning-dir', join(data, 'versions'), join(data, 'data')];
    return [binary, [...identity, '--port', `127.0.0.1:${port}`, ...posix], data];
  },
};

const asked = process.argv.slice(2);
const results = [];
for (const name of asked.length > 0 ? asked : Object.keys(servers)) {
  results.push([name, await tryServer(name)]);
}
for (const [name, result] of results) console.log(`${name}: ${result}`);
console.log(
  'not asked of any of them: what only the embedded server can be told to do wrong (npm test).',
);
if (results.some(([, result]) => result !== 'all passed')) process.exitCode = 1;

async function tryServer(name) {
  if (/^https?:/.test(name)) return test(name, {});
  if (!(name in servers)) return `unknown; known are ${Object.keys(servers).join(', ')} and URLs`;
  const data = mkdtempSync(join(tmpdir(), 'keydrift-server-'));
  let server;
  try {
    const [binary, args] = servers[name](data);
    server = spawn(binary, args, { stdio: 'ignore', cwd: data });
    const endpoint = `http://127.0.0.1:${port}`;
    for (let turn = 0; turn < 300 && !(await answers(endpoint)); turn += 1) await setTimeout(100);
    return test(endpoint, keys);
  } catch (error) {
    return `could not be had: ${error.message}`;
  } finally {
    server?.kill('SIGKILL');
    rmSync(data, { recursive: true, force: true });
  }
}

function answers(endpoint) {
  return fetch(endpoint).then(
    () => true,
    () => false,
  );
}

function test(endpoint, environment) {
  const env = { ...process.env, ...environment, KEYDRIFT_TEST_S3_ENDPOINT: endpoint };
  const words = [
    'vitest',
    'run',
    'test/integration/s3-copies.test.ts',
    'test/integration/bad-s3.test.ts',
    'test/servers',
  ];
  const { status } = spawnSync('npx', words, { stdio: 'inherit', env });
  return status === 0 ? 'all passed' : `failed (${status})`;
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (status !== 0) throw error ?? new Error(`${command} ended with ${status}`);
}
