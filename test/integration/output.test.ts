import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { drifted, reviewed } from './beside.ts';
import { bareEnvironment, cliPath, makeRepository, runCli, runJson } from './cli.ts';
import { runInProcess } from './in-process.ts';

const contract = `version: 1
artifacts:
  a: {reviewed: reviewed.csv, runtime: drifted.csv, key: [id]}
`;
const repository = (): Promise<string> =>
  makeRepository({ 'keydrift.yaml': contract, 'reviewed.csv': reviewed, 'drifted.csv': drifted });

describe('stdout has the report, stderr everything else', () => {
  test.each(['text', 'json', 'markdown'])('%s', async (format) => {
    const { code, stdout, stderr } = await runCli(['audit', '--format', format], {
      cwd: await repository(),
    });
    expect(code).toBe(1);
    expect(stdout).toMatch(/P-1/);
    expect(stdout.endsWith('\n')).toBe(true);
    expect(stderr).toBe('');
  });
});

test('a report that no pipe holds arrives whole at a slow reader, and nothing is said on stderr', async () => {
  const rows = Array.from({ length: 2500 }, (_, index) => `U-${index},full\n`).join('');
  const cwd = await makeRepository({ 'a.csv': 'id,mode\n', 'b.csv': `id,mode\n${rows}` });
  const args = ['diff', 'a.csv', 'b.csv', '--key', 'id', '--format', 'json'];
  const command = `"${process.execPath}" "${cliPath}" ${args.join(' ')} | (read -r first; echo "$first"; cat)`;
  const child = spawn('sh', ['-c', command], { cwd, env: bareEnvironment(cwd) });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('latin1')));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(child, 'close');
  expect(stderr).toBe('');
  expect(JSON.parse(stdout).artifacts[0].findings.length).toBe(2501);
});

describe('-o', () => {
  test('several outputs from one run, beside stdout', async () => {
    const cwd = await repository();
    await mkdir(join(cwd, 'out'));
    const outputs = [
      '-o',
      'json:out/a:b.json',
      '-o',
      'markdown:out/a.md',
      '--output',
      'text:out/a.txt',
    ];
    const { code, stdout } = await runCli(['audit', ...outputs], { cwd });
    expect(code).toBe(1);
    expect((await readdir(join(cwd, 'out'))).toSorted()).toStrictEqual([
      'a.md',
      'a.txt',
      'a:b.json',
    ]);
    const read = (name: string): Promise<string> => readFile(join(cwd, 'out', name), 'utf8');
    expect(await read('a.txt')).toBe(stdout);
    expect(JSON.parse(await read('a:b.json'))).toMatchObject({ exitCode: 1, verdict: 'drifted' });
    expect(await read('a.md')).toMatch(/P-1/);
  });

  test('replaces a file, and leaves nothing beside it', async () => {
    const cwd = await repository();
    for (let run = 0; run < 2; run += 1) await runCli(['audit', '-o', 'json:report.json'], { cwd });
    expect((await readdir(cwd)).filter((name) => name.includes('report'))).toStrictEqual([
      'report.json',
    ]);
    expect(JSON.parse(await readFile(join(cwd, 'report.json'), 'utf8')).exitCode).toBe(1);
  });

  test('a file that cannot be written takes neither the report nor the drift: exit 3', async () => {
    const cwd = await repository();
    await mkdir(join(cwd, 'folder'));
    for (const file of ['nowhere/report.json', 'folder']) {
      const { code, stdout, stderr } = await runCli(['audit', '-o', `json:${file}`], { cwd });
      expect(code).toBe(3);
      expect(stdout).toMatch(/^a: DRIFTED/);
      expect(stderr).toMatch(/^OUTPUT_NOT_WRITABLE: /);
      expect(stderr).toContain(file);
    }
    expect((await readdir(cwd)).filter((name) => name.endsWith('.tmp'))).toStrictEqual([]);
  });

  test('an error of the whole run is written too', async () => {
    const cwd = await repository();
    const args = ['audit', 'no-such-artifact', '-o', 'json:report.json'];
    expect((await runCli(args, { cwd })).code).toBe(2);
    const report = JSON.parse(await readFile(join(cwd, 'report.json'), 'utf8'));
    expect(report).toMatchObject({ exitCode: 2, error: { code: 'UNKNOWN_ARTIFACT' } });
  });
});

describe('a reader that goes away', () => {
  test.each([
    // No pipe holds that: most of it cannot have been written yet.
    ['json', 'after the first bytes', 2500],
    ['text', 'at once', 100],
  ] as const)(
    '%s, %s: no hang, the code of the verdict, no word of a defect',
    async (format, when, rows) => {
      const many = Array.from({ length: rows }, (_, index) => `U-${index},full\n`).join('');
      const cwd = await makeRepository({ 'a.csv': 'id,mode\n', 'b.csv': `id,mode\n${many}` });
      const args = ['diff', 'a.csv', 'b.csv', '--key', 'id', '--format', format];
      const child = spawn(process.execPath, [cliPath, ...args], {
        cwd,
        env: bareEnvironment(cwd),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      if (when === 'after the first bytes') await once(child.stdout, 'data');
      child.stdout.destroy();
      const [code, signal]: unknown[] = await once(child, 'close');
      expect({ code, signal, stderr }).toStrictEqual({ code: 1, signal: null, stderr: '' });
    },
  );

  test.skipIf(process.platform !== 'linux')(
    'a full disk is told, and drift stays a fact',
    async () => {
      const cwd = await repository();
      const command = `"${process.execPath}" "${cliPath}" audit > /dev/full`;
      const child = spawn('sh', ['-c', command], { cwd, env: bareEnvironment(cwd) });
      let stderr = '';
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      const [code]: unknown[] = await once(child, 'close');
      expect(code).toBe(3);
      expect(stderr).toMatch(/^OUTPUT_NOT_WRITABLE: stdout .*ENOSPC/m);
    },
  );

  test.each([
    ['audit', 3],
    ['audit --no-fail', 2],
    ['gate', 121],
    ['gate --no-fail', 122],
  ])('of a full disk every command tells: %s, exit %i', async (words, expected) => {
    const cwd = await repository();
    const fault = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    const call = { words: words.split(' '), cwd, environment: bareEnvironment(cwd), fault };
    const { code, stderr } = await runInProcess(call);
    expect(code).toBe(expected);
    expect(stderr).toMatch(/^OUTPUT_NOT_WRITABLE: stdout .*ENOSPC/m);
  });
});

describe('untrusted text', () => {
  const evil = [
    '\u001B]0;title\u0007',
    '\u001B[2J\u001B[31mred',
    'nul\u0000',
    'back\b\b\bspace',
    '\u202Eright to left',
    '\u2066isolate',
    'line\nbreak',
    'carriage\rreturn',
    '\u0085next line\u2028separator',
    '<script>alert(1)</script>',
    '[link](javascript:alert(1))',
    '| pipe | `code` |',
    '::error::annotation',
  ];
  // What a terminal or a chat would act upon; a line end of the report itself is none of it.
  // oxlint-disable-next-line no-control-regex -- these are what it looks for
  const control = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/;

  test('of a table never reaches a terminal or a page as it stands', async () => {
    // A NUL in a key or consumed cell is a fault of its own.
    const values = evil.filter((value) => !value.includes('\u0000'));
    const rows = values.map((value, index) => `${quoted(value)},${quoted(value)},${index}\n`);
    const changed = values.map(
      (value, index) => `${quoted(value)},${quoted(`x${value}`)},${index}\n`,
    );
    const header = `id,${quoted('mode\u001B[1m')},note\n`;
    const cwd = await makeRepository({
      'a.csv': header + rows.join(''),
      'b.csv': header + changed.join('') + changed[0],
    });
    for (const format of ['text', 'markdown']) {
      const args = [
        'diff',
        'a.csv',
        'b.csv',
        '--key',
        'id',
        '--descriptive',
        'note',
        '--format',
        format,
      ];
      const { code, stdout } = await runCli([...args, '--limit', '100'], { cwd });
      expect(code).toBe(1);
      expect(stdout).not.toMatch(control);
      if (format === 'markdown') expect(withoutCode(stdout)).not.toMatch(/<script|\]\(javascript/);
      // A line of a value is no line of the report.
      expect(stdout).not.toMatch(/^(break|return|::error)/m);
    }
    const { report } = await runJson(
      ['diff', 'a.csv', 'b.csv', '--key', 'id', '--descriptive', 'note'],
      { cwd },
    );
    const keys = report.artifacts[0]!.findings.filter(({ side }) => side === 'across').map(
      ({ key }) => key?.['id'],
    );
    expect(keys).toStrictEqual(values.toSorted());
  });

  test('of a contract neither', async () => {
    const [title, clear] = evil;
    const yaml = JSON.stringify({
      version: 1,
      artifacts: {
        a: {
          owner: clear,
          runbook: `https://example.org/${title}\u202E`,
          labels: { [`label${clear}`]: title },
          reviewed: 'reviewed.csv',
          runtime: 'drifted.csv',
          key: ['id'],
        },
        b: { reviewed: 'reviewed.csv', runtime: `no\u001B[31m\u202Esuch.csv`, key: ['id'] },
        c: { reviewed: `git:HEAD:no\u0007\u202Esuch.csv`, runtime: 'drifted.csv', key: ['id'] },
        d: { reviewed: 'reviewed.csv', runtime: 'drifted.csv', key: [`id${clear}`] },
      },
    });
    const cwd = await makeRepository({
      'keydrift.yaml': yaml,
      'reviewed.csv': reviewed,
      'drifted.csv': drifted,
    });
    for (const format of ['text', 'markdown']) {
      const { code, stdout, stderr } = await runCli(['audit', '--format', format], { cwd });
      // Drift, and a key column that the reviewed copy lacks: a fault of the contract.
      expect(code).toBe(3);
      expect(stdout + stderr).not.toMatch(control);
    }
    const bad = yaml.replace(
      '"reviewed":"reviewed.csv"',
      '"revi\\u001b[31m\\u202eewed":"reviewed.csv"',
    );
    const broken = await makeRepository({ 'keydrift.yaml': bad });
    const { code, stderr } = await runCli(['audit'], { cwd: broken });
    expect(code).toBe(2);
    expect(stderr).not.toMatch(control);
  });

  test('of an argument neither', async () => {
    const cwd = await repository();
    for (const args of [
      ['audit', `x${evil[1]}\u202E`],
      ['audit', `--${evil[1]}`],
      ['audit', '--format', evil[1]!],
      ['audit', '--ref', `a${evil[1]}`],
      ['diff', `a${evil[1]}`, `b${evil[0]}`, '--key', 'id'],
      [`com\u001B[31mmand`],
    ]) {
      const { code, stdout, stderr } = await runCli(args, { cwd });
      expect(code).toBe(2);
      expect(stdout + stderr).not.toMatch(control);
    }
  });
});

/** A cell in quotes. */
function quoted(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

/** Markdown without what stands in code spans, where nothing acts. */
function withoutCode(markdown: string): string {
  return markdown.replaceAll(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
}

test('keydrift writes nothing but what was asked for', async () => {
  const cwd = await repository();
  const before = await listing(cwd);
  await runCli(['audit'], { cwd });
  await runCli(['lint', '--base', 'HEAD'], { cwd });
  expect(await listing(cwd)).toStrictEqual(before);
});

/** Every path below a directory, with size and time. */
async function listing(directory: string): Promise<string[]> {
  const paths = await readdir(directory, { recursive: true });
  return Promise.all(
    paths.toSorted().map(async (path) => {
      const { size, mtimeMs } = await stat(join(directory, path));
      return `${path} ${size} ${mtimeMs}`;
    }),
  );
}
