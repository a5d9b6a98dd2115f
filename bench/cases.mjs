// Copies that are all alike, all other, of one key, or of another dialect; and narrow ones.
import { createWriteStream } from 'node:fs';
import { copyFile, mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { inRounds, measure } from './measure.mjs';

const names = [
  'participant_id',
  'region',
  'business_date',
  'partition_prefix',
  'run_mode',
  'weight',
];
const plan =
  'key: [participant_id, region, business_date], consumes: [partition_prefix, run_mode, weight]';

/** Writes a file of rows, unless it is there. */
export async function write(path, rows, rowAt, head) {
  if ((await stat(path).catch(() => null)) !== null) return;
  const stream = createWriteStream(`${path}.part`);
  let piece = head;
  for (let at = 0; at < rows; at += 1) {
    piece += rowAt(at);
    if (piece.length < 1 << 20) continue;
    if (!stream.write(piece)) await once(stream, 'drain');
    piece = '';
  }
  stream.end(piece);
  await once(stream, 'finish');
  await rename(`${path}.part`, path);
}

/** A row by its number, in an order that is not its own; `letter` starts its key. */
function rowsOf(rows, { letter = 'P', delimiter = ',', comments = 0 } = {}) {
  return (at) => {
    const row = (at * 7919) % rows;
    const id = `${letter}-${String(row).padStart(8, '0')}`;
    const date = `2026-0${1 + (row % 9)}-1${row % 10}`;
    const prefix = `s3/part=${row % 4096}/d=${row % 30}`;
    const cells = [id, `eu-west-${row % 3}`, date, prefix, 'full', ((row % 9000) / 100).toFixed(2)];
    const line = `${cells.join(delimiter)}${delimiter}notes on ${row}, # ${row % 97}\n`;
    const plain = delimiter === ',' ? line.replace(/notes on (\d+), /, 'notes on $1 ') : line;
    return comments > 0 && at % comments === 0 ? `# "a comment" of ${at}\n${plain}` : plain;
  };
}

const header = (delimiter) => `${[...names, 'notes'].join(delimiter)}\n`;

/** The dialects that are held against plain CSV. */
const dialects = {
  comment: { file: 'comment.csv', words: ", csv: {comment: '#'}" },
  bom: { file: 'bom.csv', words: '' },
  pipe: { file: 'pipe.csv', words: ", csv: {delimiter: '|'}" },
  tab: { file: 'tab.csv', words: ', csv: {delimiter: "\\t"}' },
  ordered: { file: 'plain.csv', words: ', ordered: true' },
  reader: { file: 'plain.csv', words: ', reader: all' },
};

async function prepare(directory, rows) {
  await mkdir(directory, { recursive: true });
  const file = (name) => join(directory, name);
  await write(file('plain.csv'), rows, rowsOf(rows), header(','));
  await write(file('other.csv'), rows, rowsOf(rows, { letter: 'Q' }), header(','));
  await write(file('comment.csv'), rows, rowsOf(rows, { comments: 100 }), header(','));
  await write(file('bom.csv'), rows, rowsOf(rows), `\ufeff${header(',')}`);
  await write(file('pipe.csv'), rows, rowsOf(rows, { delimiter: '|' }), header('|'));
  await write(file('tab.csv'), rows, rowsOf(rows, { delimiter: '\t' }), header('\t'));
  await write(file('distinct.csv'), 2 * rows, rowsOf(2 * rows), header(','));
  await write(
    file('onekey.csv'),
    2 * rows,
    (at) => rowsOf(1)(0).replace('full', `m${at % 2}`),
    header(','),
  );
  for (const name of ['plain', ...Object.keys(dialects).slice(0, 4)]) {
    const copy = file(`${name}-copy.csv`);
    if ((await stat(copy).catch(() => null)) === null) await copyFile(file(`${name}.csv`), copy);
  }
  const entries = Object.entries({ plain: { file: 'plain.csv', words: '' }, ...dialects }).map(
    ([name, { file: at, words }]) =>
      `  ${name}: {reviewed: 'file:${at}', runtime: 'file:${at.replace('.csv', '-copy.csv')}', ${plan}${words}}\n`,
  );
  await writeFile(file('keydrift.yaml'), `version: 1\nartifacts:\n${entries.join('')}`);
}

/** Throws for a run without a verdict. */
function wanted(name, { code, stderr }) {
  if (code !== 0 && code !== 1) throw new Error(`${name}: exit code ${code}, ${stderr}`);
}

/** Medians by what is compared, and of each dialect. */
export async function benchCases(program, rows, rounds) {
  const cwd = resolve(`bench/data/cases-${rows}`);
  await prepare(cwd, rows);
  const columns = ['--key', names.slice(0, 3).join(','), '--consumes', names.slice(3).join(',')];
  const run = (...words) =>
    measure(process.execPath, [program, ...words], { cwd, output: 'dropped' });
  const diff =
    (one, other, ...more) =>
    () =>
      run('diff', `file:${one}.csv`, `file:${other}.csv`, ...columns, '--format', 'json', ...more);
  const cases = {
    equal: diff('plain', 'plain-copy'),
    disjoint: diff('plain', 'other'),
    distinct: diff('distinct', 'distinct'),
    onekey: diff('onekey', 'onekey'),
  };
  const found = await inRounds(rounds, cases, wanted);
  const all = await inRounds(1, { all: diff('plain', 'other', '--max-findings', '0') });
  const audits = Object.fromEntries(
    ['plain', ...Object.keys(dialects)].map((name) => [
      name,
      () => run('audit', name, '--format', 'json'),
    ]),
  );
  return { ...found, ...all, dialects: await inRounds(rounds, audits, wanted) };
}

/** Two copies of many narrow rows: three columns, at most 24 bytes. */
export async function benchNarrow(program, rows, rounds) {
  const cwd = resolve(`bench/data/narrow-${rows}`);
  await mkdir(cwd, { recursive: true });
  const rowAt = (step) => (at) => {
    const row = (at * step) % rows;
    return `${String(row).padStart(9, '0')},r${row % 7},${row % 10_000}\n`;
  };
  await write(join(cwd, 'reviewed.csv'), rows, rowAt(7919), 'id,region,weight\n');
  await write(join(cwd, 'runtime.csv'), rows, rowAt(7907), 'id,region,weight\n');
  const words = ['diff', 'file:reviewed.csv', 'file:runtime.csv', '--key', 'id,region'];
  const run = () => measure(process.execPath, [program, ...words, '--format', 'json'], { cwd });
  const { narrow } = await inRounds(rounds, { narrow: run }, wanted);
  return narrow;
}
