import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cacheDirectory, isPrivate } from '../../src/io/cache-directory.ts';
import { makeDirectories } from '../../src/sources/facts/private.ts';
import { cliPath, makeRepository, runCli, temporaryDirectory } from '../integration/cli.ts';

describe('a directory for caches that nobody can have', () => {
  test('its place: the variables, in their order, and never an error', () => {
    expect(cacheDirectory({ KEYDRIFT_CACHE_DIR: '/k', XDG_CACHE_HOME: '/x' })).toBe('/k');
    expect(cacheDirectory({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/keydrift');
    expect(cacheDirectory({ XDG_CACHE_HOME: '', HOME: '/h' })).toBe('/h/.cache/keydrift');
    expect(cacheDirectory({})).toMatch(/\/\.cache\/keydrift$/);
  });

  test('ends with what the system says, also where it says that a parent is not there', async () => {
    const at = await temporaryDirectory();
    await writeFile(join(at, 'file'), '');
    await symlink('nowhere', join(at, 'dangling'));
    for (const [path, code] of [
      ['/proc/nope/keydrift', 'ENOENT'],
      [join(at, 'file', 'x'), 'ENOTDIR'],
      [join(at, 'dangling', 'x'), 'ENO'],
    ] as const) {
      await expect(makeDirectories(path)).rejects.toThrow(code);
      expect(isPrivate(path)).toBe(false);
    }
    await Promise.all([makeDirectories(join(at, 'a/b/c')), makeDirectories(join(at, 'a/b/c'))]);
    expect(await readdir(join(at, 'a/b'))).toEqual(['c']);
  });

  test('what others may write is not run', async () => {
    const at = await temporaryDirectory();
    const open = join(at, 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    expect(isPrivate(open)).toBe(false);
    expect(isPrivate(join(at, 'own'))).toBe(true);
  });

  test('a remote is fetched all the same, and an investigation goes on', async () => {
    const remote = await makeRepository({ 'p.csv': 'id,mode\nP-1,full\n' });
    const cwd = await makeRepository({
      'keydrift.yaml': `version: 1
artifacts:
  far: {reviewed: {repo: "file://${remote}", path: p.csv}, runtime: p.csv, key: [id]}
  near: {reviewed: p.csv, runtime: p.csv, key: [id]}
`,
      'p.csv': 'id,mode\nP-1,full\n',
    });
    for (const env of [{ XDG_CACHE_HOME: '/proc/nope' }, { HOME: '/dev/null' }]) {
      const { code, stdout } = await runCli(['audit', 'far'], { cwd, env });
      expect({ code, told: stdout.includes('in sync') }).toEqual({ code: 0, told: true });
      expect((await runCli(['investigate', 'near'], { cwd, env })).code).toBe(0);
    }
  });
});

test('a working directory that is gone is a usage error', async () => {
  const script = 'mkdir "$0/gone" && cd "$0/gone" && rmdir "$0/gone" && exec "$1" "$2" audit';
  const args = ['-c', script, await temporaryDirectory(), process.execPath, cliPath];
  const child = spawn('sh', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code]: unknown[] = await once(child, 'close');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^USAGE: the working directory is gone/);
});
