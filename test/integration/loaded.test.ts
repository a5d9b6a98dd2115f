import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { reviewed } from './beside.ts';
import { makeRepository, runProcess } from './cli.ts';
import { setS3Stage } from './stage.ts';

const stage = setS3Stage();

/** Files of the package that a run loaded, by what the engine says it ran. */
async function loaded(args: string[], cwd: string): Promise<readonly string[]> {
  const coverage = join(cwd, 'coverage');
  const env = { ...stage.env, NODE_V8_COVERAGE: coverage };
  await runProcess(args, { cwd, env });
  const [report] = await readdir(coverage);
  const { result }: { result: { url: string }[] } = JSON.parse(
    await readFile(join(coverage, report!), 'utf8'),
  );
  return result
    .map(({ url }) => (url.startsWith('file:') ? fileURLToPath(url) : url))
    .filter((file) => file.includes('/dist/'));
}

test('an audit in sync loads what it needs, and no more', async () => {
  const cwd = await makeRepository({
    'a.csv': reviewed,
    'b.csv': reviewed,
    'keydrift.yaml':
      'version: 1\nartifacts:\n  a: {reviewed: a.csv, runtime: b.csv, key: [id], policy: {added: warn}}\n',
  });
  const files = await loaded(['audit', '--format', 'json'], cwd);
  const names = files.map((file) => basename(file).replace(/-\w+\.cjs$/, ''));
  expect(names.toSorted()).toStrictEqual(['begin', 'json', 'keydrift.cjs', 'start']);
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const all = texts.join('');
  expect(all.length).toBeLessThan(800_000);
  // The schema's library, the YAML parser, the parser of rows, SQL, and what explains drift.
  for (const word of ['ZodError', 'MULTIPLE_DOCS', 'relax_column_count', 'PARTITION BY']) {
    expect(all).not.toContain(word);
  }
});

test('the SDK is loaded for S3, and for nothing else', async () => {
  await stage.put('a.csv', reviewed);
  const withS3 = await makeRepository({ 'a.csv': reviewed });
  const s3 = ['diff', 'a.csv', `s3://${stage.bucket}/a.csv`, '--key', 'id'];
  expect(await holdSdk(await loaded(s3, withS3))).toBe(true);
  const without = await makeRepository({ 'a.csv': reviewed });
  const files = await loaded(['diff', 'a.csv', 'file:a.csv', '--key', 'id'], without);
  expect(files.length).toBeGreaterThan(1);
  expect(await holdSdk(files)).toBe(false);
});

async function holdSdk(files: readonly string[]): Promise<boolean> {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return texts.some((text) => text.includes('x-amz-checksum-mode'));
}
