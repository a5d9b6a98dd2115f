import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import * as library from '../src/index.ts';
import { bareEnvironment, makeRepository } from './integration/cli.ts';

const contract = `version: 1
artifacts:
  calm: {reviewed: r.csv, runtime: r.csv, key: [id]}
  wild: {reviewed: r.csv, runtime: {a: d.csv, b: r.csv}, key: [id]}
`;

function repository(): Promise<string> {
  const rows = 'id,mode\nP-1,full\n';
  return makeRepository({ 'keydrift.yaml': contract, 'r.csv': rows, 'd.csv': `${rows}P-1,full\n` });
}

describe('the library', () => {
  test('judges, and writes nothing to the console', async () => {
    const cwd = await repository();
    const call = { workingDirectory: cwd, environment: bareEnvironment(cwd) };
    const writes = [
      vi.spyOn(process.stdout, 'write'),
      vi.spyOn(process.stderr, 'write'),
      vi.spyOn(process, 'exit').mockImplementation(() => undefined as never),
    ];
    const handlers = (): readonly number[] =>
      ['SIGINT', 'SIGTERM', 'SIGHUP', 'uncaughtException'].map((name) =>
        process.listenerCount(name),
      );
    const before = handlers();
    const done: string[] = [];
    const { contract: read, provenance } = await library.loadContract(call);
    expect(read.artifacts.map(({ name }) => name)).toEqual(['calm', 'wild']);
    expect(provenance).toMatchObject({ uncommitted: false });
    const report = await library.audit({
      ...call,
      // Where it takes longer than a second, it is told of none as well.
      progress: (_done, _total, name) => name !== '' && done.push(name),
    });
    expect([report.exitCode, report.artifacts.map(({ verdict }) => verdict)]).toEqual([
      1,
      ['in-sync', 'drifted', 'in-sync'],
    ]);
    expect(done.toSorted()).toEqual(['calm', 'wild', 'wild']);
    const one = await library.judge('wild@a', call);
    expect([one.verdict, one.counts.duplicated]).toEqual(['drifted', 1]);
    await expect(library.judge('wild', call)).rejects.toThrow('wild is 2 copies: name one');
    const two = await library.diff('r.csv', 'd.csv', { ...call, key: ['id'] });
    expect(two.artifacts[0]?.counts.duplicated).toBe(1);
    expect((await library.lint(call)).exitCode).toBe(0);
    const story = await library.investigate('wild@a', {
      ...call,
      scope: { id: ['P-1'] },
      cache: 'none',
    });
    expect([story.verdict, story.slice?.rowCount]).toEqual([
      'drifted',
      { reviewed: 1, runtime: 2 },
    ]);
    for (const output of ['json', 'text', 'markdown', 'html', 'junit', 'sarif']) {
      expect([...(await library.render(report, output))].join('')).toContain('wild');
    }
    expect([...(await library.render(story, 'text'))].join('')).toContain('wild@a');
    await expect(library.render(story, 'junit')).rejects.toThrow('junit shows no investigation');
    for (const write of writes) expect(write).not.toHaveBeenCalled();
    expect(handlers()).toEqual(before);
    vi.restoreAllMocks();
  });

  test('a contract that is not there, or is faulty, is its error', async () => {
    const cwd = await makeRepository({
      'keydrift.yaml': 'version: 1\nartifacts: {a: {kee: [id]}}\n',
    });
    const call = { workingDirectory: cwd, environment: bareEnvironment(cwd) };
    const fault = await library.loadContract(call).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(library.KeydriftError);
    expect(fault).toMatchObject({ code: 'CONTRACT_INVALID' });
    await expect(library.judge('a', call)).rejects.toMatchObject({ code: 'CONTRACT_INVALID' });
    const { error } = await library.audit(call);
    expect(error?.code).toBe('CONTRACT_INVALID');
  });
});

test('the example does what it says, as a program of somebody else', async () => {
  const cwd = await repository();
  const example = new URL('../examples/library.mjs', import.meta.url).pathname;
  const run = promisify(execFile)(process.execPath, [example], { cwd, env: bareEnvironment(cwd) });
  const told = await run.catch((error: unknown) => error);
  expect(told).toMatchObject({
    code: 1,
    stdout:
      '2 artifacts\nwild drifted {"added":0,"removed":0,"duplicated":1,"conflict":0,"invalid":0,"bounds":0,"ambiguous":0,"order":0}\n',
    stderr: '',
  });
  expect(await readFile(join(cwd, 'drift.html'), 'utf8')).toContain('wild');
});

test('its page says what it exports', async () => {
  const script = '../scripts/api.mjs';
  const { apiPage } = (await import(script)) as { apiPage: () => string };
  const page = readFileSync(new URL('../docs/api.md', import.meta.url), 'utf8');
  expect(page).toBe(apiPage());
  for (const name of Object.keys(library)) expect(page).toContain(`\`${name}\``);
});
