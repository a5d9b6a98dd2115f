// Bundles the command line and the API: start-up time is that of one file, not of node_modules.
import { build } from 'esbuild';
import asc from 'assemblyscript/asc';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { boundZstd } from './bounded-zstd.mjs';
import { directImports } from './direct-imports.mjs';
import { drivers } from './drivers.mjs';
import { packParts } from './pack-parts.mjs';
import { bundlePage } from './page.mjs';
import { usedSchemas } from './sdk-schemas.mjs';

/** AssemblyScript, by folder: the module that holds its bytes, and their name there. */
const wasmModules = [
  ['src/engine/kernel/wasm', 'src/engine/kernel/wasm-bytes.ts', 'kernelWasm'],
  ['src/formats/csv/wasm', 'src/formats/csv/wasm-bytes.ts', 'suspectsWasm'],
  ['src/formats/json/wasm', 'src/formats/json/wasm-bytes.ts', 'linesWasm'],
  ['src/sources/s3/wasm', 'src/sources/s3/wasm-bytes.ts', 'crcWasm'],
];
for (const [sources, target, name] of wasmModules) await compileWasm(sources, target, name);
const page = await bundlePage();
await place('src/report/html/page-bundle.ts', Buffer.from(page.module));
const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  // Where a package has both: a dynamic import of CommonJS would lose the names it exports.
  mainFields: ['module', 'main'],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  define: { KEYDRIFT_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
  external: drivers,
  plugins: [directImports, boundZstd, usedSchemas],
  write: false,
};
const built = [await buildProgram(), await buildApi()];
for (const { metafile } of built) requireNames(metafile);
const files = built.flatMap(({ outputFiles }) => outputFiles);
for (const { path, contents } of files) await place(path, contents);
const bundled = new Set([
  ...built.flatMap(({ metafile }) => Object.keys(metafile.inputs)),
  ...page.inputs,
]);
await place('dist/THIRD-PARTY-LICENSES.txt', Buffer.from(await licenses(bundled)));
await removeOthers(files.map(({ path }) => relative('dist', path)));
// When this was built, whether or not a file changed: scripts/demo.mjs asks.
await utimes('dist/THIRD-PARTY-LICENSES.txt', new Date(), new Date());

/**
 * The command line: what is imported dynamically is a part of its own, loaded when it is needed.
 * Every part becomes CommonJS: Node starts sooner without its loader of ES modules.
 */
async function buildProgram() {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: { keydrift: 'src/cli.ts' },
    outdir: 'dist',
    chunkNames: 'parts/[name]-[hash]',
    outExtension: { '.js': '.cjs' },
    splitting: true,
    format: 'esm',
  });
  const options = {
    ...common,
    format: 'cjs',
    supported: { 'dynamic-import': false },
    metafile: false,
    outdir: 'dist',
  };
  return { outputFiles: await packParts(outputFiles, metafile, options), metafile };
}

/** The public API, as ES modules. */
function buildApi() {
  return build({
    ...common,
    entryPoints: { index: 'src/index.ts' },
    outdir: 'dist',
    chunkNames: 'chunks/[name]-[hash]',
    splitting: true,
    format: 'esm',
    // Bundled CommonJS packages ask for Node's own modules through `require`.
    banner: {
      js: "import{createRequire as keydriftRequire}from'node:module';const require=keydriftRequire(import.meta.url);",
    },
  });
}

/** Ends the build where a CommonJS package is imported dynamically: none of its names would be there. */
function requireNames({ inputs, outputs }) {
  for (const { entryPoint = '' } of Object.values(outputs)) {
    if (inputs[entryPoint]?.format !== 'cjs') continue;
    throw new Error(`${entryPoint} is CommonJS: let a module of src name what is imported of it`);
  }
}

/** Replaces a file whole, and only if it differs: a program may be running from it. */
async function place(path, contents) {
  const present = await readFile(path).catch(() => null);
  if (present !== null && present.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, contents, { mode: path.endsWith('keydrift.cjs') ? 0o755 : 0o644 });
  await rename(temporary, path);
}

/** Files of earlier builds. */
async function removeOthers(kept) {
  for (const name of await readdir('dist', { recursive: true })) {
    if (!/^(?:[^/]*|chunks\/.*|parts\/.*)\.(?:c?js|cache)$/.test(name)) continue;
    if (!kept.includes(name)) await rm(join('dist', name), { force: true });
  }
}

/** Compiled bytes as the module that the bundle and the tests import; compiled when they changed. */
async function compileWasm(sources, target, name) {
  const options = ['--runtime', 'stub', '--noAssert', '--enable', 'simd'];
  options.push('--enable', 'bulk-memory', '-O3', '--converge');
  const origin = await wasmOrigin(sources, [name, ...options]);
  const head = `/** Compiled by scripts/build.mjs of ${origin}. */\n`;
  const present = await readFile(target, 'utf8').catch(() => '');
  if (present.startsWith(head)) return;
  const directory = await mkdtemp(join(tmpdir(), 'keydrift-wasm-'));
  try {
    const file = join(directory, 'module.wasm');
    const words = [join(sources, 'index.ts'), '-o', file, ...options];
    // What it remarks while it optimizes is nobody's to act on.
    const said = [];
    const { error } = await asc.main(words, { stderr: { write: (text) => void said.push(text) } });
    if (error !== null) {
      throw new Error(`${sources} does not compile:\n${said.join('')}`, { cause: error });
    }
    const text = (await readFile(file)).toString('base64');
    await place(target, Buffer.from(`${head}export const ${name}: string = '${text}';\n`));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** A hash of all that decides how a folder is compiled. */
async function wasmOrigin(sources, options) {
  const hash = createHash('sha256').update(JSON.stringify([asc.version, options]));
  for (const name of (await readdir(sources)).sort(byCodeUnits)) {
    const text = await readFile(join(sources, name));
    hash.update(JSON.stringify([name, text.length])).update(text);
  }
  return hash.digest('hex');
}

/** The licence of every package that the bundle holds a file of. */
async function licenses(inputs) {
  const packages = new Set();
  for (const input of inputs) {
    const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match !== null) packages.add(match[1]);
  }
  const texts = [...packages].sort(byCodeUnits).map(async (directory) => {
    const manifest = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'));
    return `${manifest.name} ${manifest.version} (${manifest.license ?? 'see below'})\n\n${await licenseText(directory)}`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}

async function licenseText(directory) {
  for (const name of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE', 'license', 'license.md']) {
    const text = await readFile(join(directory, name), 'utf8').catch(() => null);
    if (text !== null) return text;
  }
  return '(no licence file in the package)\n';
}

function byCodeUnits(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
