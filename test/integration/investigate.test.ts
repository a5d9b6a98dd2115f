import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { execFileSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bareEnvironment, git, runCli, runJson, temporaryDirectory, writeFiles } from './cli.ts';
import {
  bucket,
  commitSlices,
  contractOf,
  hoursAgo,
  investigateSlices,
  makePast,
  setPastStage,
} from './history-stage.ts';
import { gitAgo } from './known-drift.ts';
import { requires } from '../servers/start.ts';
import { shortVersionId } from '../../src/model/index.ts';

const past = setPastStage();

const v1 = 'id,mode,note\nP-1,full,a\nP-2,delta,b\n';
const v2 = 'id,mode,note\nP-1,full,a\nP-2,full,b\n';
const v3 = 'id,mode,note\nP-1,full,a\nP-2,full,b\nP-3,delta,c\n';
const v4 = 'id,mode,note\nP-1,delta,a\nP-2,full,b\nP-3,delta,c\n';
const twice = 'id,mode,note\nP-1,full,a\nP-2,full,b\nP-1,full,z\n';

describe('the cause', () => {
  test('stale: the runtime equals a version two changes ago', async () => {
    past.put('stale.csv', 80, v1);
    const cwd = await makePast(contractOf('stale.csv'));
    const first = await commitSlices(cwd, 90, v1);
    await commitSlices(cwd, 50, v2);
    await commitSlices(cwd, 30, v3);
    const found = await investigateSlices(cwd, past.env);
    expect(found).toMatchObject({ code: 1, verdict: 'drifted', error: null });
    expect(found.artifact!.cause).toMatchObject({ kind: 'stale', commit: first, behind: 2 });
    expect(found.onset).toMatchObject({ versions: 1, began: 'here' });
    expect(found.onset!.commit).toBe(found.timeline.find(({ units }) => units === 2)!.commit);

    const { code, stdout } = await runCli(['audit', '--format', 'json'], { cwd, env: past.env });
    expect(code).toBe(1);
    const audited = JSON.parse(stdout) as { artifacts: { cause: unknown }[] };
    expect(audited.artifacts[0]!.cause).toMatchObject({ kind: 'stale', commit: first, behind: 2 });
    const quick = await runCli(['audit', '--no-cause', '--format', 'json'], { cwd, env: past.env });
    expect((JSON.parse(quick.stdout) as typeof audited).artifacts[0]!.cause).toBeNull();
  });

  test('ahead: it equals the version just before the last change', async () => {
    past.put('ahead.csv', 80, v1);
    const cwd = await makePast(contractOf('ahead.csv'));
    const first = await commitSlices(cwd, 90, v1);
    const last = await commitSlices(cwd, 2, v2);
    const found = await investigateSlices(cwd, past.env);
    expect(found.artifact!.cause).toMatchObject({ kind: 'ahead', commit: first, behind: 1 });
    // Drift began with the commit, not with an object.
    expect(found.onset).toMatchObject({ commit: last, versions: 1 });
    expect(found.onset!.change!.counts).toMatchObject({ conflict: 1, added: 0 });
    // What was reviewed once is not called unreviewed.
    await commitSlices(cwd, 1, 'id,mode,note\nP-1,delta,a\n');
    const { stdout } = await runCli(['audit'], { cwd, env: past.env });
    expect(stdout).toContain(
      '1 unit is scheduled that was reviewed once, and was taken out since.',
    );
    expect(stdout).toMatch(
      /1 unit runs with values that were reviewed once, and are others\s+since\./,
    );
  });

  test('unmerged: it equals a commit of a branch that the ref does not contain', async () => {
    past.put('unmerged.csv', 5, v4);
    const cwd = await makePast(contractOf('unmerged.csv'));
    git(cwd, 'add', 'keydrift.yaml');
    await commitSlices(cwd, 90, v1);
    await commitSlices(cwd, 50, v3);
    git(cwd, 'switch', '--quiet', '--create', 'try-delta');
    await writeFiles(cwd, { 'keydrift.yaml': contractOf('unmerged.csv', 'policy: {added: warn}') });
    git(cwd, 'add', 'keydrift.yaml');
    const commit = await commitSlices(cwd, 10, v4, 'try delta');
    git(cwd, 'switch', '--quiet', 'main');
    const found = await investigateSlices(cwd, past.env);
    expect(found.artifact!.cause).toMatchObject({ kind: 'unmerged', commit, branch: 'try-delta' });
    // What its command tells of is all that the branch does, to the contract as well.
    for (const words of [[], ['--config', 'git:main:keydrift.yaml', '--ref', 'main']]) {
      const { artifact } = await investigateSlices(cwd, past.env, ...words);
      const [lint = ''] = artifact!.whatToDo?.[0]?.commands ?? [];
      const { report } = await runJson(lint.split(' ').slice(1), { cwd, env: past.env });
      expect(report).toMatchObject({
        enforcement: { changes: [{ word: 'policy.added', effect: 'weaker' }] },
        artifacts: [{ change: { changed: 1 } }],
      });
    }
  });

  test('edited: the nearest commit, and the edits on top of it by kind', async () => {
    past.put('edited.csv', 5, `${v2}P-1,full,again\nP-9,full,new\n`);
    const cwd = await makePast(contractOf('edited.csv'));
    await commitSlices(cwd, 90, v1);
    const nearest = await commitSlices(cwd, 50, v2);
    await commitSlices(cwd, 30, v3);
    await commitSlices(cwd, 20, v4);
    const { artifact } = await investigateSlices(cwd, past.env);
    expect(artifact!.cause).toMatchObject({
      kind: 'edited',
      commit: nearest,
      edits: { added: 1, removed: 0, duplicated: 1, conflict: 0, invalid: 0, total: 2 },
    });
  });

  test('edited: where every key lost its zeros no commit is near, and under loose reading one is', async () => {
    const padded = v2.replaceAll('P-', '000');
    past.put('zeros.csv', 5, v2.replaceAll('P-', '').replaceAll(',full', ',full '));
    const cwd = await makePast(contractOf('zeros.csv', 'normalize: {mode: [trim]}'));
    await commitSlices(cwd, 90, 'id,mode,note\n0009,full,c\n');
    const meant = await commitSlices(cwd, 50, padded);
    const { artifact } = await investigateSlices(cwd, past.env);
    expect(artifact!.cause).toMatchObject({
      kind: 'edited',
      commit: meant,
      loose: 'leading-zeros',
    });
    const { stdout } = await runCli(['audit'], { cwd, env: past.env });
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain('edited: no commit is near; under loose reading (');
    past.put('zeros.csv', 4, 'id,mode,note\nQ-1,full,c\n');
    const far = await runCli(['audit'], { cwd, env: past.env });
    expect(far.stdout.replaceAll(/\s+/g, ' ')).toContain(
      'edited: no commit has this content, and none is near: they have hardly a unit in common.',
    );
  });

  test('stale: the bytes of the commit before a column was added, though they lack it', async () => {
    const before = 'id,note\nP-1,a\nP-2,b\n';
    past.put('columns.csv', 80, before);
    const cwd = await makePast(contractOf('columns.csv'));
    const first = await commitSlices(cwd, 90, before);
    await commitSlices(cwd, 30, v1);
    const found = await investigateSlices(cwd, past.env);
    expect(found.artifact).toMatchObject({ state: 'unreadable', cause: { kind: 'ahead' } });
    expect(found.artifact!.cause).toMatchObject({ commit: first, behind: 1, edits: null });
    // Both sides lacked the column before: nothing had come apart then.
    expect(found.timeline.map(({ relation }) => relation)).toStrictEqual([
      'other-columns',
      'identical',
      null,
    ]);
    const { code, stdout } = await runCli(['audit'], { cwd, env: past.env });
    expect(code).toBe(1);
    const said = `ahead: the reviewed copy is ahead, by one change. The runtime copy is still commit ${first.slice(0, 7)}`;
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(said);
  });

  test('edited where columns differ: what both share is compared, and said', async () => {
    past.put('shared.csv', 5, 'id,mode,note\nP-1,full,a\nP-2,delta,b\nP-3,full,c\n');
    const words = contractOf('shared.csv').replace('consumes: [mode]', 'descriptive: [note]');
    const cwd = await makePast(words);
    await commitSlices(cwd, 90, 'id,mode,weight,note\nP-1,full,1,a\nP-2,full,1,b\n');
    const nearest = await commitSlices(
      cwd,
      60,
      'id,mode,weight,note\nP-1,full,1,a\nP-2,delta,1,b\n',
    );
    await commitSlices(cwd, 30, 'id,mode,weight,note\nP-1,delta,1,a\nP-2,full,2,b\n');
    const found = await investigateSlices(cwd, past.env);
    expect(found.artifact).toMatchObject({ state: 'unreadable' });
    expect(found.artifact!.cause).toMatchObject({
      kind: 'edited',
      commit: nearest,
      edits: { added: 1, total: 1 },
      reason: 'compared are the columns that both have: mode',
    });
    const { stdout } = await runCli(['investigate', 'slices'], { cwd, env: past.env });
    expect(stdout).toMatch(/^ +│ ◆ .* other columns \+3 more /m);
  });

  test('what a version repeats by itself is no edit: the nearest is the doubled one', async () => {
    const doubled = `${v3}P-1,full,z\nP-2,full,z\nP-3,delta,z\n`;
    past.put('doubled.csv', 5, `${doubled}P-9,full,new\n`);
    const cwd = await makePast(contractOf('doubled.csv'));
    await commitSlices(cwd, 90, v3);
    const nearest = await commitSlices(cwd, 50, doubled);
    await commitSlices(cwd, 30, v2);
    const { artifact } = await investigateSlices(cwd, past.env);
    expect(artifact!.cause).toMatchObject({
      kind: 'edited',
      commit: nearest,
      edits: { added: 1, removed: 0, duplicated: 0, conflict: 0, invalid: 0, total: 1 },
    });
  });

  test('a copy with duplicates equals itself', async () => {
    past.put('repeated.csv', 80, twice);
    const cwd = await makePast(contractOf('repeated.csv'));
    const repeated = await commitSlices(cwd, 90, twice);
    await commitSlices(cwd, 50, v2);
    await commitSlices(cwd, 30, v3);
    const { artifact } = await investigateSlices(cwd, past.env);
    expect(artifact!.cause).toMatchObject({ kind: 'stale', commit: repeated });
  });

  test('a merged side branch and a renamed file are history, too', async () => {
    past.put('merged.csv', 5, v2);
    const cwd = await makePast(contractOf('merged.csv'));
    await commitSlices(cwd, 90, v1, 'first', 'old.csv');
    git(cwd, 'switch', '--quiet', '--create', 'side');
    const side = await commitSlices(cwd, 80, v2, 'on the side', 'old.csv');
    await commitSlices(cwd, 70, v3, 'further', 'old.csv');
    git(cwd, 'switch', '--quiet', 'main');
    gitAgo(cwd, 60 * 60, 'commit', '--quiet', '--allow-empty', '--message', 'else');
    gitAgo(cwd, 50 * 60, 'merge', '--quiet', '--no-ff', '--message', 'merge', 'side');
    git(cwd, 'mv', 'old.csv', 'slices.csv');
    gitAgo(cwd, 40 * 60, 'commit', '--quiet', '--message', 'rename');
    await commitSlices(cwd, 30, v4);
    const { artifact, timeline } = await investigateSlices(cwd, past.env);
    expect(artifact!.cause).toMatchObject({ kind: 'stale', commit: side });
    expect(timeline.map(({ commit }) => commit)).toContain(side);
  });

  test('in sync there is none, and no onset', async () => {
    past.put('same.csv', 80, v1);
    const cwd = await makePast(contractOf('same.csv'));
    await commitSlices(cwd, 90, v1);
    const found = await investigateSlices(cwd, past.env);
    expect(found).toMatchObject({ code: 0, verdict: 'in-sync', onset: null });
    expect(found.artifact!.cause).toBeNull();
  });

  test('a shallow clone says that it cannot know', async () => {
    past.put('shallow.csv', 80, v1);
    const cwd = await makePast(contractOf('shallow.csv'));
    await commitSlices(cwd, 90, v1);
    git(cwd, 'add', '--all');
    await commitSlices(cwd, 50, v2);
    await commitSlices(cwd, 30, v3);
    const clone = await temporaryDirectory();
    execFileSync('git', ['clone', '--quiet', '--depth=1', `file://${cwd}`, clone], {
      env: bareEnvironment(cwd),
    });
    const { artifact, history } = await investigateSlices(clone, past.env);
    expect(artifact!.cause).toMatchObject({ kind: 'unknown' });
    expect(artifact!.cause!.reason).toMatch(/cut off/);
    expect(history.reviewed).toBe('shallow');
  });

  test('an object that nobody reviews any more is told, too', async () => {
    past.put('orphan.csv', 80, v1);
    const cwd = await makePast(contractOf('orphan.csv'));
    await commitSlices(cwd, 90, v1);
    const removed = await commitSlices(cwd, 50, null, 'no longer needed');
    const found = await investigateSlices(cwd, past.env);
    expect(found.artifact).toMatchObject({ state: 'unreviewed', cause: { kind: 'ahead' } });
    expect(found.onset).toMatchObject({ commit: removed });
    expect(found.artifact!.cause).toMatchObject({ removed: { commit: removed, renamedTo: null } });
    const told = async (): Promise<string> => {
      const { stdout } = await runCli(['investigate', 'slices'], { cwd, env: past.env });
      expect(stdout).not.toContain('A deployment may be on its way');
      return stdout.replaceAll(/\s+/g, ' ');
    };
    expect(await told()).toContain(`In git it was removed by ${removed.slice(0, 7)} on `);

    git(cwd, 'reset', '--quiet', '--hard', 'HEAD~1');
    git(cwd, 'mv', 'slices.csv', 'moved.csv');
    gitAgo(cwd, 60, 'commit', '--quiet', '--message', 'move');
    const text = await told();
    expect(text).toMatch(/In git it was renamed to moved\.csv by [0-9a-f]{7} on /);
    expect(text).toMatch(/what to do - name the new path in the contract: moved\.csv /);
  });
});

describe('onset and timeline', () => {
  test('the version that began it, what it changed, and each kind by itself', async () => {
    const published = past.put('onset.csv', 80, v2, {
      'x-amz-meta-keydrift-commit': 'a'.repeat(40),
    });
    const began = past.put('onset.csv', 60, twice);
    const worse = past.put('onset.csv', 40, `${twice}P-7,full,x\n`);
    const cwd = await makePast(contractOf('onset.csv'));
    await commitSlices(cwd, 90, v2);
    const { onset, timeline, artifact } = await investigateSlices(cwd, past.env);
    expect(onset).toMatchObject({ versionId: began, versions: 2, began: 'here' });
    expect(onset!.change!.counts).toMatchObject({ duplicated: 1, added: 0, removed: 0 });
    expect(onset!.byKind).toMatchObject({
      duplicated: { versionId: began },
      added: { versionId: worse },
    });
    // What stood on both sides of a change is none.
    expect(onset!.later).toMatchObject([
      { versionId: worse, change: { counts: { added: 1, duplicated: 0 } } },
    ]);
    expect(timeline.map(({ versionId = null }) => versionId)).toStrictEqual([
      worse,
      began,
      published,
      null,
    ]);
    expect(timeline.map(({ relation }) => relation)).toStrictEqual([
      'drifted',
      'drifted',
      'identical',
      null,
    ]);
    expect(timeline[2]!.claim!.commit).toBe('a'.repeat(40));
    expect(artifact!.cause).toMatchObject({ kind: 'edited', edits: { total: 2 } });
  });

  test('each finding of now tells with which version it began, whatever began the drift', async () => {
    past.put('blame.csv', 80, v2);
    const wrongB = past.put('blame.csv', 60, `${v1}P-3,full,x\nP-3,full,y\n`);
    const wrongA = past.put('blame.csv', 40, v2.replace('P-1,full', 'P-1,delta'));
    const twiceB = past.put('blame.csv', 20, `${v2.replace('P-1,full', 'P-1,delta')}P-2,full,c\n`);
    const cwd = await makePast(contractOf('blame.csv'));
    await commitSlices(cwd, 90, v2);
    const { onset, artifact } = await investigateSlices(cwd, past.env);
    expect(onset).toMatchObject({ versionId: wrongB, byKind: { conflict: { versionId: wrongB } } });
    expect(onset!.later).toMatchObject([
      {
        versionId: twiceB,
        counts: { duplicated: 1, conflict: 0 },
        change: { counts: { duplicated: 1 } },
      },
      {
        versionId: wrongA,
        counts: { duplicated: 0, conflict: 1 },
        change: { counts: { conflict: 2 } },
      },
    ]);
    expect(artifact!.findings.map(({ kind, began }) => [kind, began?.versionId])).toStrictEqual([
      ['duplicated', twiceB],
      ['conflict', wrongA],
    ]);
    const told = await runCli(['investigate', 'slices', '--scope', 'id=P-1'], {
      cwd,
      env: past.env,
    });
    const [b, a] = [wrongB, wrongA].map((id) => shortVersionId(id));
    const text = told.stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain(`This conflict began with version ${a}, `);
    expect(text).toContain(`the copies have drifted, by other findings, since version ${b}`);
    expect(text).toContain(`what version ${a} changed against the one before it: `);
    expect(text).toContain(`Version ${b} was the first to differ (in the runtime copy: `);
    expect(text).not.toContain(`what version ${b} changed`);
    expect(text).not.toContain('duplicated: since');
    // Against the one before it, whatever of that stands now.
    expect(text).toContain('╰─ 1 conflict of now began here; units: 1 removed, 2 changed');
    // What is right now in its slice began nowhere.
    const right = await runCli(['investigate', 'slices', '--scope', 'id=P-3'], {
      cwd,
      env: past.env,
    });
    const rightly = right.stdout.replaceAll(/\s+/g, ' ');
    expect(rightly).toContain(`since Nothing is wrong now in this slice; the copies have drifted in others, since version ${b}, `); // prettier-ignore
    expect(rightly).not.toMatch(/what version \S+ changed against|(?:duplicated|conflict): since/);
    const page = await runCli(['investigate', 'slices', '--format', 'html'], {
      cwd,
      env: past.env,
    });
    expect(page.stdout).toContain(`What version ${a} changed`);
    expect(page.stdout).not.toContain(`What version ${b} changed`);
  });

  test('what was published within the second of a commit that it does not claim stands before it', async () => {
    requires('versions');
    const cwd = await makePast(contractOf('second.csv'));
    const claimed = await commitSlices(cwd, 90, v2);
    const began = await commitSlices(cwd, 50, `${v2}P-9,full,x\n`);
    const seconds = Number(git(cwd, 'log', '-1', '--format=%ct'));
    const { versionId } = past.server.putObject({
      bucket: 'prod',
      key: 'second.csv',
      body: v2,
      headers: {
        'x-amz-meta-keydrift-commit': claimed,
        'x-amz-meta-keydrift-sha256': createHash('sha256').update(v2).digest('hex'),
      },
      lastModified: new Date(seconds * 1000),
    });
    const { onset, timeline } = await investigateSlices(cwd, past.env);
    expect(onset).toMatchObject({ commit: began });
    const told = timeline.map(({ versionId: version, commit }) => version ?? commit);
    expect(told).toStrictEqual([began, versionId, claimed]);
    expect(timeline.map(({ relation }) => relation)).toStrictEqual(['drifted', 'identical', null]);
  });

  test('what a reader that the contract names takes otherwise counts for each version', async () => {
    requires('versions');
    const sync = past.put('stored.csv', 80, v2);
    const packed = past.server.putObject({
      bucket,
      key: 'stored.csv',
      body: gzipSync(v2),
      lastModified: hoursAgo(40),
    }).versionId;
    const cwd = await makePast(contractOf('stored.csv', 'reader: pandas'));
    await commitSlices(cwd, 90, v2);
    const { artifact, onset, timeline } = await investigateSlices(cwd, past.env);
    expect(artifact).toMatchObject({ verdict: 'drifted', counts: { ambiguous: 1 } });
    expect(onset).toMatchObject({ versionId: packed, began: 'here' });
    expect(timeline.slice(0, 2)).toMatchObject([
      { versionId: packed, relation: 'equivalent', counts: { ambiguous: 1 } },
      { versionId: sync, relation: 'identical', counts: { ambiguous: 0 } },
    ]);
  });

  test('a deleted object is missing since its delete marker', async () => {
    past.put('deleted.csv', 80, v2);
    past.remove('deleted.csv', 20);
    const cwd = await makePast(contractOf('deleted.csv'));
    await commitSlices(cwd, 90, v2);
    const found = await investigateSlices(cwd, past.env);
    expect(found).toMatchObject({ code: 1, artifact: { state: 'missing', cause: null } });
    expect(found.timeline[0]).toMatchObject({ deleted: true, relation: 'missing' });
    expect(found.onset!.at).toBe(found.timeline[0]!.at);
    const { stdout } = await runCli(['investigate', 'slices', '--limit', '1'], {
      cwd,
      env: past.env,
    });
    expect(stdout).toContain(`│ runtime  s3://${bucket}/deleted.csv (not read now)\n`);
    expect(stdout).toContain('┆ ┆  … 2 more (--limit 3)\n');
  });

  test('an object that was deleted in between drifts only since it came back', async () => {
    past.put('back.csv', 80, v1);
    past.remove('back.csv', 60);
    const sync = past.put('back.csv', 50, v2);
    const back = past.put('back.csv', 40, v1);
    const cwd = await makePast(contractOf('back.csv'));
    await commitSlices(cwd, 90, v2);
    const { onset, timeline } = await investigateSlices(cwd, past.env);
    expect(onset).toMatchObject({ versionId: back, versions: 1 });
    expect(timeline[1]).toMatchObject({ versionId: sync, relation: 'identical' });
  });

  test('an unversioned bucket has the one version there is, which is said', async () => {
    requires('whether there are versions');
    past.server.putObject({ bucket: 'plain', key: 'a.csv', body: v1, lastModified: hoursAgo(5) });
    const cwd = await makePast(contractOf('x').replace(`s3://${bucket}/x`, 's3://plain/a.csv'));
    await commitSlices(cwd, 90, v2);
    const { history, timeline, onset } = await investigateSlices(cwd, past.env);
    expect(history.runtime).toBe('unversioned');
    expect(timeline.filter(({ side }) => side === 'runtime')).toHaveLength(1);
    expect(onset).toMatchObject({ began: 'earlier' });
  });

  test('--max-versions and --since leave older versions out, and say so', async () => {
    for (const [index, body] of [v1, v2, v1, v2, v1].entries())
      past.put('many.csv', 50 - index, body);
    const cwd = await makePast(contractOf('many.csv'));
    await commitSlices(cwd, 90, v3);
    const few = await investigateSlices(cwd, past.env, '--max-versions', '2');
    expect(few.timeline.filter(({ side }) => side === 'runtime')).toHaveLength(2);
    expect(few.history.runtime).toBe('cut-off');
    expect(few.onset).toMatchObject({ began: 'earlier' });
    const late = await investigateSlices(cwd, past.env, '--since', hoursAgo(48).toISOString());
    // The one that was in force then is told, too.
    expect(late.timeline.filter(({ side }) => side === 'runtime')).toHaveLength(3);
  });

  test('an equal ETag and size stands for a past version between two, marked so; the present one is read', async () => {
    const bodies = [v2, v1, v2, v2, v2, v1];
    for (const [index, body] of bodies.entries()) past.put('etag.csv', 50 - index, body);
    const cwd = await makePast(contractOf('etag.csv'));
    await commitSlices(cwd, 90, v2);
    const { timeline, artifact } = await investigateSlices(cwd, past.env, '--no-cache');
    const versions = timeline.flatMap((entry) => (entry.side === 'runtime' ? [entry] : []));
    const evidence = versions.map((entry) => entry.evidence);
    expect(evidence).toStrictEqual(['read', 'read', 'etag', 'etag', 'read', 'read']);
    // The last one that was good is what is to be restored.
    const restore = artifact?.whatToDo?.find(({ kind }) => kind === 'restore');
    expect(restore?.commands).toEqual([expect.stringContaining(`?versionId=${versions[1]?.versionId}'`)]); // prettier-ignore
  });
});

describe('the cache', () => {
  test('a second run reads no version for the timeline, says the same, and holds no data', async () => {
    for (const [index, body] of [v1, v2, v3, v4, twice, v2, twice, v4].entries()) {
      past.put('cache.csv', 80 - index, body);
    }
    const cwd = await makePast(contractOf('cache.csv'));
    await commitSlices(cwd, 90, v2);
    await commitSlices(cwd, 50, v3);
    const first = await investigateSlices(cwd, past.env);
    past.server.requests.clear();
    const second = await investigateSlices(cwd, past.env);
    const reads = past.server.requests.where({ operation: 'GetObject', key: 'cache.csv' });
    // The present copy is judged and its cause confirmed, what began the drift is compared with the
    // version before it, and what is wrong now is looked for in what stood since: units are not kept.
    expect(reads.length).toBeLessThanOrEqual(7);
    const relations = (found: typeof first): unknown =>
      found.timeline.map(({ relation, counts, units }) => [relation, counts, units]);
    expect(relations(second)).toStrictEqual(relations(first));
    expect(second.onset).toStrictEqual(
      first.onset === null ? null : { ...first.onset, lastedMs: expect.any(Number) as number },
    );
    expect(second.artifact!.cause).toStrictEqual(first.artifact!.cause);
    const kept = await everythingUnder(join(cwd, '.cache'));
    expect(kept).toContain('pair ');
    for (const word of ['P-1', 'delta', 'full']) expect(kept).not.toContain(word);
  });
});

async function everythingUnder(directory: string): Promise<string> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const texts = files
    .filter((file) => file.isFile())
    .map((file) => readFile(join(file.parentPath, file.name), 'utf8'));
  return (await Promise.all(texts)).join('\n');
}

describe('one slice', () => {
  test('its story through both histories, who wrote its line, and how it differs', async () => {
    past.put('slice.csv', 80, v1);
    past.put('slice.csv', 40, `${v1}p-2 ,delta,again\n`);
    const cwd = await makePast(contractOf('slice.csv', 'normalize: {id: [trim, uppercase]}'));
    await commitSlices(cwd, 90, v1);
    const changed = await commitSlices(cwd, 60, v2, 'P-2 in full');
    const { slice } = await investigateSlices(cwd, past.env, '--scope', 'id=P-2');
    expect(
      slice!.points.map(({ side, change, rowCount }) => `${side} ${change} ${rowCount}`),
    ).toStrictEqual([
      'runtime changed 2',
      'reviewed changed 1',
      'runtime appeared 1',
      'reviewed appeared 1',
    ]);
    expect(slice!.rowCount).toStrictEqual({ reviewed: 1, runtime: 2 });
    expect(slice!.blame).toMatchObject([{ line: 3, commit: changed }]);
    expect(slice!.diff).toContain('-P-2,full,b');
    expect(slice!.diff).toContain('+p-2 ,delta,again');
  });

  test('a column that is no key column is a wrong call', async () => {
    past.put('wrong.csv', 80, v1);
    const cwd = await makePast(contractOf('wrong.csv'));
    await commitSlices(cwd, 90, v1);
    const found = await investigateSlices(cwd, past.env, '--scope', 'mode=full');
    expect(found).toMatchObject({ code: 2, error: { code: 'USAGE' } });
  });
});

describe('two points', () => {
  test('versions, commits and times are compared', async () => {
    const old = past.put('points.csv', 80, v1);
    past.put('points.csv', 40, v4);
    const cwd = await makePast(contractOf('points.csv'));
    const first = await commitSlices(cwd, 90, v1);
    await commitSlices(cwd, 60, v3);
    const versions = await investigateSlices(cwd, past.env, '--from', old);
    expect(versions.comparison).toMatchObject({
      from: { versionId: old },
      artifact: { counts: { added: 1, conflict: 2 } },
    });
    const url = `s3://${bucket}/points.csv`;
    const byPlace = await runCli(['audit', `${url}?versionId=${old}`], { cwd, env: past.env });
    expect([byPlace.code, byPlace.stdout]).toStrictEqual([2, '']);
    expect(byPlace.stderr.replaceAll(/\s+/g, ' ')).toContain(
      `the runtime copy of slices is what ${url} holds now`,
    );
    expect(byPlace.stderr).toContain(`keydrift investigate slices --to ${old}\n`);
    // As the report shows it.
    const begun = await investigateSlices(cwd, past.env, '--from', shortVersionId(old));
    expect(begun.comparison).toMatchObject({ from: { versionId: old } });
    const commits = await investigateSlices(
      cwd,
      past.env,
      '--from',
      first.slice(0, 10),
      '--to',
      'HEAD',
    );
    expect(commits.comparison).toMatchObject({
      from: { commit: first },
      artifact: { counts: { added: 1, conflict: 1 } },
    });
    const times = await investigateSlices(
      cwd,
      past.env,
      '--from',
      hoursAgo(70).toISOString(),
      '--to',
      `reviewed:${hoursAgo(70).toISOString()}`,
    );
    expect(times.comparison).toMatchObject({
      from: { versionId: old },
      to: { commit: first },
      artifact: { state: 'identical' },
    });
    const nothing = await investigateSlices(cwd, past.env, '--from', 'no-such-thing');
    expect(nothing.error).toMatchObject({ code: 'USAGE' });
    // What was established stays established.
    expect(nothing.timeline.length).toBeGreaterThan(0);
    expect(nothing.code).toBe(1);
  });
});

describe('the cost', () => {
  test('what a run scans again, by the sizes under each repeated unit', async () => {
    for (const [key, size] of [
      ['p=P-1/a', 100],
      ['p=P-1/b', 20],
      ['p=P-10/a', 5000],
      ['p=P-2/a', 7],
    ] as const) {
      past.server.putObject({ bucket: 'lake', key, body: Buffer.alloc(size) });
    }
    past.put('cost.csv', 40, `${v2}P-1,full,y\nP-1,full,z\n`);
    const cwd = await makePast(contractOf('cost.csv', 'cost: {scans: "s3://lake/p={id}/"}'));
    await commitSlices(cwd, 90, v2);
    const { cost } = await investigateSlices(cwd, past.env);
    expect(cost).toMatchObject({
      scans: 's3://lake/p={id}/',
      redundantRows: 2,
      redundantBytes: 240,
      known: 'all',
      units: [{ prefix: 's3://lake/p=P-1/', redundantBytes: 240 }],
    });
  });

  test('a prefix that cannot be listed is said, and the rest is told', async () => {
    past.put('denied.csv', 40, `${v2}P-1,full,y\n`);
    const cwd = await makePast(
      contractOf('denied.csv', 'cost: {scans: "s3://no-such-lake/p={id}/"}'),
    );
    await commitSlices(cwd, 90, v2);
    const found = await investigateSlices(cwd, past.env);
    expect(found.error).toBeNull();
    expect(found.cost).toMatchObject({ known: 'none', redundantBytes: null, redundantRows: 1 });
  });
});

describe('a store whose past is not all at hand', () => {
  const story = async (key: string) => {
    const cwd = await makePast(contractOf(key));
    await commitSlices(cwd, 90, v1);
    await commitSlices(cwd, 50, v2);
    return investigateSlices(cwd, past.env);
  };

  test('an old version that cannot be had is a row that says so, and the rest is told', async () => {
    requires('a checksum where none was sent');
    const bodies = [v1, ...['P-8', 'P-9', 'P-7', 'P-6'].map((id) => `${v1}${id},full,x\n`), v2];
    const ids = bodies.map((body, at) =>
      past.put(
        'gaps.csv',
        80 - 10 * at,
        body,
        at === 1 ? { 'x-amz-storage-class': 'GLACIER' } : {},
      ),
    );
    const faults = [
      past.server.faults.add({
        on: { key: 'gaps.csv', versionId: ids[2]! },
        fault: { kind: 'flip-byte' },
      }),
      past.server.faults.add({
        on: { key: 'gaps.csv', versionId: ids[3]! },
        fault: { kind: 'access-denied' },
      }),
      // A lifecycle rule took it away after it was listed.
      past.server.faults.add({
        on: { operation: 'GetObject', key: 'gaps.csv', versionId: ids[4]! },
        fault: { kind: 'error', status: 404, code: 'NoSuchVersion' },
      }),
    ];
    const { error, timeline, artifact } = await story('gaps.csv');
    for (const fault of faults) fault.remove();
    expect(error).toBeNull();
    expect(artifact?.verdict).toBe('in-sync');
    const rows = timeline.filter(({ side }) => side === 'runtime');
    expect(rows.map(({ versionId }) => versionId)).toEqual(ids.toReversed());
    expect(rows.map((row) => row.error?.code ?? null)).toEqual([
      null,
      'COPY_CHANGED',
      'STORE_ACCESS_DENIED',
      'STORE_CHECKSUM_MISMATCH',
      'STORE_ARCHIVED',
      null,
    ]);
    expect(rows.map(({ relation }) => relation !== null)).toEqual([
      true,
      false,
      false,
      false,
      false,
      true,
    ]);
  });
});
