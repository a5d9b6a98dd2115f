// Two copies of a participant list, the same for a seed: the runtime copy shuffled, with 0.1 %
// added, removed and duplicated rows and 0.05 % conflicts. Quotes, doubled quotes, line breaks.
import { createWriteStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';

const header =
  'participant_id,region,business_date,name,email,partition_prefix,run_mode,weight,notes\n';
const regions = [
  'eu-west-1',
  'eu-central-1',
  'us-east-1',
  'us-west-2',
  'ap-southeast-2',
  'sa-east-1',
];
const modes = ['full', 'delta', 'dry-run', 'skip', 'backfill'];
const first = ['Ada', 'Bjørn', 'Chloé', 'Dmitri', 'Eun-ji', 'Fatima', 'Hana', 'Jürgen', 'Lucía'];
const last = ['Okafor', 'Smith', 'Müller', 'García', 'Nguyễn', 'Ivanova', 'Tanaka', "O'Neil"];
const words = ['migrated', 'pending', 'review', 'legacy', 'checked', 'by', 'ops', 'ticket', 'late'];

/** Writes `rows` rows into a directory unless they are there; tells what a diff must find. */
export async function generate(rows, directory) {
  const paths = {
    reviewed: join(directory, 'reviewed.csv'),
    runtime: join(directory, 'runtime.csv'),
  };
  const share = (part) => Math.round(rows * part);
  const expected = {
    added: share(0.001),
    removed: share(0.001),
    duplicated: share(0.001),
    conflict: share(0.0005),
  };
  if ((await stat(paths.runtime).catch(() => null)) !== null) return { ...paths, expected };
  await mkdir(directory, { recursive: true });
  const order = permutation(rows, 1);
  await write(paths.reviewed, rows, (at) => rowOf(order[at], 0, 0));
  const chosen = permutation(rows, 2);
  const kinds = new Uint8Array(rows);
  const mark = (from, count, kind) =>
    chosen.subarray(from, from + count).forEach((row) => (kinds[row] = kind));
  mark(0, expected.removed, 1);
  mark(expected.removed, expected.conflict, 2);
  const list = [...permutation(rows, 3)].filter((row) => kinds[row] !== 1);
  const doubled = chosen.subarray(rows - expected.duplicated);
  for (const row of doubled) list.splice(hash(row, 77) % list.length, 0, -1 - row);
  for (let row = rows; row < rows + expected.added; row += 1)
    list.splice(hash(row, 78) % list.length, 0, row);
  await write(`${paths.runtime}.part`, list.length, (at) => {
    const row = list[at];
    if (row < 0) return rowOf(-1 - row, 0, 9);
    return rowOf(row, kinds[row] === 2 ? 1 : 0, hash(row, 79) % 20 === 0 ? 5 : 0);
  });
  await rename(`${paths.runtime}.part`, paths.runtime);
  return { ...paths, expected };
}

function hash(value, salt) {
  let mixed = Math.imul(value ^ (salt * 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function permutation(rows, salt) {
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  for (let at = rows - 1; at > 0; at -= 1) {
    const other = hash(at, salt + 1000) % (at + 1);
    [order[at], order[other]] = [order[other], order[at]];
  }
  return order;
}

/** A row by its number; `change` alters what counts, `telling` what does not. */
function rowOf(row, change, telling) {
  const participant = Math.floor(row / 4);
  const region = regions[(participant + (row & 1)) % regions.length];
  const month = String(((row >> 1) & 1) + 1 + (participant % 10)).padStart(2, '0');
  const day = String((participant % 28) + 1).padStart(2, '0');
  const prefix = `s3/part=${String(hash(row, 10) % 4096).padStart(4, '0')}/d=${hash(row, 11) % 30}`;
  const weight = ((hash(row, 12) % 9000) / 100 + 100 * change).toFixed(2);
  const dice = (salt) => hash(row, 20 + salt + telling);
  const [given, family] = [first[dice(1) % first.length], last[dice(2) % last.length]];
  const name = dice(3) % 5 === 0 ? `"${family}, ${given}"` : `${given} ${family}`;
  const email = `${given.toLowerCase()}.${dice(4) % 1e6}@example.org`;
  const key = `P-${String(participant).padStart(8, '0')},${region},2024-${month}-${day}`;
  return `${key},${name},${email},${prefix},${modes[hash(row, 13) % modes.length]},${weight},${noteOf(dice)}\n`;
}

function noteOf(dice) {
  const count = 2 + (dice(5) % 4);
  const text = `${Array.from({ length: count }, (_, at) => words[dice(6 + at) % words.length]).join(' ')} ${dice(12) % 1e5}`;
  const share = dice(13) % 1000;
  if (share < 300) return `"${text}, ${words[dice(14) % words.length]}"`;
  if (share < 350) return `"said ""${text}"", ok"`;
  if (share < 370) return `"${text}\nline2, ${words[dice(14) % words.length]}"`;
  if (share < 375) return `"${text}\n\nP-00000001,eu-west-1,2024-01-01,x,y,z,full,1,trap"`;
  return share < 450 ? '' : text;
}

async function write(path, rows, rowAt) {
  const stream = createWriteStream(path);
  let piece = header;
  for (let at = 0; at < rows; at += 1) {
    piece += rowAt(at);
    if (piece.length < 1 << 20) continue;
    if (!stream.write(piece)) await once(stream, 'drain');
    piece = '';
  }
  stream.end(piece);
  await once(stream, 'finish');
}
