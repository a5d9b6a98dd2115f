import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, chmod, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bareEnvironment, cliPath, runCli } from '../cli.ts';
import {
  contract,
  duplicated,
  gate,
  key,
  makeJob,
  reviewed,
  setGateStage,
  startGate,
} from './fixture.ts';

const stage = setGateStage();
const one = (name: string, file: string): string =>
  `  ${name}: {reviewed: parts.csv, runtime: ${file}, key: [id], consumes: [mode]}\n`;
const ran = ['--', 'echo', 'ran'] as const;

describe('the command', () => {
  test('its exit code is passed through, and of what dies of a signal it is 128 + n', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const exits = [0, 1, 2, 77, 120, 121, 122, 125, 255].map(
      (code) => [`exit ${code}`, code] as const,
    );
    for (const [words, expected] of [
      ...exits,
      ['kill -KILL $$', 137],
      ['kill -TERM $$', 143],
      ['kill -SEGV $$', 139],
      ['kill -PIPE $$', 141],
    ] as const) {
      const { code } = await gate(job, ['--', 'sh', '-c', words]);
      expect({ words, code }).toEqual({ words, code: expected });
    }
  });

  test('that is missing is 127, in every form', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    for (const name of ['no-such-command', './no-such-file', '/no/such/dir/file', '']) {
      const { code, stderr } = await gate(job, ['--', name]);
      expect({ name, code }).toEqual({ name, code: 127 });
      expect(stderr).toContain('command not found (exit code 127)');
    }
  });

  test('that cannot be run is 126: no run bit, a directory, no interpreter', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage, {
      'plain.sh': '#!/bin/sh\n',
      'script.sh': '#!/no/such/interpreter\n',
    });
    await chmod(join(job.cwd, 'script.sh'), 0o755);
    for (const [name, why] of [
      ['./plain.sh', 'permission denied'],
      ['./.git', 'is a directory'],
      ['./script.sh', 'the interpreter in its first line is not'],
      ['./plain.sh/x', 'ENOTDIR'],
    ] as const) {
      const { code, stderr } = await gate(job, ['--', name]);
      expect({ name, code }).toEqual({ name, code: name.endsWith('/x') ? code : 126 });
      if (!name.endsWith('/x')) expect(stderr).toContain(why);
      else expect([126, 127]).toContain(code);
    }
    const inPath = await gate(job, ['--', 'script.sh'], {
      PATH: `${job.cwd}:${process.env['PATH'] ?? ''}`,
    });
    expect(inPath.code).toBe(126);
  });

  test('that closes its stdin, or has none', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const running = startGate(job, ['--', 'sh', '-c', 'exec <&-; exit 6']);
    running.process.stdin!.on('error', () => undefined);
    running.process.stdin!.end(Buffer.alloc(1 << 20));
    expect((await running.end()).code).toBe(6);
    const closed = spawn(
      'sh',
      [
        '-c',
        'exec "$0" "$@" <&- >&-',
        process.execPath,
        cliPath,
        'run',
        '--',
        'sh',
        '-c',
        'exit 5',
      ],
      { cwd: job.cwd, env: { ...bareEnvironment(job.cwd), ...job.env }, stdio: 'ignore' },
    );
    await once(closed, 'exit');
    expect(closed.exitCode).toBe(5);
    expect(await job.leftovers()).toEqual([]);
  });

  test('whose stderr nobody reads', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    for (const [args, expected] of [
      [['--no-fail', '--', 'sh', '-c', 'exit 9'], 9],
      [['--', 'true'], 121],
      [['--nonsense', '--', 'true'], 122],
    ] as const) {
      const child = spawn(process.execPath, [cliPath, 'run', ...args], {
        cwd: job.cwd,
        env: { ...bareEnvironment(job.cwd), ...job.env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child.stderr.destroy();
      await once(child, 'exit');
      expect({ args, code: child.exitCode }).toEqual({ args, code: expected });
    }
    const full = spawn(
      'sh',
      ['-c', '"$@" 2>/dev/full', 'sh', process.execPath, cliPath, 'run', '--no-fail', '--', 'true'],
      { cwd: job.cwd, env: { ...bareEnvironment(job.cwd), ...job.env }, stdio: 'ignore' },
    );
    await once(full, 'exit');
    expect(full.exitCode).toBe(0);
  });
});

describe('no verdict: 122, or 125 where a retry may help, and nothing runs', () => {
  const ofUsage: readonly (readonly string[])[] = [
    [],
    ['parts'],
    ['--'],
    ['--no-such-option', ...ran],
    ['--use', 'nothing', ...ran],
    ['--scope', 'id', ...ran],
    ['--limit', 'x', ...ran],
    ['--config', 'nowhere.yaml', ...ran],
    ['stranger', ...ran],
    ['--override', 'INC-1', ...ran],
    ['--at', 'versionId:x', ...ran],
    ['--override', ' ', '--at', 'x', ...ran],
    ['--against', 'bundle:dir', ...ran],
    ['--contract-only', '--use', 'reviewed', ...ran],
    ['--stage', 'nowhere', ...ran],
    ['--stage', 's3://', ...ran],
    ['--format', 'json', ...ran],
  ];
  test('of usage', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    for (const args of ofUsage) {
      const { code, stdout, stderr } = await gate(job, args);
      expect({ args, code, stdout }).toEqual({ args, code: 122, stdout: '' });
      expect(stderr).toMatch(/^[A-Z_]+: [^]*nothing was started\n$/);
    }
  });

  test('also where reports of other commands would go to stdout', async () => {
    const job = await makeJob(stage);
    const { code, stdout } = await gate(job, ['stranger', ...ran], { KEYDRIFT_FORMAT: 'json' });
    expect({ code, stdout }).toEqual({ code: 122, stdout: '' });
  });

  test('a broken contract', async () => {
    const job = await makeJob(stage, { 'keydrift.yaml': 'version: 1\nartifacts: {a: 3}\n' });
    expect((await gate(job, [...ran])).code).toBe(122);
  });

  test('several copies, none of them or both named', async () => {
    const job = await makeJob(stage, {
      'keydrift.yaml': `version: 1
artifacts:
  cal: {reviewed: parts.csv, key: [id], runtime: {eu: parts.csv, us: parts.csv}}
  one: {reviewed: parts.csv, key: [id], runtime: parts.csv}
`,
    });
    for (const names of [[], ['cal'], ['cal@eu', 'cal@us']]) {
      const { code, stderr } = await gate(job, [...names, ...ran]);
      expect(code).toBe(122);
      expect(stderr).toContain('cal@eu, cal@us');
    }
    expect((await gate(job, ['cal@us', 'one', ...ran])).code).toBe(0);
  });

  test.each([
    ['an unreachable store', 'STORE_UNREACHABLE'],
    ['a denied read', 'STORE_ACCESS_DENIED'],
    ['an overloaded store', 'STORE_FAILED'],
  ])('%s, whatever --no-fail says', async (_, code) => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    if (code === 'STORE_ACCESS_DENIED')
      stage.server.faults.add({ fault: { kind: 'access-denied' } });
    if (code === 'STORE_FAILED') stage.server.faults.add({ fault: { kind: 'slow-down' } });
    const env: Record<string, string> =
      code === 'STORE_UNREACHABLE' ? { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' } : {};
    for (const more of [[], ['--no-fail'], ['--use', 'reviewed'], ['--contract-only']]) {
      const result = await gate(job, [...more, ...ran], env);
      const expected = code === 'STORE_ACCESS_DENIED' ? 122 : 125;
      expect({ code: result.code, stdout: result.stdout }).toEqual({ code: expected, stdout: '' });
      expect(result.stderr).toContain(code);
    }
  });

  test('no git', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const { code, stderr } = await gate(job, ['--ref', 'nowhere', ...ran]);
    expect({ code, told: stderr.includes('GIT_UNKNOWN_REF') }).toEqual({ code: 122, told: true });
  });
});

describe('refused: 121, and nothing runs', () => {
  test.each([
    ['duplicates', duplicated],
    ['another list of units', `${reviewed}P-4,full,x\n`],
    ['no CSV', 'id,mode,note\n"P-1'],
    ['an empty file', ''],
    ['no unit', 'id,mode,note\n'],
    ['a missing column', 'id,note\nP-1,x\n'],
    ['an unreadable record', `${reviewed}P-1\n`],
  ])('%s', async (_, body) => {
    stage.put(body);
    const job = await makeJob(stage);
    const { code, stdout, stderr } = await gate(job, [...ran]);
    expect({ code, stdout }).toEqual({ code: 121, stdout: '' });
    expect(stderr).toMatch(/REFUSED[^]*refused \(exit code 121\)/);
  });

  test('no object: there is nothing to hand over, whatever policy and flags say', async () => {
    const more = '    policy: {missing: warn}\n';
    const job = await makeJob(stage, {
      'keydrift.yaml': contract(more).replace(key, 'nowhere.csv'),
    });
    for (const flags of [[], ['--no-fail'], ['--override', 'INC-1', '--at', 'x']]) {
      const { code, stderr } = await gate(job, [...flags, ...ran]);
      expect(code).toBe(121);
      expect(stderr).toContain('there is no runtime copy to hand over');
    }
    // What is only observed starts, but for a command that names the file.
    const report = ['--observe', '-o', 'text:report.txt'];
    const { code, stderr } = await gate(job, [...report, '--', 'echo', '{parts}']);
    expect(code).toBe(121);
    expect(stderr).toMatch(
      /NOT_HANDED_OVER[^]*to hand over;[^]*REFUSED[^]*refused \(exit code 121\)/,
    );
    const written = await readFile(join(job.cwd, 'report.txt'), 'utf8');
    for (const told of [stderr, written]) expect(told).not.toContain('NOT ENFORCED');
    const started = await gate(job, ['--observe', ...ran]);
    expect(started.code).toBe(0);
    expect(started.stderr).toContain('NOT ENFORCED: observed only, would be refused');
  });

  test('what is true of all artifacts of a run is said once', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage, {
      'keydrift.yaml': `${contract()}${one('second', 'fine.csv')}${one('drifted', 'drifted.csv')}`,
      'fine.csv': reviewed,
      'drifted.csv': duplicated,
    });
    await appendFile(join(job.cwd, 'keydrift.yaml'), '# not committed\n');
    for (const names of [['parts', 'second'], ['parts', 'drifted'], ['drifted', 'second'], []]) {
      const { stderr } = await gate(job, [...names, ...ran]);
      expect(stderr.match(/the contract is not the committed one/g)).toHaveLength(1);
    }
    const { stderr } = await gate(job, ['parts', '--', 'true', '{second}', '{sort}']);
    expect(stderr).toContain(
      '{second} is an artifact of the contract that this run does not judge, and is left as it stands: keydrift run parts second -- …',
    );
    expect(stderr.match(/UNKNOWN_PLACEHOLDER/g)).toHaveLength(1);
    // As reports call a copy, and as a template would.
    const called = await gate(job, ['parts', '--', 'true', '{parts@eu}', '{ parts }', '{ print }']);
    expect(called.stderr).toContain('{parts@eu} is no artifact of this run');
    expect(called.stderr.match(/is {parts} meant\? \(UNKNOWN_PLACEHOLDER\)/g)).toHaveLength(2);
  });

  test('several artifacts are all or nothing, and drift wins over no verdict', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage, {
      'keydrift.yaml': `${contract()}${one('drifted', 'drifted.csv')}${one('broken', 's3://no-such-bucket/x')}`,
      'drifted.csv': duplicated,
    });
    const codes = async (...names: string[]): Promise<unknown> =>
      (await gate(job, [...names, ...ran])).code;
    expect(await codes('parts')).toBe(0);
    expect(await codes('parts', 'drifted')).toBe(121);
    expect(await codes('parts', 'broken')).toBe(122);
    expect(await codes('drifted', 'broken')).toBe(121);
    const { stdout, stderr } = await gate(job, [...ran]);
    expect(stdout).toBe('');
    for (const name of ['parts', 'drifted', 'broken']) {
      expect(stderr).toMatch(new RegExp(`^keydrift: ${name}: `, 'm'));
    }
  });

  test('--quiet says it in a line for each', async () => {
    stage.put(duplicated);
    const job = await makeJob(stage);
    const { stderr } = await gate(job, ['--quiet', ...ran]);
    expect(stderr.trim().split('\n')).toHaveLength(2);
  });
});

test('keydrift run --help says what the codes mean', async () => {
  const job = await makeJob(stage);
  const { code, stdout } = await gate(job, ['--help']);
  expect(code).toBe(0);
  for (const word of ['--scope', '--use', '--stage', '--override', '121', '122', '125', '126']) {
    expect(stdout).toContain(word);
  }
});

test('a command that was typed without -- before it is printed with it', async () => {
  const job = await makeJob(stage);
  const lines: readonly (readonly [words: string, told: string])[] = [
    ['parts wc {parts}', "parts -- wc '{parts}'"],
    ['parts wc -l {parts}', "parts -- wc -l '{parts}'"],
    ['--use reviewed parts job.sh --limit 3 -x', '--use reviewed parts -- job.sh --limit 3 -x'],
    ['parts other job -n {other} {parts}', "parts other -- job -n '{other}' '{parts}'"],
    ['cat -n {parts}', "parts -- cat -n '{parts}'"],
    ['cat {parts} {parts}', "parts -- cat '{parts}' '{parts}'"],
    // Braces that no artifact is called by are another language's.
    ['--use reviewed cat {parts} {other}', "--use reviewed parts -- cat '{parts}' '{other}'"],
    ['awk {print} x', "parts -- awk '{print}' x"],
    ['--config none.yaml awk {print} x', "--config none.yaml ARTIFACT -- awk '{print}' x"],
    ['--select owner=x cat {parts}', "--select owner=x -- cat '{parts}'"],
    ['parts -ojson:r.json cat -n', 'parts -ojson:r.json -- cat -n'],
  ];
  for (const [words, told] of lines) {
    const { code, stderr } = await gate(job, words.split(' '));
    expect([code, stderr]).toEqual([122, expect.stringContaining(`keydrift run ${told}\n`)]);
    expect(stderr).toContain('run needs -- before its command');
  }
  // Of no command there is none to print.
  expect((await gate(job, ['parts', '--uze', 'reviewed'])).stderr).toContain('unknown option');
  expect((await gate(job, ['parts'])).stderr).toContain("keydrift run parts -- COMMAND '{parts}'");
  expect((await gate(job, ['{parts}', '--use', 'reviewed'])).stderr).toContain(
    "keydrift run parts --use reviewed -- COMMAND '{parts}'",
  );
  // Nothing tells an artifact from a command.
  expect((await gate(job, ['parts', '--use', 'reviewed', 'cat', '--limit', '3'])).stderr).toMatch(/Where "cat" begins the command:\n +keydrift run parts --use reviewed -- cat --limit 3\n/); // prettier-ignore
  const { code, stderr } = await runCli(['gate', 'parts', '--', 'cat', '-n'], job);
  expect([code, stderr]).toEqual([122, expect.stringContaining('keydrift run parts -- cat -n\n')]);
});

test.each(['<!doctype html>\n<title>Sign in</title>\n', 'Please sign in to go on.\n'])(
  'an answer with nothing of S3 in its head is no fact, spooled either: %j',
  async (page) => {
    const portal = createServer((_, response) => {
      response.writeHead(200, {
        'content-length': String(page.length),
        'last-modified': new Date(0).toUTCString(),
        etag: '"5f3759df"',
      });
      response.end(page);
    });
    onTestFinished(() => void portal.close());
    await once(portal.listen(0, '127.0.0.1'), 'listening');
    const address = portal.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const job = await makeJob(stage);
    for (const words of [ran, ['--use', 'deduplicated', ...ran], ['--as', 'canonical', ...ran]]) {
      const { code, stdout, stderr } = await gate(job, words, {
        AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
      });
      expect({ words, code, stdout }).toEqual({ words, code: 125, stdout: '' });
      expect(stderr).toContain('STORE_FOREIGN_ANSWER');
    }
  },
);
