// Bundles one TypeScript file of the repository so that every supported Node can import it.
import { build } from 'esbuild';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Bundles `entry`, a path from the root; resolves to the address to import. */
export async function bundle(entry) {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: 'out',
    write: false,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
  });
  // Ignored by git, never published, and beside the packages that the bundle imports.
  const directory = join(root, 'node_modules', '.cache', 'keydrift');
  const file = join(directory, `${basename(entry, '.ts')}.mjs`);
  await mkdir(directory, { recursive: true });
  // Renamed into place: another run may be importing it now.
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, outputFiles[0].contents);
  await rename(temporary, file);
  return pathToFileURL(file).href;
}
