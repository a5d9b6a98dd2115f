import { execFileSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from '../cli.ts';
import { gate, makeJob, reviewed, setGateStage } from './fixture.ts';

const stage = setGateStage();

/** A file system of 64 KiB, or null where this user may not mount one. */
function mountSmall(directory: string): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  try {
    const options = ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs', directory];
    execFileSync('mount', options, { stdio: 'ignore' });
  } catch {
    return null;
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', directory]));
  return directory;
}

const rows = Array.from({ length: 20_000 }, (_, row) => `P-${row},full,x\n`).join('');
const large = `id,mode,note\n${rows}`;

test('a full disk is no verdict: 125, and nothing is left on it', async (context) => {
  const disk = mountSmall(await temporaryDirectory());
  if (disk === null) context.skip('only root can mount a small file system');
  const env = { KEYDRIFT_TMPDIR: disk! };
  stage.put(large);
  const job = await makeJob(stage, { 'parts.csv': large });
  const { code, stdout, stderr } = await gate(job, ['--', 'echo', 'ran'], env);
  expect({ code, stdout }).toEqual({ code: 125, stdout: '' });
  expect(stderr).toMatch(/PRIVATE_FILE_FAILED[^]*ENOSPC[^]*KEYDRIFT_TMPDIR/);
  expect(await readdir(disk!)).toEqual([]);
  stage.put(reviewed);
  const small = await makeJob(stage);
  expect((await gate(small, ['--', 'echo', 'ran'], env)).stdout).toBe('ran\n');
  expect(await readdir(disk!)).toEqual([]);
});

test('a disk that fills with the chosen rows', async (context) => {
  const disk = mountSmall(await temporaryDirectory());
  if (disk === null) context.skip('only root can mount a small file system');
  // Room for the judged file, not for a second one beside it.
  const half = `id,mode,note\n${rows.slice(0, 34_000).replace(/[^\n]*$/, '')}`;
  stage.put(`${half}P-1,full,again\n`);
  const job = await makeJob(stage, { 'parts.csv': half });
  const env = { KEYDRIFT_TMPDIR: disk! };
  const { code, stdout } = await gate(job, ['--use', 'deduplicated', '--', 'echo', 'ran'], env);
  expect({ code, stdout }).toEqual({ code: 125, stdout: '' });
  expect(await readdir(disk!)).toEqual([]);
});
