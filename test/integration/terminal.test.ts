import { execFile, execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { makeTrio } from './beside.ts';
import { bareEnvironment, cliPath, runCli } from './cli.ts';

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
  return shown.replaceAll('\r\u001B[2K', '');
}

describe.skipIf(!hasScript())('on a terminal', () => {
  const trio = (): Promise<string> => makeTrio('reviewed: reviewed.csv, runtime: fine.csv');

  test('the report has colour, and the exit code stays', async () => {
    const { code, shown } = await onTerminal(['audit'], await trio());
    expect(code).toBe(1);
    expect(withoutProgress(shown)).toContain(colour);
  });

  test('NO_COLOR and --no-color take it away', async () => {
    const cwd = await trio();
    const plain = await onTerminal(['audit'], cwd, { NO_COLOR: '1' });
    expect(withoutProgress(plain.shown)).not.toContain(colour);
    const flag = await onTerminal(['audit', '--no-color'], cwd);
    expect(withoutProgress(flag.shown)).not.toContain(colour);
  });

  test('from errors too', async () => {
    const cwd = await trio();
    const args = ['audit', 'no-such-artifact'];
    expect((await onTerminal(args, cwd)).shown).toContain(colour);
    expect((await onTerminal(args, cwd, { NO_COLOR: '1' })).shown).not.toContain(colour);
    expect((await onTerminal([...args, '--no-color'], cwd)).shown).not.toContain(colour);
    expect((await onTerminal(['audit', '--no-color', '--bogus'], cwd)).shown).not.toContain(colour);
  });

  test('progress is shown, and erased before the report', async () => {
    const { shown } = await onTerminal(['audit', '--no-color'], await trio());
    const erase = '\r\u001B[2K';
    expect(shown).toContain(`${erase}keydrift: 3 of 3`);
    expect(shown.slice(shown.lastIndexOf(erase))).toMatch(/DRIFTED/);
  });

  test('a file that was written is told of, last; not with --quiet, nor where nobody looks', async () => {
    const cwd = await trio();
    const words = ['audit', '-o', 'html:page.html', '-o', 'json:/dev/null'];
    const { shown } = await onTerminal([...words, '--no-color'], cwd);
    expect(withoutProgress(shown)).toMatch(/exit code 1\)\r\nkeydrift: wrote page\.html\r\n$/);
    expect((await onTerminal([...words, '-q'], cwd)).shown).not.toContain('wrote');
    expect((await runCli(words, { cwd })).stderr).toBe('');
    expect((await runCli([...words, '-v'], { cwd })).stderr).toMatch(/wrote page\.html\n$/);
  });

  test('JSON has neither', async () => {
    const { shown } = await onTerminal(['audit', '--format', 'json'], await trio());
    const json = withoutProgress(shown);
    expect(json.slice(json.indexOf('{'))).not.toContain(colour);
  });
});
