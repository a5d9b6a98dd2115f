import { execFileSync } from 'node:child_process';
import { probeServer } from './servers/capabilities.ts';

/**
 * Integration tests run the built command line: it is built once, before any of them. A server that
 * they are to run against is asked what it lacks, and that is told by name.
 */
export default async function setup(): Promise<void> {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
  const endpoint = process.env['KEYDRIFT_TEST_S3_ENDPOINT'] ?? '';
  if (endpoint === '') return;
  const prefix = process.env['KEYDRIFT_TEST_S3_PREFIX'] ?? 'keydrift-test-';
  const lacks = JSON.stringify(await probeServer(endpoint, process.env, prefix));
  process.env['KEYDRIFT_TEST_S3_LACKS'] = lacks;
  console.log(`THE SERVER LACKS ${lacks}`);
}
