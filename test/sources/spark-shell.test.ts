import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openSparkShell, type SparkShell } from '../../src/sources/table/spark-shell.ts';

/* One Spark for a session, played by a program that takes the statements of its files by their first word. */

const directory = mkdtempSync(join(tmpdir(), 'keydrift-spark-shell-'));
const program = join(directory, 'spark-sql');
const place = join(directory, 'private');
const pid = join(directory, 'pid');
let shell: SparkShell;

beforeAll(() => {
  writeFileSync(
    program,
    `#!${process.execPath}
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const { spawn } = require('node:child_process');
appendFileSync(${JSON.stringify(join(directory, 'starts'))}, 'x');
const lines = require('node:readline').createInterface({ input: process.stdin });
process.stdout.write('spark-sql (default)> ');
let hangs = false;
function run(statement) {
  const [, text] = /^SELECT '(.*)'$/s.exec(statement) ?? [];
  if (text !== undefined) process.stdout.write(text + '\\n');
  else if (statement.startsWith('ROWS ')) process.stdout.write(JSON.parse(statement.slice(5)).map((row) => row + '\\n').join(''));
  else if (statement.startsWith('FAIL')) return process.stderr.write('26/11/27 01:02:03 WARN Utils: unknown host\\njava.net.UnknownHostException: here\\n\\tat a.b(C.java:1)\\n[TABLE_OR_VIEW_NOT_FOUND] The table \`x\` cannot be found.\\n'), false;
  else if (statement.startsWith('DIE')) process.stderr.write('java.lang.OutOfMemoryError: Java heap space is out of memory\\n'), process.exit(3);
  else if (statement.startsWith('HANG')) {
    process.stdout.write('one\\n');
    writeFileSync(${JSON.stringify(pid)}, String(spawn('sleep', ['600'], { stdio: 'ignore' }).pid));
    hangs = true;
    return false;
  }
  return true;
}
lines.on('line', (line) => {
  if (hangs) return;
  const [, file] = /^source (.*);$/.exec(line) ?? [];
  const statements = (file === undefined ? line : readFileSync(file, 'utf8')).split(/;(?:\\n|$)/).filter((one) => one.trim() !== '');
  statements.every(run);
  process.stdout.write('spark-sql (default)> ');
});
`,
  );
  chmodSync(program, 0o755);
});
afterEach(() => shell.close());
afterAll(() => rmSync(directory, { recursive: true }));

async function open(submit = program): Promise<SparkShell> {
  rmSync(place, { recursive: true, force: true });
  rmSync(join(directory, 'starts'), { force: true });
  mkdirSync(place);
  const { PATH = '' } = process.env;
  const engine = { name: 'batch', kind: 'spark', settings: { submit } };
  shell = await openSparkShell(engine, { environment: { PATH, KEYDRIFT_TMPDIR: place } });
  return shell;
}

async function answer(statement: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of shell.ask(statement, 'batch-1')) lines.push(line);
  return lines;
}

async function failure(statement: string): Promise<readonly unknown[]> {
  return answer(statement).then(
    () => [],
    (error: { code: string; message: string }) => [error.code, error.message],
  );
}

test('one Spark answers one statement after the other, whatever stands in its lines', async () => {
  await open();
  const rows = ['a\u2028b', 'c\u0085\r', "SELECT 'x';", 'keydrift-0000000000000000:done:1', ''];
  expect(await answer(`ROWS ${JSON.stringify(rows)}`)).toStrictEqual(rows);
  const many = Array.from({ length: 20_000 }, (_, at) => `${at} ${'x'.repeat(100)}`);
  const slowly: string[] = [];
  for await (const line of shell.ask(`ROWS ${JSON.stringify(many)}`, null)) {
    if (slowly.length % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    slowly.push(line);
  }
  expect(slowly).toStrictEqual(many);
  const both = [answer('ROWS ["1"]'), answer('ROWS ["2"]')];
  expect(await Promise.all(both)).toStrictEqual([['1'], ['2']]);
  expect(readFileSync(join(directory, 'starts'), 'utf8')).toBe('x');
});

test('a statement that fails is told by its code, and the next one is answered', async () => {
  await open();
  const [code, message] = await failure('FAIL');
  expect(code).toBe('ENGINE_NO_SUCH_TABLE');
  expect(message).toBe(
    'batch (spark) (query batch-1): [TABLE_OR_VIEW_NOT_FOUND] The table `x` cannot be found.',
  );
  expect(await answer('ROWS ["1"]')).toStrictEqual(['1']);
});

test('a Spark that ends is an error, and another one is started', async () => {
  await open();
  expect((await failure('DIE'))[0]).toBe('ENGINE_MEMORY');
  expect(await answer('ROWS ["1"]')).toStrictEqual(['1']);
  expect(readFileSync(join(directory, 'starts'), 'utf8')).toBe('xx');
});

test('a program that is not there is named', async () => {
  await open(join(directory, 'gone'));
  const [code, message] = await failure('ROWS []');
  expect([code, message]).toStrictEqual([
    'ENGINE_NOT_INSTALLED',
    `batch (spark) needs ${join(directory, 'gone')}, which is not here`,
  ]);
});

test.each(['stops reading', 'closes it'])(
  'Spark ends with all that it started when who asked %s',
  async (how) => {
    await open();
    const lines = shell.ask('HANG', null)[Symbol.asyncIterator]();
    expect(await lines.next()).toStrictEqual({ done: false, value: 'one' });
    const child = await waitForText(pid);
    if (how === 'stops reading') await lines.return?.();
    else {
      const next = lines.next().catch((error: { code: string }) => error.code);
      await shell.close();
      expect(await next).toBe('TIMEOUT');
      expect(readdirSync(place)).toStrictEqual([]);
    }
    await expect.poll(() => existsSync(`/proc/${child}`) && !isZombie(child)).toBe(false);
    rmSync(pid);
  },
);

function isZombie(child: string): boolean {
  return /^State:\s+Z/m.test(readFileSync(`/proc/${child}/status`, 'utf8'));
}

async function waitForText(file: string): Promise<string> {
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8') !== '').toBe(true);
  return readFileSync(file, 'utf8');
}
