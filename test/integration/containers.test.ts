import { execFile } from 'node:child_process';
import { rmdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bareEnvironment } from './cli.ts';

/**
 * What containers and service accounts give a process: little address space, few descriptors, no
 * directory, no home, blocked signals, the first process id. Each sentence is about the built CLI.
 */
const cli = new URL('../../dist/keydrift.cjs', import.meta.url).pathname;
let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keydrift-containers-'));
  await writeFile(join(directory, 'p.csv'), 'id,mode\nP-1,full\n');
  const contract = `version: 1\nartifacts:\n  p: {reviewed: 'file:p.csv', runtime: 'file:p.csv', key: [id]}\n`;
  await writeFile(join(directory, 'keydrift.yaml'), contract);
});
afterAll(() => rm(directory, { recursive: true }));

interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A line of shell; `$KD` is keydrift. */
function shell(line: string, environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const env = { ...bareEnvironment(directory), ...environment, KD: cli, NODE: process.execPath };
  return new Promise((resolve) => {
    execFile('bash', ['-c', line], { cwd: directory, env }, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, stdout, stderr });
    });
  });
}

const compare = '"$NODE" "$KD" diff file:p.csv file:p.csv --key id';

const contract =
  '{"version": 1, "artifacts": {"p": {"reviewed": "p.csv", "runtime": "p.csv", "key": ["id"]}}}';

describe.skipIf(process.platform !== 'linux')('little of everything', () => {
  test('too few addresses for WebAssembly: no verdict, and the way out, which works', async () => {
    const { code, stdout } = await shell(`ulimit -v 3000000; ${compare}`);
    if (code === 0) {
      // From Node 24 on it does without what it does not get.
      expect(process.versions.node).not.toMatch(/^20\./);
      expect(stdout).toContain('in sync');
      return;
    }
    expect(code).toBe(2);
    expect(stdout).toContain('TOO_LARGE');
    expect(stdout).toContain('--disable-wasm-trap-handler');
    expect(stdout).not.toContain('defect of keydrift');
    const out = await shell(`ulimit -v 3000000; ${compare}`, {
      NODE_OPTIONS: '--disable-wasm-trap-handler',
    });
    expect([out.code, out.stdout.includes('in sync')]).toEqual([0, true]);
  });

  test('few descriptors are enough', async () => {
    const { code, stdout } = await shell(`ulimit -n 24; ${compare}`);
    expect([code, stdout.includes('in sync')]).toEqual([0, true]);
  });

  test('where git has no pipes left it is said, and no defect of keydrift', async () => {
    const { code, stdout } = await shell(
      `git init --quiet few; cd few; echo '${contract}' > keydrift.yaml; cp ../p.csv .; git add .; git -c user.name=T -c user.email=t@example.org commit --quiet -m 1; ulimit -n 24; "$NODE" "$KD" audit`,
    );
    expect(code).toBe(2);
    expect(stdout).toContain('SYSTEM_LIMIT');
    expect(stdout).toContain('ulimit -n');
    expect(stdout).not.toContain('defect of keydrift');
  });

  test('a working directory that is gone is said', async () => {
    const gone = await mkdtemp(join(tmpdir(), 'keydrift-gone-'));
    const { code, stdout, stderr } = await shell(
      `cd "$GONE" && rmdir "$GONE" && "$NODE" "$KD" audit`,
      {
        GONE: gone,
      },
    );
    expect(() => rmdirSync(gone)).toThrow('ENOENT');
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain('defect of keydrift');
  });

  test('without HOME, and with blocked signals', async () => {
    const blocked = 'env -u HOME --block-signal=TERM --block-signal=HUP';
    const { code, stdout } = await shell(`${blocked} "$NODE" "$KD" run -- echo ran`);
    expect([code, stdout]).toEqual([0, 'ran\n']);
  });

  test('a user without an entry and without HOME reaches a store all the same', async (context) => {
    const nobody = 'unshare --user --map-user=54321 env -u HOME';
    const { code: possible } = await shell(`${nobody} true`);
    if (possible !== 0) context.skip('this user may not make a namespace');
    const { code, stdout } = await shell(
      `${nobody} "$NODE" "$KD" diff file:p.csv s3://b/k --key id --endpoint-url http://127.0.0.1:1`,
      { AWS_ACCESS_KEY_ID: 'k', AWS_SECRET_ACCESS_KEY: 's' },
    );
    expect(code).toBe(2);
    // Nothing listens there, and that is all.
    expect(stdout).toContain('STORE_UNREACHABLE');
    expect(stdout).not.toContain('homedir');
  });

  test('as the first process of a container, it gives the code of its command', async (context) => {
    const alone = 'unshare --user --map-root-user --pid --fork --mount-proc';
    const { code: possible } = await shell(`${alone} true`);
    if (possible !== 0) context.skip('this user may not make a namespace');
    const { code, stdout } = await shell(
      `${alone} "$NODE" "$KD" run -- sh -c 'sleep 0 & echo $PPID; exit 7'`,
    );
    expect([code, stdout]).toEqual([7, '1\n']);
  });
});
