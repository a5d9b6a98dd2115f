import { build } from 'esbuild';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * The source as modules that Node itself loads: compiled once before all tests, file by file, in
 * place of once for every worker, and faster to run than what a test runner makes of them. Node
 * maps their stacks back (`--enable-source-maps`).
 */
const source = new URL('../src/', import.meta.url).pathname;
const target = new URL('../node_modules/.cache/keydrift/src/', import.meta.url).pathname;

/** What tests know as the version. */
export const define: Readonly<Record<string, string>> = {
  KEYDRIFT_VERSION: JSON.stringify('0.0.0-test'),
};

/** Not there for Node: AssemblyScript, and the page, which browsers run. */
const elsewhere = /(^|\/)wasm\/|^report\/html\/page\//;

/** Writes what changed; another run may be reading. */
export default async function compile(): Promise<void> {
  const names = await readdir(source, { recursive: true });
  const { outputFiles } = await build({
    entryPoints: names
      .filter((name) => name.endsWith('.ts') && !elsewhere.test(name))
      .map((name) => join(source, name)),
    outdir: target,
    outbase: source,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'inline',
    // The source is where the map says it is.
    sourcesContent: false,
    define,
    write: false,
    logLevel: 'warning',
  });
  const modules = new Map(outputFiles.map(({ path, text }) => [path, imported(text)]));
  const bounding = new URL('../scripts/bounded-zstd.mjs', import.meta.url).href;
  const { boundedZstd }: { boundedZstd: () => Promise<string> } = await import(bounding);
  modules.set(zstd, await boundedZstd());
  modules.set(join(target, 'package.json'), '{"type":"module"}\n');
  for (const [path, text] of modules) await place(path, text);
  for (const name of await readdir(target, { recursive: true })) {
    const path = join(target, name);
    if (name.endsWith('.js') && !modules.has(path)) await rm(path, { force: true });
  }
}

const zstd = join(target, 'fzstd.js');

/** Modules import each other, and the one library that the build changes, as what they became. */
function imported(text: string): string {
  return text
    .replaceAll('import("fzstd")', `import("${pathToFileURL(zstd).href}")`)
    .replaceAll(/(\bfrom |\bimport\(|\bimport )"(\.[^"\n]+)\.ts"/g, '$1"$2.js"');
}

async function place(path: string, text: string): Promise<void> {
  if (text === (await readFile(path, 'utf8').catch(() => null))) return;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}

/** Has tests import them. */
export const nativeSource = {
  name: 'keydrift-native-source',
  enforce: 'pre' as const,
  resolveId(id: string, importer: string | undefined): string | null {
    if (importer === undefined || !/^\..*\.ts$/.test(id)) return null;
    const name = relative(source, join(dirname(importer), id));
    if (name.startsWith('..') || elsewhere.test(name)) return null;
    return join(target, name.replace(/\.ts$/, '.js'));
  },
};
