import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GitLocation, KeydriftError } from '../../src/model/index.ts';
import { openGitSource, type GitSource } from '../../src/sources/git/git.ts';
import { git, isolated, makeRepository, scratch, type Scratch } from './git-fixture.ts';
import { gitAt } from './locations.ts';
import { failureOf, readAll } from './port-suite.ts';

/* What a checkout brings is data: who may say what is reviewed, and what runs. */

let at: Scratch;
const opened: GitSource[] = [];
beforeAll(() => {
  at = scratch();
});
afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()));
  at.remove();
});

function open(over: Partial<Parameters<typeof openGitSource>[0]> = {}): GitSource {
  const source = openGitSource({
    ref: 'HEAD',
    cacheDirectory: join(at.path, 'cache'),
    environment: isolated,
    directory: at.path,
    ...over,
  });
  opened.push(source);
  return source;
}

async function textAt(location: GitLocation, source = open()): Promise<string> {
  return (await readAll(await source.pin(location))).toString();
}

/** A program that leaves a trace. */
function trap(name: string): { readonly program: string; readonly ran: () => boolean } {
  const trace = join(at.path, `${name}.ran`);
  const program = join(at.path, `${name}.sh`);
  writeFileSync(program, `#!/bin/sh\ntouch '${trace}'\ncat >/dev/null 2>&1\nexit 0\n`);
  chmodSync(program, 0o755);
  return { program, ran: () => existsSync(trace) };
}

describe('nothing of a checkout’s own configuration is run', () => {
  test('hooks, monitors, signatures, textconv, filters, aliases, ssh, includes', async () => {
    const own = makeRepository(join(at.path, 'hostile'));
    const { program, ran } = trap('hostile');
    own.write('a.csv', 'id\n1\n');
    own.write('.gitattributes', '*.csv diff=odd filter=odd\n');
    own.commit('first');
    own.write('a.csv', 'id\n2\n');
    own.git('mv', 'a.csv', 'b.csv');
    own.commit('second');
    const settings: readonly (readonly [name: string, value: string])[] = [
      ['core.fsmonitor', program],
      ['core.hooksPath', at.path],
      ['core.sshCommand', program],
      ['core.pager', program],
      ['core.editor', program],
      ['core.askPass', program],
      ['core.alternateRefsCommand', program],
      ['gpg.program', program],
      ['log.showSignature', 'true'],
      ['diff.external', program],
      ['diff.odd.textconv', program],
      ['diff.odd.command', program],
      ['filter.odd.smudge', program],
      ['filter.odd.process', program],
      ['alias.lfs', `!${program}`],
      ['alias.cat-file', `!${program}`],
      ['credential.helper', program],
      ['uploadpack.packObjectsHook', program],
    ];
    const included = join(at.path, 'included.config');
    for (const [name, value] of settings) {
      execFileSync('git', ['config', '--file', included, name, value]);
    }
    own.git('config', 'include.path', included);
    const source = open();
    const location = gitAt(join(own.root, 'b.csv'));
    expect(await textAt(location, source)).toBe('id\n2\n');
    const [history] = await source.reviewedHistories([location], new Date());
    expect(history).toMatchObject({ lost: null, changes: [{ path: 'b.csv' }, { path: 'a.csv' }] });
    await source.blame(location, [1, 2]);
    await source.unmergedChanges([location]);
    await source.versionsInForce(location, { since: new Date(0), now: new Date() });
    await failureOf(source.pin(gitAt(join(own.root, 'gone.csv'))));
    await failureOf(source.pin(gitAt(join(own.root, 'b.csv'), null, 'no-such-ref')));
    expect(await textAt({ ...location, state: 'worktree' }, source)).toBe('id\n2\n');
    expect(ran()).toBe(false);
  });

  test('an alias named lfs is no git-lfs', async () => {
    const own = makeRepository(join(at.path, 'alias'));
    const { program, ran } = trap('alias');
    own.write(
      'a.csv',
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 9\n`,
    );
    own.commit('pointer');
    own.git('config', 'alias.lfs', `!${program}`);
    const { code } = await failureOf(
      open()
        .pin(gitAt(join(own.root, 'a.csv')))
        .then(readAll),
    );
    // The one where git-lfs itself is installed, and fails.
    expect(['GIT_LFS_UNAVAILABLE', 'GIT_FAILED']).toContain(code);
    expect(ran()).toBe(false);
  });
});

describe('a bare repository inside of a working tree', () => {
  test('is refused, by its path, by a path in it and by name; outside of one it is read', async () => {
    const own = makeRepository(join(at.path, 'embedding'));
    const { program, ran } = trap('embedded');
    const bare = join(at.path, 'plain.git');
    const other = makeRepository(join(at.path, 'other'));
    other.write('a.csv', 'of the bare one\n');
    other.commit('other');
    git(at.path, ['clone', '--quiet', '--bare', other.root, bare]);
    expect(await textAt(gitAt('a.csv', bare))).toBe('of the bare one\n');
    const embedded = join(own.root, 'support');
    cpSync(bare, embedded, { recursive: true });
    writeFileSync(join(embedded, 'config'), `[core]\nbare = true\n[alias]\nlfs = !${program}\n`);
    own.write('support/a.csv', 'id\n1\n');
    git(own.root, ['add', '--all']);
    own.commit('embedded');
    for (const location of [
      gitAt(join(embedded, 'a.csv')),
      gitAt('a.csv', embedded),
      gitAt(join(embedded, 'refs/a.csv')),
    ]) {
      const error = await failureOf(open().pin(location));
      expect(error.code).toBe('GIT_UNTRUSTED');
      expect(error.message).toContain(embedded);
    }
    expect(ran()).toBe(false);
  });
});

describe('a contract’s path', () => {
  test('stays in the contract’s repository; another one has to be named', async () => {
    const own = makeRepository(join(at.path, 'contract'));
    own.write('keydrift.yaml', '');
    own.commit('contract');
    const beside = makeRepository(join(at.path, 'beside'));
    beside.write('a.csv', 'beside\n');
    beside.commit('beside');
    const inside = makeRepository(join(own.root, 'vendor'));
    inside.write('a.csv', 'inside\n');
    inside.commit('inside');
    for (const root of [beside.root, inside.root]) {
      const location = { ...gitAt(join(root, 'a.csv')), within: own.root };
      for (const asked of [location, { ...location, state: 'worktree' as const }]) {
        const error = await failureOf(open().pin(asked));
        expect(error.code).toBe('GIT_UNTRUSTED');
        expect(error.hint).toContain('repo:');
      }
      expect(await textAt(gitAt('a.csv', root))).toBe(await textAt(gitAt(join(root, 'a.csv'))));
    }
    // A contract that is in no repository answers for none.
    mkdirSync(join(at.path, 'nowhere'));
    const free = { ...gitAt(join(beside.root, 'a.csv')), within: join(at.path, 'nowhere') };
    expect(await textAt(free)).toBe('beside\n');
  });
});

describe('a repository of the user’s own is taken as git takes it', () => {
  const outcome = async (path: string, userId?: number): Promise<unknown> => {
    const source = open(userId === undefined ? {} : { userId });
    const location = gitAt(path);
    try {
      const { revision } = await source.pin(location);
      const histories = await source.reviewedHistories([location], new Date());
      const reach = histories.map((one) => ('reach' in one ? one.reach : one.code));
      return { revision, reach, branch: await source.branchOfHead?.(location) };
    } catch (error) {
      const { code, message } = error as KeydriftError;
      // Git names a file from where it stands.
      return { code, message: message.replaceAll(dirname(path), '.').replaceAll('./', '') };
    }
  };
  const change = (root: string, name: string, text: string | null): void => {
    if (text === null) rmSync(join(root, '.git', name), { recursive: true });
    else writeFileSync(join(root, '.git', name), text);
  };
  test.each<readonly [what: string, change: (root: string) => string]>([
    ['as it is', (root) => root],
    [
      'shallow',
      (root) => (
        git(at.path, ['clone', '-q', '--depth=1', `file://${root}`, `${root}-1`]),
        `${root}-1`
      ),
    ],
    [
      'a linked working tree',
      (root) => (git(root, ['worktree', 'add', '-q', `${root}-2`]), `${root}-2`),
    ],
    [
      'a .git elsewhere',
      (root) => (
        git(at.path, ['clone', '-q', `--separate-git-dir=${root}-4`, root, `${root}-3`]),
        `${root}-3`
      ),
    ],
    ['a tag of the branch’s name', (root) => (git(root, ['tag', 'main']), root)],
    ['packed refs', (root) => (git(root, ['pack-refs', '--all']), root)],
    [
      'a branch by another name',
      (root) => (
        git(root, ['branch', 'other']),
        git(root, ['symbolic-ref', 'refs/heads/main', 'refs/heads/other']),
        root
      ),
    ],
    ['a detached HEAD', (root) => (git(root, ['checkout', '-q', '--detach']), root)],
    ['no commit', (root) => (git(root, ['checkout', '-q', '--orphan', 'new']), root)],
    ['a HEAD that names nothing', (root) => (change(root, 'HEAD', 'ref: nowhere\n'), root)],
    ['a HEAD that is no name', (root) => (change(root, 'HEAD', 'x\n'), root)],
    ['an empty HEAD', (root) => (change(root, 'HEAD', ''), root)],
    ['no objects', (root) => (change(root, 'objects', null), root)],
    ['an empty shallow', (root) => (change(root, 'shallow', ''), root)],
    ['a commondir', (root) => (change(root, 'commondir', '.\n'), root)],
    [
      'another format',
      (root) => (git(root, ['config', 'core.repositoryFormatVersion', '99']), root),
    ],
    ['broken configuration', (root) => (change(root, 'config', '[core\n'), root)],
    ['another working tree', (root) => (git(root, ['config', 'core.worktree', '/']), root)],
    ['bare by its configuration', (root) => (git(root, ['config', 'core.bare', 'true']), root)],
  ])('%s', async (_, make) => {
    const own = makeRepository(mkdtempSync(join(at.path, 'own-')));
    for (const text of ['one', 'two']) {
      own.write('a.csv', `id\n${text}\n`);
      own.commit(text);
    }
    const path = join(make(own.root), 'a.csv');
    expect(await outcome(path, process.getuid!())).toStrictEqual(await outcome(path));
  });
});

describe('a path in a submodule', () => {
  const allow = ['-c', 'protocol.file.allow=always'];

  test('means the commit that the contract’s repository pins, whatever is checked out', async () => {
    const tables = makeRepository(join(at.path, 'tables'));
    tables.write('p.csv', 'v1\n');
    const first = tables.commit('tables v1');
    const own = makeRepository(join(at.path, 'super'));
    git(own.root, [...allow, 'submodule', '--quiet', 'add', tables.root, 'libs/tables']);
    const old = own.commit('super v1');
    const worker = join(at.path, 'worker');
    git(at.path, [...allow, 'clone', '--quiet', '--recurse-submodules', own.root, worker]);
    tables.write('p.csv', 'v2\n');
    const second = tables.commit('tables v2');
    git(join(own.root, 'libs/tables'), ['pull', '--quiet']);
    own.commit('pin v2');
    git(worker, ['pull', '--quiet', '--no-recurse-submodules']);
    const path = join(worker, 'libs/tables/p.csv');
    const location = { ...gitAt(path), within: worker };
    const named = gitAt('libs/tables/p.csv', worker);
    for (const asked of [location, named]) {
      const error = await failureOf(open().pin(asked));
      expect(error.code).toBe('GIT_SUBMODULE_BEHIND');
      expect(error.message).toContain(first);
      expect(error.message).toContain(second);
      expect(error.hint).toContain('submodule update');
      expect(await textAt({ ...asked, ref: old })).toBe('v1\n');
    }
    git(join(worker, 'libs/tables'), ['fetch', '--quiet']);
    // At hand, though what is checked out is still the older one.
    const source = open();
    const copy = await source.pin(location);
    expect((await readAll(copy)).toString()).toBe('v2\n');
    expect(copy.location).toBe('git:HEAD:libs/tables/p.csv');
    expect(copy.revision.facts.commit).toBe(second);
    expect(await source.pathOf(location)).toBe('p.csv');
    expect(await source.isInHistory(location, first)).toBe(true);
    const [history] = await source.reviewedHistories([location], new Date());
    expect(history).toMatchObject({ changes: [{ commit: second }, { commit: first }] });
    // A commit of its own says which one is meant, as a plan of publish does.
    expect(await textAt({ ...location, ref: first })).toBe('v1\n');
    rmSync(join(worker, 'libs/tables'), { recursive: true });
    const gone = await failureOf(open().pin(named));
    expect(gone).toMatchObject({ code: 'GIT_SUBMODULE_BEHIND' });
    expect(gone.message).toContain('not checked out');
  });
});

test('a ref that is both a branch and a tag is no verdict, and each by its full name is one', async () => {
  const own = makeRepository(join(at.path, 'ambiguous'));
  own.write('a.csv', 'tag\n');
  own.commit('tagged');
  own.git('tag', 'v1');
  own.git('branch', 'v1');
  own.git('checkout', '--quiet', 'refs/heads/v1');
  own.write('a.csv', 'branch\n');
  own.commit('branched');
  own.git('update-ref', 'refs/heads/v1', 'HEAD');
  const path = join(own.root, 'a.csv');
  for (const ref of ['v1', 'v1~0', 'v1^{commit}']) {
    const error = await failureOf(open().pin(gitAt(path, null, ref)));
    expect(error.code).toBe('GIT_AMBIGUOUS_REF');
    expect(error.message).toContain('refs/tags/v1');
    expect(error.message).toContain('refs/heads/v1');
  }
  expect(await textAt(gitAt(path, null, 'refs/tags/v1'))).toBe('tag\n');
  expect(await textAt(gitAt(path, null, 'refs/heads/v1'))).toBe('branch\n');
});

test('a short id that is a branch or a tag as well is no verdict', async () => {
  const own = makeRepository(join(at.path, 'short'));
  own.write('a.csv', 'first\n');
  const first = own.commit('first');
  own.write('a.csv', 'second\n');
  own.commit('second');
  const path = join(own.root, 'a.csv');
  const short = first.slice(0, 9);
  for (const name of [short, `v1-2-g${short}`]) {
    expect(await textAt(gitAt(path, null, name))).toBe('first\n');
  }
  for (const [folder, name] of [
    ['tags', short],
    ['heads', short.toUpperCase()],
    ['tags', `v1-2-g${short}`],
  ] as const) {
    own.git('update-ref', `refs/${folder}/${name}`, 'HEAD');
    const error = await failureOf(open().pin(gitAt(path, null, name)));
    expect(error.code).toBe('GIT_AMBIGUOUS_REF');
    expect(error.message).toContain(`refs/${folder}/${name}`);
    expect(error.message).toContain(`a commit (${first.slice(0, 12)})`);
    expect(await textAt(gitAt(path, null, `refs/${folder}/${name}`))).toBe('second\n');
    // Of the same commit it means one thing.
    own.git('update-ref', `refs/${folder}/${name}`, first);
    expect(await textAt(gitAt(path, null, name))).toBe('first\n');
    // An id of nothing but digits has one spelling.
    own.git('update-ref', '-d', `refs/${folder}/${name}`);
  }
});

test('what git-crypt wrote is named, small and large, of a commit, of its history and of a locked checkout', async () => {
  const own = makeRepository(join(at.path, 'crypt'));
  const large = Buffer.concat([Buffer.from('\0GITCRYPT\0'), Buffer.alloc(5 * 1024 * 1024, 7)]);
  own.write('small.csv', large.subarray(0, 200));
  own.write('large.csv', large);
  own.commit('encrypted');
  const source = open();
  for (const name of ['small.csv', 'large.csv']) {
    const location = gitAt(join(own.root, name));
    for (const one of [location, { ...location, state: 'worktree' } as const]) {
      expect((await failureOf(source.pin(one).then(readAll))).code).toBe('GIT_ENCRYPTED');
    }
    const [history] = await source.reviewedHistories([location], new Date());
    const copy = 'changes' in history! ? history.changes[0]?.copy : null;
    expect((await failureOf(readAll(copy!))).code).toBe('GIT_ENCRYPTED');
  }
});

test('where renames cannot be looked for, the path’s own history stands, and says so', async () => {
  const own = makeRepository(join(at.path, 'lost'));
  const lines = Array.from({ length: 50 }, (_, index) => `line ${index}\n`);
  own.write('old.csv', lines.join(''));
  own.commit('old', '2026-01-01T00:00:00Z');
  own.git('mv', 'old.csv', 'new.csv');
  own.write('new.csv', [...lines, 'one more\n'].join(''));
  own.commit('renamed', '2026-01-02T00:00:00Z');
  own.write('new.csv', 'id\n');
  own.commit('last', '2026-01-03T00:00:00Z');
  const location = gitAt(join(own.root, 'new.csv'));
  const now = new Date('2026-01-04T00:00:00Z');
  const [whole] = await open().reviewedHistories([location], now);
  expect(whole).toMatchObject({ lost: null, changes: [{}, {}, { path: 'old.csv' }] });
  const blob = own.git('rev-parse', 'HEAD~2:old.csv');
  rmSync(join(own.root, '.git/objects', blob.slice(0, 2), blob.slice(2)));
  const source = open();
  const [history] = await source.reviewedHistories([location], now);
  expect(history).toMatchObject({ changes: [{ path: 'new.csv' }, { path: 'new.csv' }] });
  expect(history).toHaveProperty('lost', expect.stringContaining('renamed files'));
  const window = { since: new Date('2026-01-02T12:00:00Z'), now };
  expect((await source.versionsInForce(location, window)).versions).toHaveLength(2);
});

describe('a remote that says nothing', () => {
  let server: Server;
  let port = 0;
  beforeAll(async () => {
    server = createServer((socket) => socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    port = typeof address === 'object' && address !== null ? address.port : 0;
  });
  afterAll(() => server.close());

  test.each(['git', 'http', 'ssh', 'file'])('over %s ends by its name', async (scheme) => {
    const silent = join(at.path, 'silent.sh');
    writeFileSync(silent, '#!/bin/sh\nexec sleep 600\n');
    chmodSync(silent, 0o755);
    const environment = { ...isolated, GIT_SSH_COMMAND: silent };
    const url = {
      git: `git://127.0.0.1:${port}/r`,
      // What https waits for is the same; without a certificate here.
      http: `https://127.0.0.1:${port}/r`,
      ssh: 'ssh://git@silent.example/r',
      file: `file://${join(at.path, 'pipe')}`,
    }[scheme]!;
    if (scheme === 'file') {
      const own = makeRepository(join(at.path, 'pipe'));
      own.write('a.csv', '');
      own.commit('a');
      execFileSync('mkfifo', [join(own.root, '.git/packed-refs')]);
    }
    const source = open({ environment, limits: { silenceMs: 300 } });
    const error = await failureOf(source.pin(gitAt('a.csv', url)));
    expect(error.code).toBe('GIT_FETCH_TIMEOUT');
    expect(error.message).toContain('nothing came');
  });
});

describe('a file in Git LFS', () => {
  test('is read from the repository’s own store, without git-lfs, wherever fetching is forbidden', async () => {
    const own = makeRepository(join(at.path, 'lfs-store'));
    const bytes = Buffer.from('id\n1\n');
    const oid = createHash('sha256').update(bytes).digest('hex');
    own.write(
      'a.csv',
      `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${bytes.length}\n`,
    );
    own.commit('pointer');
    const source = open({ environment: { ...isolated, PATH: isolated['PATH'] }, fetch: 'never' });
    const location = gitAt(join(own.root, 'a.csv'));
    expect((await failureOf(source.pin(location))).code).toBe('NEEDS_FETCH');
    const folder = join(own.root, '.git/lfs/objects', oid.slice(0, 2), oid.slice(2, 4));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, oid), bytes);
    expect(await textAt(location, source)).toBe('id\n1\n');
    writeFileSync(join(folder, oid), 'id\n2\n');
    expect((await failureOf(source.pin(location).then(readAll))).code).toBe('GIT_FAILED');
  });

  test('is fetched with nothing of the checkout but where from, and no custom transfer', async () => {
    const own = makeRepository(join(at.path, 'lfs-fetch'));
    const { program, ran } = trap('transfer');
    const bytes = Buffer.from('id\n1\n');
    const oid = createHash('sha256').update(bytes).digest('hex');
    own.write(
      'a.csv',
      `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${bytes.length}\n`,
    );
    own.write('.lfsconfig', '[lfs]\nurl = https://evil.example/\n');
    own.commit('pointer');
    for (const [name, value] of [
      ['remote.origin.url', 'https://git.example/r.git'],
      ['http.https://git.example/.extraheader', 'AUTHORIZATION: basic abc'],
      ['lfs.standalonetransferagent', 'odd'],
      ['lfs.customtransfer.odd.path', program],
      ['credential.helper', program],
    ] as const) {
      own.git('config', name, value);
    }
    const bin = join(at.path, 'lfs-bin');
    mkdirSync(bin);
    // It tells what it is given, and what it finds by itself.
    writeFileSync(
      join(bin, 'git-lfs'),
      `#!/bin/sh
[ "$1" = version ] && exit 0
{ pwd; git config --list; git show HEAD:.lfsconfig; ls -a; } > '${join(at.path, 'lfs.seen')}' 2>&1
cat > /dev/null
printf 'id\\n1\\n'
`,
      { mode: 0o755 },
    );
    const environment = { ...isolated, PATH: `${bin}:${isolated['PATH'] ?? ''}` };
    const location = gitAt(join(own.root, 'a.csv'));
    expect(await textAt(location, open({ environment }))).toBe('id\n1\n');
    const seen = readFileSync(join(at.path, 'lfs.seen'), 'utf8');
    expect(seen).toContain('remote.origin.url=https://git.example/r.git');
    expect(seen).toContain('http.https://git.example/.extraheader=AUTHORIZATION: basic abc');
    expect(seen).toContain('lfs.basictransfersonly=true');
    for (const hostile of ['evil.example', program, 'customtransfer', own.root]) {
      expect(seen).not.toContain(hostile);
    }
    expect(ran()).toBe(false);
  });
});

test('a remote that must not be fetched is NEEDS_FETCH, before anything is asked of it', async () => {
  const location = gitAt('a.csv', 'https://nowhere.invalid/r.git');
  const error = await failureOf(open({ fetch: 'never' }).pin(location));
  expect(error.code).toBe('NEEDS_FETCH');
  expect(error.hint).toContain('--fetch');
});
