/**
 * A small process that starts programs for a worker of the tests (see `starts.ts`). What it is to
 * do comes by one named pipe, a line each; what the worker stands still for is answered by another.
 * Connections belong to programs in the order in which those were asked for: of each its stdin,
 * where it has one, and its stdout. What is read at a program's end alone is a file: a pipe costs
 * more than git then does.
 */
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { createInterface } from 'node:readline';

const [socket, asked, answered] = process.argv.slice(2);
execFileSync('mkfifo', [asked, answered]);
// Open for both: neither open waits for the worker, and what ends a call ends no pipe.
const answers = openSync(answered, 'r+');
const questions = new Socket({ fd: openSync(asked, 'r+') });
createInterface({ input: questions }).on('line', (line) => take(JSON.parse(line)));

const requests = [];
const connections = [];
const running = new Map();

function take(question) {
  if (question.kill !== undefined) end(question);
  else if (question.output !== undefined) startOnFiles(question);
  else if (question.input !== undefined) runWhole(question);
  else {
    requests.push(question);
    pair();
  }
}

function end({ kill: id, signal }) {
  const waiting = requests.find((request) => request.id === id);
  if (waiting === undefined) running.get(id)?.kill(signal);
  else waiting.ended = signal;
}

function pair() {
  for (;;) {
    const [request] = requests;
    if (request === undefined || connections.length < (request.reads ? 2 : 1)) return;
    requests.shift();
    start(request, request.reads ? connections.shift() : null, connections.shift());
  }
}

/** Of a job stderr is a pipe: what it has started itself may say more. */
function start({ id, file, args, options, reads, waits, ended }, stdin, stdout) {
  const errors = reads ? openErrors(id) : 'pipe';
  const stdio = [stdin ?? 'ignore', stdout, errors];
  const started = spawned(file, args, { ...options, stdio });
  // They are the program's now.
  stdin?.destroy();
  stdout.destroy();
  if (waits) answer({ pid: started.child?.pid, thrown: started.error });
  if (!waits || started.child !== undefined) watch(id, started, errors);
  if (ended !== undefined) started.child?.kill(ended);
}

/** Starts a program that is given a file, where it is given anything, and whose output is one. */
function startOnFiles({ id, file, args, options, input, output }) {
  const files = [input === null ? 'ignore' : openSync(input), openSync(output, 'w')];
  const errors = openErrors(id);
  watch(id, spawned(file, args, { ...options, stdio: [...files, errors] }), errors);
  for (const fd of files) if (fd !== 'ignore') closeSync(fd);
}

/** A file without a name. */
function openErrors(id) {
  const path = `${socket}-${id}`;
  const fd = openSync(path, 'w+');
  unlinkSync(path);
  return fd;
}

function saidIn(fd) {
  const { size } = fstatSync(fd);
  const bytes = Buffer.alloc(size);
  if (size > 0) readSync(fd, bytes, 0, size, 0);
  closeSync(fd);
  return bytes;
}

/** Tells of a program how it ends. */
function watch(id, { child, error }, errors) {
  const pieces = [];
  const tell = (how) => {
    if (!running.delete(id)) return;
    const said = errors === 'pipe' ? Buffer.concat(pieces) : saidIn(errors);
    process.send({ id, stderr: said.toString('base64'), ...how });
  };
  running.set(id, child);
  if (child === undefined) return tell({ error });
  child.stderr?.on('data', (bytes) => pieces.push(bytes));
  child.on('error', (thrown) => tell({ error: told(thrown) }));
  child.on(errors === 'pipe' ? 'close' : 'exit', (code, signal) => tell({ code, signal }));
}

/** Runs a program to its end. */
function runWhole({ file, args, options, input }) {
  const { child, error } = spawned(file, args, options);
  if (child === undefined) return answer({ stdout: '', stderr: '', error });
  const output = [child.stdout, child.stderr].map((stream) => {
    const pieces = [];
    stream?.on('data', (bytes) => pieces.push(bytes));
    return pieces;
  });
  child.stdin?.on('error', () => undefined).end(Buffer.from(input, 'base64'));
  const tell = (how) => {
    const [stdout, stderr] = output.map((pieces) => Buffer.concat(pieces).toString('base64'));
    answer({ pid: child.pid, stdout, stderr, ...how });
  };
  child.on('error', (thrown) => tell({ error: told(thrown) }));
  child.on('close', (status, signal) => child.pid !== undefined && tell({ status, signal }));
}

/** A program, or why none could be tried. */
function spawned(file, args, options) {
  try {
    return { child: spawn(file, args, options) };
  } catch (error) {
    return { error: told(error) };
  }
}

function told({ message, code, errno, syscall, path }) {
  return { message, code, errno, syscall, path };
}

/** The worker reads meanwhile. */
function answer(how) {
  const bytes = Buffer.from(`${JSON.stringify(how)}\n`);
  for (let at = 0; at < bytes.length;) at += writeSync(answers, bytes, at);
}

// The worker has ended, and so does all that was started for it.
process.on('disconnect', () => {
  for (const child of running.values()) child.kill();
  process.exit();
});

createServer({ pauseOnConnect: true, allowHalfOpen: true }, (connection) => {
  connections.push(connection);
  pair();
}).listen(socket, () => process.send('ready'));
