import { build } from 'esbuild';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import {
  bareEnvironment,
  cliPath,
  git,
  makeRepository,
  runCli,
  temporaryDirectory,
} from './integration/cli.ts';

/*
 * The recipes: what can be tried of them without the service that they are for.
 */

const root = new URL('..', import.meta.url).pathname;
const folder = join(root, 'docs/recipes');
const pages = readdirSync(folder).filter((name) => name !== 'README.md');
const require = createRequire(import.meta.url);

interface Block {
  readonly page: string;
  readonly language: string;
  readonly text: string;
}

const blocks: readonly Block[] = pages.flatMap((page) => {
  const text = readFileSync(join(folder, page), 'utf8');
  return [...text.matchAll(/^( *)```(\w*)\n([^]*?)^ *```$/gm)].map(
    ([, indent, language = '', block = '']) => ({
      page,
      language,
      text: block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
});
/** Of every page that names commands. */
const everywhere: readonly Block[] = [
  'README.md',
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
]
  .filter((page) => page.endsWith('.md'))
  .flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/^ *```(\w*)\n([^]*?)^ *```$/gm)].map(
      ([, language = '', text = '']) => ({ page, language, text }),
    ),
  );
const of = (page: string, language: string): readonly string[] =>
  blocks.filter((one) => one.page === page && one.language === language).map(({ text }) => text);

/** A directory with the built program as `keydrift`. */
async function binDirectory(): Promise<string> {
  const bin = await temporaryDirectory();
  await writeFile(
    join(bin, 'keydrift'),
    `#!/bin/sh\nexec "${process.execPath}" "${cliPath}" "$@"\n`,
  );
  await chmod(join(bin, 'keydrift'), 0o755);
  return bin;
}

async function stage(): Promise<string> {
  return await makeRepository({
    'keydrift.yaml': 'version: 1\nartifacts: {p: {reviewed: r.csv, runtime: d.csv, key: [id]}}\n',
    'r.csv': 'id,mode\nP-1,full\n',
    'd.csv': 'id,mode\nP-1,full\nP-1,full\n',
  });
}

describe('every page', () => {
  test.each(pages)('%s says what it may do, and no more', (page) => {
    const text = readFileSync(join(folder, page), 'utf8');
    expect(text).toContain('## IAM policy');
    const policies = of(page, 'json')
      .map((json) => JSON.parse(json))
      .filter((one) => 'Version' in one);
    expect(policies.length).toBe(/## IAM policy\s+None/.test(text) ? 0 : 1);
    for (const { Statement } of policies) {
      const actions = Statement.flatMap(({ Action }: { Action: string | string[] }) => Action);
      expect(actions).toEqual(
        expect.arrayContaining(['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket']),
      );
      for (const { Effect, Action, Resource } of Statement) {
        expect([Effect, Resource]).toEqual([
          'Allow',
          expect.stringMatching(/^arn:aws:s3:::[a-z-]+(\/[a-z]+\/\*)?$/),
        ]);
        for (const action of [Action].flat()) expect(action).toMatch(/^(s3|kms):[A-Z]\w+$/);
      }
    }
    expect(text).not.toMatch(/\bnpx\b/);
  });

  test('the list names every page, and the README leads to it', () => {
    const list = readFileSync(join(folder, 'README.md'), 'utf8');
    for (const page of pages) expect(list).toContain(`(${page})`);
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain('(docs/recipes/README.md)');
  });

  test('every command and option is one of the program', async () => {
    const { stdout: script } = await runCli(['completion', 'bash'], { cwd: root });
    const known = new Map(
      [...script.matchAll(/^ {4}([\w-]+)\) words="([^"]*)"/gm)].map(([, name = '', words = '']) => [
        name,
        new Set(words.split(' ')),
      ]),
    );
    let seen = 0;
    for (const { page, text } of [...blocks, ...everywhere]) {
      const joined = text.replaceAll(/\\\n\s*/g, ' ');
      for (const [, line = ''] of joined.matchAll(
        /(?:^|[\s;/])keydrift ((?:audit|bundle|diff|gate|init|investigate|lint|publish|report|run) [^\n]*)/gm,
      )) {
        const [command = '', ...words] = line.split(/ -- /)[0]!.split(' ');
        const options = words
          .map((word) => (word === '-o' ? '--output' : word))
          .flatMap((word) => /^(--[a-z][a-z-]*)(?:=|$)/.exec(word)?.[1] ?? []);
        for (const option of options) {
          expect(
            `${page}: ${command} ${known.get(command)?.has(option) === true ? '' : option}`,
          ).toBe(`${page}: ${command} `);
        }
        seen += 1;
      }
    }
    expect(seen).toBeGreaterThan(60);
  });
});

describe('shell', () => {
  test('every block is one that a shell reads', () => {
    const scripts = blocks.filter(({ language }) => language === 'sh');
    expect(scripts.length).toBeGreaterThan(1);
    for (const { text } of scripts) execFileSync('bash', ['-n'], { input: text });
  });

  test('the script of cron audits a clone, writes its reports and gives the code', async () => {
    const [script = ''] = of('cron.md', 'sh');
    const [cwd, out, bin] = await Promise.all([stage(), temporaryDirectory(), binDirectory()]);
    git(cwd, 'remote', 'add', 'origin', cwd);
    git(cwd, 'fetch', '--quiet', 'origin');
    const file = join(bin, 'keydrift-audit');
    await writeFile(file, script);
    const env = {
      ...bareEnvironment(cwd),
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      REF: 'HEAD',
    };
    const run = promisify(execFile)('sh', [file, cwd, out], { cwd, env });
    const told = await run.catch((error: unknown) => error);
    expect(told).toMatchObject({ code: 1, stdout: expect.stringContaining('1 duplicated') });
    expect(readdirSync(out).toSorted()).toEqual(['keydrift.prom', 'report.html', 'report.json']);
  });
});

describe('the action', () => {
  async function step(args: string, over: Readonly<Record<string, string>> = {}) {
    const [cwd, bin, runner] = await Promise.all([stage(), binDirectory(), temporaryDirectory()]);
    const [output, summary] = [join(runner, 'output'), join(runner, 'summary')];
    await Promise.all([writeFile(output, ''), writeFile(summary, '')]);
    const env = {
      ...bareEnvironment(cwd),
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
      RUNNER_TEMP: runner,
      GITHUB_OUTPUT: output,
      GITHUB_STEP_SUMMARY: summary,
      ACTION_ARGS: args,
      ACTION_ANNOTATIONS: 'true',
      ACTION_SUMMARY: 'true',
      ACTION_FAIL: 'true',
      ...over,
    };
    const run = promisify(execFile)('bash', [join(root, 'scripts/action.sh')], { cwd, env });
    const {
      code = 0,
      stdout,
      stderr,
    } = (await run.catch((error: unknown) => error)) as {
      code?: number;
      stdout: string;
      stderr: string;
    };
    const told = Object.fromEntries(
      readFileSync(output, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split('=') as [string, string]),
    );
    return { code, stdout, stderr, told, summary: await readFile(summary, 'utf8') };
  }

  test('gives code, report, annotations and summary', async () => {
    const { code, stdout, stderr, told, summary } = await step('audit\n--no-cause\n');
    expect([code, told['exit-code']]).toEqual([1, '1']);
    expect(stdout).toContain('DRIFTED');
    expect(stderr).toMatch(/^::error file=r\.csv,/);
    expect(summary).toContain('## keydrift audit: DRIFTED');
    expect(JSON.parse(readFileSync(told['report']!, 'utf8')).exitCode).toBe(1);
  });

  test('as much of it as is asked for', async () => {
    const no = { ACTION_FAIL: 'false', ACTION_ANNOTATIONS: 'false' };
    const quiet = await step('audit\n--no-cause', no);
    expect([quiet.code, quiet.told['exit-code'], quiet.stderr]).toEqual([0, '1', '']);
    expect(quiet.summary).toContain('## keydrift audit');
    const bare = await step('audit', { ...no, ACTION_SUMMARY: 'false' });
    expect(bare.summary).toBe('');
  });

  test('takes words as they are, and leaves those of another program alone', async () => {
    const { code, stdout } = await step(
      'run\np\n--use\ndeduplicated\n--\necho\n$(whoami) {p}; x\n',
    );
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\$\(whoami\) \/.*; x\n$/)]);
    const version = await step('version');
    expect([version.code, version.told['report']]).toEqual([0, '']);
  });

  test('the example of the repository holds', async () => {
    const { jobs } = parse(readFileSync(join(root, '.github/workflows/example.yml'), 'utf8'));
    const { with: inputs } = jobs.lint.steps.find(({ uses }: { uses: string }) => uses === './');
    const words = inputs.args.split('\n').filter((word: string) => word !== '');
    const cwd = join(root, inputs['working-directory']);
    expect(await runCli(words, { cwd })).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('files of services', () => {
  test('workflows and the action are of GitHub’s own schemas', async () => {
    const directory = await temporaryDirectory();
    const outfile = join(directory, 'parser.mjs');
    const parser = join(root, 'node_modules/@actions/workflow-parser');
    await build({
      stdin: {
        resolveDir: parser,
        contents: `export * from './dist/index.js'; export { parseAction } from './dist/actions/action-parser.js';`,
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile,
      logLevel: 'error',
      banner: {
        js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);",
      },
    });
    const { parseAction, parseWorkflow, NoOperationTraceWriter } = (await import(
      pathToFileURL(outfile).href
    )) as Parser;
    const faults = (
      read: Parser['parseWorkflow'],
      name: string,
      content: string,
    ): readonly string[] =>
      read({ name, content }, new NoOperationTraceWriter())
        .context.errors.getErrors()
        .map(({ message }) => message);
    const example = readFileSync(join(root, '.github/workflows/example.yml'), 'utf8');
    const workflows = [example, ...of('github-actions.md', 'yaml')];
    expect(workflows).toHaveLength(3);
    for (const content of workflows) expect(faults(parseWorkflow, 'w.yml', content)).toEqual([]);
    expect(
      faults(parseAction, 'action.yml', readFileSync(join(root, 'action.yml'), 'utf8')),
    ).toEqual([]);
    expect(faults(parseWorkflow, 'w.yml', example.replace('runs-on', 'runs-off'))).not.toEqual([]);
  });

  interface Parser {
    readonly parseWorkflow: (file: { name: string; content: string }, trace: object) => Parsed;
    readonly parseAction: Parser['parseWorkflow'];
    readonly NoOperationTraceWriter: new () => object;
  }
  interface Parsed {
    readonly context: { readonly errors: { getErrors(): readonly { readonly message: string }[] } };
  }

  test('the state machine is one', () => {
    const validate: (machine: unknown) => {
      isValid: boolean;
      errors: readonly unknown[];
    } = require('asl-validator');
    const machine = of('step-functions.md', 'json')
      .map((json) => JSON.parse(json))
      .find((one) => 'StartAt' in one);
    expect(validate(machine)).toMatchObject({ isValid: true, errors: [] });
    expect(validate({ ...machine, StartAt: 'Nowhere' }).isValid).toBe(false);
  });

  test('Kubernetes objects are whole: what cannot be retried is not, nobody is root', () => {
    const objects = of('kubernetes.md', 'yaml').map((text) => parse(text));
    expect(objects.map(({ kind }) => kind)).toEqual(['CronJob', 'Job', 'Job']);
    for (const { apiVersion, metadata, spec } of objects) {
      expect([apiVersion, typeof metadata.name]).toEqual(['batch/v1', 'string']);
      const pod = (spec.jobTemplate?.spec ?? spec).template.spec;
      expect(pod.restartPolicy).toBe('Never');
      const volumes = pod.volumes.map(({ name }: { name: string }) => name);
      for (const { image, volumeMounts } of pod.containers) {
        expect(image).toMatch(/keydrift:\d/);
        for (const { name } of volumeMounts) expect(volumes).toContain(name);
      }
    }
  });

  test('every other YAML is read, and a pipeline has its stages', () => {
    for (const { language, text } of blocks) {
      if (language !== 'yaml') continue;
      for (const document of parseAllDocuments(text)) expect(document.errors).toEqual([]);
    }
    const pipeline = parse(of('gitlab.md', 'yaml')[0]!);
    for (const job of ['lint support files', 'audit']) {
      expect(pipeline.stages).toContain(pipeline[job].stage);
      expect(pipeline[job].artifacts.reports.junit).toBe('keydrift.xml');
    }
    const [hook] = parse(of('pre-commit.md', 'yaml')[0]!).repos[0].hooks;
    expect([hook.language, hook.pass_filenames]).toEqual(['system', false]);
  });

  test('units of systemd have a section for every word', () => {
    for (const text of of('systemd.md', 'ini')) {
      expect(text).toMatch(/^\[Unit\]\n/);
      for (const line of text.split('\n').filter((one) => one !== '')) {
        expect(line).toMatch(/^(\[\w+\]|[A-Z]\w+=.+)$/);
      }
    }
  });

  test('Python is Python', () => {
    const sources = of('airflow.md', 'python');
    expect(sources).toHaveLength(2);
    for (const source of sources)
      execFileSync('python3', ['-c', 'import ast, sys; ast.parse(sys.stdin.read())'], {
        input: source,
      });
  });
});

test('the function of Lambda audits a bundle, and posts where somebody is needed', async () => {
  const cwd = await stage();
  const env = bareEnvironment(cwd);
  expect((await runCli(['bundle', '--out', 'bundle'], { cwd })).code).toBe(0);
  mkdirSync(join(cwd, 'node_modules'));
  symlinkSync(root, join(cwd, 'node_modules', 'keydrift'));
  writeFileSync(join(cwd, 'index.mjs'), of('lambda.md', 'js')[0]!);
  const posted: string[] = [];
  const server = createServer((request, response) => {
    request.on('data', (chunk) => posted.push(String(chunk)));
    request.on('end', () => response.end('ok'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : null;
  const script =
    "import('./index.mjs').then(async ({ handler }) => console.log(JSON.stringify(await handler())))";
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script], {
    cwd,
    env: {
      ...env,
      LAMBDA_TASK_ROOT: cwd,
      BUNDLE: 'bundle:bundle',
      WEBHOOK: `http://127.0.0.1:${port}/`,
    },
  });
  expect(JSON.parse(stdout)).toEqual({ verdict: 'drifted', exitCode: 1 });
  expect(JSON.parse(posted.join('')).blocks[0].text.text).toBe('keydrift audit: DRIFTED');
});
