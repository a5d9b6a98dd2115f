// npm run bench [-- --runs 5 --peers duckdb,duckdb-hash,polars,csv-parse,coreutils --only engines]
// Whole processes, medians of one run; all findings reported as JSON. The first size is held
// against the peers, the others against the first.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { auditRate } from './audit.mjs';
import { benchSize, names } from './engines.mjs';
import { buildProgram, buildWithoutSha256, installNode24, installPeers } from './program.mjs';
import { coldStarts } from './start.mjs';
import { printTargets, targets } from './targets.mjs';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    peers: { type: 'string', default: 'duckdb,duckdb-hash,polars,csv-parse,coreutils' },
    /** Left out, unless it is true: five million rows take a minute to make. */
    large: { type: 'string', default: 'true' },
    only: { type: 'string', default: 'engines,start,run,audit' },
  },
});
const runs = Number(options.runs);
const parts = options.only.split(',');
const programs = { own: await buildProgram(), unhashed: await buildWithoutSha256() };
const peers = peersHere(options.peers.split(',').filter((peer) => peer !== ''));
console.log(
  `\n${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown'} × ${cpus().length}, Node ${process.version}: npm run bench`,
);
const engines = parts.includes('engines');
const million = engines ? await benchSize(1_000_000, runs, programs, peers) : undefined;
const fiveMillion =
  engines && options.large === 'true'
    ? await benchSize(5_000_000, Math.min(runs, 3), programs, peers.slice(0, 1))
    : undefined;
const starts = parts.includes('start') ? await measureStarts() : [];
const overhead = parts.includes('run') ? measureOverhead() : Number.NaN;
const rate = parts.includes('audit')
  ? await auditRate(programs.own, 1000, Math.min(runs, 3))
  : Number.NaN;
printTargets(targets({ million, fiveMillion, starts, overhead, rate, names }));

/** Peers that can be run: all but coreutils come from the registry. */
function peersHere(wanted) {
  const isInstalled = parts.includes('engines') && installPeers();
  return wanted.filter((peer) => peer === 'coreutils' || isInstalled);
}

async function measureStarts() {
  const other = installNode24();
  const nodes = [process.execPath, ...(other === null ? [] : [other])];
  const found = await coldStarts(programs.own, nodes, 4 * runs);
  console.log(
    '\n## 10k × 10k rows, cold, git + file\n\n| | wall ms | node by itself |\n|---|---|---|',
  );
  found.forEach(({ diff, idle }, at) => {
    const version = execFileSync(nodes[at], ['--version'], { encoding: 'utf8' }).trim();
    console.log(`| Node ${version} | ${diff.toFixed(0)} | ${idle.toFixed(0)} |`);
  });
  return found;
}

/** Wall time that `keydrift run` adds to a command, in ms. */
function measureOverhead() {
  const script = ['bench/run-overhead.mjs', '10000', String(3 * runs)];
  const told = execFileSync(process.execPath, script, { encoding: 'utf8' });
  console.log(`\n## keydrift run\n\n${told}`);
  const line = /^keydrift run\s+(-?\d+)\s+(-?\d+)/m.exec(told);
  return Number(line?.[2] ?? Number.NaN);
}
