// What the look for hazards costs (UTF-8 of every column, signs that other readers take otherwise): a
// build that looks against one that does not, over the same copies, of the same rows in
// another order.
import { build } from 'esbuild';
import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';
import { directImports } from '../scripts/direct-imports.mjs';
import { drivers } from '../scripts/drivers.mjs';
import { write } from './cases.mjs';
import { inRounds, measure } from './measure.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Sees nothing, and costs nothing. */
const blind = `
export const lendArea = () => null;
export function createSuspectScan() {
  const none = { places: new Float64Array(0), hashes: new Uint32Array(0) };
  const seen = { places: none.places, marked: none, told: 'all', blankLines: 0, commentLines: 0 };
  const all = { ...seen, firstEnd: 'LF', delimiters: ',', apostrophes: false, firstQuote: null };
  return { push() {}, end: () => all };
}`;

const withoutLook = {
  name: 'without-look',
  setup({ onLoad }) {
    // What else the module exports are types.
    onLoad({ filter: /src\/formats\/csv\/scan\.ts$/ }, () => ({ contents: blind, loader: 'js' }));
  },
};

/** Builds the command line as one file; gives its path. */
async function program(name, plugins) {
  const outfile = join(root, 'node_modules', '.cache', 'keydrift', `${name}.cjs`);
  await build({
    absWorkingDir: root,
    entryPoints: ['src/cli.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    mainFields: ['module', 'main'],
    minifySyntax: true,
    minifyWhitespace: true,
    define: { KEYDRIFT_VERSION: '"0.0.0"' },
    external: drivers,
    plugins: [...plugins, directImports],
    format: 'cjs',
    supported: { 'dynamic-import': false },
    logLevel: 'error',
  });
  return outfile;
}

const header = 'participant_id,region,business_date,partition_prefix,run_mode,weight,name,notes\n';
const ascii = 'the quick brown fox jumps over the lazy dog at noon';
const wide = 'Съешь же ещё этих мягких французских булок да чаю 日本語';

/** A row by its number, in an order by a step; `notes` is its text. */
function rowsOf(rows, notes, step) {
  return (at) => {
    const row = (at * step) % rows;
    const id = `P-${String(row).padStart(8, '0')}`;
    const date = `2026-0${1 + (row % 9)}-1${row % 10}`;
    const cells = [id, `eu-west-${row % 3}`, date, `s3/part=${row % 4096}/d=${row % 30}`, 'full'];
    const text = notes.slice(row % 13);
    return `${cells.join(',')},${((row % 9000) / 100).toFixed(2)},${text.slice(0, 12)},${text} ${row}\n`;
  };
}

/** CPU of looking ÷ not looking, by kind of text. */
export async function benchHazards(rows, rounds) {
  const cwd = resolve(`bench/data/hazards-${rows}`);
  await mkdir(cwd, { recursive: true });
  const programs = {
    look: await program('with-look', []),
    blind: await program('without-look', [withoutLook]),
  };
  const shares = {};
  const runs = {};
  for (const [kind, notes] of Object.entries({ ascii, wide })) {
    for (const [copy, step] of Object.entries({ reviewed: 7919, runtime: 7907 })) {
      await write(join(cwd, `${kind}-${copy}.csv`), rows, rowsOf(rows, notes, step), header);
    }
    const bytes = await readFile(join(cwd, `${kind}-reviewed.csv`));
    shares[kind] = bytes.filter((byte) => byte >= 0x80).length / bytes.length;
    const words = ['diff', `file:${kind}-reviewed.csv`, `file:${kind}-runtime.csv`];
    words.push('--key', 'participant_id,region,business_date');
    words.push('--consumes', 'partition_prefix,run_mode,weight', '--format', 'json');
    for (const [name, path] of Object.entries(programs)) {
      runs[`${kind} ${name}`] = () =>
        measure(process.execPath, [path, ...words], { cwd, output: 'dropped' });
    }
  }
  const found = await inRounds(rounds, runs, (name, { code, stderr }) => {
    if (code !== 0) throw new Error(`${name}: exit code ${code}, ${stderr}`);
  });
  console.log(`\n## The look for hazards, ${rows} × ${rows} rows, CPU\n`);
  console.log('| text | bytes beyond ASCII | looking, s | not, s | looking ÷ not |');
  console.log('|---|---|---|---|---|');
  const ratios = {};
  for (const [kind, share] of Object.entries(shares)) {
    const [look, not] = [found[`${kind} look`].cpu, found[`${kind} blind`].cpu];
    ratios[kind] = look / not;
    const told = [kind, `${(100 * share).toFixed(0)} %`, (look / 1000).toFixed(2)];
    console.log(`| ${[...told, (not / 1000).toFixed(2), (look / not).toFixed(3)].join(' | ')} |`);
  }
  return ratios;
}
