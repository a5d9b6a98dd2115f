// An audit of many small artifacts that are in sync, on the embedded S3 server.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stop } from 'esbuild';
import { bundle } from '../scripts/bundle.mjs';
import { measure, median } from './measure.mjs';
import { commitAll } from './repository.mjs';

/** Artifacts in a second, whole process, median of `runs`; null when one is not in sync. */
export async function auditRate(program, artifacts, runs) {
  const { startS3Server } = await import(await bundle('localstack/s3-server/index.ts'));
  await stop();
  const server = await startS3Server();
  const directory = await mkdtemp(join(tmpdir(), 'keydrift-bench-audit-'));
  try {
    await prepare(directory, server, artifacts);
    const env = {
      ...process.env,
      HOME: directory,
      AWS_ENDPOINT_URL_S3: server.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    const line = [program, 'audit', '--format', 'json'];
    const times = [];
    for (let run = 0; run < runs; run += 1) {
      const done = await measure(process.execPath, line, { cwd: directory, env });
      const report = JSON.parse(done.stdout);
      const inSync = report.artifacts.filter(({ verdict }) => verdict === 'in-sync').length;
      if (inSync !== artifacts) throw new Error(`${inSync} of ${artifacts} artifacts are in sync`);
      times.push(done);
    }
    return (1000 * artifacts) / median(times, 'wall');
  } finally {
    await server.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Lookups of a hundred rows each, in git and as objects. */
async function prepare(directory, server, artifacts) {
  await mkdir(join(directory, 'support'));
  server.createBucket('runtime', { versioning: 'Enabled' });
  server.setPublic('runtime');
  const entries = [];
  for (let artifact = 0; artifact < artifacts; artifact += 1) {
    const rows = Array.from(
      { length: 100 },
      (_, row) => `P-${artifact}-${row},eu,lake/p=${row % 7},full,${row % 7}.50\n`,
    );
    const body = `participant_id,region,partition_prefix,run_mode,weight\n${rows.join('')}`;
    await writeFile(join(directory, 'support', `lookup${artifact}.csv`), body);
    server.putObject({ bucket: 'runtime', key: `lookup${artifact}.csv`, body });
    entries.push(
      `  lookup${artifact}: {reviewed: support/lookup${artifact}.csv, runtime: "s3://runtime/lookup${artifact}.csv", key: [participant_id, region]}\n`,
    );
  }
  await writeFile(join(directory, 'keydrift.yaml'), `version: 1\nartifacts:\n${entries.join('')}`);
  commitAll(directory);
}
