// Compiles the parts of the bundle ahead, for the Node that builds: a start with V8's code cache
// takes half the time. What the usual commands run is compiled, all else when it is first called.
import { execFileSync } from 'node:child_process';
import { readdirSync, renameSync, rmSync, writeFileSync, existsSync, mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import { stop } from 'esbuild';
import { bundle } from './bundle.mjs';

const folder = fileURLToPath(new URL('../dist/parts', import.meta.url));
const { cachePath, openParts } = await import(await bundle('src/io/parts.ts'));
const names = readdirSync(folder).filter((name) => name.endsWith('.cjs'));
if (names.every((name) => existsSync(cachePath(join(folder, name))))) {
  await stop();
  process.exit();
}
const { startS3Server } = await import(await bundle('localstack/s3-server/index.ts'));
await stop();

// V8 drops code that was not run lately. The flag is set back before the caches are made: they are
// for processes that start without any, and so the program sets none here.
const { setFlagsFromString } = v8;
setFlagsFromString('--no-flush-bytecode');
v8.setFlagsFromString = () => undefined;
const parts = openParts(folder, createRequire(import.meta.url), 'made');
process.on('exit', (code) => {
  setFlagsFromString('--flush-bytecode');
  for (const [name, script] of parts.scripts) keep(name, script.createCachedData());
  process.exitCode = code;
});
for (const name of names) parts.load(`./${name}`);
const { runProgram } = parts.load(`./${names.find((name) => name.startsWith('program-'))}`);
await runUsualCommands();

/** Placed whole: a program may be starting from it. */
function keep(name, bytes) {
  const file = cachePath(join(folder, name));
  const temporary = `${file}.${process.pid}.tmp`;
  writeFileSync(temporary, bytes);
  renameSync(temporary, file);
}

/** On two small files that drift, of a repository and of the embedded S3 server. */
async function runUsualCommands() {
  const directory = mkdtempSync(join(tmpdir(), 'keydrift-code-cache-'));
  const server = await startS3Server();
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  prepare(directory, server);
  process.chdir(directory);
  process.stdout.write = (_text, ...rest) => {
    const done = rest.find((argument) => typeof argument === 'function');
    if (done !== undefined) process.nextTick(done);
    return true;
  };
  for (const words of [
    ['diff', 'a.csv', 'file:b.csv', '--key', 'id', '--format', 'json'],
    ['diff', 'a.csv', 'file:b.csv', '--key', 'id'],
    ['audit'],
    ['lint', 'a'],
    ['run', 'a', '--', process.execPath, '--version'],
  ]) {
    await runProgram(words);
  }
  await server.close();
  process.exit(0);
}

function artifact(name) {
  return `{reviewed: a.csv, runtime: "s3://runtime/${name}.csv", key: [id], normalize: {weight: [trim, {decimal: 2}]}}`;
}

function prepare(directory, server) {
  const reviewed = 'id,region,weight\n1,eu,1.0\n2,eu,2.5\n';
  writeFileSync(join(directory, 'a.csv'), reviewed);
  writeFileSync(join(directory, 'b.csv'), `${reviewed}2,eu,3.5\n3,us,0\n`);
  const contract = `version: 1\nartifacts:\n  a: ${artifact('a')}\n  b: ${artifact('b')}\n`;
  writeFileSync(join(directory, 'keydrift.yaml'), contract);
  const identity = ['-c', 'user.name=k', '-c', 'user.email=k@example.org'];
  for (const words of [
    ['init', '--quiet'],
    ['add', '--all'],
    ['commit', '-qm', 'reviewed'],
  ]) {
    execFileSync('git', [...identity, ...words], { cwd: directory });
  }
  server.createBucket('runtime', { versioning: 'Enabled' });
  server.putObject({ bucket: 'runtime', key: 'a.csv', body: reviewed });
  server.putObject({ bucket: 'runtime', key: 'b.csv', body: `${reviewed}3,us,0\n` });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: server.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  });
}
