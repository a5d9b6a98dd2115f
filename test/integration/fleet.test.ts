import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { audit } from '../../src/commands/audit/audit.ts';
import type { AuditOptions } from '../../src/commands/audit/judge-all.ts';
import { isInShard } from '../../src/judge/choose.ts';
import { noAccess } from '../sources/locations.ts';
import { commit } from './beside.ts';
import { bareEnvironment, git, makeRepository, runCli, runJson, type JsonReport } from './cli.ts';
import { faultBucket, setFaultStage } from './stage.ts';

const table = (id: string): string => `id,mode\n${id},full\n`;

function globbed(...lines: readonly string[]): string {
  const words = ['reviewed: support/*.csv', `runtime: s3://${faultBucket}/in/`, 'key: [id]'];
  const all = [...words, ...lines].map((word) => `    ${word}\n`).join('');
  return `version: 1\nartifacts:\n  lookups:\n${all}`;
}

const names = ['a', 'b', 'c', 'd', 'e', 'f'];
const reviewed = Object.fromEntries(names.map((name) => [`support/${name}.csv`, table(name)]));

describe('evidence: sha256', () => {
  const stage = setFaultStage();
  const put = (name: string, text: string, sha256: 'stored' | 'none' = 'stored'): void => {
    const hash = createHash('sha256').update(text).digest('base64');
    stage.server.putObject({
      bucket: faultBucket,
      key: `in/${name}.csv`,
      body: Buffer.from(text),
      ...(sha256 === 'stored' ? { headers: { 'x-amz-checksum-sha256': hash } } : {}),
    });
  };
  const count = (operation: 'GetObject' | 'HeadObject'): number =>
    stage.server.requests.where({ operation }).length;
  const told = ({ artifacts }: JsonReport): unknown =>
    artifacts.map((one) => [one.name, one.state, (one as { evidence?: unknown }).evidence]);

  test('what the store itself hashed is not read; what it did not is', async () => {
    const cwd = await makeRepository({ 'keydrift.yaml': globbed('evidence: sha256'), ...reviewed });
    for (const name of names) put(name, table(name));
    const first = await runJson(['audit'], { cwd, env: stage.env });
    expect(first.report.exitCode).toBe(0);
    expect(told(first.report)).toStrictEqual(
      names.map((name) => [`lookups.${name}`, 'identical', 'sha256']),
    );
    expect({ gets: count('GetObject'), heads: count('HeadObject') }).toStrictEqual({
      gets: 0,
      heads: names.length,
    });
    // The second time nothing is scanned either: blob and contract are known to be sound.
    const again = await runJson(['audit'], { cwd, env: stage.env });
    const plain = (report: JsonReport): unknown => report.artifacts;
    expect(plain(again.report)).toStrictEqual(plain(first.report));
    put('b', table('b'), 'none');
    put('c', table('X'));
    stage.server.requests.clear();
    const mixed = await runJson(['audit', '--no-cause'], { cwd, env: stage.env });
    expect(told(mixed.report)).toStrictEqual([
      ['lookups.a', 'identical', 'sha256'],
      ['lookups.b', 'identical', 'bytes'],
      ['lookups.c', 'drifted', 'bytes'],
      ...['d', 'e', 'f'].map((name) => [`lookups.${name}`, 'identical', 'sha256']),
    ]);
    expect(count('GetObject')).toBe(2);
    const text = await runCli(['audit', 'lookups.a', 'lookups.b'], { cwd, env: stage.env });
    expect(text.stdout).toMatch(/lookups\.a +identical by the store's SHA-256/);
    expect(text.stdout).not.toMatch(/lookups\.b +identical by/);
  });

  test('one that is slow holds nobody back, and --concurrency 1 is one after the other', async () => {
    const cwd = await makeRepository({ 'keydrift.yaml': globbed(), ...reviewed });
    for (const name of names) put(name, table(name));
    const { faults, requests } = stage.server;
    requests.clear();
    const last = { operation: 'GetObject', key: 'in/f.csv' } as const;
    let [open, most] = [0, 0];
    const counted = async (wait: () => Promise<unknown>): Promise<void> => {
      most = Math.max(most, (open += 1));
      await wait();
      open -= 1;
    };
    const isFirst = { operation: 'GetObject', key: 'in/a.csv' } as const;
    const isOther = { operation: 'GetObject', key: /in\/[^a]/ } as const;
    const turn = (): Promise<void> => counted(() => new Promise(setImmediate));
    faults.add({ on: isOther, fault: { kind: 'before', run: turn } });
    const held = faults.add({
      on: isFirst,
      fault: { kind: 'before', run: () => counted(() => requests.waitFor(last)) },
    });
    const slow = await runJson(['audit'], { cwd, env: stage.env });
    expect(slow.report.exitCode).toBe(0);
    expect(most).toBeGreaterThan(1);
    most = 0;
    held.remove();
    faults.add({ on: isFirst, fault: { kind: 'before', run: turn } });
    const single = await runJson(['audit', '--concurrency', '1'], { cwd, env: stage.env });
    expect({ code: single.report.exitCode, most }).toStrictEqual({ code: 0, most: 1 });
  });

  test('duplicates of the reviewed file are told under the runtime copy’s policy', async () => {
    const twice = `${table('a')}a,full\n`;
    const cwd = await makeRepository({
      'keydrift.yaml': globbed('evidence: sha256'),
      'support/a.csv': twice,
    });
    put('a', twice);
    const runs = [await runJson(['audit', 'lookups.a'], { cwd, env: stage.env })];
    runs.push(await runJson(['audit', 'lookups.a'], { cwd, env: stage.env }));
    for (const { report } of runs) {
      expect(report.artifacts).toMatchObject([
        {
          verdict: 'drifted',
          state: 'identical',
          evidence: 'sha256',
          counts: { duplicated: 2 },
          runtime: { rows: 2, redundant: 1 },
        },
      ]);
    }
    expect(count('GetObject')).toBe(0);
  });

  test('never where the copies are read differently, and never in the gate', async () => {
    const contract = globbed('evidence: sha256').replace(
      /runtime: .*/,
      `runtime: {url: 's3://${faultBucket}/in/', csv: {delimiter: ';'}}`,
    );
    const cwd = await makeRepository({ 'keydrift.yaml': contract, 'support/a.csv': table('a') });
    put('a', table('a'));
    const asked = ['audit', 'lookups.a', '--no-cause'];
    const { report } = await runJson(asked, { cwd, env: stage.env });
    expect(report.artifacts[0]).toMatchObject({ state: 'unreadable' });
    expect(count('GetObject')).toBe(1);
    await commit(cwd, { 'keydrift.yaml': globbed('evidence: sha256') });
    stage.server.requests.clear();
    expect((await runCli(['gate', 'lookups.a'], { cwd, env: stage.env })).code).toBe(0);
    expect({ gets: count('GetObject'), heads: count('HeadObject') }).toStrictEqual({
      gets: 1,
      heads: 0,
    });
  });
});

describe('a fleet', () => {
  const local = globbed().replace(/runtime: .*/, 'runtime: run/');
  const runtime = (texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).map(([name, text]) => [`run/${name}.csv`, text]));

  test('shards are parts of it, by the name alone', async () => {
    const all = Array.from({ length: 500 }, (_, at) => `lookups.n${at}`);
    const parts = Array.from({ length: 7 }, (_, at) => ({ part: at + 1, of: 7 }));
    for (const name of all) {
      expect(parts.filter((shard) => isInShard(name, shard))).toHaveLength(1);
    }
    const sizes = parts.map((shard) => all.filter((name) => isInShard(name, shard)).length);
    expect(Math.min(...sizes)).toBeGreaterThan(40);
    // What machines agree on today they agree on tomorrow.
    expect(isInShard('lookups.n0', { part: 6, of: 7 })).toBe(true);
    const cwd = await makeRepository({
      'keydrift.yaml': local,
      ...reviewed,
      ...runtime(reviewedTexts),
    });
    const told: string[] = [];
    for (const part of ['1/3', '2/3', '3/3']) {
      const { report } = await runJson(['audit', '--shard', part], { cwd });
      told.push(...report.artifacts.map(({ name }) => name));
    }
    expect(told.toSorted()).toStrictEqual(names.map((name) => `lookups.${name}`));
    const { code, stderr } = await runCli(['audit', '--shard', '4/3'], { cwd });
    expect({ code, told: stderr.includes('3/16') }).toStrictEqual({ code: 2, told: true });
  });

  test('a glob that names no file is told first, and no object under it as unreviewed', async () => {
    const typo = local.replace('lookups:', 'mistyped:').replace('support/', 'suport/');
    const cwd = await makeRepository({
      'keydrift.yaml': `${local}${typo.slice(typo.indexOf('  mistyped:'))}`,
      ...reviewed,
      ...runtime({ ...reviewedTexts, a: table('X') }),
    });
    const { report } = await runJson(['audit', '--no-cause'], { cwd });
    expect(report.exitCode).toBe(3);
    const off = report.artifacts.filter(({ verdict }) => verdict !== 'in-sync');
    expect(off.map(({ name, state }) => [name, state])).toStrictEqual([
      ['lookups.a', 'drifted'],
      ['mistyped', 'indeterminate'],
    ]);
    const { stdout } = await runCli(['audit', '--no-cause'], { cwd });
    expect(stdout.split('\n')[0]).toMatch(/^NO VERDICT +mistyped +LOCATION_INVALID/);
  });

  test('--changed-since takes what is another file, or another entry of the contract', async () => {
    const cwd = await makeRepository({
      'keydrift.yaml': local,
      ...reviewed,
      ...runtime(reviewedTexts),
    });
    await commit(cwd, { 'support/b.csv': table('X'), 'support/g.csv': table('G') });
    const since = async (ref: string): Promise<unknown> => {
      const { report } = await runJson(['audit', '--no-cause', '--changed-since', ref], { cwd });
      expect(report.error).toBeNull();
      return report.artifacts.map(({ name }) => name);
    };
    expect(await since('HEAD')).toStrictEqual([]);
    const asked = ['audit', '--no-cause', '--changed-since'];
    const { report: none } = await runJson([...asked, 'HEAD'], { cwd });
    expect(none).toMatchObject({ exitCode: 0, changedSince: { ref: 'HEAD', of: 7 } });
    expect((await runCli([...asked, 'HEAD'], { cwd })).stdout).toBe(
      'keydrift: nothing changed since HEAD: 0 of 7 judged (exit code 0)\n',
    );
    expect((await runCli([...asked, 'HEAD~1'], { cwd })).stdout).toContain(
      '\nkeydrift: 2 drifted; 2 of 7 judged, changed since HEAD~1 (exit code 1)\n',
    );
    expect(await since('HEAD~1')).toStrictEqual(['lookups.b', 'lookups.g']);
    await commit(cwd, { 'keydrift.yaml': `${local}    overrides: {c: {units: {min: 0}}}\n` });
    expect(await since('HEAD~1')).toStrictEqual(['lookups.c']);
    // Of all files of a glob alike.
    await commit(cwd, { 'keydrift.yaml': `${local}    ignore: {runtime: ['*.bak']}\n` });
    expect(await since('HEAD~1')).toHaveLength(7);
    // What nobody reviewed before, nor now, did not change; what was reviewed then did.
    await writeFile(join(cwd, 'run/stray.csv'), table('S'));
    expect(await since('HEAD')).toStrictEqual([]);
    git(cwd, 'rm', '--quiet', 'support/a.csv');
    await commit(cwd, {});
    expect(await since('HEAD~1')).toStrictEqual(['lookups.a']);
    await commit(cwd, { 'keydrift.yaml': local });
    expect(await since('HEAD~1')).toContain('lookups.stray');
    const unknown = await runJson(['audit', '--changed-since', 'no-such'], { cwd });
    expect(unknown.report).toMatchObject({ exitCode: 2, error: { code: 'GIT_UNKNOWN_REF' } });
  });

  test('--confirm: what drifted is judged again before it is told', async () => {
    const cwd = await makeRepository({
      'keydrift.yaml': local,
      ...reviewed,
      ...runtime({ ...reviewedTexts, a: table('X'), b: table('X') }),
    });
    const waited: number[] = [];
    const options: AuditOptions = {
      ref: 'HEAD',
      access: noAccess,
      failOn: null,
      enforced: true,
      cacheDirectory: join(cwd, '.cache'),
      config: null,
      against: null,
      names: [],
      cause: 'none',
      given: [],
      confirm: 60,
    };
    const context = {
      version: '0',
      workingDirectory: cwd,
      environment: bareEnvironment(cwd),
      now: () => new Date(),
      progress: () => undefined,
    };
    // Ended meanwhile: what was found is told, and that nobody looked again.
    const ending = new AbortController();
    const wait = (): Promise<void> => Promise.resolve(ending.abort());
    const ended = await audit({ ...context, stop: ending.signal, wait }, options);
    expect(ended.artifacts.map(({ confirmed }) => confirmed?.again)).toStrictEqual([
      'indeterminate',
      'indeterminate',
      ...names.slice(2).map(() => undefined),
    ]);
    const report = await audit(
      {
        ...context,
        async wait(seconds) {
          waited.push(seconds);
          await writeFile(join(cwd, 'run/a.csv'), table('a'));
        },
      },
      options,
    );
    expect(waited).toStrictEqual([60]);
    expect(report.exitCode).toBe(1);
    const [a, b, c] = report.artifacts;
    expect(a).toMatchObject({ verdict: 'in-sync', confirmed: { seconds: 60, again: 'in-sync' } });
    expect(b).toMatchObject({ verdict: 'drifted', confirmed: { seconds: 60, again: 'drifted' } });
    expect(c?.confirmed).toBeUndefined();
  });
});

const reviewedTexts: Readonly<Record<string, string>> = Object.fromEntries(
  names.map((name) => [name, table(name)]),
);

test('of a fleet those that have something to tell name the last change of their file', async () => {
  const entry = (name: string): string =>
    `  ${name}: {reviewed: a.csv, runtime: 'file:run/${name === 'off' ? 'off' : 'a'}.csv', key: [id]}\n`;
  const all = ['off', ...Array.from({ length: 101 }, (_, at) => `n${at}`)];
  const cwd = await makeRepository({
    'a.csv': table('a'),
    'run/a.csv': table('a'),
    'run/off.csv': table('b'),
    'keydrift.yaml': `version: 1\nartifacts:\n${all.map(entry).join('')}`,
  });
  const changed = git(cwd, 'rev-parse', 'HEAD');
  await writeFile(join(cwd, 'other.txt'), 'x');
  git(cwd, 'add', '.');
  git(cwd, 'commit', '--quiet', '--message', 'other');
  const told = async (...named: readonly string[]): Promise<unknown> => {
    const { report } = await runJson(['audit', ...named], { cwd });
    const commits = report.artifacts.map(
      ({ reviewed: side }) =>
        (side as { changedIn?: { commit: string } } | null)?.changedIn?.commit,
    );
    return [commits.length, commits.filter((one) => one === changed).length];
  };
  expect(await told()).toEqual([102, 1]);
  expect(await told('n1*')).toEqual([12, 12]);
});
