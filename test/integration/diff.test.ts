import { readdir } from 'node:fs/promises';
import { PassThrough } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { beforeEach, expect, test } from 'vitest';
import {
  bareEnvironment,
  makeRepository,
  runCli,
  runJson,
  writeFiles,
  type JsonArtifact,
} from './cli.ts';
import { runInProcess } from './in-process.ts';

const reviewed = 'id;region;mode;note\nP-1;EU;1.50;a\n"P-2";;2;b\nP-3;US;3;c\n';
const runtime = 'p-1 ;eu;1.5;x\n"P-2";;2.00;y\nP-4;US;3;z\n';

/** What a contract says, and what options of `diff` say instead. */
const tables = [
  {
    name: 'a dialect, steps and an optional key column',
    words: `key: [id, {column: region, optional: true}], consumes: [mode], csv: {delimiter: ";"},
      normalize: {id: [trim, uppercase], region: [uppercase], mode: [{decimal: 2}]}`,
    flags: [
      '--key',
      'id,region',
      '--consumes',
      'mode',
      '--optional',
      'region',
      '--csv',
      'delimiter=;',
      '--normalize',
      'id=trim,uppercase',
      '--normalize',
      'region=uppercase',
      '--normalize',
      'mode={decimal: 2}',
    ],
    body: `id;region;mode;note\n${runtime}`,
  },
  {
    name: 'names of a file without a header, and quotes that mean nothing',
    words: `key: [id, {column: region, optional: true}], consumes: [mode],
      csv: {delimiter: ";", quote: false, names: [id, region, mode, note]}`,
    flags: [
      '--key',
      'id,region',
      '--consumes',
      'mode',
      '--optional',
      'region',
      '--csv',
      'delimiter=;,quote=none,names=id,region,mode,note',
    ],
    body: runtime,
  },
];

let cwd: string;
beforeEach(async () => {
  cwd = await makeRepository({ 'r.csv': reviewed });
});

test.each(tables)('$name: options judge as a contract does', async ({ words, flags, body }) => {
  await writeFiles(cwd, {
    'keydrift.yaml': `version: 1\nartifacts:\n  a: {reviewed: r.csv, runtime: t.csv, ${words}}\n`,
    't.csv': body,
  });
  const [byContract] = (await runJson(['audit', 'a'], { cwd })).report.artifacts;
  const byOptions = await runJson(['diff', 'r.csv', 't.csv', ...flags], { cwd });
  expect(byOptions.code).toBe(1);
  expect(factsOf(byOptions.report.artifacts[0]!)).toEqual(factsOf(byContract!));
});

test('what a comparison by options says next is true when pasted', async () => {
  const { flags, body } = tables[0]!;
  await writeFiles(cwd, { 't.csv': body });
  const { stdout } = await runCli(['diff', 'r.csv', 't.csv', ...flags, '--limit', '0'], { cwd });
  expect(stdout).toContain(
    "--optional region --normalize id=trim,uppercase --normalize region=uppercase --normalize 'mode={decimal: 2}' --csv 'delimiter=;'",
  );
});

test('what --csv would say of both copies is told apart from what a contract can say of one', async () => {
  await writeFiles(cwd, { 'a.csv': 'id,mode\nA,1\n', 'b.csv': 'id;mode\nA;1\n' });
  const words = ['diff', 'file:a.csv', 'file:b.csv', '--key', 'id', '--consumes', 'mode'];
  const hintOf = async (...more: string[]): Promise<unknown> => {
    const { report } = await runJson([...words, ...more], { cwd });
    return report.artifacts[0]?.error?.hint;
  };
  const one = '`csv: {delimiter: ";"}` of this copy';
  expect(await hintOf()).toContain(`a contract can say ${one}; if both copies are so`);
  expect(await hintOf('--csv', 'delimiter=;')).toContain(
    '--csv holds for both copies, and they differ',
  );
});

test('a side that is not there is told before what is wrong with the other', async () => {
  await writeFiles(cwd, { 't.csv': 'id;mode\nP-1;full\n' });
  const told = async (...sides: string[]): Promise<unknown> => {
    const { code, report } = await runJson(['diff', ...sides, '--key', 'nope'], { cwd });
    const { error } = report.artifacts[0]!;
    return [code, error?.code, error?.message];
  };
  expect(await told('nope.csv', 't.csv')).toEqual([
    1,
    'GIT_PATH_NOT_FOUND',
    expect.stringMatching(/nope\.csv is not in HEAD .*reviewed.*; and .*no column nope/s),
  ]);
  expect(await told('r.csv', 'nope.csv')).toEqual([
    2,
    'CONTRACT_COLUMNS',
    expect.stringMatching(/nope\.csv does not exist \(runtime\); and .*no column nope/s),
  ]);
});

test.each(['reviewed', 'runtime'] as const)('stdin is the %s side', async (side) => {
  const body = 'id,mode\nP-1,full\n';
  await writeFiles(cwd, { 'side.csv': body });
  const words = side === 'reviewed' ? ['-', 'side.csv'] : ['file:side.csv', '-'];
  const told = ['diff', ...words, '--key', 'id', '--format', 'json'];
  const env = { KEYDRIFT_TMPDIR: cwd };
  const before = await readdir(cwd);
  for (const [stdin, code] of [
    [body, 0],
    [gzipSync(body), 0],
    ['id,mode\nP-1,other\nP-9,full\n', 1],
  ] as const) {
    const given = await runCli(told, { cwd, env, stdin });
    const [artifact] = (JSON.parse(given.stdout) as { artifacts: JsonArtifact[] }).artifacts;
    expect([given.code, artifact?.[side]?.location]).toEqual([code, '-']);
    // Nothing of it can be typed again.
    expect((await runCli(told.slice(0, -2), { cwd, env, stdin })).stdout).not.toContain('keydrift diff'); // prettier-ignore
  }
  expect(await readdir(cwd)).toEqual(before);
});

test('stdin is bounded', async () => {
  const words = ['diff', '-', 'r.csv', '--key', 'id', '--limits', 'bytes=1KiB'];
  const { code, stderr } = await runCli(words, { cwd, stdin: 'x'.repeat(2000) });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^TOO_LARGE: stdin has more than 1024 bytes/)]); // prettier-ignore
});

test('a program that keeps stdin open is not waited for beyond --timeout', async () => {
  const stdin = new PassThrough();
  stdin.write('id,mode\nP-1,full\n');
  const words = ['diff', '-', 'r.csv', '--key', 'id', '--timeout', '1s'];
  const environment = bareEnvironment(cwd);
  const { code, stderr } = await runInProcess({ words, cwd, environment, stdin });
  expect([code, stderr]).toEqual([2, expect.stringMatching(/^TIMEOUT: no verdict within 1 s/)]);
  // Else the process would go on waiting for it.
  expect(stdin.destroyed).toBe(true);
});

/** All that does not depend on where a copy is named. */
function factsOf({ state, counts, findings }: JsonArtifact): unknown {
  return { state, counts, findings };
}
