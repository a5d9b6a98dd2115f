import { execFile, execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { makeTrio } from './beside.ts';
import { bareEnvironment, cliPath, runCli } from './cli.ts';
import { runInProcess } from './in-process.ts';

/** util-linux's `script` gives a program a terminal. */
function hasScript(): boolean {
  try {
    return execFileSync('script', ['--version'], { stdio: 'pipe' }).includes('util-linux');
  } catch {
    return false;
  }
}

const canColour = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };
const colour = '\u001B[';
const erase = '\r\u001B[2K';

/** What a run writes to a terminal, stdout and stderr as one. */
function onTerminal(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | string | null; readonly shown: string }> {
  const command = [process.execPath, cliPath, ...args].map((word) => `'${word}'`).join(' ');
  const options = { cwd, env: { ...bareEnvironment(cwd), ...canColour, ...env } };
  return new Promise((resolve) => {
    const told = ['--quiet', '--return', '--command', command, '/dev/null'];
    const child = execFile('script', told, options, (error, stdout) =>
      resolve({ code: error === null ? 0 : (error.code ?? null), shown: stdout }),
    );
    child.stdin?.end();
  });
}

/** What is left of a terminal's text without the progress line, which erases itself. */
function withoutProgress(shown: string): string {
  return shown.replaceAll(erase, '');
}

const trio = (): Promise<string> => makeTrio('reviewed: reviewed.csv, runtime: fine.csv');

describe.skipIf(!hasScript())('on a terminal', () => {
  test('the report has colour, progress is erased before it, and the exit code stays', async () => {
    const { code, shown } = await onTerminal(['audit'], await trio());
    expect(code).toBe(1);
    expect(withoutProgress(shown)).toContain(colour);
    expect(shown).toContain(`${erase}keydrift: 3 of 3`);
    expect(shown.slice(shown.lastIndexOf(erase))).toMatch(/DRIFTED/);
  });

  test('NO_COLOR and --no-color take it away', async () => {
    const cwd = await trio();
    const plain = await onTerminal(['audit'], cwd, { NO_COLOR: '1' });
    expect(withoutProgress(plain.shown)).not.toContain(colour);
    const flag = await onTerminal(['audit', '--no-color'], cwd);
    expect(withoutProgress(flag.shown)).not.toContain(colour);
    expect(flag.shown).toContain(`${erase}keydrift: 3 of 3`);
  });

  test('from errors too', async () => {
    const cwd = await trio();
    const args = ['audit', 'no-such-artifact'];
    expect((await onTerminal(args, cwd)).shown).toContain(colour);
    expect((await onTerminal(args, cwd, { NO_COLOR: '1' })).shown).not.toContain(colour);
  });
});

/** What a run would write to a terminal. */
async function asOnTerminal(words: readonly string[], cwd: string): Promise<string> {
  const call = { words, cwd, environment: bareEnvironment(cwd), terminal: true };
  return (await runInProcess(call)).stdout;
}

test('--no-color takes it away from errors, of usage too', async () => {
  const cwd = await trio();
  expect(await asOnTerminal(['audit', 'no-such-artifact'], cwd)).toContain(colour);
  for (const words of [
    ['audit', 'no-such-artifact', '--no-color'],
    ['audit', '--no-color', '--bogus'],
  ]) {
    expect(await asOnTerminal(words, cwd)).not.toContain(colour);
  }
});

test('a file that was written is told of, last; not with --quiet, nor where nobody looks', async () => {
  const cwd = await trio();
  const words = ['audit', '-o', 'html:page.html', '-o', 'json:/dev/null'];
  const shown = withoutProgress(await asOnTerminal([...words, '--no-color'], cwd));
  expect(shown).toMatch(/exit code 1\)\nkeydrift: wrote page\.html\n$/);
  expect(await asOnTerminal([...words, '-q'], cwd)).not.toContain('wrote');
  expect((await runCli(words, { cwd })).stderr).toBe('');
  expect((await runCli([...words, '-v'], { cwd })).stderr).toMatch(/wrote page\.html\n$/);
});

test('JSON has neither colour nor progress', async () => {
  const json = withoutProgress(await asOnTerminal(['audit', '--format', 'json'], await trio()));
  expect(json.slice(json.indexOf('{'))).not.toContain(colour);
});
