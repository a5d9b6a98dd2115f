import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { drifted, reviewed } from './beside.ts';
import { bareEnvironment, makeRepository, runCli, runJson, temporaryDirectory } from './cli.ts';

const contract = `version: 1
artifacts:
  a: {reviewed: reviewed.csv, runtime: drifted.csv, key: [id]}
`;
const repository = (): Promise<string> =>
  makeRepository({ 'keydrift.yaml': contract, 'reviewed.csv': reviewed, 'drifted.csv': drifted });

/** Every one is exit 2 and never 1, which is drift. */
const usageErrors: readonly (readonly [args: string[], names: RegExp])[] = [
  [['audit', '--no-such-option'], /--no-such-option/],
  [['audit', '--formt', 'json'], /--formt.*Did you mean --format\?/],
  // Beyond the one limit nothing is meant.
  [['audit', '--bukcet', 'x'], /--bukcet' hint: See keydrift audit --help/],
  [['adit'], /adit.*Did you mean audit\?/],
  [['audit', '--limit', 'x'], /--limit/],
  [['audit', '--limit', '-1'], /--limit/],
  [['audit', '--limit'], /--limit/],
  [['audit', '--format', 'xml'], /xml|text, json, markdown/],
  [['audit', '-o', 'report.json'], /FORMAT:FILE: -o json:report\.json hint: /],
  [['audit', '-o', 'out/plants.html'], /FORMAT:FILE: -o html:out\/plants\.html hint: /],
  [['audit', '-o', 'a report.MD'], /FORMAT:FILE: -o 'markdown:a report\.MD' hint: /],
  [['audit', '-o', 'tests.xml'], /FORMAT:FILE: -o junit:tests\.xml hint: /],
  [['audit', '-o', 'x.sarif'], /FORMAT:FILE: -o sarif:x\.sarif hint: /],
  [['audit', '-o', 'x.prom'], /FORMAT:FILE: -o openmetrics:x\.prom hint: /],
  // Of what this command cannot show, none is offered.
  [['investigate', 'x', '-o', 'x.sarif'], /FORMAT:FILE, for example json:report\.json\. hint: /],
  [['audit', '-o', 'md:x.md'], /slack\. Did you mean markdown\?/],
  [['audit', '--format', 'htm'], /slack\. Did you mean html\?/],
  [['audit', '-o', 'markdown'], /--format markdown prints it/],
  [['audit', '-o', 'json:'], /FORMAT:FILE/],
  [['audit', '--fail-on', 'added,dupes'], /added, removed, duplicated/],
  [['audit', '--base', 'main'], /--base/],
  [['diff'], /reviewed/],
  [['diff', 'reviewed.csv'], /runtime/],
  [['diff', 'reviewed.csv', 'drifted.csv'], /--key/],
  [['diff', 'reviewed.csv', 'drifted.csv', 'third.csv', '--key', 'id'], /argument/],
  [['diff', 'reviewed.csv', 'drifted.csv', '--key', 'id,id'], /id is named twice/],
  [['diff', 'reviewed.csv', 'drifted.csv', '--key', ''], /--key/],
  [['diff', 'reviewed.csv', 'drifted.csv', '--key', 'id', '--consumes', 'id'], /id/],
  [
    ['diff', 'reviewed.csv', 'drifted.csv', '--key', 'id', '--consumes', 'a', '--descriptive', 'b'],
    /--descriptive|--consumes/,
  ],
  [['diff', 'reviewed.csv', 'drifted.csv', '--key', 'id', '--optional', 'ib'], /--optional ib.*id/],
  [
    ['diff', 'reviewed.csv', 'drifted.csv', '--key', 'id', '--normalize', 'id=trimm'],
    /--normalize: "trimm" is not a normalization step.*trim/,
  ],
  [
    ['diff', 'reviewed.csv', 'drifted.csv', '--key', 'id', '--normalize', 'id=trim]}, x: [trim'],
    /column=step/,
  ],
  [['diff', 'reviewed.csv', 'drifted.csv', '--key', 'id', '--csv', 'delimeter=;'], /delimiter/],
  [
    ['diff', 'reviewed.csv', 'drifted.csv', '--key', 'id', '--csv', 'delimiter=;;'],
    /--csv.*one character/,
  ],
  [['diff', '-', '-', '--key', 'id'], /only one side can be stdin/],
  [['diff', 'a', 'b', '--contract', 'a', '--csv', 'quote=none'], /--contract|--csv/],
  [['lint', '--base'], /--base/],
  [['investigate'], /artifact/],
  [['investigate', 'a', 'b'], /argument/],
  [['investigate', 'a', '--format', 'markdown'], /text, json/],
  [['investigate', 'a', '--max-versions', '0'], /at least 1/],
  [['investigate', 'a', '--max-versions', '1.5'], /at least 1/],
  [['investigate', 'a', '--scope', 'id'], /column=value/],
  [['investigate', 'a', '--ref', 'main', '--against', 'bundle:x'], /--against/],
  [['investigate', 'a', '--no-cause'], /--no-cause/],
  [['lint', '--no-cause'], /--no-cause/],
];

describe('usage errors', () => {
  test.each(usageErrors)('%j', async (args, names) => {
    const cwd = await repository();
    const { code, stdout, stderr } = await runCli(args, { cwd });
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^USAGE: /);
    expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(names);
  });

  /** Names below a command, by its help. */
  const below = async (names: readonly string[]): Promise<readonly string[]> => {
    const { stdout } = await runCli([...names, '--help'], { cwd: await repository() });
    const [, list = ''] = /^Commands:\n((?: {2}.*\n)+)/m.exec(stdout) ?? [];
    return [...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name!);
  };

  test('help of every command fits its terminal, and what is to be typed stands on one line', async () => {
    for (const command of ['', ...(await below([])), 'report show', 'report merge']) {
      const words = [...command.split(' ').filter((word) => word !== ''), '--help'];
      const { code, stdout } = await runCli(words, { cwd: await repository() });
      expect([words, code, stdout.split('\n').filter((line) => line.length > 80)]).toEqual([
        words,
        0,
        [],
      ]);
      if (/^(?:version|help)?$/.test(command)) continue;
      expect(stdout).toMatch(/^Examples?:\n {2}.*keydrift/m);
      expect(stdout).toMatch(/^Exit codes: /m);
    }
  });

  test('of every command, and of those below it, end with 2, or as a gate does', async () => {
    const cwd = await repository();
    const tried: string[] = [];
    for (const command of await below([])) {
      const under = await below([command]);
      for (const words of [[command], ...under.map((name) => [command, name])]) {
        const { code, stdout, stderr } = await runCli([...words, '--no-such-option'], { cwd });
        const told = stderr.replaceAll(/\s+/g, ' ');
        expect([words, code, stdout]).toEqual([
          words,
          /^(?:run|gate)$/.test(command) ? 122 : 2,
          command === 'gate' ? expect.stringContaining('"decision":"no-verdict"') : '',
        ]);
        expect(told).toMatch(/USAGE.*option '--/);
        expect(told).toContain(`See keydrift ${words.join(' ')} --help.`);
        tried.push(words.join(' '));
      }
    }
    expect(tried).toEqual(expect.arrayContaining(['audit', 'run', 'report show', 'report merge']));
  });

  test('are a report where JSON was asked for', async () => {
    const cwd = await repository();
    const { report, stderr } = await runJson(['audit', '--no-such-option'], { cwd });
    expect(report).toMatchObject({ exitCode: 2, error: { code: 'USAGE' }, artifacts: [] });
    expect(stderr).toMatch(/^USAGE: /);
  });
});

test('a bare call shows the help on stderr: exit 2', async () => {
  const { code, stdout, stderr } = await runCli([], { cwd: await repository() });
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toMatch(/Usage: keydrift/);
});

test.each([
  ['--help'],
  ['-h'],
  ['audit', '--help'],
  ['diff', '-h'],
  ['lint', '--help'],
  ['investigate', '-h'],
])('%s %s is an answer', async (...args) => {
  const { code, stdout, stderr } = await runCli(
    args.filter((argument) => argument !== undefined),
    { cwd: await repository() },
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^Usage: keydrift/);
  expect(stderr).toBe('');
});

test.each([['--version'], ['-V']])('%s is an answer', async (flag) => {
  const { code, stdout, stderr } = await runCli([flag], { cwd: await repository() });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
  expect(stderr).toBe('');
});

test('exit codes of the verdicts', async () => {
  const cwd = await repository();
  expect((await runCli(['audit'], { cwd })).code).toBe(1);
  expect((await runCli(['audit', '--no-fail'], { cwd })).code).toBe(0);
  expect((await runCli(['audit', '--fail-on', 'added'], { cwd })).code).toBe(0);
  expect(
    (await runCli(['diff', 'reviewed.csv', 'reviewed.csv', '--key', 'id'], { cwd })).code,
  ).toBe(0);
});

test('--fail-on that weakens the contract says so, and --no-fail too', async () => {
  const cwd = await makeRepository({
    'keydrift.yaml': contract.replace(
      'key: [id]',
      'key: [id], policy: {removed: warn, bounds: ignore}',
    ),
    'reviewed.csv': reviewed,
    'drifted.csv': drifted,
  });
  const strict = await runJson(['audit', '--fail-on', 'added,duplicated'], { cwd });
  expect(strict.report).toMatchObject({ exitCode: 1, enforced: false });
  const [weakened] = strict.report.notEnforced;
  expect(weakened).toMatchObject({ artifact: 'a' });
  expect(weakened!.kinds).toContain('conflict');
  for (const kind of ['added', 'duplicated', 'removed', 'bounds']) {
    expect(weakened!.kinds).not.toContain(kind);
  }
  const text = await runCli(['audit', '--fail-on', 'added'], { cwd });
  expect(text).toMatchObject({ code: 0 });
  expect(text.stdout).toContain('keydrift: NOT ENFORCED: ');
  const noFail = await runJson(['audit', '--no-fail'], { cwd });
  expect(noFail.report).toMatchObject({
    exitCode: 0,
    enforced: false,
    notEnforced: [{ artifact: 'a' }],
  });
  const plain = await runJson(['audit'], { cwd });
  expect(plain.report).toMatchObject({ exitCode: 1, enforced: true, notEnforced: [] });
});

test('keydrift help, help COMMAND and version are answers', async () => {
  const cwd = await repository();
  expect((await runCli(['help'], { cwd })).stdout).toMatch(
    /^Usage: keydrift \[options\] \[command\]/,
  );
  const audit = await runCli(['help', 'audit'], { cwd });
  expect(audit).toEqual(await runCli(['audit', '--help'], { cwd }));
  expect(await runCli(['version'], { cwd })).toEqual(await runCli(['--version'], { cwd }));
});

test('completion: commands, the options of each, and artifacts', async () => {
  const cwd = await makeRepository({
    'keydrift.yaml': `version: 1
artifacts:
  participants: {reviewed: a.csv, runtime: b.csv, key: [id]}
  calendar: {reviewed: a.csv, runtime: {eu: b.csv, us: c.csv}, key: [id]}
  lookups: {reviewed: 'in/{team}.csv', runtime: s3://prod/in/, key: [id]}
`,
    'in/ads.csv': 'id\n1\n',
  });
  const bin = await temporaryDirectory();
  const names = await runCli(['completion', 'names'], { cwd });
  expect(names).toMatchObject({ code: 0, stderr: '' });
  await writeFile(join(bin, 'names'), names.stdout);
  const shim = `#!/bin/sh\n[ "$*" = 'completion names' ] && exec cat '${join(bin, 'names')}'\nexit 1\n`;
  await writeFile(join(bin, 'keydrift'), shim, { mode: 0o755 });
  const env = { ...bareEnvironment(cwd), PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  const { code, stdout } = await runCli(['completion', 'bash'], { cwd });
  expect(code).toBe(0);
  const complete = (...words: readonly string[]): string[] => {
    const list = words.map((word) => `'${word}'`).join(' ');
    const script = `${stdout}COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _keydrift; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script], { encoding: 'utf8', cwd, env }).trim().split('\n');
  };
  expect(complete('keydrift', 'audit', 'c')).toEqual(['calendar', 'calendar@eu', 'calendar@us']);
  expect(complete('keydrift', 'run', 'l')).toEqual(['lookups.ads']);
  expect(complete('keydrift', 'diff', 'p')).toEqual(['']);
  expect(complete('keydrift', 'report', 'm')).toEqual(['merge']);
  expect(complete('keydrift', 'report', '--ou')).toEqual(['--output']);
  // Where no contract can be read there is nothing to complete, and nobody to tell.
  const none = await runCli(['completion', 'names'], { cwd: bin });
  expect(none).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(complete('keydrift', 'a')).toEqual(['audit']);
  expect(complete('keydrift', 'run', '--obs')).toEqual(['--observe']);
  expect(complete('keydrift', 'audit', '--total')).toEqual(['--total-timeout']);
  expect((await runCli(['completion', 'zsh'], { cwd })).stdout).toMatch(/^#compdef keydrift\n/);
  const fish = await runCli(['completion', 'fish'], { cwd });
  expect(fish.stdout).toContain("-n '__fish_seen_subcommand_from gate' -l stage -r ");
  expect(fish.stdout).toContain(
    "-n '__fish_seen_subcommand_from gate' -a '(keydrift completion names",
  );
  expect((await runCli(['completion', 'cmd'], { cwd })).code).toBe(2);
});

test('completion asks nobody: what lies elsewhere is completed by its entry', async () => {
  let asked = 0;
  const server = createServer((_, answer) => {
    asked += 1;
    answer.writeHead(500).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const at = `127.0.0.1:${String(Reflect.get(Object(server.address()), 'port'))}`;
  const cwd = await makeRepository({
    'keydrift.yaml': `version: 1
defaults: {endpoint: 'http://${at}', region: us-east-1, anonymous: true}
artifacts:
  stored: {reviewed: 's3://prod/in/*.csv', runtime: s3://prod/out/, key: [id]}
  remote: {reviewed: {repo: 'http://${at}/x.git', path: 'in/*.csv'}, runtime: s3://prod/out/, key: [id]}
  plain: {reviewed: a.csv, runtime: s3://prod/a.csv, key: [id]}
`,
  });
  const { code, stdout } = await runCli(['completion', 'names'], { cwd });
  expect([code, stdout, asked]).toEqual([0, 'stored\nremote\nplain\n', 0]);
});

test.each([
  ['audit'], ['diff'], ['run'], ['gate'], ['investigate'], ['lint'], ['publish'], ['bundle'], ['init'],
  ['report'], ['sql'], ['completion'],
])('keydrift %s --help has examples and exit codes', async (command) => {
  const { stdout } = await runCli([command, '--help'], { cwd: await repository() });
  expect(stdout).toMatch(/^Examples?:/m);
  expect(stdout).toMatch(/exit code/i);
}); // prettier-ignore

test('FORCE_COLOR colours what is no terminal, and NO_COLOR has the last word', async () => {
  const cwd = await repository();
  const told = async (env: Readonly<Record<string, string>>): Promise<string> =>
    (await runCli(['audit'], { cwd, env })).stdout;
  expect(await told({ FORCE_COLOR: '1' })).toContain('\u001b[');
  expect(await told({ FORCE_COLOR: '0' })).not.toContain('\u001b[');
  expect(await told({ FORCE_COLOR: '1', NO_COLOR: '1' })).not.toContain('\u001b[');
  expect(await told({})).not.toContain('\u001b[');
  const outputs = ['text:t', 'json:j', 'markdown:m', 'html:h'].flatMap((to) => ['-o', to]);
  const env = { FORCE_COLOR: '1' };
  const { stdout } = await runCli(['audit', '--format', 'json', ...outputs], { cwd, env });
  const files = await Promise.all(['t', 'j', 'm', 'h'].map((name) => readFile(join(cwd, name))));
  expect([stdout, ...files].join('')).not.toContain('\u001b[');
});

test('help tells of a code as of a command, and of neither the nearest', async () => {
  const cwd = await repository();
  const code = await runCli(['help', 'STORE_ARCHIVED'], { cwd });
  expect(code.code).toBe(0);
  expect(code.stdout).toMatch(/^STORE_ARCHIVED\n {2}The object is in an archive class/);
  expect((await runCli(['help', 'RESPELLED'], { cwd })).stdout).toContain('loose reading');
  expect((await runCli(['help', 'weaker'], { cwd })).stdout).toContain('--forbid-weaker');
  expect((await runCli(['help', 'lint'], { cwd })).stdout).toMatch(/^Usage: keydrift lint/);
  expect((await runCli(['help'], { cwd })).stdout).toMatch(/^Usage: keydrift \[options\]/);
  const none = await runCli(['help', 'STORE_ARCHIVE'], { cwd });
  expect(none.code).toBe(2);
  expect(none.stderr).toContain('STORE_ARCHIVED');
});
