// Runs a command to its end: wall time, CPU time with all that it started, and peak memory.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const tell = `process.on('exit', () => require('node:fs').writeFileSync(process.env.BENCH_RSS,
  String(process.resourceUsage().maxRSS / 1024)));`;

/** Milliseconds, and MiB of a node process: no child of keydrift's is as large. */
export async function measure(command, args, options = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'keydrift-bench-'));
  const [times, rss, preload] = ['times', 'rss', 'tell.cjs'].map((name) => join(directory, name));
  const isNode = command === process.execPath;
  const words = isNode ? [command, '--require', preload, ...args] : [command, ...args];
  try {
    await writeFile(preload, tell);
    const script = '"$@"; code=$?; times >"$BENCH_TIMES"; exit $code';
    const started = performance.now();
    const child = spawn('bash', ['-c', script, 'bench', ...words], {
      cwd: options.cwd,
      env: { ...(options.env ?? process.env), BENCH_TIMES: times, BENCH_RSS: rss },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stdout = [];
    let stderr = '';
    child.stdout.on('data', (chunk) => options.output !== 'dropped' && stdout.push(chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const code = await new Promise((resolve, reject) =>
      child.on('error', reject).on('close', resolve),
    );
    const wall = performance.now() - started;
    return {
      wall,
      cpu: childTimes(await readFile(times, 'utf8')),
      rss: isNode ? Number(await readFile(rss, 'utf8').catch(() => 'NaN')) : null,
      code,
      stdout: options.output === 'dropped' ? '' : Buffer.concat(stdout).toString(),
      stderr,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Wall time of a command by itself, without a shell around it. */
export async function measureBare(command, args, options = {}) {
  const started = performance.now();
  const child = spawn(command, args, { cwd: options.cwd, stdio: ['ignore', 'ignore', 'inherit'] });
  const code = await new Promise((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  return { wall: performance.now() - started, code };
}

/** The last line of `times`: user and system time of the shell's children, and of theirs. */
function childTimes(text) {
  const line = text.trim().split('\n').at(-1) ?? '';
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + 60_000 * Number(minutes) + 1000 * Number(seconds),
    0,
  );
}

/**
 * Commands by name, one after the other in rounds, so that a slow minute of the machine strikes all;
 * gives medians by name. `check` throws for a run that is not what was to be measured.
 */
export async function inRounds(rounds, commands, check = () => undefined) {
  const done = new Map(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, run] of Object.entries(commands)) {
      const found = await run();
      check(name, found);
      done.get(name).push(found);
    }
  }
  const medians = [...done].map(([name, list]) => [
    name,
    Object.fromEntries(['wall', 'cpu', 'rss'].map((field) => [field, median(list, field)])),
  ]);
  return Object.fromEntries(medians);
}

/** The middle one by a field. */
export function median(runs, field) {
  const values = runs.map((run) => run[field]).toSorted((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? null;
}
