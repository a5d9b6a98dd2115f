// Two copies of one size, compared by keydrift and its peers in rounds.
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { generate } from './generate.mjs';
import { measure, median } from './measure.mjs';
import { csvDiffProgram } from './program.mjs';

export const columns = [
  '--key',
  'participant_id,region,business_date',
  '--consumes',
  'partition_prefix,run_mode,weight',
  '--format',
  'json',
];

/** Names of what is run; the table is made of them. */
export const names = {
  own: 'keydrift diff',
  duckdb: 'DuckDB, exact',
  'duckdb-hash': 'DuckDB, 64-bit hashes',
  polars: 'polars',
  'csv-parse': 'csv-parse',
  'csv-diff': "Rust's csv-diff",
  coreutils: 'coreutils',
};

/** Medians by name: wall and CPU in ms, RSS in MiB, and whether the counts were right. */
export async function benchSize(size, runs, program, peers) {
  const { reviewed, runtime, expected } = await generate(size, resolve(`bench/data/${size}`));
  const bytes = (await stat(reviewed)).size + (await stat(runtime)).size;
  const diff = ['diff', `file:${reviewed}`, `file:${runtime}`, ...columns];
  const commands = [
    [names.own, process.execPath, [program, ...diff]],
    ...peers.map((peer) => peerCommand(peer, reviewed, runtime)),
  ];
  const done = new Map(commands.map(([name]) => [name, []]));
  // One after the other in rounds, so that a slow minute of the machine strikes all.
  for (let round = 0; round < runs; round += 1) {
    for (const [name, command, args] of commands) {
      if (!done.has(name)) continue;
      const run = await measure(command, args);
      // 1 is drift, which is what is measured.
      if (run.code === 0 || (run.code === 1 && name.startsWith('keydrift'))) {
        done.get(name).push({ ...run, stdout: '', ...answerOf(name, run, expected) });
        continue;
      }
      console.error(`${name} cannot run here, and is left out: ${reasonOf(run)}`);
      done.delete(name);
    }
  }
  const found = new Map([...done].map(([name, list]) => [name, summary(list)]));
  printSize(size, bytes, found);
  return found;
}

function summary(list) {
  const [wall, cpu, rss] = ['wall', 'cpu', 'rss'].map((field) => median(list, field));
  const wrong = list.find(({ isRight }) => !isRight);
  const right = list[0].isRight === null ? '' : wrong === undefined ? 'yes' : `NO: ${wrong.counts}`;
  return { wall, cpu, rss, right };
}

function reasonOf({ code, stderr }) {
  const line = stderr.split('\n').find((text) => /^\W*\w*Error: /.test(text));
  return line?.trim() ?? `exit code ${code}`;
}

function peerFile(name) {
  return join(resolve('bench/peers'), name);
}

function peerCommand(peer, reviewed, runtime) {
  if (peer === 'coreutils') {
    return [names.coreutils, 'bash', [peerFile('coreutils.sh'), reviewed, runtime]];
  }
  if (peer === 'csv-diff') return [names[peer], csvDiffProgram, [reviewed, runtime]];
  const [script, ...mode] = peer.split('-hash').map((part, at) => (at === 0 ? part : 'hash'));
  return [names[peer], process.execPath, [peerFile(`${script}.mjs`), reviewed, runtime, ...mode]];
}

/** Whether a command counted what a diff must find; null: its answer is none of counts. */
function answerOf(name, { stdout }, expected) {
  if (name === names.coreutils) return { isRight: null, counts: '' };
  const found = name.startsWith('keydrift')
    ? JSON.parse(stdout).artifacts[0]?.counts
    : JSON.parse(stdout);
  const isRight = Object.entries(expected).every(([kind, count]) => found?.[kind] === count);
  const counts = Object.keys(expected).map((kind) => `${kind} ${found?.[kind]}`);
  return { isRight, counts: counts.join(', ') };
}

function printSize(size, bytes, found) {
  const own = found.get(names.own);
  console.log(`\n## ${size} × ${size} rows, ${(bytes / 1e6).toFixed(1)} MB\n`);
  console.log(
    '| | wall ms | CPU ms | RSS MiB | rows/s | MB/s | CPU ÷ keydrift | wall ÷ keydrift | right |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const [name, { wall, cpu, rss, right }] of found) {
    const cells = [
      wall.toFixed(0),
      cpu.toFixed(0),
      rss === null ? '' : rss.toFixed(0),
      ((2e3 * size) / wall).toFixed(0),
      (bytes / wall / 1e3).toFixed(0),
      (cpu / own.cpu).toFixed(2),
      (wall / own.wall).toFixed(2),
      right,
    ];
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}
