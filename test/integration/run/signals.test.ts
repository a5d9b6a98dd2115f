import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bareEnvironment, cliPath, runCli } from '../cli.ts';
import { runInProcess, type Given } from '../in-process.ts';
import { gate, makeJob, reviewed, setGateStage, startGate, type Job } from './fixture.ts';
import { requires } from '../../servers/start.ts';

const stage = setGateStage();
const signals = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGINT', 'SIGQUIT'] as const;
/** What reaches the command where no terminal could have hung up. */
const sentOn = signals.filter((signal) => signal !== 'SIGHUP');

/** Says its process id, then every signal that it gets; ends by a word on stdin. */
const trapping = `
for (const name of ${JSON.stringify(signals)}) process.on(name, () => console.log('got ' + name));
console.log('pid ' + process.pid + ' ready');
process.stdin.once('data', () => process.exit(11));`;

describe('while the command runs', () => {
  test('every signal is sent on, and the command decides', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const running = startGate(job, ['--', process.execPath, '-e', trapping]);
    await running.says('ready\n');
    // As under nohup: it comes first, and the others show that it did not arrive.
    process.kill(running.pid, 'SIGHUP');
    for (const signal of sentOn) {
      process.kill(running.pid, signal);
      await running.says(`got ${signal}\n`);
    }
    running.write('end\n');
    const { code, stdout } = await running.end();
    expect(code).toBe(11);
    for (const signal of sentOn) expect(stdout.split(`got ${signal}\n`)).toHaveLength(2);
    expect(stdout).not.toContain('SIGHUP');
    expect(await job.leftovers()).toEqual([]);
  });

  test('a command that dies of any', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const told = join(job.cwd, 'told');
    execFileSync('mkfifo', [told]);
    for (const signal of sentOn) {
      const { strike, end } = signalled(job, [
        'sh',
        '-c',
        'echo ready > "$1"; read word < "$1"',
        'sh',
        told,
      ]);
      // It is there when it has written that.
      await readFile(told);
      strike(signal);
      const { code } = await end;
      expect({ signal, code }).toEqual({ signal, code: 128 + constants.signals[signal] });
      expect(await job.leftovers()).toEqual([]);
    }
  });
});

/** A gate in this process, and what gives it a signal. */
function signalled(
  { cwd, env }: Job,
  command: readonly string[],
): { readonly strike: (signal: NodeJS.Signals) => void; readonly end: Promise<Given> } {
  const handlers = new Map<string, () => void>();
  const end = runInProcess({
    words: ['run', '--', ...command],
    cwd,
    environment: { ...bareEnvironment(cwd), ...env },
    onSignal(signal, act) {
      handlers.set(signal, act);
      return () => void handlers.delete(signal);
    },
  });
  return { strike: (signal) => handlers.get(signal)?.(), end };
}

describe('before the command starts', () => {
  const hangs = () =>
    stage.server.faults.add({ on: { operation: 'GetObject' }, fault: { kind: 'hang' } });

  test('a signal ends the run, and nothing is left', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const hang = hangs();
    const running = startGate(job, ['--', 'echo', 'ran']);
    await hang.struck;
    expect(await job.leftovers()).toHaveLength(1);
    process.kill(running.pid, 'SIGTERM');
    const { code, stdout } = await running.end();
    expect({ code, stdout }).toEqual({ code: 143, stdout: '' });
    expect(await job.leftovers()).toEqual([]);
  });

  test('each of them does', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    for (const signal of signals) {
      const hang = hangs();
      const { strike, end } = signalled(job, ['echo', 'ran']);
      await hang.struck;
      expect(await job.leftovers()).toHaveLength(1);
      strike(signal);
      const { code, stdout } = await end;
      const expected = { signal, code: 128 + constants.signals[signal], stdout: '' };
      expect({ signal, code, stdout }).toEqual(expected);
      expect(await job.leftovers()).toEqual([]);
      hang.remove();
    }
  });
});

test('after the command, a signal ends only the look at the store', async () => {
  requires('a checksum where none was sent');
  stage.put(reviewed);
  const job = await makeJob(stage);
  const hang = stage.server.faults.add({
    on: { operation: 'HeadObject' },
    fault: { kind: 'hang' },
  });
  const running = startGate(job, ['--', 'sh', '-c', 'exit 8']);
  await hang.struck;
  process.kill(running.pid, 'SIGTERM');
  expect((await running.end()).code).toBe(8);
  expect(await job.leftovers()).toEqual([]);
});

describe('SIGKILL', () => {
  test('leaves a directory that the next run removes, once the command is gone too', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const script = `console.log('ready ' + process.pid + '\\n'); setInterval(() => {}, 1000)`;
    const running = startGate(job, ['--', process.execPath, '-e', script]);
    const command = Number(/ready (\d+)\n/.exec(await running.says('\n'))![1]);
    process.kill(running.pid, 'SIGKILL');
    await once(running.process, 'exit');
    const [left] = await job.leftovers();
    expect(left).toMatch(new RegExp(`^keydrift-run-${running.pid}-`));
    // The command lives on, and still reads its file.
    const other = await runCli(['run', '--', 'true'], job);
    expect(other.code).toBe(0);
    expect(await job.leftovers()).toEqual([left]);
    process.kill(command, 'SIGKILL');
    // Its end closes the stdout that it shared.
    await running.end();
    expect((await gate(job, ['--', 'true'])).code).toBe(0);
  });

  test('before the command starts: the next run removes it at once', async () => {
    stage.put(reviewed);
    const job = await makeJob(stage);
    const hang = stage.server.faults.add({
      on: { operation: 'GetObject' },
      fault: { kind: 'hang' },
    });
    const running = startGate(job, ['--', 'true']);
    await hang.struck;
    process.kill(running.pid, 'SIGKILL');
    await running.end();
    expect(await job.leftovers()).toHaveLength(1);
    stage.server.faults.clear();
    expect((await gate(job, ['--', 'true'])).code).toBe(0);
  });
});

function hasScript(): boolean {
  try {
    return /util-linux/.test(execFileSync('script', ['--version'], { encoding: 'utf8' }));
  } catch {
    return false;
  }
}

test.skipIf(!hasScript())('at a terminal, Ctrl-C reaches the command once', async () => {
  stage.put(reviewed);
  const job = await makeJob(stage);
  // The shell in between would die of what the terminal sends to it as well.
  const line = `exec "${process.execPath}" "${cliPath}" run --quiet -- "${process.execPath}" -e "$JOB"`;
  const terminal = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: job.cwd,
    env: { ...bareEnvironment(job.cwd), ...job.env, JOB: trapping, SHELL: '/bin/sh' },
  });
  let seen = '';
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => (seen += text));
  const says = async (text: string): Promise<void> => {
    while (!seen.includes(text)) await once(terminal.stdout, 'data');
  };
  await says('ready');
  terminal.stdin.write('\u0003');
  await says('got SIGINT');
  terminal.stdin.write('\u001C');
  await says('got SIGQUIT');
  terminal.stdin.write('end\n');
  await once(terminal, 'close');
  expect(terminal.exitCode).toBe(11);
  expect(seen.split('got SIGINT')).toHaveLength(2);
  expect(seen.split('got SIGQUIT')).toHaveLength(2);
  expect(await job.leftovers()).toEqual([]);
});
