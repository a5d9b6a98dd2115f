import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { chmod, readFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeTrio } from './beside.ts';
import { bareEnvironment, cliPath, writeFiles } from './cli.ts';

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s ends a run promptly, with no child left: while it waits for S3, and while git waits for a remote',
  async (signal) => {
    const [store, remote] = [await startSilent(), await startSilent()];
    const url = `git://127.0.0.1:${remote.port}/repository.git`;
    const [here, there] = [
      await makeTrio(`reviewed: reviewed.csv, runtime: 's3://bucket/a.csv'`),
      await makeTrio(`reviewed: {repo: '${url}', path: a.csv}, runtime: fine.csv`),
    ];
    const env = {
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${store.port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    await Promise.all([
      expectEnd(here, env, store, signal, `GET 127.0.0.1:${store.port}/bucket/a.csv`),
      expectEnd(there, {}, remote, signal, 'git fetch in '),
    ]);
  },
);

interface Silent {
  readonly port: number;
  /** Resolves with the first connection. */
  readonly connected: Promise<unknown>;
}

/** A server that takes connections and says nothing. */
async function startSilent(): Promise<Silent> {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined);
    sockets.push(socket);
  });
  const connected = once(server, 'connection');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, connected };
}

async function expectEnd(
  cwd: string,
  env: Readonly<Record<string, string>>,
  silent: Silent,
  signal: 'SIGINT' | 'SIGTERM',
  waited: string,
): Promise<void> {
  const { path, pids } = await recordGit(cwd);
  const child = spawn(process.execPath, [cliPath, 'audit'], {
    cwd,
    env: { ...bareEnvironment(cwd), ...env, PATH: path },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'exit');
  await silent.connected;
  // The first git may take longer to start than the connection.
  await vi.waitFor(pids, { timeout: 10_000 });
  child.kill(signal);
  const [code, by]: unknown[] = await ended;
  // A shell sees 128 + the signal either way; never a verdict.
  expect([0, 1]).not.toContain(code);
  expect(by === signal || (typeof code === 'number' && code > 1)).toBe(true);
  // What had no verdict by then says so; the others of the trio may have had theirs.
  expect(code).toBe(128 + constants.signals[signal]);
  expect(output).toMatch(/broken: NO VERDICT \(INTERRUPTED\)/);
  expect(output.replaceAll(/\s+/g, ' ')).toContain(`; it was waiting for ${waited}`);
  const started = await pids();
  expect(started.length).toBeGreaterThan(0);
  await vi.waitFor(() => expect(started.filter(isAlive)).toStrictEqual([]), { timeout: 10_000 });
}

/** A `git` that notes the id of each of its processes. */
async function recordGit(
  cwd: string,
): Promise<{ readonly path: string; readonly pids: () => Promise<number[]> }> {
  const outer = process.env['PATH'] ?? '';
  const script = `#!/bin/sh\necho $$ >> '${cwd}/pids'\nPATH='${outer}' exec git "$@"\n`;
  await writeFiles(cwd, { 'bin/git': script });
  await chmod(join(cwd, 'bin', 'git'), 0o755);
  return {
    path: `${join(cwd, 'bin')}:${outer}`,
    pids: async () => (await readFile(join(cwd, 'pids'), 'utf8')).trim().split('\n').map(Number),
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
