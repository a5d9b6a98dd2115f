/**
 * A small process that starts programs for a worker of the tests (see `starts.ts`): the n-th
 * request belongs to the n-th pair of connections, which become the program's stdin and stdout.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

const requests = [];
const connections = [];
const running = new Map();

function start({ id, file, args, options, ended }, stdin, stdout) {
  const child = spawn(file, args, { ...options, stdio: [stdin, stdout, 'pipe'] });
  // They are the program's now.
  stdin.destroy();
  stdout.destroy();
  running.set(id, child);
  if (ended !== undefined) child.kill(ended);
  const stderr = [];
  child.stderr.on('data', (bytes) => stderr.push(bytes));
  const tell = (end) => {
    if (!running.delete(id)) return;
    process.send({ id, stderr: Buffer.concat(stderr).toString('base64'), ...end });
  };
  child.on('error', ({ message, code, errno, syscall, path }) =>
    tell({ error: { message, code, errno, syscall, path } }),
  );
  child.on('close', (code, signal) => tell({ code, signal }));
}

function pair() {
  while (requests.length > 0 && connections.length > 1) {
    start(requests.shift(), connections.shift(), connections.shift());
  }
}

process.on('message', (message) => {
  if (message.kill !== undefined) {
    const { kill: id, signal } = message;
    const waiting = requests.find((request) => request.id === id);
    if (waiting === undefined) running.get(id)?.kill(signal);
    else waiting.ended = signal;
    return;
  }
  requests.push(message);
  pair();
});
// The worker has ended, and so does all that was started for it.
process.on('disconnect', () => {
  for (const child of running.values()) child.kill();
  process.exit();
});

createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
  connections.push(socket);
  pair();
}).listen(process.argv[2], () => process.send('ready'));
