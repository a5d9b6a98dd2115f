// Kernel against reference on hostile CSV: npm run fuzz [-- INPUTS [FIRST_SEED]].
// Each input is two bodies and a plan, and is compared with twelve ways to cut it.
import { build } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [inputs = '10000', first = String(Date.now() % 2 ** 30)] = process.argv.slice(2);
const directory = await mkdtemp(join(tmpdir(), 'keydrift-fuzz-'));
try {
  const outfile = join(directory, 'fuzz.mjs');
  await build({
    entryPoints: ['test/engine/fuzz.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    banner: {
      js: "import{createRequire as keydriftRequire}from'node:module';const require=keydriftRequire(import.meta.url);",
    },
  });
  // The reference throws a lot here, and nobody reads where.
  Error.stackTraceLimit = 0;
  const { fuzz } = await import(pathToFileURL(outfile).href);
  const from = Number(first);
  console.log(`${inputs} inputs from seed ${from}`);
  const counts = await fuzz(from, from + Number(inputs), (done) => console.log(`${done} inputs`));
  console.log(counts);
} finally {
  await rm(directory, { recursive: true });
}
