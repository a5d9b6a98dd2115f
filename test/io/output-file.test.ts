import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeOutput } from '../../src/io/output-file.ts';
import type { Io } from '../../src/io/io.ts';
import { processIo } from '../../src/io/process.ts';
import { drifted, reviewed } from '../integration/beside.ts';
import {
  bareEnvironment,
  cliPath,
  makeRepository,
  runCli,
  runProcess,
  temporaryDirectory,
} from '../integration/cli.ts';

const contract = `version: 1
artifacts:
  a: {reviewed: reviewed.csv, runtime: drifted.csv, key: [id]}
`;
const repository = (): Promise<string> =>
  makeRepository({ 'keydrift.yaml': contract, 'reviewed.csv': reviewed, 'drifted.csv': drifted });

/** Writes as a command does that runs in a directory. */
const write = (cwd: string, file: string, chunks: Iterable<string>): Promise<void> =>
  writeOutput({ ...processIo(), workingDirectory: cwd }, file, chunks);

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

describe('a regular file', () => {
  test('keeps its mode, and a new one has the usual', async () => {
    const cwd = await temporaryDirectory();
    for (const mode of [0o600, 0o640, 0o755]) {
      const file = join(cwd, `old-${mode}`);
      await writeFile(file, 'before');
      await chmod(file, mode);
      await write(cwd, file, ['after']);
      expect(await readFile(file, 'utf8')).toBe('after');
      expect(await modeOf(file)).toBe(mode);
    }
    await write(cwd, 'new', ['x']);
    expect(await modeOf(join(cwd, 'new'))).toBe(0o666 & ~process.umask());
  });

  test('is replaced whole: what has it open reads on, and a fault leaves it', async () => {
    const cwd = await temporaryDirectory();
    await write(cwd, 'r.json', ['first']);
    const reader = await open(join(cwd, 'r.json'));
    await write(cwd, 'r.json', ['second']);
    expect(await reader.readFile('utf8')).toBe('first');
    await reader.close();
    const broken = function* (): Generator<string> {
      yield 'third';
      throw new Error('a defect');
    };
    await expect(write(cwd, 'r.json', broken())).rejects.toThrow('cannot be written');
    expect(await readFile(join(cwd, 'r.json'), 'utf8')).toBe('second');
    expect(await readdir(cwd)).toEqual(['r.json']);
  });

  test('is reached through links, also where the last one dangles', async () => {
    const cwd = await temporaryDirectory();
    await mkdir(join(cwd, 'far'));
    await writeFile(join(cwd, 'far', 'there.json'), 'before');
    await symlink('far', join(cwd, 'near'));
    await symlink('near/there.json', join(cwd, 'one.json'));
    await symlink('one.json', join(cwd, 'two.json'));
    await symlink('far/new.json', join(cwd, 'dangling.json'));
    await write(cwd, 'two.json', ['after']);
    await write(cwd, 'dangling.json', ['made']);
    expect(await readFile(join(cwd, 'far', 'there.json'), 'utf8')).toBe('after');
    expect(await readFile(join(cwd, 'far', 'new.json'), 'utf8')).toBe('made');
    for (const link of ['near', 'one.json', 'two.json', 'dangling.json']) {
      expect((await lstat(join(cwd, link))).isSymbolicLink()).toBe(true);
    }
    await symlink('b', join(cwd, 'a'));
    await symlink('a', join(cwd, 'b'));
    await expect(write(cwd, 'a', ['x'])).rejects.toThrow('ELOOP');
  });
});

test('what a killed run left is removed by the next one, and what a living one writes stays', async () => {
  const cwd = await temporaryDirectory();
  const script = `
    process.stdout.write('ready');
    setInterval(() => {}, 1000);`;
  const living = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void living.kill('SIGKILL'));
  await once(living.stdout, 'data');
  // The name of a temporary file, as another process would give it.
  let own = '';
  const looking = function* (): Generator<string> {
    yield 'x'.repeat(1 << 17);
    [own = ''] = execFileSync('ls', ['-A', cwd], { encoding: 'utf8' }).split('\n');
    yield 'y';
  };
  await write(cwd, 'r.json', looking());
  expect(own).toMatch(/^\.keydrift-.*\.tmp$/);
  const started = (pid: number): string => {
    const fields = execFileSync('cat', [`/proc/${pid}/stat`], { encoding: 'utf8' });
    return fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  };
  const [, head = ''] = /^(\.keydrift-\w+-\w+-)/.exec(own) ?? [];
  const alive = `${head}${living.pid}-${started(living.pid!)}.tmp`;
  const gone = `${head}${living.pid}-1.tmp`;
  for (const name of [alive, gone]) await writeFile(join(cwd, name), '');
  await write(cwd, 'r.json', ['again']);
  expect((await readdir(cwd)).toSorted()).toEqual([alive, 'r.json'].toSorted());
});

describe('what is no regular file is written to, never replaced', () => {
  test('/dev/null', async () => {
    const cwd = await repository();
    const { code, stdout } = await runCli(['audit', '-o', 'json:/dev/null'], { cwd });
    expect({ code, told: stdout.startsWith('a: DRIFTED') }).toEqual({ code: 1, told: true });
    expect((await stat('/dev/null')).isCharacterDevice()).toBe(true);
  });

  test('a FIFO', async () => {
    const cwd = await repository();
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const read = spawn('cat', [join(cwd, 'pipe')], { stdio: ['ignore', 'pipe', 'ignore'] });
    let seen = '';
    read.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
    const closed = once(read, 'close');
    const { code } = await runCli(['audit', '-o', 'json:pipe'], { cwd });
    await closed;
    expect({ code, exitCode: JSON.parse(seen).exitCode }).toEqual({ code: 1, exitCode: 1 });
    expect((await stat(join(cwd, 'pipe'))).isFIFO()).toBe(true);
  });

  test('a descriptor: of a file it goes on where it stands, and >(…)', async () => {
    const cwd = await repository();
    const line = `"$0" "$1" audit -o json:/dev/fd/3 -o markdown:>(cat > page.md; echo done >> page.md) 3>> log`;
    await writeFile(join(cwd, 'log'), 'before\n');
    const shell = spawn(
      'bash',
      ['-c', `${line}; code=$?; wait; exit $code`, process.execPath, cliPath],
      {
        cwd,
        env: bareEnvironment(cwd),
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    shell.stdout.resume();
    const [code]: unknown[] = await once(shell, 'close');
    expect(code).toBe(1);
    const log = await readFile(join(cwd, 'log'), 'utf8');
    expect(log.slice(0, 7)).toBe('before\n');
    expect(JSON.parse(log.slice(7))).toMatchObject({ exitCode: 1 });
    const page = await readFile(join(cwd, 'page.md'), 'utf8');
    expect(page).toMatch(/P-1[^]*\ndone\n$/);
  });
});

describe('stdout', () => {
  test('-o FORMAT:- and /dev/stdout', async () => {
    const cwd = await repository();
    const dash = await runCli(['audit', '-o', 'json:-'], { cwd });
    expect(JSON.parse(dash.stdout)).toMatchObject({ exitCode: 1 });
    const device = await runCli(['audit', '-o', 'json:/dev/stdout'], { cwd });
    expect(device.stdout).toMatch(/^a: DRIFTED[^]*\n\{\n/);
    const same = await runCli(['audit', '--format', 'json', '-o', 'json:-'], { cwd });
    expect(JSON.parse(same.stdout)).toMatchObject({ exitCode: 1 });
  });

  test('gets one report', async () => {
    const cwd = await repository();
    for (const args of [
      ['--format', 'text', '-o', 'json:-'],
      ['-o', 'markdown:-', '-o', 'json:-'],
    ]) {
      const { code, stdout, stderr } = await runCli(['audit', ...args], { cwd });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/^USAGE: stdout cannot get both/);
    }
    const gate = await runCli(['run', '-o', 'json:-', '--', 'echo', 'ran'], { cwd });
    expect(gate.stdout).toBe('');
    expect(gate.stderr).toMatch(/^USAGE: [^]*stdout is not the report's/);
  });
});

test('two reports in one file are refused: the first would be gone', async () => {
  const cwd = await repository();
  const outputs = ['-o', 'json:report', '-o', 'html:./report'];
  const { code, stdout, stderr } = await runCli(['audit', ...outputs], { cwd });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^USAGE: -o json:report and -o html:\.\/report are one file/);
  const device = ['-o', 'json:/dev/null', '-o', 'html:/dev/null'];
  const twice = ['-o', 'json:one', '-o', 'json:one'];
  for (const fine of [device, twice]) {
    expect(await runCli(['audit', ...fine], { cwd })).toMatchObject({ code: 1, stderr: '' });
  }
});

describe('a file that cannot be written', () => {
  test('leaves the other files and the report, and says what to do', async () => {
    const cwd = await repository();
    const outputs = ['-o', 'json:nowhere/a', '-o', 'json:/dev/full', '-o', 'markdown:there.md'];
    const { code, stdout, stderr } = await runProcess(['audit', ...outputs], { cwd });
    expect(code).toBe(3);
    expect(stdout).toMatch(/^a: DRIFTED/);
    const told = stderr.replaceAll(/\s+/g, ' ');
    expect(told).toMatch(
      /nowhere\/a cannot be written \(ENOENT\) hint: The directory is not there/,
    );
    expect(told).toMatch(/\/dev\/full cannot be written \(ENOSPC\) hint: The disk is full/);
    // The last word is the code of the process.
    expect(told).toMatch(/keydrift: a report could not be written \(exit code 3\) $/);
    expect(await readFile(join(cwd, 'there.md'), 'utf8')).toMatch(/P-1/);
    const fine = await runCli(
      ['diff', 'reviewed.csv', 'reviewed.csv', '--key', 'id', '-o', 'json:nowhere/a'],
      { cwd },
    );
    expect({ code: fine.code, told: fine.stdout !== '' }).toEqual({ code: 2, told: true });
  });

  test('of a refused run: 121 stays', async () => {
    const cwd = await repository();
    const refused = await runCli(['run', '-o', 'json:nowhere/a', '--', 'echo', 'ran'], { cwd });
    expect(refused).toMatchObject({ code: 121, stdout: '' });
    const unheard = await runCli(
      ['run', '--no-fail', '-o', 'json:nowhere/a', '--', 'echo', 'ran'],
      {
        cwd,
      },
    );
    expect(unheard).toMatchObject({ code: 122, stdout: '' });
  });
});

test('a process that ends meanwhile takes its temporary file with it', async () => {
  const cwd = await temporaryDirectory();
  const cleanups: (() => void)[] = [];
  const io: Io = {
    ...processIo(),
    workingDirectory: cwd,
    atExit: (cleanup) => {
      cleanups.push(cleanup);
      return () => void cleanups.pop();
    },
  };
  const seen: number[] = [];
  const ending = function* (): Generator<string> {
    yield 'x'.repeat(1 << 17);
    seen.push(readdirSync(cwd).length, cleanups.length);
    for (const cleanup of cleanups) cleanup();
    seen.push(readdirSync(cwd).length);
  };
  await expect(writeOutput(io, 'r.json', ending())).rejects.toThrow('ENOENT');
  expect(seen).toEqual([1, 1, 0]);
  expect(cleanups).toEqual([]);
});

test('variables that are set for audits break no other command and no help', async () => {
  const cwd = await repository();
  const env = { KEYDRIFT_FORMAT: 'markdown', KEYDRIFT_OUTPUT: 'markdown:audit.md' };
  for (const args of [
    ['publish', '--help'],
    ['bundle', '--help'],
    ['audit', '--help'],
    ['investigate', '--help'],
    ['run', '--help'],
    ['--version'],
    ['bundle', '--out', 'build'],
    ['publish', 'a', '--dry-run'],
  ]) {
    const { stderr } = await runCli(args, { cwd, env });
    expect(stderr).not.toMatch(/USAGE|FORMAT/);
  }
  const wrong = await runCli(['audit', '--help'], { cwd, env: { KEYDRIFT_FORMAT: 'xml' } });
  expect(wrong).toMatchObject({ code: 0, stderr: '' });
});
