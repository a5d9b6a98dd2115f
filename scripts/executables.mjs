// Builds executables for hosts without Node, in Node's own single-executable form, and prints their
// SHA-256: node scripts/executables.mjs [DIRECTORY] (default: executables). The runtimes are packages
// of npm, pinned by their hashes. Publishing them is a person's step: docs/release.md.
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'postject';
import { drivers } from './drivers.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Node's long-term line; glibc 2.28 or later. */
const runtimeVersion = '24.21.0';
export const targets = {
  x64: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  arm64:
    'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
};

/** Builds an executable for each target; resolves to their paths, by target. */
export async function buildExecutables(directory) {
  const work = mkdtempSync(join(tmpdir(), 'keydrift-executables-'));
  try {
    mkdirSync(directory, { recursive: true });
    const runtimes = Object.keys(targets).map((target) => [target, runtimeOf(target, work)]);
    const blob = await blobOf(work, Object.fromEntries(runtimes)[process.arch]);
    const built = {};
    for (const [target, runtime] of runtimes) {
      const file = join(directory, `keydrift-linux-${target}`);
      copyFileSync(runtime, file);
      chmodSync(file, 0o755);
      await inject(file, 'NODE_SEA_BLOB', blob, {
        sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
      });
      built[target] = file;
    }
    return built;
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** The node of a package, which has to be the one that was pinned. */
function runtimeOf(target, work) {
  const place = join(work, target);
  mkdirSync(place);
  const words = [
    'pack',
    '--silent',
    `node-linux-${target}@${runtimeVersion}`,
    '--pack-destination',
    place,
  ];
  const name = execFileSync('npm', words, { cwd: place, encoding: 'utf8' }).trim();
  const packed = readFileSync(join(place, name));
  const integrity = `sha512-${createHash('sha512').update(packed).digest('base64')}`;
  if (integrity !== targets[target])
    throw new Error(`${name} is not what was pinned: ${integrity}`);
  execFileSync('tar', ['-xzf', name, 'package/bin/node'], { cwd: place });
  return join(place, 'package/bin/node');
}

/**
 * The program as one script, in the form that is put into a runtime. Without compiled code, which
 * nobody could review and which is of one processor.
 */
async function blobOf(work, node) {
  if (node === undefined) throw new Error(`a blob is made on ${Object.keys(targets).join(' or ')}`);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const main = join(work, 'keydrift.cjs');
  await build({
    absWorkingDir: root,
    entryPoints: ['src/cli.ts'],
    outfile: main,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    mainFields: ['module', 'main'],
    external: drivers,
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    define: { KEYDRIFT_VERSION: JSON.stringify(version) },
    logLevel: 'warning',
  });
  const output = join(work, 'keydrift.blob');
  const config = {
    main,
    output,
    disableExperimentalSEAWarning: true,
    useSnapshot: false,
    useCodeCache: false,
  };
  writeFileSync(join(work, 'sea.json'), JSON.stringify(config));
  execFileSync(node, ['--experimental-sea-config', join(work, 'sea.json')], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return readFileSync(output);
}

/** Of a file, hex. */
export function sha256Of(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // The page's script and the compiled modules are part of the source that is bundled.
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], {
    cwd: root,
    stdio: 'inherit',
  });
  const built = await buildExecutables(resolve(process.argv[2] ?? 'executables'));
  for (const file of Object.values(built)) console.log(`${sha256Of(file)}  ${file}`);
}
