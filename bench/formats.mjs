// The same two tables in every format: CPU and memory over those of CSV, beside DuckDB.
import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { inRounds, measure } from './measure.mjs';

const key = ['participant_id', 'region', 'business_date'];
const columns = [...key, 'partition_prefix', 'run_mode', 'weight'];
const endings = ['csv', 'csv.gz', 'ndjson', 'parquet'];

function cellsOf(row) {
  return [
    `P-${String(row).padStart(8, '0')}`,
    `eu-west-${row % 3}`,
    `2026-0${1 + (row % 9)}-1${row % 10}`,
    `s3/part=${row % 4096}/d=${row % 30}`,
    'full',
    ((row % 9000) / 100).toFixed(2),
  ];
}

const writers = {
  csv: (cells) => `${cells.join(',')}\n`,
  ndjson: (cells) =>
    `${JSON.stringify(Object.fromEntries(columns.map((name, at) => [name, cells[at]])))}\n`,
};

async function writeRows(path, rows, step, ending) {
  const stream = createWriteStream(`${path}.part`);
  let piece = ending === 'csv' ? `${columns.join(',')}\n` : '';
  for (let at = 0; at < rows; at += 1) {
    piece += writers[ending](cellsOf((at * step) % rows));
    if (piece.length < 1 << 20) continue;
    if (!stream.write(piece)) await once(stream, 'drain');
    piece = '';
  }
  stream.end(piece);
  await once(stream, 'finish');
  await rename(`${path}.part`, path);
}

/** Both copies in every format, in two orders. */
async function prepare(directory, rows) {
  await mkdir(directory, { recursive: true });
  for (const [side, step] of Object.entries({ reviewed: 7919, runtime: 104_729 })) {
    const file = (ending) => join(directory, `${side}.${ending}`);
    for (const ending of endings) {
      if ((await stat(file(ending)).catch(() => null)) !== null) continue;
      if (ending in writers) await writeRows(file(ending), rows, step, ending);
      else if (ending === 'csv.gz') {
        const out = createWriteStream(file(ending));
        await pipeline(createReadStream(file('csv')), createGzip(), out);
      } else {
        const cwd = resolve('bench/peers');
        execFileSync(process.execPath, ['convert.mjs', file('csv'), file(ending)], { cwd });
      }
    }
  }
}

/** Prints a table; gives CPU over that of CSV, and MiB, by ending. */
export async function benchFormats(program, rows, runs) {
  const directory = resolve(`bench/data/formats-${rows}`);
  await prepare(directory, rows);
  const pair = (ending) =>
    ['reviewed', 'runtime'].map((side) => join(directory, `${side}.${ending}`));
  const own = (ending) => {
    const sides = pair(ending).map((path) => `file:${path}`);
    const words = ['diff', ...sides, '--key', key.join(','), '--format', 'json'];
    return measure(process.execPath, [program, ...words]);
  };
  const peer = (ending) =>
    measure(process.execPath, ['duckdb-formats.mjs', ...pair(ending)], {
      cwd: resolve('bench/peers'),
    });
  const found = {};
  console.log(
    `\n## ${rows} × ${rows} rows × 6 columns, by format\n\n| | CPU, ms | over CSV | MiB | DuckDB CPU, ms |\n|---|---|---|---|---|`,
  );
  for (const ending of endings) {
    const commands = { mine: () => own(ending), theirs: () => peer(ending) };
    const { mine, theirs } = await inRounds(runs, commands, (name, { code, stderr }) => {
      if (code !== 0) throw new Error(`${name}, ${ending}: ${stderr}`);
    });
    const over = mine.cpu / (found.csv?.cpu ?? mine.cpu);
    found[ending] = { cpu: mine.cpu, over, rss: mine.rss };
    console.log(
      `| ${ending} | ${mine.cpu.toFixed(0)} | ${over.toFixed(2)} | ${mine.rss.toFixed(0)} | ${theirs.cpu.toFixed(0)} |`,
    );
  }
  return found;
}
