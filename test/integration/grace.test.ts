import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { git, makeRepository, runCli, runJson, temporaryDirectory } from './cli.ts';
import {
  auditOne,
  bucket,
  codes,
  commitAgo,
  gitAgo,
  setBucket,
  severities,
} from './known-drift.ts';

const store = setBucket();

const v1 = 'id,mode\nP-1,full\nP-2,delta\n';
const v2 = 'id,mode\nP-1,full\nP-2,full\nP-3,delta\n';

function contract(key: string, words = 'grace: 30m'): string {
  return `version: 1
artifacts:
  slices:
    reviewed: slices.csv
    runtime: s3://${bucket}/${key}
    key: [id]
    ${words}
`;
}

/** v1 of last week, v2 of some minutes ago; the object is v1. */
async function makeLag(key: string, minutes: number, words?: string): Promise<string> {
  store.put(key, v1);
  const cwd = await temporaryDirectory();
  git(cwd, 'init', '--quiet');
  await commitAgo(cwd, 10_000, { 'keydrift.yaml': contract(key, words), 'slices.csv': v1 });
  await commitAgo(cwd, minutes, { 'slices.csv': v2 });
  return cwd;
}

const pending = ['removed reviewed pending', 'conflict across pending'];
const failing = ['removed reviewed fail', 'conflict across fail'];

describe('a change that arrived ten minutes ago', () => {
  test('is pending for half an hour, which the report says', async () => {
    const cwd = await makeLag('lag.csv', 10);
    const lag = await auditOne(cwd, store.env);
    expect(severities(lag)).toStrictEqual(pending);
    expect(lag).toMatchObject({ code: 0, verdict: 'in-sync', state: 'drifted' });
    expect(codes(lag)).toStrictEqual(['PENDING']);
    expect(lag.text.replaceAll(/\s+/g, ' ')).toMatch(
      /deployment on its way since [\d-]+ [\d:]+Z: .* it is drift from [\d-]+ [\d:]+Z on/,
    );
    store.put('lag.csv', v2);
    expect(await auditOne(cwd, store.env)).toMatchObject({ state: 'identical', warnings: [] });
  });

  test.each([
    ['a shorter grace', 'grace: 300s'],
    ['no grace', 'owner: me'],
    ['a grace of zero', 'grace: 0s'],
  ])('fails with %s', async (name, words) => {
    const cwd = await makeLag(`${name}.csv`, 10, words);
    const lag = await auditOne(cwd, store.env);
    expect(severities(lag)).toStrictEqual(failing);
    expect(lag).toMatchObject({ code: 1, warnings: [] });
  });

  test.each([
    ['2h', 0],
    ['1m', 1],
  ])('a copy overrides the grace of its artifact: %s', async (grace, code) => {
    const cwd = await makeLag(`copy-${grace}.csv`, 10);
    const text = contract('x', `grace: ${code === 0 ? '1m' : '2h'}`).replace(
      /runtime: .*/,
      `runtime: {eu: {url: 's3://${bucket}/copy-${grace}.csv', grace: ${grace}}}`,
    );
    await writeFile(join(cwd, 'keydrift.yaml'), text);
    expect((await auditOne(cwd, store.env)).code).toBe(code);
  });

  test('excuses nothing of the runtime copy itself, nor what nobody reviewed', async () => {
    const cwd = await makeLag('own.csv', 10);
    store.put('own.csv', `${v1}P-1,full\nP-1\n`);
    const own = await auditOne(cwd, store.env);
    expect(severities(own)).toStrictEqual([
      'removed reviewed pending',
      'duplicated runtime fail',
      'conflict across pending',
      'invalid runtime fail',
    ]);
    expect(own.code).toBe(1);
    store.put('own.csv', v1.replace('delta', 'other'));
    const edited = await auditOne(cwd, store.env);
    expect(severities(edited)).toStrictEqual(failing);
    expect(codes(edited)).toStrictEqual([]);
  });

  test('--fail-on replaces the policy first', async () => {
    const cwd = await makeLag('fail-on.csv', 10);
    const lag = await auditOne(cwd, store.env, '--fail-on', 'removed');
    expect(severities(lag)).toStrictEqual(pending);
    expect(lag.code).toBe(0);
  });

  test('is nothing to accept', async () => {
    const cwd = await makeLag('propose.csv', 10);
    const { code, stdout } = await runCli(['audit', '--propose-accept'], { cwd, env: store.env });
    expect(code).toBe(0);
    expect(stdout).toContain('accept: []');
  });
});

describe('age is that of the arrival', () => {
  test('of a change committed long ago and merged just now', async () => {
    store.put('merge.csv', v1);
    const cwd = await temporaryDirectory();
    git(cwd, 'init', '--quiet');
    const words = contract('merge.csv');
    await commitAgo(cwd, 10_000, { 'keydrift.yaml': words, 'slices.csv': v1 });
    git(cwd, 'switch', '--quiet', '-c', 'side');
    await commitAgo(cwd, 5_000, { 'slices.csv': v2 });
    git(cwd, 'switch', '--quiet', 'main');
    await commitAgo(cwd, 4_000, { 'other.csv': 'x' });
    gitAgo(cwd, 5, 'merge', '--quiet', '--no-ff', '--message=merge', 'side');
    expect(await auditOne(cwd, store.env)).toMatchObject({ code: 0, verdict: 'in-sync' });
    expect(severities(await auditOne(cwd, store.env, '--ref', 'side'))).toStrictEqual(failing);
  });

  test('and not of what only a side branch ever had', async () => {
    const draft = v1.replace('full', 'draft');
    store.put('draft.csv', draft);
    const cwd = await temporaryDirectory();
    git(cwd, 'init', '--quiet');
    await commitAgo(cwd, 10_000, { 'keydrift.yaml': contract('draft.csv'), 'slices.csv': v1 });
    git(cwd, 'switch', '--quiet', '-c', 'side');
    await commitAgo(cwd, 10, { 'slices.csv': draft });
    await commitAgo(cwd, 8, { 'slices.csv': v2 });
    git(cwd, 'switch', '--quiet', 'main');
    gitAgo(cwd, 5, 'merge', '--quiet', '--no-ff', '--message=merge', 'side');
    expect(await auditOne(cwd, store.env)).toMatchObject({ code: 1, verdict: 'drifted' });
  });

  test('a shallow clone that is cut off within the grace says so', async () => {
    const cwd = await makeLag('shallow.csv', 10);
    const clone = await temporaryDirectory();
    git(clone, 'clone', '--quiet', '--depth=1', `file://${cwd}`, 'work');
    const lag = await auditOne(join(clone, 'work'), store.env);
    expect(severities(lag)).toStrictEqual(failing);
    expect(codes(lag)).toStrictEqual(['GRACE_HISTORY_CUT_OFF']);
    expect(lag.text).toMatch(/^ +next +git fetch --unshallow\n +keydrift investigate slices$/m);
  });

  test('a bundle without enough history says how it is made anew, and that is enough', async () => {
    const cwd = await makeLag('bundled.csv', 10);
    const bundle = async (...flags: readonly string[]): Promise<void> => {
      const made = await runCli(['bundle', '--out', 'the bundle', ...flags], {
        cwd,
        env: store.env,
      });
      expect(made.code).toBe(0);
    };
    await bundle();
    const lag = await auditOne(cwd, store.env, '--against', 'bundle:the bundle');
    expect(codes(lag)).toStrictEqual(['GRACE_HISTORY_CUT_OFF']);
    const [, anew = ''] =
      /^ +next +(keydrift bundle --out 'the bundle' --history \d+s)$/m.exec(lag.text) ?? [];
    await bundle(...anew.split(' ').slice(-2));
    const after = await auditOne(cwd, store.env, '--against', 'bundle:the bundle');
    expect(after).toMatchObject({ code: 0, verdict: 'in-sync', pending: true });
  });
});

describe('a file that came or went', () => {
  test('an object of a file added just now is on its way', async () => {
    const cwd = await temporaryDirectory();
    git(cwd, 'init', '--quiet');
    await commitAgo(cwd, 10_000, { 'keydrift.yaml': contract('never.csv') });
    await commitAgo(cwd, 10, { 'slices.csv': v1 });
    const lag = await auditOne(cwd, store.env);
    expect(lag).toMatchObject({ code: 0, state: 'missing', verdict: 'in-sync' });
    expect(codes(lag)).toStrictEqual(['PENDING']);
    await writeFile(join(cwd, 'keydrift.yaml'), contract('never.csv', 'grace: 5m'));
    expect(await auditOne(cwd, store.env)).toMatchObject({ code: 1, state: 'missing' });
  });

  test('an object of a file removed just now is on its way out', async () => {
    const cwd = await makeLag('removed.csv', 5_000);
    git(cwd, 'rm', '--quiet', 'slices.csv');
    gitAgo(cwd, 10, 'commit', '--quiet', '--message=gone');
    store.put('removed.csv', v2);
    const lag = await auditOne(cwd, store.env);
    expect(lag).toMatchObject({ code: 0, state: 'unreviewed', verdict: 'in-sync' });
    store.put('removed.csv', v1);
    expect(await auditOne(cwd, store.env)).toMatchObject({ code: 1, state: 'unreviewed' });
  });
});

test('a reviewed copy that is not in git has no grace', async () => {
  const text = contract('x.csv').replace('reviewed: ', 'reviewed: file:');
  const cwd = await makeRepository({ 'keydrift.yaml': text, 'slices.csv': v1 });
  const { code, report } = await runJson(['audit'], { cwd, env: store.env });
  expect(code).toBe(2);
  expect(report.error?.problems).toMatchObject([{ line: 7, path: 'artifacts.slices.grace' }]);
});
