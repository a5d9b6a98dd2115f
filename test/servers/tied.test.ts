import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';

const tied = new URL('../../scripts/tied.mjs', import.meta.url).href;

interface Tied {
  readonly startTied: (
    command: string,
    args: readonly string[],
  ) => { readonly child: ChildProcess; readonly stop: () => Promise<void> };
}

/** A program that never ends by itself, and tells that it is there by a connection that it keeps. */
const program = `require('node:net').connect(Number(process.argv[1]), '127.0.0.1'); setInterval(() => {}, 1e6);`;

test.each(['SIGKILL', 'SIGTERM'] as const)(
  'a server ends with who started it: %s',
  async (signal) => {
    const listening = createServer();
    await once(listening.listen(0, '127.0.0.1'), 'listening');
    const { port } = listening.address() as AddressInfo;
    const words = JSON.stringify(['-e', program, String(port)]);
    const starts = `const { startTied } = await import(${JSON.stringify(tied)}); startTied(process.execPath, ${words});`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', starts], {
      stdio: 'ignore',
    });
    const [kept] = await once(listening, 'connection');
    kept.resume();
    kept.on('error', () => undefined);
    const gone = once(kept, 'close');
    parent.kill(signal);
    expect(await once(parent, 'exit')).toEqual([null, signal]);
    await gone;
    listening.close();
  },
);

test('it is stopped, and what could not be started has ended', async () => {
  const { startTied }: Tied = await import(tied);
  const one = startTied(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
  await one.stop();
  expect(one.child.exitCode).toBe(1);
  const none = startTied('/no/such/program', []);
  await once(none.child, 'exit');
  expect(none.child.exitCode).toBe(127);
  await none.stop();
});
