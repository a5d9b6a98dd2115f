// Bundles the command line and the API: start-up time is that of one file, not of node_modules.
import { build } from 'esbuild';
import asc from 'assemblyscript/asc';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { bundlePage } from './page.mjs';

const kernelSources = 'src/engine/kernel/wasm';
await compileKernel();
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
  write: false,
};
const built = [...(await buildProgram()), await buildApi()];
const files = built.flatMap(({ outputFiles }) => outputFiles);
for (const { path, contents } of files) await place(path, contents);
const bundled = new Set([
  ...built.flatMap(({ metafile }) => Object.keys(metafile.inputs)),
  ...page.inputs,
]);
await place('dist/THIRD-PARTY-LICENSES.txt', Buffer.from(await licenses(bundled)));
const fresh = files.map(({ path }) => relative('dist', path));
await removeOthers(fresh);
await makeCodeCaches();
// When this was built, whether or not a file changed: scripts/demo.mjs asks.
await utimes('dist/THIRD-PARTY-LICENSES.txt', new Date(), new Date());

/**
 * The command line: CommonJS, because V8 takes over compiled code of scripts only (see
 * src/io/parts.ts). What few runs need, and what is large, is a part of its own.
 */
async function buildProgram() {
  const outdir = 'dist/parts';
  const options = { ...common, format: 'cjs', supported: { 'dynamic-import': false } };
  const part = (entryPoints, plugins) =>
    build({
      ...options,
      entryPoints,
      outdir,
      entryNames: '[name]-[hash]',
      outExtension: { '.js': '.cjs' },
      plugins,
    });
  const sdk = await part({ 's3-sdk': 'src/sources/s3/commands.ts' }, []);
  const git = await part({ 'simple-git': 'simple-git' }, []);
  const apart = new Map([
    ['./commands.ts', nameOf(sdk)],
    ['simple-git', nameOf(git)],
  ]);
  const program = await part({ program: 'src/commands/program.ts' }, [loadedFrom(apart)]);
  const main = await build({
    ...options,
    entryPoints: { keydrift: 'src/cli.ts' },
    outdir: 'dist',
    outExtension: { '.js': '.cjs' },
    define: { KEYDRIFT_PROGRAM: JSON.stringify(nameOf(program)) },
  });
  for (const { path, text } of [sdk, git, program].flatMap(({ outputFiles }) => outputFiles)) {
    // oxlint-disable-next-line no-control-regex -- parts are read as Latin-1
    if (/[^\0-\x7f]/.test(text))
      throw new Error(`${path} is not ASCII: look for a tagged template`);
  }
  return [sdk, git, program, main];
}

function nameOf({ outputFiles: [file] }) {
  return `./${basename(file.path)}`;
}

/** Dynamic imports that become loads of another part. */
function loadedFrom(parts) {
  return {
    name: 'parts',
    setup({ onResolve }) {
      onResolve({ filter: /./ }, ({ kind, path }) => {
        const name = kind === 'dynamic-import' ? parts.get(path) : undefined;
        return name === undefined ? undefined : { path: name, external: true };
      });
    },
  };
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
    // A code cache goes with its part.
    const current = kept.includes(name.replace(/\.[^/]*\.cache$/, '.cjs'));
    if (!current) await rm(join('dist', name), { force: true });
  }
}

/** In a process of its own, without the flags of this one: they are part of what V8 checks. */
async function makeCodeCaches() {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const script = fileURLToPath(new URL('code-cache.mjs', import.meta.url));
  await promisify(execFile)(process.execPath, [script], { env });
}

/** The kernel's bytes as the module that the bundle and the tests import; compiled when it changed. */
async function compileKernel() {
  const target = 'src/engine/kernel/wasm-bytes.ts';
  const options = ['--runtime', 'stub', '--noAssert', '--enable', 'simd'];
  options.push('--enable', 'bulk-memory', '-O3', '--converge');
  const head = `/** The kernel, compiled by scripts/build.mjs of ${await kernelOrigin(options)}. */\n`;
  const present = await readFile(target, 'utf8').catch(() => '');
  if (present.startsWith(head)) return;
  const directory = await mkdtemp(join(tmpdir(), 'keydrift-kernel-'));
  try {
    const file = join(directory, 'kernel.wasm');
    const words = [join(kernelSources, 'index.ts'), '-o', file, ...options];
    const { error } = await asc.main(words, { stderr: process.stderr });
    if (error !== null) throw new Error('the kernel does not compile', { cause: error });
    const text = (await readFile(file)).toString('base64');
    await place(target, Buffer.from(`${head}export const kernelWasm: string = '${text}';\n`));
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** A hash of all that decides how the kernel is compiled. */
async function kernelOrigin(options) {
  const hash = createHash('sha256').update(JSON.stringify([asc.version, options]));
  for (const name of (await readdir(kernelSources)).sort(byCodeUnits)) {
    const text = await readFile(join(kernelSources, name));
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
