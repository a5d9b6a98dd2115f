import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isGone, readOwner, thisOwner, type Owner } from '../../src/io/private/owner.ts';
import { makePrivateDirectory } from '../../src/io/private/private-directory.ts';
import { markProcess, stillRuns } from '../../src/io/private/processes.ts';
import { removeStale } from '../../src/io/private/stale.ts';

let parent = '';
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'keydrift-test-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

/** A process id that belongs to nobody any more. */
async function deadPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid!;
}

async function leave(name: string, owner: unknown): Promise<string> {
  const path = join(parent, name);
  await mkdir(join(path, 'judged'), { recursive: true });
  await writeFile(join(path, 'judged', 'a.csv'), 'x');
  if (owner !== null) await writeFile(join(path, 'owner.json'), JSON.stringify(owner));
  return path;
}

const ran = (owner: Partial<Owner>): Owner => ({ ...thisOwner(), ...owner });

test('what dead processes left is removed, whatever else stands there', async () => {
  const pid = await deadPid();
  const dead = { pid, startedAt: '1' };
  const mine = markProcess(process.pid)!;
  await leave(`keydrift-run-${pid}-aaaaaa`, ran({ keydrift: dead }));
  await leave(`keydrift-run-${pid}-bbbbbb`, ran({ keydrift: dead, command: dead }));
  await leave(`keydrift-run-${pid}-cccccc`, ran({ keydrift: dead, command: mine }));
  await leave(`keydrift-run-${pid}-dddddd`, ran({ keydrift: mine }));
  await leave(`keydrift-run-${pid}-eeeeee`, ran({ keydrift: dead, command: 'starting' }));
  await leave(`keydrift-run-${pid}-ffffff`, null);
  await leave('keydrift-run-nobody-aaaaaa', ran({ keydrift: dead }));
  await leave('other', ran({ keydrift: dead }));
  // The id was given to another process since.
  await leave(`keydrift-run-${pid}-gggggg`, ran({ keydrift: { ...mine, startedAt: '1' } }));
  await removeStale(parent, new Date());
  expect((await readdir(parent)).sort()).toEqual([
    ...['cccccc', 'dddddd', 'eeeeee', 'ffffff'].map((end) => `keydrift-run-${pid}-${end}`),
    'keydrift-run-nobody-aaaaaa',
    'other',
  ]);
});

test('what is in doubt is removed after a day', async () => {
  const pid = await deadPid();
  const dead = { pid, startedAt: '1' };
  const paths = [
    await leave(`keydrift-run-${pid}-aaaaaa`, ran({ keydrift: dead, command: 'starting' })),
    await leave(`keydrift-run-${pid}-bbbbbb`, null),
    await leave(`keydrift-run-${pid}-cccccc`, { keydrift: 'nonsense' }),
  ];
  const old = new Date(Date.now() - 25 * 3_600_000);
  for (const path of paths) await utimes(path, old, old);
  await leave(`keydrift-run-${process.pid}-dddddd`, null);
  await utimes(join(parent, `keydrift-run-${process.pid}-dddddd`), old, old);
  await removeStale(parent, new Date());
  expect(await readdir(parent)).toEqual([`keydrift-run-${process.pid}-dddddd`]);
});

test('links are never followed', async () => {
  const pid = await deadPid();
  const owner = ran({ keydrift: { pid, startedAt: '1' } });
  const elsewhere = await leave('elsewhere', owner);
  await symlink(elsewhere, join(parent, `keydrift-run-${pid}-aaaaaa`));
  const linked = await leave(`keydrift-run-${pid}-bbbbbb`, null);
  await symlink(join(elsewhere, 'owner.json'), join(linked, 'owner.json'));
  const inside = await leave(`keydrift-run-${pid}-cccccc`, owner);
  await symlink(elsewhere, join(inside, 'judged', 'link'));
  await removeStale(parent, new Date());
  expect((await readdir(parent)).sort()).toEqual([
    'elsewhere',
    `keydrift-run-${pid}-aaaaaa`,
    `keydrift-run-${pid}-bbbbbb`,
  ]);
  expect(await readdir(join(elsewhere, 'judged'))).toEqual(['a.csv']);
});

test('processes of another container or machine are not ours to judge', async () => {
  const dead = { pid: await deadPid(), startedAt: '1' };
  const owner = ran({ keydrift: dead });
  const { space } = owner;
  expect(isGone(owner, space)).toBe(true);
  const other = { ...space, namespace: 'pid:[1]' };
  expect(isGone(owner, other)).toBe(false);
  expect(isGone(owner, { ...other, host: 'other', boot: 'other' })).toBe(false);
  // Another machine may have this one's name, and share the directory.
  expect(isGone(ran({}), { ...space, boot: 'other' })).toBe(false);
});

test('a mark tells a process from the next one with its id', async () => {
  const mine = markProcess(process.pid);
  expect(mine).not.toBeNull();
  expect(stillRuns(mine!)).toBe(true);
  expect(stillRuns({ ...mine!, startedAt: '1' })).toBe(false);
  expect(stillRuns({ ...mine!, startedAt: null })).toBe(true);
  expect(markProcess(await deadPid())).toBeNull();
});

test('a private directory says whose it is, and what it waits for', async () => {
  const directory = await makePrivateDirectory(parent);
  expect(readOwner(directory.path)).toMatchObject({
    keydrift: { pid: process.pid },
    command: 'none',
  });
  directory.noteStarting();
  expect(readOwner(directory.path)?.command).toBe('starting');
  directory.noteCommand(process.pid);
  expect(readOwner(directory.path)?.command).toEqual(markProcess(process.pid));
  await removeStale(parent, new Date());
  expect(await readdir(parent)).toHaveLength(1);
  directory.remove();
  directory.remove();
  expect(await readdir(parent)).toEqual([]);
});
