import { spawn, spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { bareEnvironment, cliPath } from './cli.ts';
import { runInProcess } from './in-process.ts';
import { reviewed, setStage, type Stage } from './publish-stage.ts';
import { unconditional } from '../servers/start.ts';

/** util-linux's `script` gives a program a terminal of its own. */
const hasTerminal = spawnSync('script', ['--version']).status === 0;

/** Runs publish on a terminal; answers once it has asked. */
function onTerminal(stage: Stage, answer: string): Promise<{ code: number | null; shown: string }> {
  const command = `'${process.execPath}' '${cliPath}' publish participants ${unconditional.join(' ')}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: stage.directory,
    env: { ...bareEnvironment(stage.directory), ...stage.env, TERM: 'dumb' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let shown = '';
  let answered = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    if (answered || !shown.includes('[y/N]')) return;
    answered = true;
    child.stdin.write(answer);
  });
  return new Promise((resolve) => {
    child.on('close', (code) => resolve({ code, shown }));
  });
}

/** The same as if this process had a terminal. */
async function asOnTerminal(stage: Stage, answer: string): ReturnType<typeof onTerminal> {
  const { code, stdout } = await runInProcess({
    words: ['publish', 'participants', ...unconditional, '--no-color'],
    cwd: stage.directory,
    environment: { ...bareEnvironment(stage.directory), ...stage.env, TERM: 'dumb' },
    stdin: answer,
    terminal: true,
  });
  return { code, shown: stdout.replaceAll(/\r?\n/g, '\r\n') };
}

const ways = { onTerminal, asOnTerminal } as const;

test.skipIf(!hasTerminal).each([
  ['y\r', 'onTerminal', 0, reviewed],
  ['yes\r', 'asOnTerminal', 0, reviewed],
  ['\r', 'asOnTerminal', 1, undefined],
  ['n\r', 'onTerminal', 1, undefined],
  ['yeah\r', 'asOnTerminal', 1, undefined],
  ['\u0004', 'onTerminal', 1, undefined],
  ['\u0003', 'onTerminal', 130, undefined],
] as const)('%j, given %s, to what is shown and asked', async (answer, way, code, body) => {
  const stage = await setStage();
  const result = await ways[way](stage, answer);
  expect(result.shown).toContain('participants: CREATE');
  // What comes of it is not known before somebody said so.
  expect(result.shown.slice(0, result.shown.indexOf('[y/N]'))).not.toMatch(/next:|exit code/);
  // What is said yes to is in the question: what, from which commit, where.
  const asked = result.shown.replaceAll(/\s+/g, ' ');
  const [, place = ''] = /target (s3:\S+ at http:\S+)/.exec(asked) ?? [];
  expect(asked).toMatch(
    /Publish participants of commit [0-9a-f]{12} \(HEAD, branch main\) as the new object s3:/,
  );
  expect(asked.split('Publish ')[1]).toContain(` ${place}? [y/N]`);
  expect(result.code).toBe(code);
  if (code === 1) {
    // The plan was told, and is not told again; what one may think better of is its own apply.
    expect(result.shown.match(/participants: /g)).toHaveLength(1);
    expect(result.shown).toContain(
      `next: keydrift publish ${['participants', ...unconditional].join(' ')}\r\n`,
    );
    expect(result.shown).toMatch(/keydrift: 1 not written: declined \(exit code 1\)\s*$/);
  }
  expect((await stage.now())?.body).toBe(body);
});

test('where nothing is to be done, nothing is asked', async () => {
  const stage = await setStage();
  await stage.publish('participants');
  const result = await asOnTerminal(stage, 'y\r');
  expect(result.shown).not.toContain('[y/N]');
  expect(result.code).toBe(0);
});
