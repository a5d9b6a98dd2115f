import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import compile from './native-source.ts';
import { probeServer } from './servers/capabilities.ts';

/**
 * Integration tests run the built command line, and the others the source as it was compiled: both
 * are made once, before any of them, side by side. A server that they are to run against is asked what
 * it lacks, and that is told by name. All that tests write is below one directory, which is gone after
 * them.
 */
export default async function setup(): Promise<() => void> {
  const directory = inMemory() ?? mkdtempSync(join(tmpdir(), prefix));
  process.env['TMPDIR'] = directory;
  const end = (): void => rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  process.once('exit', end);
  const built = promisify(execFile)(process.execPath, ['scripts/build.mjs']);
  await Promise.all([built, compile()]);
  const endpoint = process.env['KEYDRIFT_TEST_S3_ENDPOINT'] ?? '';
  if (endpoint !== '') {
    const start = process.env['KEYDRIFT_TEST_S3_PREFIX'] ?? 'keydrift-test-';
    const lacks = JSON.stringify(await probeServer(endpoint, process.env, start));
    process.env['KEYDRIFT_TEST_S3_LACKS'] = lacks;
    console.log(`THE SERVER LACKS ${lacks}`);
  }
  return end;
}

const prefix = 'keydrift-';

/**
 * A directory in memory, where programs can be started and 512 MiB are free (a run takes about 50):
 * thousands of small repositories on a disk cost a tenth of a run. Null: there is none, or whoever
 * starts the tests says where (`TMPDIR`).
 */
function inMemory(): string | null {
  if ((process.env['TMPDIR'] ?? '') !== '') return null;
  let directory: string | null = null;
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    if (bavail * bsize < 512 * 1024 ** 2) return null;
    directory = mkdtempSync(join('/dev/shm', prefix));
    const program = join(directory, 'program');
    writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
    accessSync(program, constants.X_OK);
    rmSync(program);
    return directory;
  } catch {
    if (directory !== null) rmSync(directory, { recursive: true, force: true });
    return null;
  }
}
