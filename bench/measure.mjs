// Runs a command to its end: wall time, CPU time and peak memory of the whole process.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const tell = `import{writeFileSync}from'node:fs';process.on('exit',()=>{const u=process.resourceUsage();
writeFileSync(process.env.BENCH_USAGE,JSON.stringify({cpu:(u.userCPUTime+u.systemCPUTime)/1e3,rss:u.maxRSS/1024}))})`;
const preload = `data:text/javascript,${encodeURIComponent(tell)}`;

/**
 * Milliseconds and MiB. Of a node process, what it tells of itself; of a shell, of its children.
 * `bare`: a node that is told nothing, for its wall time alone.
 */
export async function measure(command, args, options = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'keydrift-bench-'));
  const usage = join(directory, 'usage.json');
  const isNode = command === process.execPath && options.bare !== true;
  const asked = isNode
    ? [command, '--import', preload, ...args]
    : ['bash', '-c', `${shellWords([command, ...args])} >/dev/null; times`];
  const [file, ...line] = options.bare === true ? [command, ...args] : asked;
  try {
    const started = performance.now();
    const child = spawn(file, line, {
      cwd: options.cwd,
      env: { ...(options.env ?? process.env), BENCH_USAGE: usage },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    child.stderr.on('data', (chunk) => (stderr += chunk));
    const code = await new Promise((resolve, reject) =>
      child.on('error', reject).on('close', resolve),
    );
    const wall = performance.now() - started;
    const told = isNode
      ? JSON.parse(await readFile(usage, 'utf8'))
      : { cpu: childTimes(stdout), rss: null };
    return { wall, ...told, code, stdout, stderr };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function shellWords(words) {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

/** The last line of `times`: user and system time of the shell's children. */
function childTimes(stdout) {
  const line = stdout.trim().split('\n').at(-1) ?? '';
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + 60_000 * Number(minutes) + 1000 * Number(seconds),
    0,
  );
}

/** The middle one by a field. */
export function median(runs, field) {
  const values = runs.map((run) => run[field]).toSorted((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? null;
}
