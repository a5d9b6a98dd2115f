import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { git, temporaryDirectory, writeFiles } from './cli.ts';
import { contract, reviewed, setStage, type Stage } from './publish-stage.ts';

const key = 'support/participants.csv';
const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
const blobOf = (text: string): string =>
  createHash('sha1').update(`blob ${text.length}\0${text}`).digest('hex');

/** What a publisher writes beside the bytes. */
function claimed(body: string, commit: string, words: Record<string, string> = {}) {
  const claim: Record<string, string> = {
    commit,
    path: key,
    blob: blobOf(body),
    sha256: sha(body),
  };
  return Object.fromEntries(
    Object.entries({ ...claim, ...words }).map(([word, value]) => [
      `x-amz-meta-keydrift-${word}`,
      value,
    ]),
  );
}

/**
 * main: one — two — three — reverted (to two) — six; `feature` and `side` leave main at two
 * with four and nine; `v5` is a tag beside; `squashed` has what feature had, and more.
 */
async function withHistory(stage: Stage) {
  const { directory } = stage;
  const content = (unit: string): string => `id,mode\nP-1,full\n${unit},full\n`;
  const bodies = {
    one: reviewed,
    two: content('P-2'),
    three: content('P-3'),
    four: content('P-4'),
    five: content('P-5'),
    six: content('P-6'),
    seven: content('P-7'),
    nine: content('P-9'),
    none: content('P-0'),
  };
  const one = git(directory, 'rev-parse', 'HEAD');
  const two = await stage.commit({ [key]: bodies.two }, 'two');
  const three = await stage.commit({ [key]: bodies.three }, 'three');
  const reverted = await stage.commit({ [key]: bodies.two }, 'back to two');
  const six = await stage.commit({ [key]: bodies.six }, 'six');
  git(directory, 'checkout', '--quiet', '-b', 'feature', two);
  const four = await stage.commit({ [key]: bodies.four }, 'four');
  git(directory, 'checkout', '--quiet', '--detach', four);
  const five = await stage.commit({ [key]: bodies.five }, 'five');
  git(directory, 'tag', '--no-sign', 'v5');
  git(directory, 'checkout', '--quiet', '--detach', two);
  const gone = await stage.commit({ [key]: bodies.none }, 'amended away');
  git(directory, 'checkout', '--quiet', '-b', 'squashed', six);
  await stage.commit({ [key]: bodies.four }, 'feature, squashed');
  const squashed = await stage.commit({ [key]: bodies.seven }, 'seven');
  git(directory, 'checkout', '--quiet', '-b', 'side', two);
  const nine = await stage.commit({ [key]: bodies.nine }, 'nine');
  git(directory, 'checkout', '--quiet', 'main');
  const commits = { one, two, three, reverted, six, four, five, nine, gone, squashed };
  return { bodies, commits };
}

const elsewhere = 'd'.repeat(40);

test('where what is there stands, by its claim and by its bytes', async () => {
  const stage = await setStage();
  const { bodies, commits } = await withHistory(stage);
  const { one, two, three, reverted, six, four, five, nine, gone, squashed } = commits;
  const cases: readonly (readonly [
    name: string,
    written: string,
    there: string,
    metadata: Record<string, string>,
    order: readonly [standing: string, by: string | null, commit: string | null, changes?: number],
  ])[] = [
    // By a claim that fits
    ['an ancestor', three, bodies.two, claimed(bodies.two, two), ['forward', 'claim', two]],
    ['a descendant', one, bodies.three, claimed(bodies.three, three), ['newer', 'claim', three, 2]],
    ['a revert', three, bodies.two, claimed(bodies.two, reverted), ['newer', 'claim', reverted, 1]],
    ['a branch', six, bodies.nine, claimed(bodies.nine, nine), ['beside', 'claim', nine]],
    ['in no branch', six, bodies.none, claimed(bodies.none, gone), ['beside', 'claim', gone]],
    ['squashed', squashed, bodies.four, claimed(bodies.four, four), ['forward', 'claim', four]],
    [
      'rebased',
      six,
      bodies.three,
      claimed(bodies.three, elsewhere),
      ['forward', 'claim', elsewhere],
    ],
    ['rebased, newer', two, bodies.six, claimed(bodies.six, elsewhere), ['newer', 'bytes', six, 3]],
    [
      'not at hand',
      six,
      bodies.none,
      claimed(bodies.none, elsewhere),
      ['unknown', 'claim', elsewhere],
    ],
    // By its bytes
    ['older bytes', three, bodies.one, {}, ['forward', 'bytes', null]],
    ['newer bytes', one, bodies.three, {}, ['newer', 'bytes', three, 2]],
    ['bytes of a branch', six, bodies.nine, {}, ['beside', 'bytes', nine]],
    ['bytes of a tag', six, bodies.five, {}, ['beside', 'bytes', five]],
    ['bytes of nobody', six, 'id,mode\nX,full\n', {}, ['unreviewed', null, null]],
    ['no table', six, '\u0000', {}, ['unreviewed', null, null]],
    // Who writes to the bucket may claim what he likes
    [
      'newer bytes that claim an older blob',
      one,
      bodies.three,
      claimed(bodies.three, one, { blob: blobOf(bodies.one) }),
      ['newer', 'bytes', three, 2],
    ],
    [
      'bytes of nobody that claim an older blob',
      two,
      bodies.none,
      claimed(bodies.none, one, { blob: blobOf(bodies.one) }),
      ['unreviewed', null, null],
    ],
    [
      'other bytes than are claimed',
      one,
      bodies.three,
      claimed(bodies.three, one, { sha256: sha(bodies.one) }),
      ['newer', 'bytes', three, 2],
    ],
    [
      'a ref for a commit',
      one,
      bodies.three,
      claimed(bodies.three, 'main'),
      ['newer', 'bytes', three, 2],
    ],
    ['an option', three, bodies.two, claimed(bodies.two, '--all'), ['forward', 'bytes', null]],
  ];
  for (const [name, written, there, metadata, [standing, by, commit, changes = null]] of cases) {
    stage.object(key, there, metadata);
    const plan = await stage.plan('participants', '--ref', written);
    const [copy] = plan.publications;
    const { action, refusals, error } = copy!;
    expect({ name, order: copy?.order }).toEqual({
      name,
      order: { standing, by, commit, changes, allowedBy: null },
    });
    const expected = {
      forward: { exit: 0, action: 'replace' },
      unreviewed: { exit: 0, action: 'replace' },
      newer: { exit: 1, action: 'refuse', code: 'GOES_BACK' },
      beside: { exit: 1, action: 'refuse', code: 'BESIDE' },
      unknown: { exit: 2, action: 'unknown', code: 'CLAIM_UNKNOWN' },
    }[standing];
    const found = { exit: plan.exitCode, action, code: refusals[0]?.code ?? error?.code };
    expect({ name, ...found }).toEqual({ name, code: undefined, ...expected });
    const message = refusals[0]?.message ?? error?.message;
    for (const id of message === undefined ? [] : [commit ?? '', written]) {
      expect(message).toContain(id.slice(0, 12));
    }
  }
});

test('a slower job of an older commit does not undo a release, unless it says so', async () => {
  const stage = await setStage();
  const first = git(stage.directory, 'rev-parse', 'HEAD');
  const second = await stage.commit({ [key]: 'id,mode\nP-1,full\n' });
  await stage.publish('participants');
  const plan = await stage.run('publish', 'participants', '--ref', first, '--dry-run');
  expect(plan.code).toBe(1);
  const told = plan.stdout.replaceAll(/\s+/g, ' ');
  expect(told).toContain(
    `it goes back: there now is commit ${second.slice(0, 12)}, 1 change newer than commit ${first.slice(0, 12)}`,
  );
  expect(told).toContain('--allow-rollback');
  const refused = await stage.publish('participants', '--ref', first);
  expect(refused).toMatchObject({ exitCode: 1, publications: [{ outcome: 'refused' }] });
  expect((await stage.now())?.body).toBe('id,mode\nP-1,full\n');

  const back = await stage.publish('participants', '--ref', first, '--allow-rollback');
  expect(back).toMatchObject({
    exitCode: 0,
    publications: [
      {
        outcome: 'published',
        order: { standing: 'newer', allowedBy: 'flag' },
        warnings: [{ code: 'GOES_BACK' }],
      },
    ],
  });
  expect((await stage.now())?.body).toBe(reviewed);
  expect((await stage.publish('participants')).publications[0]?.order?.standing).toBe('forward');
});

test('where the contract says that the order does not matter, the plan says so', async () => {
  const put = '    put: {order: any}\n';
  const stage = await setStage({ 'keydrift.yaml': contract + put });
  const first = git(stage.directory, 'rev-parse', 'HEAD');
  await stage.commit({ [key]: 'id,mode\nP-1,full\n' });
  await stage.publish('participants');
  const back = await stage.publish('participants', '--ref', first);
  expect(back.publications).toMatchObject([
    { outcome: 'published', order: { standing: 'newer', allowedBy: 'contract' } },
  ]);
  expect(back.publications[0]?.warnings[0]?.message).toContain('put: {order: any}');
  const body = 'id,mode\nP-0,full\n';
  stage.object(key, body, claimed(body, elsewhere));
  expect((await stage.plan('participants')).publications).toMatchObject([
    { action: 'replace', order: { standing: 'unknown', allowedBy: 'contract' } },
  ]);
});

test('a claim of a commit that is not at hand: fetch it, or say that it does not matter', async () => {
  const stage = await setStage();
  const other = await temporaryDirectory();
  git(other, 'clone', '--quiet', stage.directory, 'clone');
  const clone = join(other, 'clone');
  const body = 'id,mode\nP-8,full\n';
  await writeFiles(clone, { [key]: body });
  git(clone, 'commit', '--quiet', '--all', '--message', 'theirs');
  const theirs = git(clone, 'rev-parse', 'HEAD');
  stage.object(key, body, claimed(body, theirs));
  await stage.commit({ [key]: 'id,mode\nP-1,full\n' }, 'ours');

  const alone = await stage.plan('participants');
  expect(alone.publications[0]?.error).toMatchObject({
    hint: expect.stringMatching(/--allow-unknown-claim[^]*no remote/),
  });
  expect(alone.publications[0]?.error?.hint).not.toContain('git fetch');
  git(stage.directory, 'remote', 'add', 'origin', clone);
  const unknown = await stage.plan('participants');
  expect(unknown).toMatchObject({
    exitCode: 2,
    publications: [{ action: 'unknown', error: { code: 'CLAIM_UNKNOWN' } }],
  });
  expect(unknown.publications[0]?.error?.message).toContain(theirs.slice(0, 12));
  expect(unknown.publications[0]?.error?.hint).toMatch(/--allow-unknown-claim[^]*git fetch/);
  const told = await stage.run('publish', 'participants', '--yes');
  expect(told.code).toBe(2);
  expect(told.stdout).toMatch(/^ +there now [^]*^ +would do [^]*^ +written +nothing was written$/m);
  expect(told.stdout).not.toMatch(/was there|written as/);
  const audit = await stage.run('audit', '--format', 'json');
  const { kind, reason } = JSON.parse(audit.stdout).artifacts[0].cause;
  expect([audit.code, kind]).toEqual([1, 'unknown']);
  expect(reason).toContain(theirs.slice(0, 12));
  expect((await stage.now())?.body).toBe(body);

  const allowed = await stage.plan('participants', '--allow-unknown-claim');
  expect(allowed).toMatchObject({
    exitCode: 0,
    publications: [{ action: 'replace', order: { allowedBy: 'flag' } }],
  });
  expect((await stage.plan('participants', '--allow-rollback')).exitCode).toBe(2);

  git(stage.directory, 'fetch', '--quiet', clone, 'main:theirs');
  expect((await stage.plan('participants')).publications).toMatchObject([
    { action: 'refuse', order: { standing: 'beside', commit: theirs } },
  ]);
  git(stage.directory, 'merge', '--quiet', '--strategy', 'ours', '--no-edit', 'theirs');
  expect((await stage.plan('participants')).publications).toMatchObject([
    { action: 'replace', order: { standing: 'forward' } },
  ]);
});

test('a shallow clone does not know what it lacks', async () => {
  const stage = await setStage();
  await stage.commit({ [key]: 'id,mode\nP-1,full\n' });
  const second = git(stage.directory, 'rev-parse', 'HEAD');
  await stage.commit({ [key]: 'id,mode\nP-3,full\n' });
  const shallow = await setStage();
  git(shallow.directory, 'fetch', '--quiet', '--depth', '1', `file://${stage.directory}`, 'main');
  git(shallow.directory, 'checkout', '--quiet', '--force', '-B', 'main', 'FETCH_HEAD');
  const place = async (body: string, metadata: Record<string, string>) => {
    shallow.object(key, body, metadata);
    const [copy] = (await shallow.plan('participants')).publications;
    return [copy?.action, copy?.order?.standing];
  };
  const older = 'id,mode\nP-1,full\n';
  git(shallow.directory, 'remote', 'add', 'origin', `file://${stage.directory}`);
  expect(await place(older, claimed(older, second))).toEqual(['unknown', 'unknown']);
  expect(await place(older, {})).toEqual(['unknown', 'unknown']);
  expect((await shallow.plan('participants')).publications[0]?.error?.hint).toMatch(
    /: git fetch --unshallow --tags$/,
  );
  expect((await shallow.plan('participants', '--allow-unknown-claim')).exitCode).toBe(0);
  git(shallow.directory, 'fetch', '--quiet', '--unshallow', `file://${stage.directory}`, 'main');
  expect(await place(older, claimed(older, second))).toEqual(['replace', 'forward']);
});

test('a file under Git LFS is known by its pointer, and a renamed one by its earlier name', async () => {
  const stage = await setStage();
  const lfs = 'id,mode\nP-5,full\n';
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha(lfs)}\nsize ${lfs.length}\n`;
  const pointed = await stage.commit({ [key]: pointer }, 'by lfs');
  await stage.commit({ [key]: 'id,mode\nP-6,full\n' }, 'plain again');
  git(stage.directory, 'mv', key, 'support/people.csv');
  await stage.commit({
    'keydrift.yaml': contract.replace('reviewed: support/participants', 'reviewed: support/people'),
  });
  stage.object(key, lfs, claimed(lfs, pointed, { blob: blobOf(pointer) }));
  expect((await stage.plan('participants')).publications[0]?.order).toMatchObject({
    standing: 'forward',
    by: 'claim',
  });
  stage.object(key, lfs);
  expect((await stage.plan('participants')).publications[0]?.order).toMatchObject({
    standing: 'forward',
    by: 'bytes',
  });
});

test('a bundle that is older than what is there gives no verdict, and a retry may help', async () => {
  const stage = await setStage();
  expect((await stage.run('bundle', '--out', 'bundle')).code).toBe(0);
  const against = ['--against', 'bundle:bundle'];
  const run = ['run', 'participants', ...against, '--', 'true'];
  const claims = (committedAt: string) => claimed(body, elsewhere, { 'committed-at': committedAt });
  const body = 'id,mode\nP-1,full\n';
  stage.object(key, body, claims('2999-01-01T00:00:00.000Z'));
  const { code, stdout } = await stage.run('audit', ...against, '--format', 'json');
  expect([code, JSON.parse(stdout).artifacts[0].error.code]).toEqual([2, 'BUNDLE_BEHIND']);
  expect((await stage.run(...run)).code).toBe(125);
  // What cannot be read by this contract may be right by the next one.
  const other = 'key,mode\nP-1,full\n';
  stage.object(key, other, claimed(other, elsewhere, { 'committed-at': '2999-01-01T00:00:00Z' }));
  expect((await stage.run('audit', ...against)).code).toBe(2);
  stage.object(key, body, claims('2001-01-01T00:00:00.000Z'));
  expect((await stage.run('audit', ...against)).code).toBe(1);
  stage.object(
    key,
    reviewed,
    claimed(reviewed, elsewhere, { 'committed-at': '2999-01-01T00:00:00Z' }),
  );
  expect((await stage.run('audit', ...against)).code).toBe(0);
});
