// A program whose life is tied to whoever starts it: `startTied` starts this file, which starts the
// program, and ends it when its own standard input ends, however the starter died.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const self = fileURLToPath(import.meta.url);

/** Starts a program that ends when this process does; `kill` it as any other. */
export function startTied(command, args, { env, cwd } = {}) {
  const child = spawn(process.execPath, [self, command, ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env,
    cwd,
  });
  // One that could not be started has ended by then.
  child.stdin.on('error', () => undefined);
  /** Resolves when the program is gone. */
  const stop = () => {
    const gone = new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) resolve();
      else child.once('exit', resolve);
    });
    child.stdin.end();
    return gone;
  };
  return { child, stop };
}

if (process.argv[1] === self) {
  const [command, ...args] = process.argv.slice(2);
  const program = spawn(command, args, { stdio: 'ignore' });
  program.once('error', () => process.exit(127));
  program.once('exit', (code) => process.exit(code ?? 1));
  process.stdin.resume();
  process.stdin.once('close', () => program.kill('SIGKILL'));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
    process.once(signal, () => program.kill('SIGKILL'));
  }
}
