// The programs that are measured: the built command line, and a Node 24.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const quiet = ['--no-audit', '--no-fund', '--no-package-lock', '--silent'];

/** Builds the command line; gives its file. */
export async function buildProgram() {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
  const { bin } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  return resolve(root, bin.keydrift);
}

/** Peers come from the npm registry into a folder of their own; without it, they are left out. */
export function installPeers() {
  return install(join(root, 'bench/peers'), 'peers');
}

/** A Node 24 of the npm registry, in a folder of its own; null where there is none. */
export function installNode24() {
  const directory = join(root, 'bench/peers/node24');
  if (!install(directory, 'Node 24')) return null;
  const { platform, arch } = process;
  const binary = join(directory, `node_modules/node-${platform}-${arch}/bin/node`);
  return existsSync(binary) ? binary : null;
}

/** Rust's csv-diff as a program; `buildCsvDiff` makes it. */
export const csvDiffProgram = join(
  root,
  'bench/peers/csv-diff/target/release/keydrift-bench-csv-diff',
);

/** Builds the peer of Rust with Cargo; without it, it is left out. */
export function buildCsvDiff() {
  const cwd = join(root, 'bench/peers/csv-diff');
  return isDone("Rust's csv-diff", cwd, 'cargo', ['build', '--release', '--locked', '--quiet']);
}

function install(cwd, what) {
  return isDone(what, cwd, 'npm', ['install', ...quiet]);
}

function isDone(what, cwd, command, args) {
  try {
    execFileSync(command, args, { cwd, stdio: 'ignore' });
    return true;
  } catch (error) {
    console.error(
      `${what} cannot be installed, and left out: ${error.message.split('\n')[0]} (in ${dirname(cwd)})`,
    );
    return false;
  }
}
