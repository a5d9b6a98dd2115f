// A Ceph object gateway for `npm run test:servers`: one monitor, one store in memory, one gateway, all on
// loopback. Debian's packages are unpacked into a directory of one's own; nothing is installed.
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startTied } from './tied.mjs';

const packages = ['radosgw', 'ceph-mon', 'ceph-osd'];

/** Where the packages are unpacked, with all that they need; fetched once. */
function unpacked(cache) {
  const root = join(cache, 'ceph', 'root');
  const mark = join(cache, 'ceph', 'complete');
  if (existsSync(mark)) return root;
  const debs = join(cache, 'ceph', 'debs');
  for (const folder of [root, debs]) mkdirSync(folder, { recursive: true });
  const asked = ['install', '--dry-run', '--no-install-recommends', ...packages];
  const planned = execFileSync('apt-get', asked, { encoding: 'utf8' });
  const names = [...planned.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name);
  execFileSync('apt-get', ['download', ...names], { cwd: debs, stdio: 'ignore' });
  for (const deb of readdirSync(debs)) {
    if (deb.endsWith('.deb')) execFileSync('dpkg', ['-x', join(debs, deb), root]);
  }
  writeFileSync(mark, '');
  return root;
}

/** Starts one in a directory, with a user who may do all; gives how it is ended. */
export async function startCeph(cache, directory, port, { accessKeyId, secretAccessKey }) {
  const root = unpacked(cache);
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  const ceph = join(libraries, 'ceph');
  const env = {
    ...process.env,
    LD_LIBRARY_PATH: [libraries, join(root, 'lib/x86_64-linux-gnu'), ceph].join(':'),
    PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'),
  };
  const at = (name) => join(directory, name);
  const program = (name) => join(root, 'usr/bin', name);
  const run = (name, ...words) =>
    execFileSync(program(name), words, { env, timeout: 60_000, stdio: ['ignore', 'pipe', 'pipe'] });
  const identity = randomUUID();
  const monitor = `127.0.0.1:${port + 1}`;
  const settings = {
    fsid: identity,
    'mon host': monitor,
    'mon initial members': 'a',
    'auth cluster required': 'none',
    'auth service required': 'none',
    'auth client required': 'none',
    'osd pool default size': 1,
    'osd pool default min size': 1,
    'osd pool default pg num': 1,
    'osd pool default pgp num': 1,
    'osd crush chooseleaf type': 0,
    'mon allow pool size one': true,
    'mon max pg per osd': 1000,
    'mon data': at('mon'),
    'osd data': at('osd'),
    'osd objectstore': 'memstore',
    'memstore device bytes': 1024 ** 3,
    'run dir': at('run'),
    'admin socket': `${at('run')}/$name.$pid.asok`,
    'pid file': `${at('run')}/$name.pid`,
    'log file': `${at('run')}/$name.log`,
    'plugin dir': ceph,
    'erasure code dir': join(ceph, 'erasure-code'),
    'osd class dir': join(libraries, 'rados-classes'),
    keyring: at('keyring'),
    'public addr': '127.0.0.1',
    'cluster addr': '127.0.0.1',
    'rgw frontends': `beast endpoint=127.0.0.1:${port}`,
  };
  for (const folder of ['mon', 'osd', 'run']) mkdirSync(at(folder));
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
  writeFileSync(at('ceph.conf'), `[global]\n${lines.join('')}`);
  const by = ['-c', at('ceph.conf')];
  const all = ['--cap', 'mon', 'allow *'];
  run('ceph-authtool', '--create-keyring', at('keyring'), '--gen-key', '-n', 'mon.', ...all);
  run('ceph-authtool', at('keyring'), '--gen-key', '-n', 'client.admin', ...all);
  const map = ['--create', '--fsid', identity, '--addv', 'a', `[v1:${monitor}]`, at('map')];
  run('monmaptool', ...map);
  run('ceph-mon', ...by, '--mkfs', '-i', 'a', '--monmap', at('map'), '--keyring', at('keyring'));
  const children = [];
  const start = (name, ...words) => {
    const child = startTied(program(name), [...by, ...words, '-f'], { env });
    children.push(child);
    return child;
  };
  const stop = async () => {
    for (const child of children.toReversed()) await child.stop();
  };
  try {
    start('ceph-mon', '-i', 'a');
    // It waits for the monitor by itself.
    const uuid = randomUUID();
    const ask = ['python3', program('ceph'), ...by, 'osd', 'create', uuid];
    const id = execFileSync(ask[0], ask.slice(1), { env, timeout: 60_000, stdio: 'pipe' });
    const store = ['-i', String(id).trim()];
    run('ceph-osd', ...by, ...store, '--mkfs', '--osd-uuid', uuid);
    let osd = start('ceph-osd', ...store);
    start('radosgw', '-n', 'client.admin');
    const endpoint = `http://127.0.0.1:${port}`;
    for (let turn = 0; !(await answers(endpoint)); turn += 1) {
      if (turn === 1800) throw new Error('the gateway does not answer');
      // It ends where it speaks before the monitor has told it which cluster this is.
      if (osd.child.exitCode !== null) osd = start('ceph-osd', ...store);
      await setTimeout(100);
    }
    const keys = [`--access-key=${accessKeyId}`, `--secret=${secretAccessKey}`];
    const user = ['--uid=test', '--display-name=test', '--max-buckets=0', ...keys];
    run('radosgw-admin', ...by, 'user', 'create', ...user);
    return { endpoint, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function answers(endpoint) {
  return fetch(endpoint).then(
    () => true,
    () => false,
  );
}
