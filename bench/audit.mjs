// Audits of many small artifacts that are in sync, on the embedded S3 server.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stop } from 'esbuild';
import { bundle } from '../scripts/bundle.mjs';
import { inRounds, measure } from './measure.mjs';
import { commitAll } from './repository.mjs';

/** Rows of a lookup of about 10 KB. */
const rows = 235;

/**
 * Artifacts for each CPU second of keydrift and git, peak memory in MiB, and CPU milliseconds that one
 * artifact of the large contract takes over that of a contract of one; throws where one is not in sync.
 */
export async function benchAudit(program, artifacts, rounds) {
  const { startS3Server } = await import(await bundle('localstack/s3-server/index.ts'));
  await stop();
  const server = await startS3Server();
  const cwd = await mkdtemp(join(tmpdir(), 'keydrift-bench-audit-'));
  try {
    await prepare(cwd, server, artifacts);
    const env = {
      ...process.env,
      HOME: cwd,
      AWS_ENDPOINT_URL_S3: server.endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    };
    const audit =
      (...words) =>
      () =>
        measure(process.execPath, [program, 'audit', '--format', 'json', ...words], { cwd, env });
    const commands = {
      all: audit(),
      one: audit('lookup0'),
      alone: audit('--config', 'one.yaml'),
    };
    const found = await inRounds(rounds, commands, (name, { stdout, stderr }) => {
      const wanted = name === 'all' ? artifacts : 1;
      const inSync = JSON.parse(stdout).artifacts.filter(({ verdict }) => verdict === 'in-sync');
      if (inSync.length !== wanted) throw new Error(`${inSync.length} of ${wanted}: ${stderr}`);
    });
    const { all, one, alone } = found;
    return { rate: (1000 * artifacts) / all.cpu, rss: all.rss, more: one.cpu - alone.cpu };
  } finally {
    await server.close();
    await rm(cwd, { recursive: true, force: true });
  }
}

async function prepare(directory, server, artifacts) {
  await mkdir(join(directory, 'support'));
  server.createBucket('runtime', { versioning: 'Enabled' });
  const entries = [];
  for (let artifact = 0; artifact < artifacts; artifact += 1) {
    const lines = Array.from(
      { length: rows },
      (_, row) => `P-${artifact}-${row},eu,lake/p=${row % 7},full,${row % 7}.50,some words\n`,
    );
    const body = `participant_id,region,partition_prefix,run_mode,weight,notes\n${lines.join('')}`;
    await writeFile(join(directory, 'support', `lookup${artifact}.csv`), body);
    server.putObject({ bucket: 'runtime', key: `lookup${artifact}.csv`, body });
    entries.push(
      `  lookup${artifact}: {reviewed: support/lookup${artifact}.csv, runtime: "s3://runtime/lookup${artifact}.csv", key: [participant_id, region], descriptive: [notes]}\n`,
    );
  }
  const head = 'version: 1\nartifacts:\n';
  await writeFile(join(directory, 'keydrift.yaml'), head + entries.join(''));
  await writeFile(join(directory, 'one.yaml'), head + entries[0]);
  commitAll(directory);
}
