// `npm run demo`: builds the command line where it is missing or older than its source, then plays.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const workingDirectory = process.cwd();
// Before esbuild is loaded: it remembers the directory in which it was.
process.chdir(root);
if (await isStale()) await import('./build.mjs');
const { stop } = await import('esbuild');
const { bundle } = await import('./bundle.mjs');
const { main } = await import(await bundle('localstack/demo.ts'));
await stop();
await main({ root, workingDirectory }, process.argv.slice(2));

/** Whether the build is older than something it is made of; the licences are its last file. */
async function isStale() {
  const built = await stat(join(root, 'dist', 'THIRD-PARTY-LICENSES.txt')).catch(() => null);
  if (built === null) return true;
  const sources = await readdir(join(root, 'src'), { recursive: true });
  const files = ['package.json', 'package-lock.json', 'scripts/build.mjs'];
  for (const file of [...files, ...sources.map((source) => join('src', source))]) {
    const { mtimeMs } = await stat(join(root, file));
    if (mtimeMs > built.mtimeMs) return true;
  }
  return false;
}
