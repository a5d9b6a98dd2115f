// Bundles the command line and the API: start-up time is that of one file, not of node_modules.
import { build } from 'esbuild';
import asc from 'assemblyscript/asc';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';

await compileKernel();
const { version } = JSON.parse(await readFile('package.json', 'utf8'));
const { metafile, outputFiles } = await build({
  entryPoints: { keydrift: 'src/cli/main.ts', index: 'src/index.ts' },
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Where a package has both: a dynamic import of CommonJS would lose the names it exports.
  mainFields: ['module', 'main'],
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'none',
  metafile: true,
  define: { KEYDRIFT_VERSION: JSON.stringify(version) },
  // Bundled CommonJS packages ask for Node's own modules through `require`.
  banner: {
    js: "import{createRequire as keydriftRequire}from'node:module';const require=keydriftRequire(import.meta.url);",
  },
  logLevel: 'warning',
  write: false,
});
for (const { path, contents } of outputFiles) await place(path, contents);
await place(
  'dist/THIRD-PARTY-LICENSES.txt',
  Buffer.from(await licenses(Object.keys(metafile.inputs))),
);
await removeOthers(outputFiles.map(({ path }) => relative('dist/chunks', path)));

/** Replaces a file whole, and only if it differs: a program may be running from it. */
async function place(path, contents) {
  const present = await readFile(path).catch(() => null);
  if (present !== null && present.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, contents, { mode: path.endsWith('keydrift.js') ? 0o755 : 0o644 });
  await rename(temporary, path);
}

/** Chunks of earlier builds. */
async function removeOthers(names) {
  for (const name of await readdir('dist/chunks')) {
    if (!names.includes(name)) await rm(join('dist/chunks', name), { force: true });
  }
}

/** Compiles the kernel, and writes its bytes as the module that the bundle and the tests import. */
async function compileKernel() {
  const directory = await mkdtemp(join(tmpdir(), 'keydrift-kernel-'));
  try {
    const file = join(directory, 'kernel.wasm');
    const output = ['-o', file, '--runtime', 'stub', '--noAssert'];
    const features = ['--enable', 'simd', '--enable', 'bulk-memory', '-O3', '--converge'];
    const source = 'src/keyset/kernel/wasm/index.ts';
    const { error } = await asc.main([source, ...output, ...features], { stderr: process.stderr });
    if (error !== null) throw new Error('the kernel does not compile', { cause: error });
    const text = (await readFile(file)).toString('base64');
    const module = `/** The kernel, compiled by scripts/build.mjs. */\nexport const kernelWasm: string = '${text}';\n`;
    await place('src/keyset/kernel/wasm-bytes.ts', Buffer.from(module));
  } finally {
    await rm(directory, { recursive: true });
  }
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
