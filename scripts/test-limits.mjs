// What is very large ends in the right counts, in little memory, and a signal is heard all the while:
// npm run test:limits. Prints how long the event loop stood still at most, in CPU time; 250 ms are
// allowed.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const million = 1_000_000;
const directory = await mkdtemp(join(tmpdir(), 'keydrift-limits-'));

/** Rows of distinct keys. */
const keyed = (letter) => (at) => `${letter}-${at},EU,${at % 97}\n`;

/** The same, each with signs that readers take otherwise. */
const hazard = (letter) => (at) => `${letter}-${at},EU,"${at} said ""so""\u2028, or \\"\n`;

async function write(name, rows, row) {
  const path = join(directory, name);
  const out = createWriteStream(path);
  let text = 'id,region,weight\n';
  for (let at = 0; at < rows; at += 1) {
    text += row(at);
    if (text.length < 1 << 20) continue;
    if (!out.write(text)) await once(out, 'drain');
    text = '';
  }
  out.end(text);
  await once(out, 'close');
  return `file:${path}`;
}

const stallFile = join(directory, 'stall');
let longest = 0;

/** Compares two files under a small heap; gives the time, and fails on other counts. */
async function check(name, [reviewed, runtime], exitCode, counts) {
  const words = ['diff', reviewed, runtime, '--key', 'id,region', '--format', 'json'];
  const from = performance.now();
  const preload = ['--import', new URL('stall.mjs', import.meta.url).href];
  const args = ['--max-old-space-size=256', ...preload, 'dist/keydrift.cjs', ...words];
  const env = { ...process.env, KEYDRIFT_TEST_STALL: stallFile };
  const child = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 30, env });
  const stall = Number(await readFile(stallFile, 'utf8').catch(() => 'NaN'));
  longest = Math.max(longest, stall);
  const seconds = (performance.now() - from) / 1000;
  const found = child.status === exitCode ? JSON.parse(child.stdout).artifacts[0].counts : {};
  const wrong = Object.entries(counts).filter(([kind, count]) => found[kind] !== count);
  const verdict = child.status === exitCode && wrong.length === 0 ? 'ok' : 'WRONG';
  console.log(
    `${verdict}  ${seconds.toFixed(1).padStart(6)} s  longest stall ${String(stall).padStart(4)} ms  ${name} (exit ${child.status})`,
  );
  if (verdict !== 'ok') {
    process.exitCode = 1;
    console.log(child.stderr.slice(0, 2000), wrong, found);
  }
}

/** Ends a comparison in its midst, once and twice; nothing is left of it. */
async function interrupt([reviewed, runtime], after) {
  const words = ['diff', reviewed, runtime, '--key', 'id,region', '--format', 'json'];
  const env = { ...process.env, TMPDIR: directory };
  const before = (await readdir(directory)).length;
  const child = spawn(process.execPath, ['dist/keydrift.cjs', ...words], { env, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await setTimeout(after);
  if (child.exitCode !== null) {
    console.log(`ok  after ${after} ms it was over: exit ${child.exitCode}`);
    return;
  }
  const from = performance.now();
  child.kill('SIGTERM');
  const [code, signal] = await ended;
  const ms = Math.round(performance.now() - from);
  const litter = (await readdir(directory)).length - before;
  // Before the program has begun, the signal ends it by itself.
  const ok = (code === 143 || signal === 'SIGTERM') && litter === 0;
  if (!ok) process.exitCode = 1;
  console.log(
    `${ok ? 'ok' : 'WRONG'}  SIGTERM after ${after} ms: exit ${code ?? signal} within ${ms} ms, ${litter} files left`,
  );
}

try {
  const one = await write('one.csv', million, keyed('P'));
  const same = await write('same.csv', million, (at) => keyed('P')(million - 1 - at));
  const other = await write('other.csv', million, keyed('Q'));
  const key = await write('key.csv', 2 * million, () => 'P-1,EU,1\n');
  const variants = await write('variants.csv', 2 * million, (at) => `P-1,EU,${at}\n`);
  const hazards = await write('hazards.csv', 3 * million, hazard('P'));
  const turned = (at) => hazard('P')(3 * million - 1 - at);
  const hazardsTurned = await write('hazards-turned.csv', 3 * million, turned);
  const otherHazards = await write('other-hazards.csv', 3 * million, hazard('Q'));
  const invalid = await write('invalid.csv', 150_000, () => ',EU,1\n');
  await check('1M rows in another order', [one, same], 0, {});
  await check('1M x 1M rows, no key in common', [one, other], 1, {
    added: million,
    removed: million,
  });
  await check('2M rows of one key', [key, key], 1, { duplicated: 2 });
  await check('2M rows of one key, all different', [variants, variants], 1, { conflict: 2 });
  await check('3M rows of hazards, in another order', [hazards, hazardsTurned], 0, {});
  await check('3M x 3M rows of hazards, no key in common', [hazards, otherHazards], 1, {
    added: 3 * million,
    removed: 3 * million,
  });
  await check('150,000 invalid rows', [invalid, invalid], 1, { invalid: 300_000 });
  for (const after of [100, 300, 900, 1500, 2500]) await interrupt([one, other], after);
  console.log(`the longest stall of all: ${longest} ms`);
} finally {
  await rm(directory, { recursive: true });
}
