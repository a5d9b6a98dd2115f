import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitAll, runCli, shellWords, writeFiles } from './cli.ts';

let cwd: string;
beforeAll(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'keydrift-next-')));
  const key = 'key: [id], consumes: [mode], policy: {duplicated: warn}';
  const rows = Array.from({ length: 30 }, (_, at) => `N-${at},full`).join('\n');
  const files = {
    'the contracts/own.yaml': `version: 1
artifacts:
  few: {reviewed: ../p.csv, runtime: "\${WHERE}/few.csv", ${key}}
  many: {reviewed: ../p.csv, runtime: "\${WHERE}/many.csv", ${key}}
  repeated: {reviewed: ../p.csv, runtime: "\${WHERE}/repeated.csv", ${key}}
  twice: {reviewed: ../twice.csv, runtime: "\${WHERE}/twice.csv", key: [id], consumes: [mode]}
`,
    'twice.csv': 'id,mode\nP-1,full\nP-1,full\nP-2,full\nP-2,full\n',
    'p.csv': 'id,mode\nP-1,full\n"P\'s 2",delta\n',
    'few.csv': 'id,mode\nP-1,delta\n"P\'s 2",delta\n',
    'many.csv': `id,mode\n${rows}\n`,
    'repeated.csv': 'id,mode\nP-1,full\nP-1,full\n"P\'s 2",delta\n',
  };
  await writeFiles(cwd, files);
  commitAll(cwd);
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const asked = ['--config', 'the contracts/own.yaml', '--ref', 'HEAD', '--region', 'eu west'];

test.each([
  ['few', []],
  ['many', ['--limit', '3']],
  ['few', ['--fail-on', 'added']],
  ['repeated', []],
  ['repeated', ['--fail-on', 'duplicated', '--limit', '0']],
])('what an audit of %s %j says next is true when pasted', async (name, flags) => {
  await checkNext(['audit', name, ...asked, '--var', `WHERE=${cwd}`, ...flags]);
});

test.each([
  ['few', []],
  ['few', ['--scope', 'id=P-1']],
])('what an investigation of %s %j says next is true when pasted', async (name, flags) => {
  await checkNext(['investigate', name, ...asked, '--var', `WHERE=${cwd}`, ...flags]);
});

test('an investigation’s comparison is by the contract: the same findings, not only the verdict', async () => {
  const words = ['investigate', 'few', ...asked, '--var', `WHERE=${cwd}`];
  const { stdout } = await runCli(words, { cwd });
  const next = nextOf(stdout).find((command) => command.includes(' diff '));
  expect(next).toContain(' --contract few ');
  const counted = async (line: readonly string[]): Promise<unknown> => {
    const told = await runCli([...line, '--format', 'json'], { cwd });
    const document = JSON.parse(told.stdout) as {
      artifact?: { counts: unknown; state: unknown };
      artifacts?: { counts: unknown; state: unknown }[];
    };
    const artifact = document.artifact ?? document.artifacts?.[0];
    const { counts, state } = artifact!;
    return { counts, state };
  };
  expect(await counted(wordsOf(next!))).toStrictEqual(await counted(words));
});

test('what is hidden stays hidden in what is typed next', async () => {
  const words = ['investigate', 'few', ...asked, '--var', `WHERE=${cwd}`, '--redact', 'id'];
  const { stdout } = await runCli(words, { cwd });
  const told = nextOf(stdout);
  expect(told.length).toBeGreaterThan(0);
  for (const next of told) expect(next).toContain(' --redact id');
  expect(stdout).not.toMatch(/P-1|P's 2/);
});

test('what a comparison says next is true when pasted', async () => {
  const words = ['diff', 'p.csv', 'many.csv', '--key', 'id', '--limit', '2', '--region', 'eu west'];
  await checkNext(words);
});

test('what lint says next of what it did not show is true when pasted', async () => {
  await checkNext(['lint', 'twice', ...asked, '--var', `WHERE=${cwd}`, '--limit', '1']);
});

test('what a bundle says next audits by it, with the same contract', async () => {
  const given = ['--config', 'the contracts/own.yaml', '--var', `WHERE=${cwd}`];
  const { code, stdout } = await runCli(['bundle', 'few', ...given, '--out', 'b'], { cwd });
  expect(code).toBe(0);
  const [next = ''] = nextOf(stdout);
  expect(next).toContain(' --against bundle:b');
  const audit = await runCli([...wordsOf(next), 'few'], { cwd });
  expect([audit.code, audit.stdout]).toEqual([1, expect.stringContaining('few: DRIFTED')]);
});

test('what a comparison by a contract says next keeps that contract, with its steps', async () => {
  const [asking, ...files] = ['few', 'p.csv', 'few.csv'];
  const flags = ['--config', 'the contracts/own.yaml', '--var', `WHERE=${cwd}`, '--contract'];
  const words = ['diff', ...files, ...flags, asking, '--limit', '0'];
  await checkNext(words);
  const { stdout } = await runCli(words, { cwd });
  const [next = ''] = nextOf(stdout);
  expect(next).toContain(' --contract few ');
  // What was told whole has no next: not itself, in another form.
  const whole = await runCli(wordsOf(next), { cwd });
  expect([whole.code, nextOf(whole.stdout)]).toEqual([1, []]);
});

test('what a refused run says next is true when pasted', async () => {
  const words = ['run', 'few', ...asked, '--var', `WHERE=${cwd}`, '--limit', '0', '--', 'true'];
  const { stderr } = await runCli(words, { cwd });
  for (const next of nextOf(stderr)) expect((await runCli(wordsOf(next), { cwd })).code).toBe(1);
  expect(nextOf(stderr)).toHaveLength(1);
});

/** Runs a command line, and then each that it prints: all give one verdict. */
async function checkNext(words: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await runCli(words, { cwd });
  expect([code, stderr]).toEqual([code === 0 ? 0 : 1, stderr]);
  const commands = nextOf(stdout);
  if (code === 1) expect(commands.length).toBeGreaterThan(0);
  for (const next of commands) {
    const told = await runCli(wordsOf(next), { cwd });
    expect([next, told.code, told.stderr]).toEqual([next, code, '']);
  }
}

function nextOf(text: string): readonly string[] {
  const start = text.search(/^ *next {5,6}keydrift /m);
  if (start < 0) return [];
  return text
    .slice(start)
    .split('\n')
    .flatMap((line) => /^ *(?:next {5,6}| {9})(keydrift .*)$/.exec(line)?.[1] ?? []);
}

/** A command as a shell reads it, without the program. */
function wordsOf(command: string): readonly string[] {
  return shellWords(command).slice(1);
}
