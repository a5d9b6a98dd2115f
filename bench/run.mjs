// npm run bench [-- --sizes 10000,1000000 --runs 5 --peers duckdb,duckdb-hash,polars,csv-parse,coreutils]
// Whole processes, medians of one run; all findings reported as JSON.
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { generate } from './generate.mjs';
import { measure, median } from './measure.mjs';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,1000000' },
    runs: { type: 'string', default: '5' },
    peers: { type: 'string', default: 'duckdb,duckdb-hash,polars,csv-parse,coreutils' },
  },
});
const program = resolve('dist/keydrift.js');
const peerDirectory = resolve('bench/peers');
const columns = [
  '--key',
  'participant_id,region,business_date',
  '--consumes',
  'partition_prefix,run_mode,weight',
  '--format',
  'json',
];

execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
const withoutSha256 = await buildWithoutSha256();
const installed = installPeers();
console.log(
  `\n${new Date().toISOString().slice(0, 10)}, ${cpus()[0]?.model ?? 'unknown'} × ${cpus().length}, Node ${process.version}`,
);
for (const size of options.sizes.split(',').map(Number)) await benchSize(size);

/** The program with SHA-256 left out, to compare with engines that hash nothing. */
async function buildWithoutSha256() {
  const directory = resolve('bench/data/without-sha256');
  await build({
    entryPoints: { keydrift: 'src/cli/main.ts' },
    outdir: directory,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    define: { KEYDRIFT_VERSION: '"benchmark"' },
    banner: {
      js: "import{createRequire as keydriftRequire}from'node:module';const require=keydriftRequire(import.meta.url);",
    },
    outExtension: { '.js': '.mjs' },
    plugins: [
      {
        name: 'no-fingerprint',
        setup(building) {
          building.onLoad({ filter: /app\/fingerprint\.ts$/ }, () => ({
            contents: `let copies=0;export function createFingerprint(){return{update(){},hex:()=>'not hashed '+(copies++)}}`,
          }));
        },
      },
    ],
  });
  return join(directory, 'keydrift.mjs');
}

/** Peers come from the npm registry into a folder of their own; without it, they are left out. */
function installPeers() {
  try {
    const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--silent'];
    execFileSync('npm', ['install', ...quiet], { cwd: peerDirectory });
    return true;
  } catch (error) {
    console.error(`peers cannot be installed, and are left out: ${error.message.split('\n')[0]}`);
    return false;
  }
}

async function benchSize(size) {
  const { reviewed, runtime, expected } = await generate(size, resolve(`bench/data/${size}`));
  const bytes = (await stat(reviewed)).size + (await stat(runtime)).size;
  const files = [`file:${reviewed}`, `file:${runtime}`];
  const commands = [
    ['keydrift diff', process.execPath, [program, 'diff', ...files, ...columns]],
    ['keydrift, no SHA-256', process.execPath, [withoutSha256, 'diff', ...files, ...columns]],
    ...peerCommands(reviewed, runtime),
  ];
  const repository = size <= 100_000 ? await gitRepository(reviewed) : null;
  if (repository !== null) {
    const line = [program, 'diff', 'reviewed.csv', files[1], ...columns];
    commands.push(['keydrift, git + file', process.execPath, line, { cwd: repository }]);
    commands.push(['node -e 0', process.execPath, ['-e', '0']]);
  }
  const runs = new Map(commands.map(([name]) => [name, []]));
  // One after the other in rounds, so that a slow minute of the machine strikes all.
  for (let round = 0; round < Number(options.runs); round += 1) {
    for (const [name, command, args, place] of commands) {
      if (!runs.has(name)) continue;
      const run = await measure(command, args, place);
      // 1 is drift, which is what is measured.
      if (run.code === 0 || (run.code === 1 && name.startsWith('keydrift'))) {
        runs.get(name).push({ ...run, isRight: isRight(name, run, expected) });
        continue;
      }
      console.error(`${name} cannot run here, and is left out: ${reasonOf(run)}`);
      runs.delete(name);
    }
  }
  if (repository !== null) await rm(repository, { recursive: true });
  printTable(size, bytes, runs);
}

function reasonOf({ code, stderr }) {
  const line = stderr.split('\n').find((text) => /^\W*\w*Error: /.test(text));
  return line?.trim() ?? `exit code ${code}`;
}

function peerCommands(reviewed, runtime) {
  const wanted = options.peers.split(',');
  const peer = (name, file, ...more) => [
    name,
    process.execPath,
    [join(peerDirectory, file), reviewed, runtime, ...more],
  ];
  const all = {
    duckdb: peer('DuckDB, exact', 'duckdb.mjs'),
    'duckdb-hash': peer('DuckDB, 64-bit hashes', 'duckdb.mjs', 'hash'),
    polars: peer('polars', 'polars.mjs'),
    'csv-parse': peer('csv-parse', 'csv-parse.mjs'),
    coreutils: ['coreutils', 'bash', [join(peerDirectory, 'coreutils.sh'), reviewed, runtime]],
  };
  return Object.entries(all)
    .filter(([name]) => wanted.includes(name) && (installed || name === 'coreutils'))
    .map(([, command]) => command);
}

async function gitRepository(reviewed) {
  const directory = await mkdtemp(join(tmpdir(), 'keydrift-bench-git-'));
  await copyFile(reviewed, join(directory, 'reviewed.csv'));
  const git = (...args) =>
    execFileSync('git', [
      '-C',
      directory,
      '-c',
      'user.name=b',
      '-c',
      'user.email=b@example.org',
      ...args,
    ]);
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '-m', 'reviewed');
  return directory;
}

function isRight(name, { stdout }, expected) {
  if (name === 'coreutils' || name === 'node -e 0') return null;
  const counts = name.startsWith('keydrift')
    ? JSON.parse(stdout).artifacts[0]?.counts
    : JSON.parse(stdout);
  return Object.entries(expected).every(([kind, count]) => counts?.[kind] === count);
}

function printTable(size, bytes, runs) {
  const own = runs.get('keydrift diff');
  console.log(`\n## ${size} × ${size} rows, ${(bytes / 1e6).toFixed(1)} MB\n`);
  console.log(
    '| | wall ms | CPU ms | RSS MiB | rows/s | MB/s | CPU ÷ keydrift | wall ÷ keydrift | right |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const [name, list] of runs) {
    const [wall, cpu, rss] = ['wall', 'cpu', 'rss'].map((field) => median(list, field));
    const right = list.every(({ isRight: answer }) => answer) ? 'yes' : 'NO';
    const cells = [
      wall.toFixed(0),
      cpu.toFixed(0),
      rss === null ? '' : rss.toFixed(0),
      ((2e3 * size) / wall).toFixed(0),
      (bytes / wall / 1e3).toFixed(0),
      (cpu / median(own, 'cpu')).toFixed(2),
      (wall / median(own, 'wall')).toFixed(2),
      list[0].isRight === null ? '' : right,
    ];
    console.log(`| ${name} | ${cells.join(' | ')} |`);
  }
}
