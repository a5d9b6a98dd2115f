// What the scripts share that read files here and by Python's readers.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const kinds = ['refused', 'same', 'stricter', 'laxer', 'different', 'crashed'];

/** Runs with what a module of test/corrupt exports, and with how it reads beside Python. */
export async function besidePython(module, run) {
  const environment = resolve('node_modules/.cache/keydrift-corrupt');
  const python = join(environment, 'bin/python');
  if (!existsSync(join(environment, 'complete'))) {
    execFileSync('python3', ['-m', 'venv', environment], { stdio: 'inherit' });
    const packages = ['numpy', 'pyarrow', 'pyyaml', 'zstandard'];
    execFileSync(python, ['-m', 'pip', 'install', '-q', ...packages], { stdio: 'inherit' });
    execFileSync('touch', [join(environment, 'complete')]);
  }
  const directory = await mkdtemp(join(tmpdir(), 'keydrift-corrupt-'));
  // Below the packages that it imports.
  const outfile = join(environment, `${module}.mjs`);
  try {
    await build({
      entryPoints: [`test/corrupt/${module}.ts`],
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      logLevel: 'error',
    });
    const options = { python, reader: resolve('test/corrupt/read.py'), directory };
    await run(await import(pathToFileURL(outfile).href), options);
  } finally {
    await rm(outfile, { force: true });
    await rm(directory, { recursive: true });
  }
}

/** Prints counts as lines of a table, and the first of each kind that is to be looked at. */
export function table(shown) {
  const names = ['files', ...kinds];
  console.log(['', ...names].map((name) => name.padStart(14)).join(''));
  return (counts) => {
    const cells = [counts.name, ...names.map((name) => String(counts[name]))];
    console.log(cells.map((cell) => cell.padStart(14)).join(''));
    for (const kind of kinds.toReversed()) {
      const lines = counts.shown.filter((line) => line.startsWith(kind));
      for (const line of lines.slice(0, shown)) console.log(`    ${line}`);
    }
    if (counts.crashed > 0 || counts.different > 0) process.exitCode = 1;
  };
}
