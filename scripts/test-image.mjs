// Does what the Dockerfile says where no container engine is: every stage in a directory of its own,
// with only the files that reach the build, on this machine's Node. Debian's packages are looked up, not
// installed. The program that comes of it is run as nobody in particular, with Node and git beside it.
// Exit codes: 0 passed, 1 failed.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeRepository } from './small-repository.mjs';

/** Directories that the Dockerfile itself names: they are those of the stage's root. */
const own = /(?<=^|[\s="'])\/(?=(?:packed|executables|keydrift)\b)/g;

/** Where the stages work, by their names. */
const directories = new Map();

const work = mkdtempSync(join(tmpdir(), 'keydrift-image-'));
// What is run by another user has to be reached by it.
chmodSync(work, 0o755);
try {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const context = contextOf();
  const stages = stagesOf(readFileSync('Dockerfile', 'utf8'));
  for (const stage of stages) build(stage, context);
  const last = stages.at(-1);
  const said = (word) => last.steps.findLast(([name]) => name === word)?.[1];
  assert.equal(said('USER'), 'node');
  assert.deepEqual(JSON.parse(said('ENTRYPOINT')), ['/usr/bin/tini', '--', 'keydrift']);
  const installed = join(rootOf(last.name), 'usr/local/bin/keydrift');
  assert.equal(ran(installed, ['--version']).stdout, `${version}\n`);
  assert.match(ran(installed, JSON.parse(said('CMD'))).stdout, /^Usage: keydrift/);
  const repository = makeRepository(join(work, 'repository'));
  // Of whoever runs the program.
  if (process.getuid?.() === 0) execFileSync('chown', ['-R', '1000:1000', repository]);
  const audited = ran(installed, ['audit'], repository);
  assert.equal(audited.status, 1, audited.stderr);
  assert.match(audited.stdout, /1 duplicated/);
  console.log('passed: the image, as far as it is done without an engine');
  if (process.arch === 'x64') {
    const { status, stdout } = spawnSync(join(rootOf('executable'), 'keydrift'), ['--version'], {
      encoding: 'utf8',
      env: {},
    });
    assert.deepEqual([status, stdout], [0, `${version}\n`]);
    console.log('passed: the stage for images without Node');
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}

function rootOf(stage) {
  return join(work, 'roots', stage);
}

/** What the build is sent: the files of this tree that `.dockerignore` lets through. */
function contextOf() {
  const directory = join(work, 'context');
  mkdirSync(directory);
  const [all, ...rest] = readFileSync('.dockerignore', 'utf8').split('\n').filter(Boolean);
  assert.equal(all, '*');
  const told = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--'];
  const allowed = rest.map((line) => line.replace(/^!/, ''));
  const files = execFileSync('git', [...told, ...allowed], { encoding: 'utf8' }).split('\0');
  for (const file of files.filter((one) => one !== '' && existsSync(one))) {
    mkdirSync(dirname(join(directory, file)), { recursive: true });
    cpSync(file, join(directory, file));
  }
  return directory;
}

/** Stages in their order, each with its instructions. */
function stagesOf(text) {
  const lines = text
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const stages = [];
  for (const line of lines) {
    const [, word, rest] = /^(\S+) (.*)$/.exec(line);
    if (word === 'FROM') {
      const [, base, name = 'image'] = /^(\S+)(?: AS (\S+))?$/.exec(rest);
      stages.push({ name, base, steps: [] });
    } else stages.at(-1).steps.push([word, rest]);
  }
  return stages;
}

/** Does the instructions of a stage. Its root begins as that of the stage that it is built on. */
function build({ name, base, steps }, context) {
  const root = rootOf(name);
  mkdirSync(root, { recursive: true });
  directories.set(name, directories.get(base) ?? '');
  if (existsSync(rootOf(base)))
    cpSync(rootOf(base), root, { recursive: true, verbatimSymlinks: true });
  // Where the stage works that it is built on, it goes on.
  let cwd = join(root, directories.get(base) ?? '');
  const env = {
    ...process.env,
    npm_config_prefix: join(root, 'usr/local'),
    npm_config_cache: join(work, 'cache'),
  };
  for (const [word, rest] of steps) {
    if (word === 'WORKDIR') {
      cwd = join(root, rest);
      directories.set(name, rest);
      mkdirSync(cwd, { recursive: true });
    } else if (word === 'ARG') {
      const [key, value] = rest.split('=');
      env[key] = value;
    } else if (word === 'COPY') copy(rest, { root, cwd, context });
    else if (word === 'RUN') runStep(rest, { root, cwd, env });
    else assert.ok(['USER', 'ENTRYPOINT', 'CMD'].includes(word), `${word} is not known here`);
  }
}

function copy(rest, { root, cwd, context }) {
  const [, stage, words] = /^(?:--from=(\S+) )?(.*)$/.exec(rest);
  const from = stage === undefined ? context : rootOf(stage);
  const files = words.split(' ');
  const to = files.pop();
  for (const file of files) {
    const target = to.startsWith('/') ? join(root, to) : join(cwd, to, file === '.' ? '' : file);
    cpSync(join(from, file), target, { recursive: true });
  }
}

function runStep(rest, { root, cwd, env }) {
  const mounts = [...rest.matchAll(/--mount=type=bind,from=(\w+),source=(\S+?),target=(\S+)/g)];
  for (const [, stage, source, target] of mounts) {
    cpSync(join(rootOf(stage), source), join(root, target), { recursive: true });
  }
  const script = rest.replaceAll(/--mount=\S+ /g, '');
  const packages = /apt-get install ((?:--\S+ )*)([^&]*)/.exec(script)?.[2];
  if (packages !== undefined) return lookUp(packages.trim().split(' '));
  execFileSync('sh', ['-ec', script.replaceAll(own, `${root}/`)], {
    cwd,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (const [, , , target] of mounts) rmSync(join(root, target), { recursive: true });
}

function lookUp(packages) {
  for (const word of ['git', 'tini', 'ca-certificates']) assert.ok(packages.includes(word), word);
  const { status, error } = spawnSync('apt-cache', ['show', '--no-all-versions', ...packages], {
    stdio: 'ignore',
  });
  if (error !== undefined) console.log('not looked up: Debian’s packages (no apt-cache here)');
  else assert.equal(status, 0, `one of ${packages.join(', ')} is no package of Debian`);
}

/** Runs a program as the image's user, where only root can. */
function ran(file, words, cwd = work) {
  const path = `${dirname(process.execPath)}:/usr/bin:/bin`;
  const user = process.getuid?.() === 0 ? { uid: 1000, gid: 1000 } : {};
  return spawnSync(file, words, {
    cwd,
    ...user,
    env: { PATH: path, HOME: work },
    encoding: 'utf8',
  });
}
