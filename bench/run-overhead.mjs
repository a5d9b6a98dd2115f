// What `keydrift run` adds to a command: wall time over the bare command, for a lookup of 10,000
// rows on the embedded S3 server, beside shell scripts that download and diff.
//
//     node bench/run-overhead.mjs [ROWS [ROUNDS]]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stop } from 'esbuild';
import { bundle } from '../scripts/bundle.mjs';
import { buildProgram } from './program.mjs';
import { commitAll } from './repository.mjs';

const rows = Number(process.argv[2] ?? 10_000);
const rounds = Number(process.argv[3] ?? 15);
const program = await buildProgram();
const { startS3Server } = await import(await bundle('localstack/s3-server/index.ts'));
await stop();

const server = await startS3Server();
const directory = await mkdtemp(join(tmpdir(), 'keydrift-bench-'));
const env = {
  PATH: process.env.PATH,
  HOME: directory,
  AWS_ENDPOINT_URL_S3: server.endpoint,
  AWS_ENDPOINT_URL: server.endpoint,
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  ENDPOINT: server.endpoint,
};
try {
  const body = await prepare();
  console.log(
    `ms: wall (median), over the bare command, wall (least), CPU (median)\n${rows} rows, ${(body.length / 1024).toFixed(0)} KiB, ${rounds} rounds, node ${process.version}`,
  );
  const keydrift = [process.execPath, program, 'run', '--quiet', 'lookup'];
  const candidates = {
    'the bare command': ['cat', 'lookup.csv'],
    'keydrift run': [...keydrift, '--', 'cat', '{lookup}'],
    'node by itself': [process.execPath, '-e', '0'],
    'sh: curl + git show + diff': inShell('curl -sf -o runtime.tmp "$ENDPOINT/runtime/lookup.csv"'),
    ...(has('aws') && {
      'sh: aws s3 cp + git show + diff': inShell(
        'aws s3 cp --quiet s3://runtime/lookup.csv runtime.tmp',
      ),
    }),
  };
  const times = new Map(Object.keys(candidates).map((name) => [name, []]));
  // Turn by turn: what else the machine does meets all of them alike. The first turn warms up.
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, words] of Object.entries(candidates)) {
      const time = await measure(words);
      if (round >= 0) times.get(name).push(time);
    }
  }
  const wallOf = (name) => times.get(name).map(({ wall }) => wall);
  const bare = median(wallOf('the bare command'));
  for (const name of times.keys()) {
    const wall = median(wallOf(name));
    const least = Math.min(...wallOf(name));
    const cpu = median(times.get(name).map((one) => one.cpu));
    const columns = [wall, wall - bare, least, cpu].map((ms) => ms.toFixed(0).padStart(6));
    console.log(name.padEnd(34), ...columns);
  }
} finally {
  await server.close();
  await rm(directory, { recursive: true, force: true });
}

/** A script that downloads, compares and goes on, as people write it. */
function inShell(download) {
  const compare = 'git show HEAD:lookup.csv > reviewed.tmp; diff -q reviewed.tmp runtime.tmp';
  return ['sh', '-c', `set -e; ${download}; ${compare}; exec cat runtime.tmp`];
}

async function prepare() {
  const lines = Array.from(
    { length: rows },
    (_, row) => `P-${row},eu,lake/p=${row % 97},full,${row % 7}.50,name of ${row}\n`,
  );
  const body = `participant_id,region,partition_prefix,run_mode,weight,name\n${lines.join('')}`;
  await writeFile(join(directory, 'lookup.csv'), body);
  await writeFile(
    join(directory, 'keydrift.yaml'),
    `version: 1
artifacts:
  lookup:
    reviewed: lookup.csv
    runtime: s3://runtime/lookup.csv
    key: [participant_id, region]
    consumes: [partition_prefix, run_mode, weight]
    normalize: {participant_id: [trim, uppercase], weight: [{decimal: 2}]}
`,
  );
  commitAll(directory);
  server.createBucket('runtime', { versioning: 'Enabled' });
  server.setPublic('runtime');
  server.putObject({ bucket: 'runtime', key: 'lookup.csv', body });
  return body;
}

async function measure([file, ...words]) {
  const cpu = childCpu();
  const started = performance.now();
  const child = spawn(file, words, { cwd: directory, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${file} ${words.join(' ')}: exit code ${code}`);
  return { wall: performance.now() - started, cpu: childCpu() - cpu };
}

/** CPU time of all ended children, in ms: fields 16 and 17 of /proc/self/stat, in ticks of 10 ms. */
function childCpu() {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return 10 * (Number(fields[13]) + Number(fields[14]));
  } catch {
    return Number.NaN;
  }
}

function has(command) {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
