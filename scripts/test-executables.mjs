// Tries the executables where no Node is, and the wheel in an environment of its own. Takes what it
// needs of Debian where it may; without qemu-user the executable for arm64 is only built, and it says
// so. Exit codes: 0 passed, 1 failed.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildExecutables, sha256Of, targets } from './executables.mjs';
import { makeRepository } from './small-repository.mjs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const work = mkdtempSync(join(tmpdir(), 'keydrift-hosts-'));
try {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  const built = await buildExecutables(join(work, 'built'));
  for (const target of Object.keys(targets)) console.log(`${sha256Of(built[target])}  ${target}`);
  const here = built[process.arch];
  const repository = makeRepository(join(work, 'repository'));
  inEmptyEnvironment(here);
  besideGit(here, repository);
  inAnotherRoot(here);
  onArm(built.arm64);
  asWheel(here);
} finally {
  rmSync(work, { recursive: true });
}

/** What a program says, with nothing of this process's environment. */
function run(file, words, { env = {}, cwd = work } = {}) {
  const { status, stdout, stderr } = spawnSync(file, words, { cwd, env, encoding: 'utf8' });
  return { status, stdout, stderr };
}

function inEmptyEnvironment(file) {
  assert.deepEqual(run(file, ['--version']), { status: 0, stdout: `${version}\n`, stderr: '' });
  const cwd = join(work, 'repository');
  const told = run(file, ['diff', 'file:r.csv', 'file:d.csv', '--key', 'id'], { cwd });
  assert.equal(told.status, 1, told.stderr);
  assert.match(told.stdout, /1 duplicated/);
  for (const format of ['html', 'junit', 'sarif', 'openmetrics', 'slack']) {
    const other = run(
      file,
      ['diff', 'file:r.csv', 'file:d.csv', '--key', 'id', '--format', format],
      { cwd },
    );
    assert.equal(other.status, 1, other.stderr);
  }
  console.log('passed: without an environment');
}

/** A path on which git is the only program. */
function besideGit(file, cwd) {
  const bin = join(work, 'bin');
  mkdirSync(bin);
  symlinkSync(
    execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim(),
    join(bin, 'git'),
  );
  const env = { PATH: bin, HOME: work };
  const audit = run(file, ['audit'], { env, cwd });
  assert.equal(audit.status, 1, audit.stderr);
  const gate = run(file, ['run', 'p', '--use', 'deduplicated', '--', '/bin/cat', '{p}'], {
    env,
    cwd,
  });
  assert.deepEqual([gate.status, gate.stdout], [0, 'id,mode\nP-1,full\n'], gate.stderr);
  console.log('passed: with git and nothing else');
}

/** A root with the executable and the system's C library alone. */
function inAnotherRoot(file) {
  if (process.getuid?.() !== 0) {
    console.log('skipped: only root can change the root');
    return;
  }
  const root = join(work, 'root');
  const libraries = execFileSync('ldd', [file], { encoding: 'utf8' }).match(/\/\S+\.so\S*/g) ?? [];
  for (const library of libraries) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    cpSync(library, join(root, library), { dereference: true });
  }
  cpSync(file, join(root, 'keydrift'));
  const told = run('/usr/sbin/chroot', [root, '/keydrift', '--version']);
  assert.deepEqual(told, { status: 0, stdout: `${version}\n`, stderr: '' });
  console.log('passed: in a root with the C library and nothing else');
}

function onArm(file) {
  const emulator = '/usr/bin/qemu-aarch64';
  const libraries = '/usr/aarch64-linux-gnu';
  if (!existsSync(emulator) || !existsSync(libraries)) {
    install('qemu-user', 'libc6-arm64-cross', 'libstdc++6-arm64-cross', 'libatomic1-arm64-cross');
  }
  if (!existsSync(emulator) || !existsSync(libraries)) {
    console.log('only built: arm64 (no qemu-user here)');
    return;
  }
  const cwd = join(work, 'repository');
  const words = ['-L', libraries, file, 'diff', 'file:r.csv', 'file:d.csv', '--key', 'id'];
  const told = run(emulator, words, { cwd });
  assert.equal(told.status, 1, told.stderr);
  assert.match(told.stdout, /1 duplicated/);
  console.log('passed: arm64, emulated');
}

/** Built, installed into an environment of its own, run from there; and the same bytes when built again. */
function asWheel(file) {
  const pack = (directory) => {
    mkdirSync(directory);
    const words = ['scripts/wheel.py', file, process.arch, version, directory];
    return execFileSync('python3', words, { encoding: 'utf8' }).trim();
  };
  const wheel = pack(join(work, 'wheel'));
  assert.equal(sha256Of(pack(join(work, 'again'))), sha256Of(wheel));
  const home = join(work, 'python');
  execFileSync('python3', ['-m', 'venv', home]);
  execFileSync(join(home, 'bin/pip'), [
    'install',
    '--quiet',
    '--no-index',
    '--disable-pip-version-check',
    wheel,
  ]);
  const env = { PATH: join(home, 'bin') };
  const told = run('/bin/sh', ['-c', 'keydrift --version'], { env });
  assert.deepEqual(told, { status: 0, stdout: `${version}\n`, stderr: '' });
  execFileSync(join(home, 'bin/pip'), ['uninstall', '--quiet', '--yes', 'keydrift']);
  assert.equal(existsSync(join(home, 'bin/keydrift')), false);
  console.log('passed: as a wheel');
}

/** Packages of Debian; only root can, and nothing depends on it. */
function install(...packages) {
  if (process.getuid?.() !== 0) return;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...packages], {
    env,
    stdio: 'ignore',
  });
}
