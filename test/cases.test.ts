import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commitAll, runBoth, runCli, shellWords, type JsonReport } from './integration/cli.ts';

/**
 * Each folder of `cases/` is a repository to be: its `keydrift.yaml`, the reviewed files and the
 * runtime files that the contract names. `command.json` holds the arguments (default: audit),
 * `expected.json` the facts that the JSON report must hold, `report.txt` the text report. What the
 * report prints to be typed next is then typed there.
 */
const cases = new URL('cases/', import.meta.url).pathname;
const names = readdirSync(cases, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .toSorted();
const aboutTheCase = new Set(['command.json', 'expected.json', 'report.txt']);

let directory: string;
beforeAll(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), 'keydrift-cases-')));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('there are cases', () => {
  expect(names.length).toBeGreaterThan(90);
});

test.concurrent.for(names)('%s', async (name, { expect: check }) => {
  const folder = join(cases, name);
  const cwd = join(directory, name);
  const isInput = (path: string): boolean => !aboutTheCase.has(path.slice(folder.length + 1));
  cpSync(folder, cwd, { recursive: true, filter: isInput });
  commitAll(cwd);
  const args: string[] = existsSync(join(folder, 'command.json'))
    ? JSON.parse(readFileSync(join(folder, 'command.json'), 'utf8'))
    : ['audit'];
  const { report, stdout, stderr } = await runBoth(args, { cwd });
  check(report).toMatchObject(JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')));
  await check(steady(stdout + stderr, cwd)).toMatchFileSnapshot(join(folder, 'report.txt'));
  const promised = promisedBy(report, stdout);
  if (report.exitCode === 1 && args[0] === 'audit') check(promised.length).toBeGreaterThan(0);
  for (const [command, code] of promised) {
    const told = await runCli(shellWords(command).slice(1), { cwd });
    check({ command, ...told }).toMatchObject({ command, code });
    check(told.stdout + told.stderr).not.toMatch(/\bUSAGE\b|\bUNKNOWN_|\bCONTRACT_/);
  }
});

/** Codes of the verdicts of one copy. */
const codes: Readonly<Record<string, number>> = { 'in-sync': 0, drifted: 1, indeterminate: 2 };

/**
 * The commands that a report prints to be typed next, each with the code that it has to give: what
 * only looks first, with the verdict of the copy that it looks at; then what writes the reviewed
 * copy over a file, after which nothing is left to do.
 */
function promisedBy(
  { artifacts }: JsonReport,
  stdout: string,
): readonly (readonly [command: string, code: number])[] {
  const looks = new Map<string, number>();
  const writes: [string, number][] = [];
  const shown = [...stdout.matchAll(/^ *(?:next {5,6}| {9})(keydrift .*)$/gm)];
  for (const { name, copy, verdict, error, whatToDo = [] } of artifacts) {
    const artifact = copy === null ? name : `${name}@${copy}`;
    const next = shown.flatMap(([, one = '']) => (one.split(' ')[2] === artifact ? [one] : []));
    const write = whatToDo.find(({ kind }) => kind === 'publish');
    const others = whatToDo.flatMap((step) => (step === write ? [] : step.commands));
    const mending = error?.command === undefined ? [] : [error.command];
    for (const command of [...next, ...mending, ...others]) {
      if (/^keydrift (?:audit|investigate|diff|lint|publish .*--dry-run)/.test(command))
        looks.set(command, codes[verdict]!);
    }
    if (write?.commands[0]?.startsWith('keydrift run') === true)
      writes.push(...write.commands.map((command) => [command, 0] as [string, number]));
  }
  return [...looks, ...writes];
}

/** A report without what differs from run to run: the directory, commit ids, times. */
function steady(report: string, cwd: string): string {
  return unwrap(report)
    .replaceAll(cwd, '/work')
    .replaceAll(/\b[0-9a-f]{40}\b/g, 'COMMIT')
    .replaceAll(/\b[0-9a-f]{7}\b/g, 'COMMIT')
    .replaceAll(/commit [0-9a-f]{8,12}\b/g, 'commit COMMIT')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z/g, 'TIME');
}

/** Messages name the directory, whose length decides where they are wrapped. */
function unwrap(report: string): string {
  return report
    .replaceAll(/^ {2}[A-Z][A-Z0-9_]+:.*(\n {4}(?!hint:).*)*/gm, joined)
    .replaceAll(/^ {4}hint:.*(\n {10}.*)*/gm, joined)
    .replaceAll(/^(NO VERDICT|DRIFTED) .*(\n {10}.*)*/gm, joined);
}

function joined(lines: string): string {
  return lines.replaceAll(/\n +/g, ' ');
}
