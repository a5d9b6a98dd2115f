// npm run bench [-- --runs 7 --peers duckdb,duckdb-hash,polars,csv-diff,csv-parse,coreutils --only engines]
// Whole processes, medians of one run in alternation; findings reported as JSON. CPU is that of
// keydrift and its git children. The first size is held against the peers.
import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { benchAudit } from './audit.mjs';
import { benchCases, benchNarrow } from './cases.mjs';
import { benchFormats } from './formats.mjs';
import { benchHazards } from './hazards.mjs';
import { benchSize, names } from './engines.mjs';
import { buildCsvDiff, buildProgram, installNode24, installPeers } from './program.mjs';
import { coldStarts } from './start.mjs';
import { printTargets, targets } from './targets.mjs';

const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '7' },
    peers: { type: 'string', default: 'duckdb,duckdb-hash,polars,csv-diff,csv-parse,coreutils' },
    /** `large` is 5M rows, `narrow` 20M: they take minutes to make. */
    only: {
      type: 'string',
      default: 'engines,large,narrow,cases,hazards,formats,start,run,audit,fleet',
    },
    rows: { type: 'string', default: '1000000' },
  },
});
const runs = Number(options.runs);
const rows = Number(options.rows);
const parts = options.only.split(',');
const asked = (part, work) => (parts.includes(part) ? work() : undefined);
const program = await buildProgram();
const peers = peersHere(options.peers.split(',').filter((peer) => peer !== ''));
const load = loadavg()[0].toFixed(1);
console.log(
  `\n${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown'} × ${cpus().length}, load ${load} before, Node ${process.version}: npm run bench ${process.argv.slice(2).join(' ')}`,
);
const million = await asked('engines', () => benchSize(rows, runs, program, peers));
const few = Math.min(runs, 3);
const fiveMillion = await asked('large', () =>
  benchSize(5 * rows, few, program, peers.slice(0, 1)),
);
const narrow = await asked('narrow', () => benchNarrow(program, 20 * rows, few));
const cases = await asked('cases', () => benchCases(program, rows, runs));
const hazards = await asked('hazards', () => benchHazards(rows, runs));
const formats = await asked('formats', () => benchFormats(program, rows, few));
const starts = (await asked('start', measureStarts)) ?? [];
asked('run', tellOverhead);
const audits = {
  1000: await asked('audit', () => benchAudit(program, 1000, few)),
  10000: await asked('fleet', () => benchAudit(program, 10_000, 1)),
};
printTargets(
  targets({ rows, million, fiveMillion, narrow, cases, hazards, formats, starts, audits, names }),
);

/** Peers that can be run: all but coreutils are installed from their registries. */
function peersHere(wanted) {
  const isAsked = parts.includes('engines') || parts.includes('formats');
  const isInstalled = isAsked && installPeers();
  const hasCsvDiff = isAsked && wanted.includes('csv-diff') && buildCsvDiff();
  const isHere = { coreutils: true, 'csv-diff': hasCsvDiff };
  return wanted.filter((peer) => isHere[peer] ?? isInstalled);
}

async function measureStarts() {
  const other = installNode24();
  const nodes = [process.execPath, ...(other === null ? [] : [other])];
  const found = await coldStarts(program, nodes, 4 * runs);
  console.log(
    '\n## 10k × 10k rows, cold, git + file\n\n| | over node -e 0, ms | that, ms |\n|---|---|---|',
  );
  found.forEach(({ over, idle }, at) => {
    const version = execFileSync(nodes[at], ['--version'], { encoding: 'utf8' }).trim();
    console.log(`| Node ${version} | ${over.toFixed(0)} | ${idle.toFixed(0)} |`);
  });
  return found;
}

/** Wall time that `keydrift run` adds to a command. */
function tellOverhead() {
  const script = ['bench/run-overhead.mjs', '10000', String(3 * runs)];
  const told = execFileSync(process.execPath, script, { encoding: 'utf8' });
  console.log(`\n## keydrift run\n\n${told}`);
}
