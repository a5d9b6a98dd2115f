// A large fleet in sync, on the embedded S3 server in a process of its own: every artifact judged,
// requests counted, memory bounded. `npm run test:fleet -- [ARTIFACTS]`, by default 10,000 of 10 KB.
// Before it, the fleet of 2,000 with faults (KEYDRIFT_TEST_FLEET; see fleet-faults.test.ts).
// Exit codes: 0 passed, 1 failed.
import assert from 'node:assert/strict';
import { execFileSync, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measure } from '../bench/measure.mjs';
import { buildProgram } from '../bench/program.mjs';
import { commitAll } from '../bench/repository.mjs';

const count = Number(process.argv[2] ?? 10_000);
/** Rows of a lookup of about 10 KB. */
const rows = 235;
const mostMemory = 250;

if (process.send !== undefined) await serve();
else await test();

function bodyOf(artifact) {
  const lines = Array.from(
    { length: rows },
    (_, row) => `P-${artifact}-${row},eu,lake/p=${row % 7},full,${row % 7}.50,some words\n`,
  );
  return `participant_id,region,partition_prefix,run_mode,weight,notes\n${lines.join('')}`;
}

function nameOf(artifact) {
  return `team${artifact % 10}/lookup${artifact}.csv`;
}

/** The server, whose CPU time is not keydrift's; tells how often it was asked, and forgets. */
async function serve() {
  const { bundle } = await import('./bundle.mjs');
  const { startS3Server } = await import(await bundle('localstack/s3-server/index.ts'));
  const server = await startS3Server();
  server.createBucket('runtime', { versioning: 'Enabled' });
  for (let artifact = 0; artifact < count; artifact += 1) {
    const body = Buffer.from(bodyOf(artifact));
    const sha256 = createHash('sha256').update(body).digest('base64');
    const headers = { 'x-amz-checksum-sha256': sha256 };
    server.putObject({ bucket: 'runtime', key: `in/${nameOf(artifact)}`, body, headers });
  }
  process.on('message', () => {
    const asked = {};
    for (const { operation } of server.requests.entries) {
      asked[operation] = (asked[operation] ?? 0) + 1;
    }
    server.requests.clear();
    process.send(asked);
  });
  process.send({ endpoint: server.endpoint, credentials: server.credentials });
}

async function test() {
  execFileSync('npx', ['--no-install', 'vitest', 'run', 'test/integration/fleet-faults.test.ts'], {
    env: { ...process.env, KEYDRIFT_TEST_FLEET: process.env.KEYDRIFT_TEST_FLEET ?? '2000' },
    stdio: 'inherit',
  });
  const program = await buildProgram();
  const cwd = await mkdtemp(join(tmpdir(), 'keydrift-fleet-'));
  const server = fork(fileURLToPath(import.meta.url), [String(count)]);
  try {
    const [{ endpoint, credentials }] = await once(server, 'message');
    await prepare(cwd);
    const env = {
      ...process.env,
      HOME: cwd,
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    };
    const tooMuch = [];
    const audit = async (what, config, requests) => {
      const words = [program, 'audit', '--config', config, '--format', 'json'];
      const { stdout, stderr, cpu, wall, rss } = await measure(process.execPath, words, {
        cwd,
        env,
      });
      const { artifacts } = JSON.parse(stdout);
      assert.equal(artifacts.length, count, stderr);
      assert.deepEqual([...new Set(artifacts.map(({ state }) => state))], ['identical']);
      server.send('asked');
      assert.deepEqual((await once(server, 'message'))[0], requests);
      const rate = ((1000 * count) / cpu).toFixed(0);
      console.log(
        `${what}: ${count} artifacts, ${rate} a CPU second, ${(cpu / 1000).toFixed(1)} s CPU, ` +
          `${(wall / 1000).toFixed(1)} s wall, ${rss.toFixed(0)} MiB`,
      );
      if (rss > mostMemory) tooMuch.push(`${what}: ${rss.toFixed(0)} MiB`);
    };
    const listings = { ListObjectsV2: Math.ceil(count / 1000) };
    await audit('every byte read', 'keydrift.yaml', { ...listings, GetObject: count });
    const unread = { ...listings, HeadObject: count };
    await audit("the store's SHA-256, reviewed files scanned", 'sha256.yaml', unread);
    await audit("the store's SHA-256, reviewed files known", 'sha256.yaml', unread);
    console.log('no GET where the store has hashed the bytes itself');
    assert.deepEqual(tooMuch, [], `more than ${mostMemory} MiB`);
    console.log('passed');
  } finally {
    server.kill();
    await rm(cwd, { recursive: true, force: true });
  }
}

function contract(more) {
  return `version: 1
artifacts:
  lookups:
    reviewed: support/**/*.csv
    runtime: s3://runtime/in/
    key: [participant_id, region]
    descriptive: [notes]
${more}`;
}

async function prepare(cwd) {
  for (let team = 0; team < 10; team += 1) {
    await mkdir(join(cwd, `support/team${team}`), { recursive: true });
  }
  for (let artifact = 0; artifact < count; artifact += 1) {
    await writeFile(join(cwd, 'support', nameOf(artifact)), bodyOf(artifact));
  }
  await writeFile(join(cwd, 'keydrift.yaml'), contract(''));
  await writeFile(join(cwd, 'sha256.yaml'), contract('    evidence: sha256\n'));
  commitAll(cwd);
}
